"""Whom a school tells, and when it is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from chatbot.escalation import (
    step,
)
from chatbot.plan import LONGEST_PAUSE, Hours, Outside, Plan
from chatbot.reply import Route
from tests.plans import (
    CHAIR,
    DAY,
    DEPUTY,
    HEAD,
    HOUR,
    LEAD,
    LONDON,
    MINUTE,
    MONDAY,
    PAUSING,
    PEOPLE,
    PLAN,
    held,
    told,
    utc,
)


@pytest.mark.parametrize(
    ("route", "chain"),
    [
        (Route.DSL, ["lead", "deputy", "head"]),
        (Route.HEADTEACHER, ["head", "chair"]),
        (Route.CHAIR_OF_GOVERNORS, ["chair"]),
    ],
)
def test_a_report_goes_down_its_route_and_then_one_step_up(route: Route, chain: list[str]) -> None:
    assert [contact.id for contact in PLAN.chain(route)] == chain


def test_nobody_of_the_safeguarding_route_is_told_of_a_report_about_staff() -> None:
    assert not set(told(held(route=Route.HEADTEACHER), alerts=20)) & {"lead", "deputy"}


def test_whoever_is_on_two_routes_is_told_once_a_round_at_their_first_place() -> None:
    plan = Plan("fact", PEOPLE | {Route.DSL: (LEAD, HEAD, DEPUTY)})
    assert [contact.id for contact in plan.chain(Route.DSL)] == ["lead", "head", "deputy"]
    assert len(plan.contacts) == 4


def test_a_route_without_people_goes_to_the_step_above() -> None:
    assert told(held(), Plan("fact", {Route.HEADTEACHER: (HEAD,)}), 2) == ["head", "head"]


def test_a_contact_is_found_by_id_on_whatever_route() -> None:
    assert PLAN.contact("chair") == CHAIR
    assert PLAN.contact("nobody") is None


def test_a_school_that_continues_outside_its_hours_waits_no_longer_at_night() -> None:
    for at in (utc("2026-10-05 03:00"), utc("2026-10-10 12:00"), utc("2026-10-24 23:50"), utc("2027-03-28 00:50")):
        assert Hours().after(at, 15 * MINUTE) == at + 15 * MINUTE


PAUSES = {
    "inside the hours": ("2026-10-05 10:00", 5, "2026-10-05 10:05"),
    "up to the very end": ("2026-10-05 16:55", 5, "2026-10-05 17:00"),
    "over the night": ("2026-10-05 16:58", 5, "2026-10-06 08:03"),
    "from the moment of closing": ("2026-10-05 17:00", 5, "2026-10-06 08:05"),
    "from the evening": ("2026-10-05 21:00", 5, "2026-10-06 08:05"),
    "from before opening": ("2026-10-05 06:00", 5, "2026-10-05 08:05"),
    "from the moment of opening": ("2026-10-05 08:00", 5, "2026-10-05 08:05"),
    "over the weekend": ("2026-10-09 16:58", 5, "2026-10-12 08:03"),
    "from Saturday": ("2026-10-10 11:00", 5, "2026-10-12 08:05"),
    "over a closure day": ("2026-11-09 16:58", 5, "2026-11-12 08:03"),
    "from a closure day": ("2026-11-10 10:00", 5, "2026-11-12 08:05"),
    "longer than a day": ("2026-10-05 08:00", 600, "2026-10-06 09:00"),
    "longer than a week": ("2026-10-05 08:00", 5 * 540 + 1, "2026-10-12 08:01"),
    "clocks forward 2026": ("2026-03-27 16:58", 5, "2026-03-30 08:03"),
    "clocks back 2026": ("2026-10-23 16:58", 5, "2026-10-26 08:03"),
    "clocks forward 2027": ("2027-03-26 16:58", 5, "2027-03-29 08:03"),
    "clocks back 2027": ("2027-10-29 16:58", 5, "2027-11-01 08:03"),
    "into the new year": ("2026-12-31 16:58", 5, "2027-01-01 08:03"),
}


@pytest.mark.parametrize(("at", "minutes", "then"), PAUSES.values(), ids=PAUSES)
def test_a_school_that_pauses_counts_opening_hours_only(at: str, minutes: int, then: str) -> None:
    closed = frozenset({date(2026, 11, 10), date(2026, 11, 11)})
    assert replace(PAUSING, closures=closed).after(utc(at), minutes * MINUTE) == utc(then)


@pytest.mark.parametrize(
    ("change", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2027-03-28", 23), ("2027-10-31", 25)],
)
def test_the_day_on_which_the_clocks_change_has_as_many_hours_as_it_has(change: str, hours: int) -> None:
    boarding = Hours(frozenset(range(7)), time(0), time(23, 59, 59, 999999), outside=Outside.PAUSE)
    opens = utc(f"{change} 00:00")
    assert boarding.after(opens, (hours - 1) * HOUR) == opens + (hours - 1) * HOUR
    assert boarding.after(opens, hours * HOUR) - opens == hours * HOUR + timedelta(microseconds=1)
    assert Hours().after(opens, 3 * HOUR) == opens + 3 * HOUR


@pytest.mark.parametrize("hours", [Hours(), PAUSING, Hours(frozenset({6}), time(0), time(6), outside=Outside.PAUSE)])
@pytest.mark.parametrize("at", ["2026-10-25 00:40", "2027-03-28 00:40", "2027-10-31 01:59"])
def test_a_moment_told_in_another_zone_leads_to_the_same_moment(hours: Hours, at: str) -> None:
    here = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    for wait in (5 * MINUTE, 30 * MINUTE, 2 * HOUR):
        assert hours.after(here, wait).astimezone(UTC) == hours.after(here.astimezone(UTC), wait)
    plan = Plan("fact", PEOPLE, hours=hours)
    for one in (held(emergency=True, stage=4), held(about={"lead", "deputy", "head"}), held(stage=9)):
        assert step(one, plan, here).next_at.astimezone(UTC) == step(one, plan, here.astimezone(UTC)).next_at


def test_a_calendar_that_is_closed_for_longer_than_is_looked_ahead_holds_nothing_up() -> None:
    for hours in (
        replace(PAUSING, days=frozenset()),
        replace(PAUSING, closures=frozenset(date(2026, 10, 5) + n * DAY for n in range(LONGEST_PAUSE + 2))),
        replace(PAUSING, opens=time(17), closes=time(8)),
        replace(PAUSING, opens=time(8), closes=time(8)),
    ):
        assert hours.after(MONDAY, 5 * MINUTE) == MONDAY + 5 * MINUTE
        assert hours.end_of_next_day(MONDAY) > MONDAY


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-10-05 10:00", "2026-10-06 17:00"),
        ("2026-10-05 00:10", "2026-10-06 17:00"),
        ("2026-10-05 23:50", "2026-10-06 17:00"),
        ("2026-10-09 10:00", "2026-10-12 17:00"),
        ("2026-10-10 10:00", "2026-10-12 17:00"),
        ("2026-11-09 10:00", "2026-11-12 17:00"),
        ("2026-03-27 10:00", "2026-03-30 17:00"),
        ("2026-10-23 10:00", "2026-10-26 17:00"),
        ("2027-03-26 10:00", "2027-03-29 17:00"),
        ("2027-10-29 10:00", "2027-11-01 17:00"),
    ],
)
@pytest.mark.parametrize("outside", Outside)
def test_the_next_school_day_ends_when_the_school_closes(at: str, ends: str, outside: Outside) -> None:
    hours = Hours(outside=outside, closures=frozenset({date(2026, 11, 10), date(2026, 11, 11)}))
    assert hours.end_of_next_day(utc(at)) == utc(ends)


@pytest.mark.parametrize(
    ("at", "ended"),
    [
        ("2026-10-06 17:00", "2026-10-06 17:00"),
        ("2026-10-06 16:59", "2026-10-05 17:00"),
        ("2026-10-06 23:59", "2026-10-06 17:00"),
        ("2026-10-07 00:00", "2026-10-06 17:00"),
        ("2026-10-11 12:00", "2026-10-09 17:00"),
        ("2026-11-12 16:00", "2026-11-09 17:00"),
        ("2026-03-30 16:00", "2026-03-27 17:00"),
        ("2026-10-26 18:00", "2026-10-26 17:00"),
    ],
)
def test_the_latest_school_day_that_is_over_ended_when_the_school_closed(at: str, ended: str) -> None:
    hours = Hours(closures=frozenset({date(2026, 11, 10), date(2026, 11, 11)}))
    assert hours.last_end(utc(at)) == utc(ended)


def test_a_school_that_is_never_open_has_no_day_that_ended() -> None:
    assert Hours(days=frozenset()).last_end(MONDAY) is None


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-10-05 07:59", False),
        ("2026-10-05 08:00", True),
        ("2026-10-05 16:59", True),
        ("2026-10-05 17:00", False),
        ("2026-10-10 12:00", False),
        ("2026-11-10 12:00", False),
        ("2026-03-30 08:00", True),
        ("2026-10-26 08:00", True),
        ("2026-10-26 07:59", False),
    ],
)
def test_a_school_is_open_by_its_own_clocks(at: str, is_open: bool) -> None:
    assert Hours(closures=frozenset({date(2026, 11, 10)})).is_open(utc(at)) is is_open


def test_a_school_elsewhere_has_its_own_clocks() -> None:
    assert Hours(zone="Asia/Hong_Kong").is_open(datetime(2026, 10, 5, 1, 0, tzinfo=UTC))
    assert not Hours(zone="Asia/Hong_Kong").is_open(datetime(2026, 10, 5, 9, 0, tzinfo=UTC))


def test_outside_its_hours_a_pausing_school_tells_the_next_person_when_it_opens() -> None:
    plan = Plan("fact", PEOPLE, hours=PAUSING)
    friday = utc("2026-10-23 16:58")
    assert step(held(), plan, friday).next_at == utc("2026-10-26 08:03")
    assert step(held(handed_to="deputy"), plan, friday).next_at == utc("2026-10-26 08:08")
    assert told(held(), plan, 2, friday) == ["lead", "deputy"]
