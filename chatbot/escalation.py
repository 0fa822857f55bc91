"""An escalation's life: who is told and when, who may do what with it, and what comes of two pressing at once. Pure.

The law is KCSIE's and the school's: whoever a report is about never receives it, sees it or takes it on; nothing but a
named person ends it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chatbot.reply import Route

LONGEST_PAUSE = 400
"""Days looked ahead for the next school day; a calendar that is closed for longer does not hold anything up."""


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


class Outside(StrEnum):
    """What a school has chosen for the hours when it is closed."""

    CONTINUE = "continue"
    PAUSE = "pause"


@dataclass(frozen=True, slots=True)
class Contact:
    """A named person who may be told. `id` is the same in every route and on every platform."""

    id: str
    name: str
    wait: timedelta
    """How long they are given before the next person is told."""
    slack: str = ""
    teams: str = ""
    email: str = ""
    phone: str = ""
    days: frozenset[int] = frozenset(range(7))
    """The weekdays of their rota, Monday 0."""


@dataclass(frozen=True, slots=True)
class Hours:
    """When a school is open, in its own time zone."""

    days: frozenset[int] = frozenset(range(5))
    opens: time = time(8)
    closes: time = time(17)
    zone: str = "Europe/London"
    closures: frozenset[date] = frozenset()
    outside: Outside = Outside.CONTINUE

    def is_school_day(self, day: date) -> bool:
        """Whether the school opens on `day`."""
        return day.weekday() in self.days and day not in self.closures

    def is_open(self, at: datetime) -> bool:
        """Whether the school is open at this moment."""
        local = at.astimezone(ZoneInfo(self.zone))
        return self.is_school_day(local.date()) and self.opens <= local.time() < self.closes

    def after(self, at: datetime, wait: timedelta) -> datetime:
        """When `wait` has passed since `at`; only opening hours count where the school pauses outside them."""
        at = at.astimezone(UTC)  # on the clock of a zone, adding would ignore a change of clocks in between
        if self.outside is Outside.CONTINUE:
            return at + wait
        zone, left, moment = ZoneInfo(self.zone), wait, at
        for _ in range(LONGEST_PAUSE):
            day = moment.astimezone(zone).date()
            opens, closes = self._span(day)
            if self.is_school_day(day) and moment < closes:
                moment = max(moment, opens)
                if moment + left <= closes:
                    return moment + left
                left -= closes - moment
            moment = self._span(day + timedelta(days=1))[0]
        return at + wait

    def end_of_next_day(self, at: datetime) -> datetime:
        """When the next school day after that of `at` ends."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        for ahead in range(1, LONGEST_PAUSE):
            if self.is_school_day(day + timedelta(days=ahead)):
                return self._span(day + timedelta(days=ahead))[1]
        return at + timedelta(days=1)

    def _span(self, day: date) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self.zone)
        return (
            datetime.combine(day, self.opens, zone).astimezone(UTC),
            datetime.combine(day, self.closes, zone).astimezone(UTC),
        )


