"""What can go wrong, one exception for each thing that a caller would catch.

ChatbotError
├── KnowledgeError      knowledge/ does not hold together; carries every problem found
├── ConfigError         chatbot.yaml likewise (adapters/config.py)
├── SettingsError       the environment likewise (adapters/settings.py)
├── DatabaseUnusable    the database cannot be opened or brought up to date (adapters/database)
├── UnknownSchool       a turn names a school that is not served
└── BadTurn             a batch line or request is not a turn
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class ChatbotError(Exception):
    """Any failure that this package raises on purpose."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in the knowledge: where it is, what is wrong, what to do."""

    path: str
    line: int | None
    text: str

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.text}"


class KnowledgeError(ChatbotError):
    """The knowledge cannot be served; `problems` lists every fault at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnknownSchool(ChatbotError):
    """No school of that id is served."""

    def __init__(self, school_id: str, served: Sequence[str]) -> None:
        self.school_id = school_id
        super().__init__(f"no school named {school_id!r}; served are {', '.join(served)}")


class BadTurn(ChatbotError):
    """Input that should be a turn but is not; the message says what was expected."""
