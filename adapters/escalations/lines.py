"""An escalation in words for the desk: where it stands, who has it, what happens next and when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chatbot.escalation import OPEN, Held, State, step, urgency
from chatbot.plan import Contact, Plan
from chatbot.reply import Route

ROUTES = {
    Route.DSL: "For the safeguarding lead (DSL)",
    Route.HEADTEACHER: "For the headteacher",
    Route.CHAIR_OF_GOVERNORS: "For the chair of governors",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One escalation in the list, and at the head of its own page."""

    held: Held
    route: str
    state: str
    who: str
    next: str
    ago: str
    reported: str

    @property
    def tone(self) -> str:
        """How it is coloured: alone (nobody has taken it on), taken, waiting or closed."""
        if self.held.state in OPEN:
            return "alone"
        return {State.ACKNOWLEDGED: "taken", State.POSSIBLE: "waiting"}.get(self.held.state, "closed")


@dataclass(frozen=True, slots=True)
class Group:
    """Lines of the same urgency."""

    id: str
    title: str
    lines: tuple[Line, ...]


def groups_of(pile: Iterable[Held], plan: Plan, viewer: str, now: datetime) -> tuple[Group, ...]:
    """The pile by urgency, the most urgent group first; groups without lines are left out."""
    titles = {
        "emergency": "Emergencies that nobody has taken on",
        "alone": "Nobody has taken these on",
        "taken": "Taken on, without an outcome yet",
        "waiting": "Waiting for the reporter’s answer",
        "digest": "Digest of the last day: taken back, “only asking”",
        "closed": "Closed",
    }
    found: dict[str, list[Line]] = {group: [] for group in titles}
    for held in sorted(pile, key=urgency):
        line = line_of(held, plan, viewer, now)
        if held.emergency and held.state in OPEN:
            found["emergency"].append(line)
        else:
            found["digest" if _is_taken_back(held, now) else line.tone].append(line)
    return tuple(Group(group, titles[group], tuple(lines)) for group, lines in found.items() if lines)


def _is_taken_back(held: Held, now: datetime) -> bool:
    """Whether its reporter took it back within the last day: shown together, alerted to nobody."""
    back = held.state is State.CLOSED and not held.acknowledged_by
    return back and held.closed_at is not None and now - held.closed_at < timedelta(days=1)


def summary(groups: Iterable[Group]) -> tuple[int, str]:
    """How many reports nobody has taken on, and that as a sentence for a screen reader."""
    counts = {group.id: len(group.lines) for group in groups}
    emergencies = counts.get("emergency", 0)
    waiting = emergencies + counts.get("alone", 0)
    if not waiting:
        return 0, "Nothing waits to be taken on."
    reports = f"{waiting} {'report' if waiting == 1 else 'reports'} that nobody has taken on"
    return waiting, f"{reports}, {emergencies} of them an emergency." if emergencies else f"{reports}."


def line_of(held: Held, plan: Plan, viewer: str, now: datetime) -> Line:
    """`held` in words, for `viewer`."""
    return Line(
        held,
        ROUTES[held.route],
        _state(held, plan, now),
        _who(held, plan, viewer, now),
        _next(held, plan, now),
        ago(held.at, now),
        moment(held.at, now, plan),
    )


def name_of(plan: Plan, contact_id: str) -> str:
    """The name of a contact; the id itself where nobody is named so any more."""
    contact = plan.contact(contact_id)
    return contact.name if contact else contact_id


def role_of(plan: Plan, contact: Contact) -> str:
    """What they are to the school, as far as the plan tells: by the route that they stand first on."""
    first = {Route.DSL: "DSL", Route.HEADTEACHER: "headteacher", Route.CHAIR_OF_GOVERNORS: "chair of governors"}
    roles = [role for route, role in first.items() if plan.people.get(route, ())[:1] == (contact,)]
    deputy = not roles and contact in plan.people.get(Route.DSL, ())
    return ", ".join(roles) or ("deputy" if deputy else "")


