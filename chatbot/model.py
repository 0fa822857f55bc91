"""The frozen values that a message becomes on its way to a reply."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from chatbot.reply import (
    Choice as Choice,
)
from chatbot.reply import (
    Choices as Choices,
)
from chatbot.reply import (
    Citation as Citation,
)
from chatbot.reply import (
    Kind as Kind,
)
from chatbot.reply import (
    Notice as Notice,
)
from chatbot.reply import (
    Part as Part,
)
from chatbot.reply import (
    Quote as Quote,
)
from chatbot.reply import (
    Reply as Reply,
)
from chatbot.reply import (
    Route as Route,
)
from chatbot.reply import (
    Status as Status,
)
from chatbot.reply import (
    Text as Text,
)
from chatbot.reply import (
    Verdict as Verdict,
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message from a member of staff. `id` is unique; `at` carries a time zone."""

    id: str
    conversation: str
    school: str
    speaker: str
    text: str
    at: datetime
    declared: bool = False
    """Sent off as a report: raised, however it reads."""
    author: str = ""
    """Whose message `text` passes on, as their platform names them; "" where the words are the speaker's own."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A fact that changes the answer, with the words that it was read from."""

    name: str
    value: str
    read_from: str = ""


@dataclass(frozen=True, slots=True)
class Repair:
    """A word taken for a slip of the keyboard, and what it was read as."""

    typed: str
    read_as: str


_ENDS = frozenset(".?!")
LONG = 40
"""Words from which a message is a long story. On 273 messages of over 25 words, those of over 40 looked at sentence by
sentence were answered as well as whole, in two thirds of the time."""


@dataclass(frozen=True, slots=True)
class Question:
    """A message as read: plain text, words in standard spelling, facts stated in it."""

    text: str
    words: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    repairs: tuple[Repair, ...] = ()
    readable: bool = True
    foreign: bool = False
    too_long: bool = False

    @property
    def standard(self) -> str:
        """The words joined: what similarity looks at."""
        return " ".join(word for word in self.words if word != ".")

    @property
    def sentences(self) -> tuple[str, ...]:
        """The words joined sentence by sentence, without full stops: what is judged on its own."""
        found: list[list[str]] = [[]]
        for word in self.words:
            if word != ".":
                found[-1].append(word)
            if word in _ENDS:
                found.append([])
        return tuple(" ".join(words) for words in found if any(word not in _ENDS for word in words))

    @property
    def pieces(self) -> tuple[str, ...]:
        """What is looked at for its meaning: the whole at once, of a long story sentence by sentence."""
        return self.sentences if len(self.words) > LONG else (self.standard,)

    @property
    def marked(self) -> str:
        """The words joined, full stops kept: what patterns for facts look at, so that none spans two sentences."""
        return " ".join(self.words)


@dataclass(frozen=True, slots=True)
class Concern:
    """A possible safeguarding matter: whom it goes to, how sure, and why it was taken for one."""

    route: Route
    status: Status
    emergency: bool = False
    duties: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One intent that a message might mean, with what speaks for it."""

    intent: str
    score: float
    example: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """What is asked: candidates best first, facts, and how sure (0 to 1).

    `intent` is None where nothing comes near enough.
    """

    intent: str | None
    confidence: float
    candidates: tuple[Candidate, ...] = ()
    slots: tuple[Slot, ...] = ()
    smalltalk: str | None = None
    follow_up: bool = False
    close: bool = False
    """Whether the runner-up is about as likely."""

    @property
    def runner_up(self) -> Candidate | None:
        """The second-best candidate."""
        return self.candidates[1] if len(self.candidates) > 1 else None


@dataclass(frozen=True, slots=True)
class Excluded:
    """A rule that did not apply, and the fact that ruled it out."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The school's rule for what was asked. The first clause decides."""

    intent: str
    verdict: Verdict
    rules: tuple[str, ...]
    clauses: tuple[str, ...]
    because: str
    guidance: str
    confidence: float
    excluded: tuple[Excluded, ...] = ()


@dataclass(frozen=True, slots=True)
class Clarify:
    """One question whose answer would change the verdict; `provisional` holds until then."""

    slot: str
    values: tuple[str, ...]
    provisional: Answer


class Decline(StrEnum):
    """Why there is no rule to show."""

    SILENT = "silent"
    NOT_UNDERSTOOD = "not_understood"
    ELSEWHERE = "elsewhere"
    EMPTY = "empty"
    TOO_LONG = "too_long"
    FOREIGN = "foreign"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Declined:
    """No rule to show: why, the closest clauses if any, and whom to ask."""

    reason: Decline
    intent: str | None = None
    nearest: tuple[str, ...] = ()
    say: str = ""
    ask: str = ""
    suggestions: tuple[str, ...] = ()
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Escalate:
    """A concern for a person. `also` answers the question that came with it."""

    concern: Concern
    also: Answer | None = None


@dataclass(frozen=True, slots=True)
class Greet:
    """Small talk and commands: greeting, thanks, help, school, cancel, restart, robot, withdrawn."""

    sort: str


Ruling = Answer | Clarify | Escalate | Declined | Greet


@dataclass(frozen=True, slots=True)
class Memory:
    """What a conversation knows: last intent, facts, what was asked, failed attempts."""

    intent: str | None = None
    slots: tuple[Slot, ...] = ()
    asked: str | None = None
    pending: Escalation | None = None
    failures: int = 0

    def after(self, match: Match, ruling: Ruling) -> Memory:
        """The memory once `ruling` has been given."""
        match ruling:
            case Answer(intent=intent):
                return Memory(intent, match.slots, pending=self.pending)
            case Clarify(slot=slot, provisional=provisional):
                return Memory(provisional.intent, match.slots, asked=slot, pending=self.pending)
            case Escalate(also=also):
                return Memory(also.intent if also else self.intent, match.slots)
            case Declined(reason=Decline.SILENT, intent=intent):
                return Memory(intent, match.slots, pending=self.pending)
            case Declined():
                return replace(self, asked=None, failures=self.failures + 1)
            case Greet(sort="cancel" | "restart"):
                return Memory(pending=self.pending)
            case Greet():
                return replace(self, asked=None, failures=0)


@dataclass(frozen=True, slots=True)
class Escalation:
    """A concern on its way to a person, as decided for one turn; `reference` is shown to all."""

    reference: str
    turn: Turn
    concern: Concern
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn leads to: the reply, the new memory, perhaps an escalation to record."""

    reply: Reply
    memory: Memory
    escalation: Escalation | None = None
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The whole way from words to ruling, for `--why`."""

    question: Question
    concern: Concern | None
    match: Match
    ruling: Ruling
    notes: tuple[str, ...] = field(default=())
