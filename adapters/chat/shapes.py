"""What a platform sends is JSON of any shape: these read one field of it and are never surprised."""

from __future__ import annotations

from collections.abc import Mapping


def text_at(value: Mapping[str, object], name: str) -> str:
    """The text under `name`; "" where there is none."""
    found = value.get(name)
    return found if isinstance(found, str) else ""


def mapping_at(value: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object under `name`; an empty one where there is none."""
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}
