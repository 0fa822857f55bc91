"""What the inbox shows: escalations by whom they go to, emergencies first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.memory import UNCONFIRMED_AFTER, Recorded, State
from chatbot.model import Route

_NAMES = {
    Route.DSL: "Designated safeguarding lead",
    Route.HEADTEACHER: "Headteacher",
    Route.CHAIR_OF_GOVERNORS: "Chair of governors",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the inbox. The words of the report are opened on purpose, never shown at once."""

    reference: str
    emergency: bool
    withdrawn: bool
    state: str
    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Group:
    """What one role would receive."""

    route: Route
    name: str
    items: tuple[Item, ...]


def inbox(recorded: Sequence[Recorded], now: datetime) -> tuple[Group, ...]:
    """The escalations (newest first) in groups; only the DSL's own is there when empty."""
    groups = []
    for route, name in _NAMES.items():
        mine = [kept for kept in recorded if kept.escalation.concern.route is route]
        mine.sort(key=_urgency)
        if mine or route is Route.DSL:
            groups.append(Group(route, name, tuple(_item(kept, now) for kept in mine)))
    return tuple(groups)


def _urgency(kept: Recorded) -> tuple[bool, bool]:
    """Emergencies before the rest, withdrawn ones last; the order of time stays within each."""
    return kept.state is State.WITHDRAWN, not kept.escalation.concern.emergency


def _item(kept: Recorded, now: datetime) -> Item:
    escalation = kept.escalation
    return Item(
        escalation.reference,
        escalation.concern.emergency,
        kept.state is State.WITHDRAWN,
        _standing(kept, now),
        kept.at,
        escalation.turn.text,
    )


def _standing(kept: Recorded, now: datetime) -> str:
    match kept.state:
        case State.WITHDRAWN:
            return "Withdrawn: the member of staff was only asking. The record stays."
        case State.RAISED:
            return "Would be sent at once. Nobody has seen it."
        case State.POSSIBLE if kept.overdue(now):
            return "Unconfirmed: no answer came, so it would be sent all the same. Nobody has seen it."
        case State.POSSIBLE:
            until = kept.at + UNCONFIRMED_AFTER
            return f"Possible report: waits for a yes or no until {until:%H:%M}, then it would be sent as unconfirmed."
