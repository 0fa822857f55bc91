"""What Slack sends back when something is pressed or sent off: every id in one place, and what a button carries.

Whatever comes back is read as if a stranger had written it: rubbish and anything too long becomes None.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

from adapters.chat.deeds import CLOSE as CLOSE
from adapters.chat.deeds import HAND_OVER as HAND_OVER
from adapters.chat.deeds import NOTE as NOTE
from adapters.chat.deeds import OPEN as OPEN
from adapters.chat.deeds import REOPEN as REOPEN
from adapters.chat.deeds import TAKE as TAKE

# Buttons

CHOICE: Final = "choice"
"""A button that answers: `choice.0`, `choice.1` … A Choice is its value; CHOICES finds them all."""
CHOICES: Final = re.compile(r"choice\.\d{1,3}")
SUGGESTION: Final = "suggestion"
"""A question to ask on the Home tab: `suggestion.0` … Its value is the question."""
SUGGESTIONS: Final = re.compile(r"suggestion\.\d{1,3}")
FEEDBACK: Final = "feedback"
FEEDBACK_YES: Final = "feedback.yes"
FEEDBACK_NO: Final = "feedback.no"
FEEDBACKS: Final = re.compile(r"feedback(\.yes|\.no)?")
"""Whether a reply was right: one element in a message, two buttons in a modal. The value is a Feedback."""
SHARE: Final = "share"
"""Show this reply to the channel. The value is the turn's id."""
CLAUSE: Final = "clause"
"""Read a clause in its surroundings. The value is a ClauseRef."""
LINK: Final = "link"
"""A button that only opens an address; it still has to be acknowledged."""
ASK: Final = "ask"
REPORT: Final = "report"
SCHOOL: Final = "school"

# Buttons of a report; the value is its reference

DEEDS: Final = (OPEN, TAKE, HAND_OVER, CLOSE, NOTE, REOPEN)

# Views that can be sent off, and those that only show something

ASK_FORM: Final = "form.ask"
REPORT_FORM: Final = "form.report"
RAISE_FORM: Final = "form.raise"
IS_OK_FORM: Final = "form.is-ok"
SCHOOL_FORM: Final = "form.school"
HAND_OVER_FORM: Final = "form.hand-over"
CLOSE_FORM: Final = "form.close"
NOTE_FORM: Final = "form.note"
OPENED_VIEW: Final = "view.report"
RESULT_VIEW: Final = "view.reply"
CLAUSE_VIEW: Final = "view.clause"
FAILED_VIEW: Final = "view.failed"
HOME_VIEW: Final = "view.home"

# Fields of the forms: `state.values[block][TYPED or CHOSEN]`

TYPED: Final = "typed"
CHOSEN: Final = "chosen"
WORDS_FIELD: Final = "field.words"
SCHOOL_FIELD: Final = "field.school"
PERSON_FIELD: Final = "field.person"
OUTCOME_FIELD: Final = "field.outcome"
RECORD_FIELD: Final = "field.record"
NOTE_FIELD: Final = "field.note"

# Blocks of messages that a listener replaces

CHOICES_BLOCK: Final = "choices"
SETTLED_BLOCK: Final = "settled"
STANDING_BLOCK: Final = "standing"
FEEDBACK_BLOCK: Final = "was-right"
SHARE_BLOCK: Final = "sharing"

# Shortcuts and the command, as the manifest names them

ASK_SHORTCUT: Final = "ask_policy"
REPORT_SHORTCUT: Final = "report_concern"
IS_OK_SHORTCUT: Final = "is_this_ok"
RAISE_SHORTCUT: Final = "pass_to_dsl"
COMMAND: Final = "/policy"

LONGEST_VALUE: Final = 2_000
LONGEST_INPUT: Final = 3_000
"""Characters that a field of a form takes."""
_LONGEST_ANSWER = 300
_LONGEST_LABEL = 75
_MOST_CLAUSES = 8

_REFERENCE = re.compile(r"R-[A-Z0-9]{4,16}")
_TURN = re.compile(r"[!-~]{1,255}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A button that answers a reply: of which turn, what pressing it says, and what stood on it."""

    turn: str
    value: str
    label: str

    def __str__(self) -> str:
        fields = [self.turn, self.value[:_LONGEST_ANSWER], self.label[:_LONGEST_LABEL]]
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def parse(cls, raw: object) -> Chosen | None:
        """What `str()` made, or None."""
        fields = _fields(raw, 3)
        if fields is None or not _TURN.fullmatch(fields[0]) or not fields[1].strip():
            return None
        return cls(*fields)


@dataclass(frozen=True, slots=True)
class Feedback:
    """Whether the reply to a turn was right."""

    turn: str
    right: bool

    def __str__(self) -> str:
        return f"{'yes' if self.right else 'no'} {self.turn}"

    @classmethod
    def parse(cls, raw: object) -> Feedback | None:
        """What `str()` made, or None."""
        said, _, turn = _text(raw).partition(" ")
        return cls(turn, said == "yes") if said in ("yes", "no") and _TURN.fullmatch(turn) else None


@dataclass(frozen=True, slots=True)
class ClauseRef:
    """Clauses of a school's policy that are quoted as one."""

    school: str
    clauses: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join((self.school, *self.clauses[:_MOST_CLAUSES]))

    @classmethod
    def parse(cls, raw: object) -> ClauseRef | None:
        """What `str()` made, or None."""
        names = _text(raw).split(" ")
        if not 2 <= len(names) <= _MOST_CLAUSES + 1 or not all(_NAME.fullmatch(name) for name in names):
            return None
        return cls(names[0], tuple(names[1:]))


def reference_of(raw: object) -> str | None:
    """The reference that a report's button carries, or None."""
    text = _text(raw)
    return text if _REFERENCE.fullmatch(text) else None


def turn_of(raw: object) -> str | None:
    """The id of the turn that a button carries, or None."""
    text = _text(raw)
    return text if _TURN.fullmatch(text) else None


def question_of(raw: object) -> str | None:
    """The question that a suggestion carries, or None."""
    text = _text(raw).strip()
    return text or None


def school_of(raw: object) -> str | None:
    """The id of the school that was chosen, or None."""
    text = _text(raw)
    return text if _NAME.fullmatch(text) else None


def _text(raw: object) -> str:
    """`raw` where it is text of a length that Slack lets through, else nothing."""
    return raw if isinstance(raw, str) and len(raw) <= LONGEST_VALUE else ""


def _fields(raw: object, count: int) -> list[str] | None:
    try:
        fields = json.loads(_text(raw))
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, list) or len(fields) != count or not all(isinstance(one, str) for one in fields):
        return None
    return fields
