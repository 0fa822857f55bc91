"""What a person gets to see: closed sets of words, parts, and the Reply that every platform renders."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """The five kinds of reply."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ESCALATE = "escalate"
    NONE = "none"
    SMALLTALK = "smalltalk"


class Verdict(StrEnum):
    """What a rule says, from the side of the person asked about."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not_allowed"
    DEPENDS = "depends"
    REQUIRED = "required"
    INFO = "info"


class Route(StrEnum):
    """The role that a concern goes to."""

    DSL = "dsl"
    HEADTEACHER = "headteacher"
    CHAIR_OF_GOVERNORS = "chair_of_governors"


class Status(StrEnum):
    """How sure the bot is that a message is a report; later states belong to escalation."""

    POSSIBLE = "possible"
    RAISED = "raised"


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause as shown: word for word, with the line that introduces its list."""

    clause: str
    heading: str
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it says and what pressing it sends."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph of plain words."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause quoted from the policy."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Choices:
    """Answers offered as buttons."""

    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A line that stands out. `tone`: verdict, review, emergency, concern, closest or trial."""

    tone: str
    text: str


Part = Text | Quote | Choices | Notice


@dataclass(frozen=True, slots=True)
class Reply:
    """All that a platform needs to show one reply; no platform's own words."""

    kind: Kind
    parts: tuple[Part, ...]
    status: Status | None = None
    verdict: Verdict | None = None
    intent: str | None = None
    rules: tuple[str, ...] = ()
    because: str = ""
    route: Route | None = None
    emergency: bool = False
    reference: str | None = None
    confidence: float = 0.0
    private: bool = False

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The clauses quoted, in order."""
        return tuple(part.citation for part in self.parts if isinstance(part, Quote))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The buttons offered, in order."""
        return tuple(c for part in self.parts if isinstance(part, Choices) for c in part.choices)

    @property
    def text(self) -> str:
        """All that the person reads, as plain text."""
        return "\n\n".join(_plain(part) for part in self.parts)


def _plain(part: Part) -> str:
    match part:
        case Text(text) | Notice(_, text):
            return text
        case Quote(citation):
            return f"“{citation.text}” ({citation.heading})"
        case Choices(choices):
            return "\n".join(f"- {choice.label}" for choice in choices)