def named(contacts: Iterable[Contact]) -> str:
    """Names as a sentence lists them."""
    names = [contact.name for contact in contacts]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def moment(at: datetime, now: datetime, plan: Plan) -> str:
    """When that is, on the school's own clock: "at 14:05", "tomorrow at 09:00", "on Monday 23 November at 09:00"."""
    zone = ZoneInfo(plan.hours.zone)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    year = f" {local.year}" if local.year != today.year else ""
    day = {0: "", 1: "tomorrow ", -1: "yesterday "}.get(days, f"on {local:%A} {local.day} {local:%B}{year} ")
    return f"{day}at {local:%H:%M}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago that was, in one unit."""
    seconds = (now - at).total_seconds()
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(seconds // length)
        if count > 0:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def was_withdrawn(held: Held) -> bool:
    """Whether the reporter ended it by saying that they were only asking: a person has to take it on before closing."""
    return held.state is State.CLOSED and not held.acknowledged_by


def _state(held: Held, plan: Plan, now: datetime) -> str:
    match held.state:
        case State.POSSIBLE:
            return "Possible report: the reporter has not said yes or no yet."
        case State.RAISED | State.DELIVERED if held.failing:
            return "No alert has got through to anybody so far."
        case State.RAISED if held.handed_to:
            return f"Being handed over to {name_of(plan, held.handed_to)}."
        case State.RAISED:
            return "Raised. The alert is on its way."
        case State.DELIVERED:
            told = named(contact for contact in plan.contacts if contact.id in held.told.split(","))
            return f"Alert sent; the latest is for {told}." if told else "Alert sent."
        case State.ACKNOWLEDGED:
            return "Taken on, without an outcome yet."
        case State.CLOSED if was_withdrawn(held):
            return "Withdrawn: the reporter was only asking. Nobody was alerted; the record stays."
        case State.CLOSED:
            return f"Closed {moment(held.closed_at, now, plan)}." if held.closed_at else "Closed."


def _who(held: Held, plan: Plan, viewer: str, now: datetime) -> str:
    if held.acknowledged_by:
        name = "You" if held.acknowledged_by == viewer else name_of(plan, held.acknowledged_by)
        when = f" {moment(held.acknowledged_at, now, plan)}" if held.acknowledged_at else ""
        return f"{name} took this on{when}."
    if held.state not in OPEN:
        return ""
    if not held.seen_by:
        return "Nobody has opened it or taken it on."
    opened = "You have" if held.seen_by == viewer else f"{name_of(plan, held.seen_by)} has"
    return f"Nobody has taken it on. {opened} opened it."


def _next(held: Held, plan: Plan, now: datetime) -> str:
    match held.state:
        case State.POSSIBLE:
            due = held.next_at or held.at + plan.timings.confirm
            when = moment(due, now, plan) if due > now else "now"
            return f"Without an answer it is raised as unconfirmed {when}."
        case State.RAISED | State.DELIVERED:
            return _next_alert(held, plan, now)
        case State.ACKNOWLEDGED if held.next_at:
            name = name_of(plan, held.acknowledged_by)
            return f"Without an outcome {name} is reminded {moment(held.next_at, now, plan)}."
        case State.CLOSED if held.closed_at and not was_withdrawn(held):
            gone = held.closed_at + plan.timings.keep_words
            erased = "erased" if gone > now else "due to be erased"
            return f"The words of the report are {erased} {moment(gone, now, plan)}."
        case _:
            return ""


def _next_alert(held: Held, plan: Plan, now: datetime) -> str:
    due = held.next_at or now
    people = step(held, plan, due).contacts
    if not people:
        return "Nobody is named who could be told. Pass it on by phone, and have the school’s settings put right."
    everyone = held.emergency and len(people) > 1
    who = "everyone on this route" if everyone else named(people)
    if due <= now:
        return f"{who[0].upper()}{who[1:]} is being told now."
    again = " again" if held.told and set(held.told.split(",")) >= {contact.id for contact in people} else ""
    return f"If nobody takes it on, {who} is told{again} {moment(due, now, plan)}."
