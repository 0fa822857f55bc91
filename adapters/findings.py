"""What `chatbot doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Worth(StrEnum):
    """How bad a finding is."""

    GOOD = "ok"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is about, how it stands, and what to do."""

    worth: Worth
    about: str
    says: str
