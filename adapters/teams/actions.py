"""What Teams sends back when something is pressed or sent off: every verb in one place, and what a button carries.

Whatever comes back is read as if a stranger had written it: rubbish and anything too long becomes None. A button's
data names its verb too, so that all clients and all kinds of press are read alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.chat.deeds import CLOSE as CLOSE
from adapters.chat.deeds import HAND_OVER as HAND_OVER
from adapters.chat.deeds import NOTE as NOTE
from adapters.chat.deeds import OPEN as OPEN
from adapters.chat.deeds import REOPEN as REOPEN
from adapters.chat.deeds import TAKE as TAKE

VERB: Final = "verb"

# Verbs

CHOICE: Final = "choice"
"""Answers a reply: a Chosen."""
SUGGESTION: Final = "suggestion"
"""Asks a suggested question: a Suggestion."""
CLAUSE: Final = "clause"
"""Opens a clause in its surroundings: a ClauseRef."""
ASK: Final = "ask"
REPORT: Final = "report"
SCHOOL: Final = "school"
MINE: Final = "mine"
OPENERS: Final = (ASK, REPORT, SCHOOL, MINE)
"""Open a form, or how one's own reports stand: an Opening."""

REFRESH: Final = "report.refresh"
"""Sent by the client itself when somebody who is told looks at a card."""
DEEDS: Final = (OPEN, TAKE, HAND_OVER, CLOSE, NOTE, REOPEN, REFRESH)
"""What is done with a report: a Deed."""
IN_DIALOG: Final = frozenset({OPEN, HAND_OVER, CLOSE, NOTE, REOPEN, CLAUSE, *OPENERS})
"""Verbs that open a dialog; all others are carried out where they are pressed."""

ASK_FORM: Final = "form.ask"
REPORT_FORM: Final = "form.report"
RAISE_FORM: Final = "form.raise"
IS_OK_FORM: Final = "form.is-ok"
SCHOOL_FORM: Final = "form.school"
HAND_OVER_FORM: Final = "form.hand-over"
CLOSE_FORM: Final = "form.close"
NOTE_FORM: Final = "form.note"
REOPEN_FORM: Final = "form.reopen"
FORMS: Final = (
    ASK_FORM, REPORT_FORM, RAISE_FORM, IS_OK_FORM, SCHOOL_FORM, HAND_OVER_FORM, CLOSE_FORM, NOTE_FORM, REOPEN_FORM,
)  # fmt: skip
"""Sent off from a form: a Sent."""

# Fields of the forms

WORDS_FIELD: Final = "field_words"
SCHOOL_FIELD: Final = "field_school"
PERSON_FIELD: Final = "field_person"
OUTCOME_FIELD: Final = "field_outcome"
RECORD_FIELD: Final = "field_record"
NOTE_FIELD: Final = "field_note"
CHOICE_FIELD: Final = "field_choice"
"""Where there are more answers than buttons: the value and the label of the one that was picked, as JSON."""
FIELDS: Final = (WORDS_FIELD, SCHOOL_FIELD, PERSON_FIELD, OUTCOME_FIELD, RECORD_FIELD, NOTE_FIELD)

# Commands of the extension, as the manifest names them

SEARCH_COMMAND: Final = "search_policy"
ASK_COMMAND: Final = "ask_policy"
REPORT_COMMAND: Final = "report_concern"
IS_OK_COMMAND: Final = "is_this_ok"
RAISE_COMMAND: Final = "pass_to_dsl"

LONGEST_INPUT: Final = 3_000
"""Characters that a field of a form asks for."""
LONGEST_TYPED: Final = 20_000
"""Characters that are read from a field all the same: clients need not keep to what they are asked for."""
LONGEST_ANSWER: Final = 300
LONGEST_LABEL: Final = 75
LONGEST_QUESTION: Final = 1_000
LONGEST_CONTEXT: Final = 500
_MOST_CLAUSES = 8
_MOST_KEYS = 40

_REFERENCE = re.compile(r"R-[A-Z0-9]{4,16}")
_TURN = re.compile(r"[!-~]{1,255}")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A button that answers a reply: of which turn, what pressing it says, and what stood on it."""

    turn: str
    value: str
    label: str

    def data(self) -> dict[str, object]:
        """What the button carries."""
        fields = {"turn": self.turn, "value": self.value[:LONGEST_ANSWER], "label": self.label[:LONGEST_LABEL]}
        return {VERB: CHOICE, **fields}

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Chosen | None:
        """What `data()` made, or a choice from a list; else None."""
        turn = _text(raw, "turn", 255)
        picked = _pair(raw.get(CHOICE_FIELD)) if CHOICE_FIELD in raw else (raw.get("value"), raw.get("label"))
        value, label = (_short(one, most) for one, most in zip(picked, (LONGEST_ANSWER, LONGEST_LABEL), strict=True))
        if not turn or not _TURN.fullmatch(turn) or not value or not value.strip() or label is None:
            return None
        return cls(turn, value, label)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A button that asks a question."""

    question: str

    def data(self) -> dict[str, object]:
        """What the button carries."""
        return {VERB: SUGGESTION, "question": self.question[:LONGEST_QUESTION]}

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Suggestion | None:
        """What `data()` made, or None."""
        question = (_text(raw, "question", LONGEST_QUESTION) or "").strip()
        return cls(question) if question else None


