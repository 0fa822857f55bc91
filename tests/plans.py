"""A school's plan, its people, an escalation in any state, and who is told of it when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chatbot.escalation import (
    Held,
    State,
    step,
)
from chatbot.plan import Contact, Hours, Outside, Plan
from chatbot.reply import Route

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
LEAD = Contact("lead", "Anna Patel", 5 * MINUTE, slack="U0LEAD", teams="0AAA-lead", email="anna@example.org")
DEPUTY = Contact("deputy", "Beth O’Brien", 10 * MINUTE)
HEAD = Contact("head", "Carl Small", 15 * MINUTE)
CHAIR = Contact("chair", "Dina Church", 15 * MINUTE)
PEOPLE = {Route.DSL: (LEAD, DEPUTY), Route.HEADTEACHER: (HEAD,), Route.CHAIR_OF_GOVERNORS: (CHAIR,)}
PLAN = Plan("fact", PEOPLE)
PAUSING = Hours(outside=Outside.PAUSE)


def held(
    state: State = State.RAISED,
    route: Route = Route.DSL,
    *,
    emergency: bool = False,
    stage: int = 0,
    about: Iterable[str] = (),
    handed_to: str = "",
) -> Held:
    """An escalation; one taken on has been taken on by the lead."""
    taken = state in (State.ACKNOWLEDGED, State.CLOSED)
    closed = state is State.CLOSED
    return Held(
        "R-ABCDEF", "fact", route, state, emergency, False, "reporter", MONDAY, stage,
        next_at=None if closed else MONDAY + DAY, handed_to=handed_to, excluded=frozenset(about),
        acknowledged_by="lead" if taken else "", acknowledged_at=MONDAY if taken else None,
        closed_at=MONDAY if closed else None, outcome="Met the family" if closed else "",
    )  # fmt: skip


def told(one: Held, plan: Plan = PLAN, alerts: int = 1, at: datetime = MONDAY) -> list[str]:
    """Who gets the next alerts, one after the other, each when the one before it has had its time."""
    out = []
    for _ in range(alerts):
        due = step(one, plan, at)
        out.append(" ".join(contact.id for contact in due.contacts))
        one, at = replace(one, stage=one.stage + 1, handed_to=""), due.next_at
    return out


def pauses(one: Held, plan: Plan = PLAN, alerts: int = 1, at: datetime = MONDAY) -> list[float]:
    """Minutes between the next alerts."""
    out = []
    for _ in range(alerts):
        due = step(one, plan, at)
        out.append((due.next_at - at) / MINUTE)
        one, at = replace(one, stage=one.stage + 1, handed_to=""), due.next_at
    return out


# School hours


def utc(local: str) -> datetime:
    """A moment on the clocks of London, in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)
