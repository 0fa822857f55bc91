"""A report in words for the people who are told: its title, its warnings, who has it, what can be done with it.

No platform's own words: nothing here is marked up. Never a word of the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from adapters.chat.deeds import CLOSE, HAND_OVER, NOTE, OPEN, REOPEN, TAKE
from adapters.escalations.lines import ROUTES, Line, was_withdrawn
from chatbot.escalation import OPEN as UNTAKEN
from chatbot.escalation import Held, State, urgency
from chatbot.plan import Plan

MARK = "This is not the school’s safeguarding record: carry the report into it."
EMERGENCY = "If anybody is in danger, call 999 now."
DRILL = "This is a test, no child is at risk."
UNCONFIRMED = "Whoever wrote it has not said whether it is a report."
TAKEN_BACK = "Their reporters said that they were only asking. Nobody was alerted; the records stay."
FOR = {route: words.removeprefix("For ") for route, words in ROUTES.items()}


@dataclass(frozen=True, slots=True)
class Pile:
    """Reports of one school, for one reader: a contact's id, or nothing for a channel."""

    plan: Plan
    school_name: str
    held: tuple[Held, ...]
    viewer: str = ""


def title_of(held: Held, *, reminder: bool = False) -> str:
    """What the card is headed: what matters most about the report, and its reference."""
    marks = ("reminder" if reminder else "", *marks_of(held), _state(held, reminder=reminder))
    lead = ", ".join(mark for mark in marks if mark)
    words = f"safeguarding report {held.reference}"
    return f"{lead.capitalize()}: {words}" if lead else f"{words[0].upper()}{words[1:]}"


def marks_of(held: Held) -> tuple[str, ...]:
    """What sets a report apart from others while it is open."""
    over = held.state is State.CLOSED
    marks = {
        "drill": held.drill,
        "emergency": held.emergency and not over,
        "unconfirmed": held.unconfirmed and not over,
    }
    return tuple(mark for mark, there in marks.items() if there)


def warnings_of(held: Held) -> tuple[tuple[str, str], ...]:
    """What has to be read before all else: a word and a sentence."""
    over = held.state is State.CLOSED
    lines = (
        (("Drill.", DRILL), held.drill),
        (("Emergency.", EMERGENCY), held.emergency and not held.drill and not over),
        (("Unconfirmed.", UNCONFIRMED), held.unconfirmed and not over),
    )
    return tuple(words for words, there in lines if there)


def sentences_of(shown: Line) -> tuple[str, ...]:
    """Who has it first, where anybody could; then where it stands and what comes next."""
    match shown.held.state:
        case State.CLOSED:
            rows = (shown.state, shown.who, shown.next)
        case State.ACKNOWLEDGED:
            rows = (shown.who, "" if shown.who else shown.state, shown.next)
        case State.POSSIBLE | State.RAISED | State.DELIVERED:
            rows = (shown.who, shown.state, shown.next)
    return tuple(text for text in rows if text)


def facts_of(held: Held, plan: Plan, school_name: str, reporter: str = "") -> tuple[tuple[str, str], ...]:
    """All that a card tells about a report; `reporter` is their name, where their platform knows it."""
    return (
        ("Severity", "Emergency" if held.emergency else "Concern"),
        ("For", f"{FOR[held.route][0].upper()}{FOR[held.route][1:]}"),
        ("School", school_name),
        ("Reported", dated(held.at, plan)),
        ("Reported by", reporter or reporter_name(held, plan)),
    )


def reporter_name(held: Held, plan: Plan) -> str:
    """Who reported, as far as the plan names them; else as their platform does."""
    known = (c.name for c in plan.contacts if held.reporter in (c.id, c.slack, c.teams, c.email))
    return next(known, held.reporter) or "not known"


def deeds_of(held: Held) -> tuple[str, ...]:
    """What can be done with it now, in order. Who may do it is decided when it is done."""
    if held.state is State.POSSIBLE:
        return (OPEN,)
    if held.state is State.CLOSED:
        return (OPEN, NOTE, REOPEN)
    if held.state in UNTAKEN:
        return (OPEN, TAKE, HAND_OVER, NOTE)
    return (OPEN, CLOSE, HAND_OVER, NOTE)


def few_deeds_of(held: Held) -> tuple[str, ...]:
    """What can be done from a line among others."""
    if held.state in UNTAKEN:
        return (OPEN, TAKE)
    return (OPEN, CLOSE) if held.state is State.ACKNOWLEDGED else (OPEN,)


def by_urgency(piles: Iterable[Pile]) -> list[tuple[Held, Pile]]:
    """All reports of all piles, the most urgent first."""
    return sorted(((held, pile) for pile in piles for held in pile.held), key=lambda row: urgency(row[0]))


def count_of(rows: Sequence[tuple[Held, Pile]]) -> tuple[str, str]:
    """How many there are and how many wait, and what to do where emergencies are among them."""
    waiting = [held for held, _ in rows if held.state in UNTAKEN]
    emergencies = sum(held.emergency for held in waiting)
    taken = f"{len(waiting)} of them not taken on by anybody yet"
    if len(waiting) in (0, len(rows)):
        taken = "not taken on by anybody yet" if waiting else "all taken on or closed"
    lead = f"{plural(emergencies, 'emergency', 'emergencies')} among them. {EMERGENCY}" if emergencies else ""
    return f"{plural(len(rows), 'safeguarding report', 'safeguarding reports')}, {taken}", lead


def dated(at: datetime, plan: Plan) -> str:
    """A moment on the school's clock, in full: a card is read days later too."""
    local = at.astimezone(ZoneInfo(plan.hours.zone))
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"


def plural(count: int, one: str, many: str) -> str:
    """A number and what it counts."""
    return f"{count} {one if count == 1 else many}"


def _state(held: Held, *, reminder: bool) -> str:
    match held.state:
        case State.POSSIBLE:
            return "not confirmed yet"
        case State.ACKNOWLEDGED:
            return "no outcome yet" if reminder else "taken on"
        case State.CLOSED:
            return "taken back" if was_withdrawn(held) else "closed"
        case State.RAISED | State.DELIVERED:
            return ""
