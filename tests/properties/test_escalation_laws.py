"""The laws of an escalation, whatever the plan, the hour and the order in which people press: safeguarding.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from chatbot.about import excluded
from chatbot.escalation import (
    OPEN,
    Acknowledge,
    Action,
    Close,
    Held,
    Refusal,
    State,
    act,
    may_see,
    step,
)
from chatbot.plan import Hours, Outside, Plan
from chatbot.reply import Route
from tests.properties.escalations import (
    DAY,
    ZONES,
    actions,
    escalations,
    ids,
    lawful,
    moments,
    plans,
    settled,
    some_hours,
    waits,
)


def opening_time(hours: Hours, since: datetime, until: datetime) -> timedelta:
    """How long the school is open between two moments, added up day by day on its own clocks."""
    zone, total = ZoneInfo(hours.zone), timedelta()
    day = since.astimezone(zone).date() - DAY
    while day <= until.astimezone(zone).date() + DAY:
        if day.weekday() in hours.days and day not in hours.closures:
            opens = max(datetime.combine(day, hours.opens, zone).astimezone(UTC), since)
            closes = min(datetime.combine(day, hours.closes, zone).astimezone(UTC), until)
            total += max(timedelta(), closes - opens)
        day += DAY
    return total


@given(some_hours(), moments, waits)
def test_exactly_as_much_opening_time_passes_as_was_to_be_waited(hours: Hours, at: datetime, wait: timedelta) -> None:
    then = hours.after(at, wait)
    assert then >= at + wait
    if hours.outside is Outside.CONTINUE:
        assert then == at + wait
    elif then != at + wait:  # not closed for so long that the calendar is left aside
        assert opening_time(hours, at, then) == wait


@given(some_hours(), moments, waits, st.sampled_from(ZONES))
def test_the_zone_that_a_moment_is_told_in_changes_nothing(
    hours: Hours, at: datetime, wait: timedelta, zone: str
) -> None:
    there = at.astimezone(ZoneInfo(zone))
    assert hours.after(there, wait) == hours.after(at, wait)
    assert hours.end_of_next_day(there) == hours.end_of_next_day(at)
    assert hours.is_open(there) == hours.is_open(at)


@given(some_hours(), moments, moments, waits)
def test_who_begins_to_wait_later_is_not_done_earlier(
    hours: Hours, one: datetime, other: datetime, wait: timedelta
) -> None:
    first, second = sorted((one, other))
    ends = hours.after(first, wait), hours.after(second, wait)
    assume(all(end - at < 300 * DAY for at, end in zip((first, second), ends, strict=True)))
    assume(any(hours.is_school_day(date(2026, 1, 1) + n * DAY) for n in range(7)) or hours.outside is Outside.CONTINUE)
    assert ends[0] <= ends[1]


@given(some_hours(), moments)
def test_the_next_school_day_ends_later_than_today_and_on_a_school_day(hours: Hours, at: datetime) -> None:
    zone = ZoneInfo(hours.zone)
    ends = hours.end_of_next_day(at)
    assert ends > at
    if ends != at + DAY:
        day = ends.astimezone(zone).date()
        assert day > at.astimezone(zone).date()
        assert hours.is_school_day(day)
        between = (at.astimezone(zone).date() + n * DAY for n in range(1, (day - at.astimezone(zone).date()).days))
        assert not any(hours.is_school_day(one) for one in between)


# Who is told


@given(escalations(), plans(), moments)
def test_there_is_always_a_next_step_and_it_lies_ahead(held: Held, plan: Plan, at: datetime) -> None:
    due = step(held, plan, at)
    assert due.next_at >= at + timedelta(seconds=1)


@given(escalations(), plans(), moments)
def test_whoever_is_told_may_see_it_and_is_not_whom_it_is_about(held: Held, plan: Plan, at: datetime) -> None:
    due = step(held, plan, at)
    assert not {contact.id for contact in due.contacts} & held.excluded
    assert all(may_see(contact.id, held, plan) for contact in due.contacts)
    able = [contact for contact in plan.chain(held.route) if contact.id not in held.excluded]
    assert bool(due.contacts) is bool(able)
    if held.emergency:
        assert list(due.contacts) == able


@given(escalations(st.just(State.RAISED)), plans(always_on_duty=True), moments)
def test_everybody_who_may_be_told_is_told_once_each_round(held: Held, plan: Plan, at: datetime) -> None:
    held = replace(held, emergency=False, handed_to="", stage=0)
    able = [contact.id for contact in plan.chain(held.route) if contact.id not in held.excluded]
    told = []
    for stage in range(3 * len(able)):
        due = step(replace(held, stage=stage), plan, at)
        told.append(due.contacts[0].id)
        at = due.next_at
    assert told == able * 3


@given(escalations(st.just(State.RAISED)), plans(always_on_duty=True), moments)
def test_pauses_grow_from_round_to_round_and_never_exceed_the_cap(held: Held, plan: Plan, at: datetime) -> None:
    plan = replace(plan, hours=Hours())
    held = replace(held, handed_to="")
    able = [contact for contact in plan.chain(held.route) if contact.id not in held.excluded]
    size = 1 if held.emergency else max(1, len(able))
    rounds = [
        [step(replace(held, stage=size * number + place), plan, at).next_at - at for number in range(14)]
        for place in range(size)
    ]
    for pauses in rounds:
        assert all(earlier <= later for earlier, later in pairwise(pauses))
        assert max(pauses) <= max(plan.timings.repeat_cap, timedelta(seconds=1))


@given(plans(), st.sampled_from([Route.HEADTEACHER, Route.CHAIR_OF_GOVERNORS]), st.lists(st.text(max_size=8)), ids)
def test_whom_it_may_be_about_grows_with_the_words(plan: Plan, route: Route, words: list[str], named: str) -> None:
    contact = plan.contact(named)
    assume(contact is not None)
    assert contact is not None
    before = excluded(words, route, plan)
    surname = contact.name.split()[-1].lower().replace("’", "'")
    # On the last step a bare surname may be an everyday word: there it takes a title.
    last_step = any(one.id == named for one in plan.people.get(Route.CHAIR_OF_GOVERNORS, ()))
    bare = () if last_step else (surname, f"{surname}'s", f"{surname}'")
    for form in (*bare, f"mr.{surname}"):
        after = excluded([*words, ".", form], route, plan)
        assert named in after
        assert before <= after
    assert excluded(words, Route.DSL, plan, named) == frozenset()
    assert named in excluded(words, route, plan, named)


# What people may do


@given(escalations(), plans(), actions, ids, moments)
def test_an_action_by_whom_it_is_about_changes_nothing(
    held: Held, plan: Plan, action: Action, who: str, at: datetime
) -> None:
    about = replace(held, excluded=held.excluded | {who})
    assert not may_see(who, about, plan)
    assert act(about, action, who, plan, at) is Refusal.UNKNOWN


@given(escalations(), plans(), actions, ids, moments)
def test_nobody_but_a_person_who_may_changes_who_has_it(
    held: Held, plan: Plan, action: Action, who: str, at: datetime
) -> None:
    after = act(held, action, who, plan, at)
    if isinstance(after, Refusal):
        return
    assert may_see(who, held, plan)
    assert lawful(held, after, action, who)
    assert settled(after)
    kept = {"reference", "school", "route", "emergency", "unconfirmed", "reporter", "at", "excluded", "drill"}
    assert all(getattr(after, name) == getattr(held, name) for name in kept)
    if after.handed_to != held.handed_to:
        assert may_see(after.handed_to, held, plan)


class OnePile(RuleBasedStateMachine):
    """One escalation, told and pressed in any order, with the steps that the bot takes by itself."""

    @initialize(plan=plans(), held=escalations(st.just(State.RAISED)), at=moments)
    def begin(self, plan: Plan, held: Held, at: datetime) -> None:
        self.plan, self.at = plan, at
        self.held = replace(held, stage=0, handed_to="", failing=False, next_at=at)
        self.told: set[str] = set()

    @rule()
    def an_alert_falls_due(self) -> None:
        if self.held.state not in OPEN:
            return
        assert self.held.next_at is not None
        self.at = max(self.at, self.held.next_at)
        due = step(self.held, self.plan, self.at)
        told = ",".join(contact.id for contact in due.contacts)
        self.told |= {contact.id for contact in due.contacts}
        handed = self.held.handed_to
        if handed and may_see(handed, self.held, self.plan):
            assert handed in {contact.id for contact in due.contacts}
        self.held = replace(self.held, stage=self.held.stage + 1, next_at=due.next_at, handed_to="", told=told)

    @rule()
    def it_gets_through(self) -> None:
        if self.held.state is State.RAISED and self.held.told:
            self.held = replace(self.held, state=State.DELIVERED)

    @rule(action=actions, who=ids)
    def somebody_presses(self, action: Action, who: str) -> None:
        after = act(self.held, action, who, self.plan, self.at)
        if isinstance(after, Refusal):
            return
        assert who not in self.held.excluded
        assert lawful(self.held, after, action, who)
        self.held = after

    @rule(by=waits)
    def time_passes(self, by: timedelta) -> None:
        self.at += by

    @invariant()
    def its_parts_go_together(self) -> None:
        if hasattr(self, "held"):
            assert settled(self.held)

    @invariant()
    def whom_it_is_about_was_told_nothing(self) -> None:
        if hasattr(self, "held"):
            assert not self.told & self.held.excluded

    def teardown(self) -> None:
        """Whatever has happened, whoever may take it on still can, and can end it."""
        if not hasattr(self, "held"):
            return
        able = [c.id for c in self.plan.chain(self.held.route) if c.id not in self.held.excluded]
        if not able or self.held.state is State.CLOSED:
            return
        taken = act(self.held, Acknowledge(), able[0], self.plan, self.at)
        if taken is Refusal.TAKEN:
            taken = self.held
        assert isinstance(taken, Held)
        ended = act(taken, Close("done", "CPOMS 1"), able[0], self.plan, self.at)
        assert isinstance(ended, Held)
        assert ended.state is State.CLOSED


TestOnePile = OnePile.TestCase
TestOnePile.settings = settings(max_examples=150, stateful_step_count=40)
