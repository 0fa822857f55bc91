"""respond(): the straight line from a message to a reply."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace

from chatbot.compose import CONFIRM, MEANT, WITHDRAW, compose
from chatbot.decide import decide
from chatbot.errors import UnknownSchool
from chatbot.knowledge import Knowledge, School
from chatbot.model import (
    Decline,
    Declined,
    Escalate,
    Escalation,
    Greet,
    Match,
    Memory,
    Outcome,
    Question,
    Route,
    Ruling,
    Slot,
    Status,
    Turn,
    Why,
)
from chatbot.recognize import Recognizer, recognize
from chatbot.safeguarding import Screener, declared, screen
from chatbot.slots import of_this_head, pressed_slot, read_slots
from chatbot.text import read

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_YES = re.compile(
    r"^(yes|pass (it|this|that) on|pass this to\b.*|please do|do it|send it|ok(ay)?|confirm|tell them|go ahead)"
    r"( please)?[ .!]*$"
)
_NO = re.compile(
    r"^(no|only asking|no,? only asking|just asking|not a report|don't|do not|no don't)"
    r"( thanks| thank you| please)?[ .!]*$"
)


@dataclass(frozen=True, slots=True)
class Engine:
    """Knowledge with what was indexed from it once at start."""

    knowledge: Knowledge
    recognizer: Recognizer
    screener: Screener


def respond(
    turn: Turn, memory: Memory, engine: Engine, *, recorded: bool, unreachable: frozenset[Route] = frozenset()
) -> Outcome:
    """The outcome of `turn`. `recorded` says whether an escalation will be kept, `unreachable` on which routes nobody
    can be told of it: the reply tells the truth about both.

    Raises UnknownSchool; nothing that a person types raises.
    """
    knowledge = engine.knowledge
    if turn.school not in knowledge.schools:
        raise UnknownSchool(turn.school, tuple(knowledge.schools))
    school = knowledge.schools[turn.school]
    answered = None if turn.declared else _pressed(turn, memory)
    if answered is not None and memory.pending is None:
        return _stale(turn, memory, school, knowledge)
    if answered is not None:
        return _confirmed(turn, memory, answered, school, knowledge, recorded=recorded, unreachable=unreachable)
    question = read(turn.text, knowledge.spelling)
    question = replace(question, slots=_facts(question, turn, memory, school, knowledge))
    judged = declared if turn.declared else screen
    concern = judged(question, engine.screener, school.head_name)
    meant = turn.text.removeprefix(MEANT) if turn.text.startswith(MEANT) and not turn.declared else ""
    if meant in knowledge.intents:
        concern, match = None, Match(meant, 1.0, slots=memory.slots)
    else:
        match = recognize(question, memory, engine.recognizer, knowledge)
    ruling = _unreadable(question) if concern is None else None
    ruling = _patient(ruling or decide(match, concern, school, knowledge), memory)
    escalation = _escalation(turn, ruling)
    shown = escalation.reference if escalation and recorded else None
    reply = compose(ruling, school, knowledge, turn.at.date(), shown, unreachable)
    after = memory.after(match, ruling)
    if escalation is not None and escalation.concern.status is Status.POSSIBLE:
        after = replace(after, pending=escalation)
    return Outcome(reply, after, escalation, Why(question, concern, match, ruling))


def reference_of(turn_id: str) -> str:
    """The reference number of a report, the same each time for the same turn."""
    digest = hashlib.sha256(turn_id.encode("utf-8", "replace")).digest()
    return "R-" + "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:6])


def _facts(question: Question, turn: Turn, memory: Memory, school: School, knowledge: Knowledge) -> tuple[Slot, ...]:
    """What a message states, or the button says that was pressed. A document is not looked through."""
    pressed = pressed_slot(question.text, knowledge.slots.get(memory.asked or ""))
    if pressed or question.too_long:
        return pressed
    return of_this_head(read_slots(question.marked, knowledge.slots, turn.at.date(), memory.asked), school.head_name)


def _pressed(turn: Turn, memory: Memory) -> str | None:
    """Whether this turn answers the question about a possible report: CONFIRM, WITHDRAW or None."""
    said = turn.text.strip().lower()
    if said in (CONFIRM, WITHDRAW):
        return said
    if memory.pending is None:
        return None
    return CONFIRM if _YES.match(said) else WITHDRAW if _NO.match(said) else None


def _stale(turn: Turn, memory: Memory, school: School, knowledge: Knowledge) -> Outcome:
    """The outcome of a button on an old card: nothing is asked any more."""
    ruling = Greet("stale")
    reply = compose(ruling, school, knowledge, turn.at.date())
    return Outcome(reply, memory, None, Why(Question(turn.text, ()), None, Match(None, 1.0), ruling))


def _confirmed(
    turn: Turn,
    memory: Memory,
    answer: str,
    school: School,
    knowledge: Knowledge,
    *,
    recorded: bool,
    unreachable: frozenset[Route],
) -> Outcome:
    pending = memory.pending
    assert pending is not None  # _pressed found it
    shown = pending.reference if recorded else None
    ruling: Ruling
    if answer == WITHDRAW:
        ruling, escalation = Greet("withdrawn"), replace(pending, withdrawn=True)
        shown = pending.reference
    else:
        concern = replace(pending.concern, status=Status.RAISED)
        ruling, escalation = Escalate(concern), replace(pending, concern=concern)
    reply = compose(ruling, school, knowledge, turn.at.date(), shown, unreachable)
    match = Match(None, 1.0, slots=memory.slots)
    why = Why(Question(turn.text, ()), escalation.concern, match, ruling)
    return Outcome(reply, replace(memory, pending=None, asked=None, failures=0), escalation, why)


def _unreadable(question: Question) -> Ruling | None:
    if question.too_long:
        return Declined(Decline.TOO_LONG)
    if question.foreign:
        return Declined(Decline.FOREIGN)
    return None if question.words else Declined(Decline.EMPTY)


def _patient(ruling: Ruling, memory: Memory) -> Ruling:
    """The second failure in a row names a person instead of asking again."""
    failed = isinstance(ruling, Declined) and ruling.reason is Decline.NOT_UNDERSTOOD
    return Declined(Decline.GIVEN_UP) if failed and memory.failures >= 1 else ruling


def _escalation(turn: Turn, ruling: Ruling) -> Escalation | None:
    return Escalation(reference_of(turn.id), turn, ruling.concern) if isinstance(ruling, Escalate) else None
