"""Golden files: what a view looks like as JSON, indented for reading. `GOLDEN=1 pytest` rewrites them."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from adapters.teams.found import Found
from adapters.teams.pieces import Dialog, Message
from tests.adapters.teams.limits import label_problems, problems_of

FOLDER = Path(__file__).parent / "golden"


def as_json(shown: Message | Dialog | Found) -> dict[str, object]:
    """All of it."""
    made: dict[str, object] = asdict(shown)
    return made


def assert_golden(name: str, shown: Message | Dialog | Found) -> None:
    """It is as in its golden file, and within the limits of Teams."""
    made = as_json(shown)
    assert problems_of(made) + label_problems(made) == []
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    path = FOLDER / f"{name}.json"
    if os.environ.get("GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
