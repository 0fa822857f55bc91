"""What was learnt from the examples, kept in a file so that starting takes no time."""

from __future__ import annotations

import os
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from adapters.semantic.model import Fitted


def cache_folder() -> Path:
    """Where learnt files are kept; nothing in it is needed, all of it is made again."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "staff-policy-chatbot"


def read_fitted(key: str) -> Fitted | None:
    """What was kept under `key`, or None if nothing was or it cannot be read."""
    try:
        with _path(key).open("rb") as stream, np.load(stream, allow_pickle=False) as held:
            values = {field.name: held[field.name] for field in fields(Fitted)}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        _path(key).unlink(missing_ok=True)
        return None
    values["labels"] = tuple(str(label) for label in values["labels"])
    return Fitted(**values)


def write_fitted(key: str, fitted: Fitted) -> None:
    """Keep `fitted` under `key`; a folder that cannot be written to is not an error."""
    path = _path(key)
    partial = path.with_name(f"{path.stem}.{os.getpid()}.part.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(partial, allow_pickle=False, **{f.name: np.asarray(getattr(fitted, f.name)) for f in fields(Fitted)})
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)


def _path(key: str) -> Path:
    return cache_folder() / f"fitted-{key[:32]}.npz"