@dataclass(frozen=True, slots=True)
class Timings:
    """How long things wait."""

    confirm: timedelta = timedelta(minutes=10)
    """A possible report waits so long for its reporter's yes or no."""
    repeat_cap: timedelta = timedelta(minutes=60)
    """The longest pause between two alerts."""
    emergency_repeat: timedelta = timedelta(minutes=2)
    """The first pause between two alerts of an emergency."""
    keep_words: timedelta = timedelta(days=30)
    """Words of a closed report are erased after this."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom a school tells, for each route, in order; and its hours."""

    school: str
    people: Mapping[Route, tuple[Contact, ...]]
    channels: Mapping[Route, Mapping[str, str]] = field(default_factory=dict)
    """The channel of a route on each platform ("slack", "teams")."""
    hours: Hours = field(default_factory=Hours)
    phones: Mapping[str, str] = field(default_factory=dict)
    """Numbers outside the school: `social_care`, `lado`."""
    timings: Timings = field(default_factory=Timings)

    def chain(self, route: Route) -> tuple[Contact, ...]:
        """Everybody whom a report on `route` may reach, in order: those of the route, then one step up."""
        above = {Route.DSL: Route.HEADTEACHER, Route.HEADTEACHER: Route.CHAIR_OF_GOVERNORS}.get(route)
        found = {contact.id: contact for contact in self.people.get(route, ())}
        if above is not None:
            found |= {c.id: c for c in self.people.get(above, ()) if c.id not in found}
        return tuple(found.values())

    def contact(self, contact_id: str) -> Contact | None:
        """The contact of that id, on whatever route."""
        return next((c for people in self.people.values() for c in people if c.id == contact_id), None)

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Everybody named in the plan, once."""
        return tuple({c.id: c for people in self.people.values() for c in people}.values())


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


_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_PLAIN = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*")
_DSL_ROLE = re.compile(
    r"\b(dd?sls?|d s l|designated (leads?|person)|child protection (officers?|lead)"
    r"|safeguarding (leads?|officers?|lady|man|person|deputy|deputies))\b"
)
_CHAIR_ROLE = re.compile(r"\bchair(man|woman|person)? of (the |our )?(governors|governing|trustees|board)\b")
_TITLES = ("mr", "mrs", "ms", "miss", "dr", "mister", "sir")
_ROLES = frozenset({"head", "lead", "deputy", "chair"})


def excluded(words: Iterable[str], route: Route, plan: Plan, reporter: str = "") -> frozenset[str]:
    """Ids of the contacts whom a report of these words may be about: they never learn of it.

    Only a report about an adult excludes: by name, by role, and the reporter where they are in the plan (they may be
    telling on themselves). On the way to the chair of governors everyone of the headteacher's route is left out.
    """
    if route is Route.DSL:
        return frozenset()
    said = " ".join(word.removesuffix("'s") for word in _WORD.findall(" ".join(words)))
    found = {c.id for c in plan.contacts if _is_self(c, reporter) or _is_named(c.name, f" {said} ")}
    if _DSL_ROLE.search(said):
        found |= {contact.id for contact in plan.people.get(Route.DSL, ())}
    if route is Route.HEADTEACHER and _CHAIR_ROLE.search(said):
        found |= {contact.id for contact in plan.people.get(Route.CHAIR_OF_GOVERNORS, ())}
    if route is Route.CHAIR_OF_GOVERNORS:
        found |= {contact.id for contact in plan.people.get(Route.HEADTEACHER, ())}
    return frozenset(found)


def _is_self(contact: Contact, reporter: str) -> bool:
    """Whether the reporter, as their platform names them, is this contact."""
    return bool(reporter) and reporter.lower() in {
        one.lower() for one in (contact.id, contact.slack, contact.teams, contact.email)
    }


def _is_named(name: str, said: str) -> bool:
    """Whether the words name this person. A surname that is also a role counts only behind a title or first name."""
    given = unicodedata.normalize("NFKC", name).lower().replace("’", "'")
    *first, last = _WORD.findall(re.split("[(,]", given)[0]) or [""]
    if last in _ROLES:
        return any(f" {before} {last} " in said for before in (*_TITLES, *(one for one in first if len(one) > 1)))
    bare = "".join(c for c in unicodedata.normalize("NFKD", last) if not unicodedata.combining(c))
    # The reader keeps plain letters only: an accented one parts a word in two.
    forms = {last, bare, " ".join(_PLAIN.findall(last))}
    return any(f" {form} " in said for form in forms if len(form) > 1)


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
            return replace(held, state=State.CLOSED, closed_at=at, outcome=outcome.strip(), next_at=None)
        case Reopen():
            if held.state is not State.CLOSED:
                return Refusal.NOT_CLOSED
            return replace(
                held, state=State.RAISED, stage=0, next_at=at, closed_at=None, outcome="", acknowledged_by="",
                acknowledged_at=None,
            )  # fmt: skip