@dataclass(frozen=True, slots=True)
class ClauseRef:
    """Clauses of a school's policy that are quoted as one."""

    school: str
    clauses: tuple[str, ...]

    def data(self) -> dict[str, object]:
        """What the button carries."""
        return {VERB: CLAUSE, "of": self.school, "clauses": list(self.clauses[:_MOST_CLAUSES])}

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> ClauseRef | None:
        """What `data()` made, or None."""
        names = raw.get("clauses")
        if not isinstance(names, list) or not 1 <= len(names) <= _MOST_CLAUSES:
            return None
        found = [name for name in (raw.get("of"), *names) if isinstance(name, str) and _NAME.fullmatch(name)]
        return cls(found[0], tuple(found[1:])) if len(found) == len(names) + 1 else None


@dataclass(frozen=True, slots=True)
class Opening:
    """A button that opens a form. `context` comes back with the form."""

    opener: str
    context: str = ""

    def data(self) -> dict[str, object]:
        """What the button carries."""
        return {VERB: self.opener, "context": self.context[:LONGEST_CONTEXT]}

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Opening | None:
        """What `data()` made, or None."""
        context = _text(raw, "context", LONGEST_CONTEXT)
        return cls(str(raw[VERB]), context) if context is not None and raw.get(VERB) in OPENERS else None


@dataclass(frozen=True, slots=True)
class Deed:
    """A button of a report: what is to be done with which."""

    deed: str
    reference: str

    def data(self) -> dict[str, object]:
        """What the button carries."""
        return {VERB: self.deed, "reference": self.reference}

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Deed | None:
        """What `data()` made, or None."""
        reference = _text(raw, "reference", 20) or ""
        return cls(str(raw[VERB]), reference) if _REFERENCE.fullmatch(reference) and raw.get(VERB) in DEEDS else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent off. `reference` is the report's that it is about; `fields` are names and what was typed."""

    form: str
    reference: str = ""
    context: str = ""
    fields: tuple[tuple[str, str], ...] = ()

    def data(self) -> dict[str, object]:
        """What the button of the form carries; the client adds the fields."""
        known = {"reference": self.reference, "context": self.context[:LONGEST_CONTEXT]}
        return {VERB: self.form, **{key: text for key, text in known.items() if text}}

    def typed(self, field: str) -> str:
        """What was typed or picked in a field."""
        return dict(self.fields).get(field, "")

    @classmethod
    def parse(cls, raw: Mapping[str, object]) -> Sent | None:
        """What `data()` made with the fields of the form, or None."""
        reference, context = _text(raw, "reference", 20), _text(raw, "context", LONGEST_CONTEXT)
        fields = [(name, _text(raw, name, LONGEST_TYPED)) for name in FIELDS if name in raw]
        typed = tuple((name, text) for name, text in fields if text is not None)
        if reference is None or context is None or len(typed) < len(fields) or raw.get(VERB) not in FORMS:
            return None
        if reference and not _REFERENCE.fullmatch(reference):
            return None
        return cls(str(raw[VERB]), reference, context, typed)


Carried = Chosen | Suggestion | ClauseRef | Opening | Deed | Sent


def pressed(raw: object, verb: object = None) -> Carried | None:
    """What was pressed or sent off, from the data of the press; None for rubbish, or where `verb` says otherwise."""
    if not isinstance(raw, Mapping) or len(raw) > _MOST_KEYS:
        return None
    named = raw.get(VERB)
    if not isinstance(named, str) or (verb is not None and verb != named):
        return None
    if named in DEEDS:
        return Deed.parse(raw)
    if named in FORMS:
        return Sent.parse(raw)
    if named in OPENERS:
        return Opening.parse(raw)
    kinds = {CHOICE: Chosen.parse, SUGGESTION: Suggestion.parse, CLAUSE: ClauseRef.parse}
    return kinds[named](raw) if named in kinds else None


def liked(raw: object) -> bool | None:
    """Whether a thumb under a reply was up, from the value of `message/submitAction`; None for rubbish."""
    value = raw.get("actionValue") if isinstance(raw, Mapping) and raw.get("actionName") == "feedback" else None
    reaction = value.get("reaction") if isinstance(value, Mapping) else None
    return reaction == "like" if reaction in ("like", "dislike") else None


def picked_as(value: str, label: str) -> str:
    """What a list of answers sends for one of them."""
    return json.dumps([value[:LONGEST_ANSWER], label[:LONGEST_LABEL]], ensure_ascii=False)


def school_of(raw: object) -> str | None:
    """The id of the school that was chosen, or None."""
    return raw if isinstance(raw, str) and _NAME.fullmatch(raw) else None


def _text(raw: Mapping[str, object], key: str, most: int) -> str | None:
    """The text there: nothing where there is none, None where it is something else or too long."""
    value = raw.get(key)
    return "" if value is None else _short(value, most)


def _short(value: object, most: int) -> str | None:
    return value if isinstance(value, str) and len(value) <= most else None


def _pair(raw: object) -> tuple[object, object]:
    try:
        pair = json.loads(_short(raw, 2_000) or "")
    except (ValueError, RecursionError):
        return None, None
    return (pair[0], pair[1]) if isinstance(pair, list) and len(pair) == 2 else (None, None)
