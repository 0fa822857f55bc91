"""Whom a school tells, when it is open, and how long things wait. Frozen values, filled from chatbot.yaml. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from chatbot.reply import Route

LONGEST_PAUSE = 400
"""Days looked ahead, or back, for a school day; a calendar that is closed for longer does not hold anything up."""


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
        return at.astimezone(UTC) + timedelta(days=1)

    def last_end(self, at: datetime) -> datetime | None:
        """When the latest school day that is over at `at` ended; None where there was none for very long."""
        day = at.astimezone(ZoneInfo(self.zone)).date()
        for back in range(LONGEST_PAUSE):
            ends = self._span(day - timedelta(days=back))[1]
            if self.is_school_day(day - timedelta(days=back)) and ends <= at:
                return ends
        return None

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
    drill_day: int | None = None
    """The weekday of a drill that somebody has to take on, Monday 0; None for no drills."""


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
