"""What a process is to do, and the files through which it is told and tells."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is to do. Waits are short, so that a life takes seconds."""

    url: str
    folder: Path
    name: str
    key: str
    seed: int
    turns: tuple[str, ...] = ()
    """Ids of the turns to report at once. What stands before the first `-` says which kind of report it is."""
    boundary: int = 0
    """The step boundary at which it signals itself; 0 for none."""
    counted_from: Literal["start", "report"] = "report"
    only: str = ""
    """Only boundaries whose name holds this are counted."""
    signal: int = signal.SIGKILL
    faults: float = 0.2
    """The part of deliveries that fail."""
    slow: float = 0.0
    """Seconds that a delivery takes."""
    press: bool = True
    """Whether a DSL sits here."""
    patience: int = 3
    """Some press at the first alert, some only at the one of this number."""
    wait: float = 0.6
    alive: float = 2.0
    grace: float = 3.0
    look: float = 1.0
    lease: float = 2.0
    bundle_at: int = 1_000
    """Alerts to one person within a minute after which they are bundled: never, where a test does not ask for it."""
    gather: float = 1.0
    page_limit: int = 0
    """Pages that a SQLite file may have at most: a disk that is full."""


class Lines:
    """A file that several processes append whole lines to."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)

    def add(self, line: str) -> None:
        """In one write."""
        os.write(self._file, f"{line}\n".encode())


def say(line: str) -> None:
    """On the log, in one write."""
    os.write(1, f"{line}\n".encode())


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
