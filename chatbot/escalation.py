"""An escalation's life: who is told and when, who may do what with it, and what comes of two pressing at once. Pure.

The law is KCSIE's and the school's: whoever a report is about never receives it, sees it or takes it on; nothing but a
named person ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chatbot.plan import Contact, Plan
from chatbot.reply import Route

SOONEST = timedelta(seconds=1)
"""The shortest pause between two alerts: a plan without waiting times is not a storm."""


class State(StrEnum):
    """Where an escalation stands. Only a person ends one."""

    POSSIBLE = "possible"
    RAISED = "raised"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


OPEN = frozenset({State.RAISED, State.DELIVERED})
"""States in which people are still being told."""


@dataclass(frozen=True, slots=True)
class Held:
    """An escalation as it is held: everything but the words of the report."""

    reference: str
    school: str
    route: Route
    state: State
    emergency: bool
    unconfirmed: bool
    """Raised although its reporter never said yes or no."""
    reporter: str
    """Who reported, as their platform names them."""
    at: datetime
    stage: int = 0
    """How many alerts have been sent or tried."""
    next_at: datetime | None = None
    handed_to: str = ""
    """The contact to tell next, out of turn."""
    excluded: frozenset[str] = frozenset()
    """Ids of the contacts whom it may be about."""
    told: str = ""
    """The contact whom the latest alert went to; several with commas."""
    failing: bool = False
    """Every alert so far has failed to get through."""
    seen_by: str = ""
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    record: str = ""
    """Where the record lives once it is closed; stays when the words are erased."""
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One alert: to whom, and when the next is due if nobody takes it on."""

    contacts: tuple[Contact, ...]
    next_at: datetime


def step(held: Held, plan: Plan, at: datetime) -> Step:
    """The alert of `held` that is due at `at`. Its `contacts` are empty where nobody can be told.

    Down the chain, one after the other, then from the top again with growing pauses up to the cap. An emergency tells
    everyone at once. People off their rota are left out unless nobody else is there.
    """
    able = tuple(contact for contact in plan.chain(held.route) if contact.id not in held.excluded)
    at, cap = at.astimezone(UTC), plan.timings.repeat_cap
    if not able:
        return Step((), at + max(SOONEST, min(cap, plan.timings.confirm)))
    if held.emergency:
        pause = min(cap, plan.timings.emergency_repeat * 2 ** min(held.stage, 10))
        return Step(able, at + max(SOONEST, pause))
    handed = next((contact for contact in able if contact.id == held.handed_to), None)
    if handed is not None:
        return Step((handed,), plan.hours.after(at, max(SOONEST, handed.wait)))
    today = at.astimezone(ZoneInfo(plan.hours.zone)).weekday()
    on_duty = tuple(contact for contact in able if today in contact.days) or able
    rounds, number = divmod(held.stage, len(on_duty))
    contact = on_duty[number]
    return Step((contact,), plan.hours.after(at, max(SOONEST, min(cap, contact.wait * 2 ** min(rounds, 10)))))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail: who did what, when. `detail` holds ids and kinds, never words of a report."""

    number: int
    at: datetime
    actor: str
    what: str
    reference: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """A note as it is held."""

    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Opened:
    """What the person who opens an escalation sees. `words` is None once they are erased."""

    held: Held
    words: str | None
    remarks: tuple[Remark, ...] = ()
    trail: tuple[Entry, ...] = ()
    unreadable: bool = False
    """The key that the words were kept with is missing."""


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of an action. `changed` is False where it had been done already."""

    held: Held
    changed: bool


class Refusal(StrEnum):
    """Why something was not done. The first says the same whether there is no such escalation or it is not theirs."""

    UNKNOWN = "unknown"
    POSSIBLE = "possible"
    CLOSED = "closed"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    NOT_CLOSED = "not_closed"
    TAKEN = "taken"
    BAD_CONTACT = "bad_contact"
    NO_OUTCOME = "no_outcome"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A named person takes it on."""


@dataclass(frozen=True, slots=True)
class Note:
    """A remark for whoever works on it; kept encrypted like the report."""

    text: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """Somebody else takes it on: it is raised to them, and not taken on until they say so."""

    to: str


@dataclass(frozen=True, slots=True)
class Close:
    """It ends: what came of it, and where the record lives (CPOMS, MyConcern, a file …)."""

    outcome: str
    record: str


@dataclass(frozen=True, slots=True)
class Reopen:
    """It goes on after all."""


Action = Acknowledge | Note | HandOver | Close | Reopen
DONE: Mapping[type[Action], str] = {
    Acknowledge: "acknowledged", Note: "noted", HandOver: "handed over", Close: "closed", Reopen: "reopened"
}  # fmt: skip
"""What the audit trail calls each, once it is done."""


def urgency(held: Held) -> tuple[int, bool, float]:
    """Emergencies, unconfirmed, raised, delivered, acknowledged, possible, closed; oldest first, of closed ones newest.

    An emergency that somebody has taken on stands first among those taken on.
    """
    order = (State.RAISED, State.DELIVERED, State.ACKNOWLEDGED, State.POSSIBLE, State.CLOSED)
    rank = order.index(held.state) + 2
    if held.state in OPEN and (held.emergency or held.unconfirmed):
        rank = 0 if held.emergency else 1
    since = held.closed_at or held.at
    return rank, not held.emergency, since.timestamp() * (-1 if held.state is State.CLOSED else 1)


def may_see(contact_id: str, held: Held, plan: Plan) -> bool:
    """Whether that contact may know of the escalation at all."""
    return contact_id not in held.excluded and any(c.id == contact_id for c in plan.chain(held.route))


def act(  # noqa: C901  # one case an action
    held: Held, action: Action, contact_id: str, plan: Plan, at: datetime
) -> Held | Refusal:
    """What `held` becomes when that contact does `action`, or why it does not. Pressing twice is a success."""
    if not may_see(contact_id, held, plan):
        return Refusal.UNKNOWN
    if held.state is State.POSSIBLE:
        return Refusal.POSSIBLE
    match action:
        case Acknowledge() if held.state in OPEN:
            return replace(
                held, state=State.ACKNOWLEDGED, acknowledged_by=contact_id, acknowledged_at=at,
                next_at=plan.hours.end_of_next_day(at),
            )  # fmt: skip
        case Acknowledge() if held.state is State.CLOSED:
            return Refusal.CLOSED
        case Acknowledge():
            return held if held.acknowledged_by == contact_id else Refusal.TAKEN
        case Note():
            return held
        case HandOver(to):
            if held.state is State.CLOSED:
                return Refusal.CLOSED
            if to == contact_id or not may_see(to, held, plan):
                return Refusal.BAD_CONTACT
            return replace(held, state=State.RAISED, handed_to=to, next_at=at, acknowledged_by="", acknowledged_at=None)
        case Close(outcome, record):
            if held.state is State.CLOSED:
                return Refusal.CLOSED
            if held.state is not State.ACKNOWLEDGED:
                return Refusal.NOT_ACKNOWLEDGED
            if not outcome.strip() or not record.strip():
                return Refusal.NO_OUTCOME
            return replace(
                held, state=State.CLOSED, closed_at=at, outcome=outcome.strip(), record=record.strip(), next_at=None
            )  # fmt: skip
        case Reopen():
            if held.state is not State.CLOSED:
                return Refusal.NOT_CLOSED
            return replace(
                held, state=State.RAISED, stage=0, next_at=at, closed_at=None, outcome="", acknowledged_by="",
                acknowledged_at=None,
            )  # fmt: skip
