"""What has happened to an escalation, and why something was not done, in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.escalations.lines import moment, name_of
from chatbot.escalation import Entry, Held, Opened, Refusal
from chatbot.plan import Plan
from chatbot.reply import Route

_ROUTES: Mapping[str, str] = {
    Route.DSL: "route: DSL",
    Route.HEADTEACHER: "route: headteacher",
    Route.CHAIR_OF_GOVERNORS: "route: chair of governors",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of what has happened."""

    at: datetime
    when: str
    who: str
    what: str


def history_of(opened: Opened, plan: Plan, now: datetime) -> tuple[Event, ...]:
    """The trail for reading, oldest first; that the same person opened it again right away is left out."""
    events: list[Event] = []
    last = ""
    for entry in opened.trail:
        if entry.what != "opened" or entry.actor != last:
            who = actor_of(entry.actor, opened.held, plan)
            events.append(Event(entry.at, moment(entry.at, now, plan), who, _what(entry, plan)))
        last = entry.actor
    return tuple(events)


def actor_of(actor: str, held: Held, plan: Plan) -> str:
    """Who did something: a contact by name, the reporter, or the program."""
    contact = plan.contact(actor)
    if contact is not None:
        return contact.name
    return "The reporter" if actor == held.reporter else actor


def _what(entry: Entry, plan: Plan) -> str:
    """What was done; contacts and routes by their names."""
    parts = (part for part in re.split(r"([ ,])", entry.detail) if part)
    detail = "".join(_ROUTES.get(part) or name_of(plan, part) for part in parts).replace(",", ", ")
    return f"{entry.what} ({detail})" if detail else entry.what


def refused(refusal: Refusal, held: Held, plan: Plan, viewer: str, now: datetime) -> str:
    """Why something was not done, from the escalation as it is now."""
    match refusal:
        case Refusal.TAKEN if held.acknowledged_by:
            when = f" {moment(held.acknowledged_at, now, plan)}" if held.acknowledged_at else ""
            name = "You" if held.acknowledged_by == viewer else name_of(plan, held.acknowledged_by)
            return f"{name} took this on{when}."
        case Refusal.TAKEN:
            return "Somebody else took this on, and has passed it on since."
        case Refusal.CLOSED:
            when = f" {moment(held.closed_at, now, plan)}" if held.closed_at else ""
            return f"This was closed{when}. Reopen it first if it has to go on."
        case Refusal.POSSIBLE:
            return "The reporter has not said yet whether this is a report. It is raised by itself if no answer comes."
        case Refusal.NOT_ACKNOWLEDGED:
            return "Nobody has taken this on at the moment. Take it on first; then it can be closed."
        case Refusal.NOT_CLOSED:
            return "This has been reopened already."
        case Refusal.BAD_CONTACT:
            return "Choose somebody else from the list: that person cannot be given this report."
        case Refusal.NO_OUTCOME:
            return "Not closed: say what came of it and where the record is kept. Both are needed."
        case Refusal.UNKNOWN:
            return "There is no such report."
