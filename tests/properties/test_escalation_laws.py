"""The laws of an escalation, whatever the plan, the hour and the order in which people press: safeguarding.md."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.database import audit
from adapters.database.connect import open_database
from adapters.escalations.rows import WITHDRAWN
from chatbot.about import excluded
from chatbot.escalation import (
    OPEN,
    Acknowledge,
    Acted,
    Action,
    Close,
    HandOver,
    Held,
    Note,
    Opened,
    Refusal,
    Reopen,
    State,
    act,
    may_see,
    step,
)
from chatbot.model import Turn
from chatbot.plan import Contact, Hours, Outside, Plan, Timings
from chatbot.ports import Alert, DeliveryFailed
from chatbot.reply import Route, Status
from tests.contracts.conftest import World, failed

T = TypeVar("T")
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 12, 31, tzinfo=UTC))
CHANGES = tuple(datetime.fromisoformat(f"{day}T00:00+00:00") for day in ("2026-03-29", "2026-10-25", "2027-03-28"))
SURNAMES = ("Patel", "O’Brien", "Small", "Church", "Smith-Jones", "Müller")
ZONES = ("Europe/London", "UTC", "America/New_York", "Pacific/Auckland")

# Plans, hours and escalations as they may be

ids = st.sampled_from([f"p{number}" for number in range(6)])
people = st.lists(ids, max_size=4, unique=True)
weekdays = st.frozensets(st.integers(0, 6))
waits = st.integers(0, 180).map(lambda minutes: minutes * MINUTE)
moments = st.one_of(
    st.datetimes(YEARS[0].replace(tzinfo=None), YEARS[1].replace(tzinfo=None), timezones=st.just(UTC)),
    st.builds(lambda day, hour: day + hour * MINUTE, st.sampled_from(CHANGES), st.integers(-3000, 3000)),
)


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    """A calendar; opening and closing in the right order."""
    opens, closes = sorted(draw(st.tuples(st.times(), st.times())))
    start = draw(st.dates(date(2026, 1, 1), date(2027, 12, 31)))
    closures = frozenset(start + n * DAY for n in range(draw(st.integers(0, 40))))
    zone, outside = draw(st.sampled_from(ZONES)), draw(st.sampled_from(Outside))
    return Hours(draw(weekdays), opens.replace(fold=0), closes.replace(fold=0), zone, closures, outside)


@st.composite
def plans(draw: st.DrawFn, *, always_on_duty: bool = False) -> Plan:
    """A school's plan: some of six people on each route, in any order, perhaps the same person on several."""
    days = st.just(frozenset(range(7))) if always_on_duty else weekdays
    known = {f"p{n}": Contact(f"p{n}", f"Pat {name}", draw(waits), days=draw(days)) for n, name in enumerate(SURNAMES)}
    routes = {route: tuple(known[one] for one in draw(people)) for route in Route}
    timings = Timings(draw(waits), draw(waits), draw(waits))
    return Plan("fact", routes, hours=draw(some_hours()), timings=timings)


@st.composite
def escalations(draw: st.DrawFn, states: st.SearchStrategy[State] | None = None) -> Held:
    """An escalation in any state, as the desk would hold it."""
    state = draw(st.sampled_from(State) if states is None else states)
    taken = state is State.ACKNOWLEDGED or (state is State.CLOSED and draw(st.booleans()))
    closed = state is State.CLOSED
    return Held(
        "R-ABCDEF", "fact", draw(st.sampled_from(Route)), state, draw(st.booleans()), draw(st.booleans()), "reporter",
        YEARS[0], draw(st.one_of(st.integers(0, 30), st.integers(0, 10**6))),
        next_at=None if closed else YEARS[0], handed_to=draw(st.one_of(st.just(""), ids)),
        excluded=frozenset(draw(people)), failing=draw(st.booleans()),
        acknowledged_by=draw(ids) if taken else "", acknowledged_at=YEARS[0] if taken else None,
        closed_at=YEARS[0] if closed else None, outcome="done" if closed else "",
    )  # fmt: skip


actions: st.SearchStrategy[Action] = st.one_of(
    st.just(Acknowledge()),
    st.text(max_size=5).map(Note),
    st.one_of(ids, st.text(max_size=3)).map(HandOver),
    st.builds(Close, st.text(max_size=3), st.text(max_size=3)),
    st.just(Close("done", "CPOMS 1")),
    st.just(Reopen()),
)


# Time


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


def lawful(before: Held, after: Held, action: Action | None, who: str) -> bool:
    """Whether `action` by `who` may have led from one to the other; None for what the bot does by itself."""
    if before.state is State.ACKNOWLEDGED and after.state in OPEN:
        return isinstance(action, HandOver)
    if before.state is State.CLOSED and after.state is not State.CLOSED:
        return isinstance(action, Reopen)
    if after.state is State.CLOSED and before.state is not State.CLOSED:
        return isinstance(action, Close) and before.state is State.ACKNOWLEDGED and bool(after.outcome)
    if after.state is State.ACKNOWLEDGED and before.state is not State.ACKNOWLEDGED:
        return isinstance(action, Acknowledge) and after.acknowledged_by == who
    if before.state is State.ACKNOWLEDGED:
        return after.acknowledged_by == before.acknowledged_by
    return after.state is not State.POSSIBLE or before.state is State.POSSIBLE


def settled(held: Held) -> bool:
    """Whether the parts of an escalation go together: one that is not closed always has a next step."""
    return (
        (held.next_at is None) is (held.state is State.CLOSED)
        and (held.closed_at is not None) is (held.state is State.CLOSED)
        and (bool(held.acknowledged_by) or held.state is not State.ACKNOWLEDGED)
        and (not held.acknowledged_by or held.state in (State.ACKNOWLEDGED, State.CLOSED))
    )


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


# The same over the database, with a queue, deliveries that fail, and an engine whose rows are lost

_EMPTY = Path(tempfile.mkdtemp()) / "empty.db"


def empty_file() -> Path:
    """A database with its tables, made once."""
    if not _EMPTY.exists():
        open_database(f"sqlite:///{_EMPTY}").dispose()
    return _EMPTY


KNOWN = {
    name: Contact(name, f"Pat {surname}", wait * MINUTE, days=frozenset(days))
    for name, surname, wait, days in (
        ("lead", "Patel", 5, range(7)),
        ("deputy", "O’Brien", 10, (0, 2, 4)),
        ("head", "Small", 15, range(7)),
        ("chair", "Church", 15, range(7)),
    )
}
HALL = Plan(
    "fact",
    {
        Route.DSL: (KNOWN["lead"], KNOWN["deputy"]),
        Route.HEADTEACHER: (KNOWN["head"], KNOWN["deputy"]),
        Route.CHAIR_OF_GOVERNORS: (KNOWN["chair"],),
    },
    channels={route: {"inbox": f"channel of {route}"} for route in Route},
)
somebody = st.sampled_from([*KNOWN, "stranger", "reporter", ""])
texts = st.sampled_from(
    ["a bruise", "pat small hit a boy", "mrs o'brien's hand", "the dsl shouted", "the head hit her", "patel and church"]
)
pressed: st.SearchStrategy[Action] = st.one_of(
    st.just(Acknowledge()),
    st.just(Note("rang mum")),
    st.sampled_from(list(KNOWN)).map(HandOver),
    st.just(Close("done", "CPOMS 1")),
    st.just(Reopen()),
)


class ADesk(RuleBasedStateMachine):
    """Reports, presses, deliveries and losses in any order: no report is lost, stuck, or shown to whom it is about."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "desk.db"
        shutil.copyfile(empty_file(), path)
        self.world = World(path, {"fact": HALL})
        self.world.box.down = self.fault
        self.faulty: DeliveryFailed | None = None
        self.before: dict[str, Held] = {}
        self.turns: dict[str, tuple[Turn, Route]] = {}
        self.lost = False

    def fault(self, _: Alert) -> DeliveryFailed | None:
        return self.faulty

    def everything(self) -> dict[str, Held]:
        """All escalations, seen from above every permission."""
        held = self.world.desk.standing_now("c")
        return {one.reference: one for one in held}

    def changed(self, work: Callable[[], T], by: Action | None = None, who: str = "") -> T:
        """Do it, and look whether every escalation went from one lawful state to the next."""
        done = work()
        now = self.everything()
        assert now.keys() >= self.before.keys()
        for reference, held in now.items():
            assert settled(held), held
            before = self.before.get(reference)
            if before is None or before == held:
                continue
            assert held.excluded == before.excluded
            if before.state is State.POSSIBLE:
                assert held.state is State.POSSIBLE or held.state in OPEN
            else:
                assert lawful(before, held, by, who), (before, held, by, who)
        self.before = now
        return done

    @initialize(text=texts, route=st.sampled_from(Route), emergency=st.booleans(), who=somebody)
    def begin(self, text: str, route: Route, emergency: bool, who: str) -> None:
        self.report(text, route, emergency, False, who)

    @rule(text=texts, route=st.sampled_from(Route), emergency=st.booleans(), possible=st.booleans(), who=somebody)
    def report(self, text: str, route: Route, emergency: bool, possible: bool, who: str) -> None:
        turn = self.world.turn(text, conversation="c", speaker=who)
        status = Status.POSSIBLE if possible else Status.RAISED
        reference = self.changed(lambda: self.world.record(turn, route, status, emergency=emergency))
        self.turns[reference] = (turn, route)

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), yes=st.booleans())
    def answer(self, data: st.DataObject, yes: bool) -> None:
        reference = data.draw(st.sampled_from(sorted(self.turns)))
        turn, route = self.turns[reference]
        before = self.before[reference]
        status = Status.RAISED if yes else Status.POSSIBLE
        self.world.record(turn, route, status, withdrawn=not yes)
        after = self.everything()[reference]
        if before.state is not State.POSSIBLE and not (yes and before.outcome == WITHDRAWN):
            assert after == before
        else:
            assert after.state is (State.RAISED if yes else State.CLOSED)
        self.before = self.everything()

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), action=pressed, who=somebody)
    def press(self, data: st.DataObject, action: Action, who: str) -> None:
        reference = data.draw(st.sampled_from(sorted(self.turns)))
        before = self.before[reference]
        came = self.changed(lambda: self.world.desk.act_now(reference, action, who), action, who)
        if not may_see(who, before, HALL):
            assert came is Refusal.UNKNOWN
            assert self.before[reference] == before
        elif isinstance(came, Acted):
            assert came.held == self.before[reference]
            assert came.changed or came.held == before

    @precondition(lambda self: self.turns)
    @rule(data=st.data(), who=somebody)
    def look(self, data: st.DataObject, who: str) -> None:
        reference = data.draw(st.sampled_from(sorted(self.turns)))
        held = self.before[reference]
        opened = self.changed(lambda: self.world.desk.open_now(reference, who))
        assert isinstance(opened, Opened) is may_see(who, held, HALL)
        seen = {one.reference for one in self.world.desk.pile_now("fact", who)}
        assert (reference in seen) is may_see(who, held, HALL)

    @rule(fault=st.sampled_from([None, failed(), failed("gone", for_good=True), failed("429", retry_after=120)]))
    def the_network_changes(self, fault: DeliveryFailed | None) -> None:
        self.faulty = fault

    @rule(by=st.integers(0, 40))
    def time_passes(self, by: int) -> None:
        self.changed(lambda: self.world.pass_time(by * MINUTE, most=2_000))

    @rule()
    def one_piece_of_work_is_done_twice(self) -> None:
        jobs = self.world.waiting()
        if jobs:
            self.changed(lambda: self.world.carry_out(jobs[0]))
            self.changed(lambda: self.world.carry_out(jobs[0]))

    @rule()
    def the_rows_of_the_engine_are_lost(self) -> None:
        self.world.lose_queue()
        self.lost = True

    @rule()
    def the_watch_looks(self) -> None:
        self.changed(self.world.watch.rescue)

    @invariant()
    def whom_it_is_about_and_strangers_were_told_nothing(self) -> None:
        for alert in self.world.box.delivered:
            held = alert.held
            if alert.contact is None:
                assert not held.excluded
            else:
                assert may_see(alert.contact.id, held, HALL)

    @invariant()
    def every_next_step_is_in_the_queue(self) -> None:
        if self.lost:
            return
        waiting = {(job.work, str(job.args[0])) for job in self.world.waiting()}
        needed = {State.POSSIBLE: "confirm", State.ACKNOWLEDGED: "remind"}
        for reference, held in self.before.items():
            if held.state is not State.CLOSED:
                assert (needed.get(held.state, "tell"), reference) in waiting

    def teardown(self) -> None:
        """Once the network is back, everybody whom it concerns is told within hours; and somebody ends it."""
        world = self.world
        try:
            self.faulty = None
            while (world.clock.at + DAY).weekday() != 2:  # a day on which everybody is on duty
                world.clock.at += DAY
            world.clock.at = (world.clock.at + DAY).replace(hour=9)
            world.watch.rescue()
            world.box.delivered.clear()
            for _ in range(8):
                self.changed(lambda: world.pass_time(60 * MINUTE, most=5_000))
                world.watch.rescue()
            for reference, held in self.before.items():
                assert held.state is not State.POSSIBLE
                able = [c.id for c in HALL.chain(held.route) if c.id not in held.excluded]
                told = {a.contact.id for a in world.box.delivered if a.contact and a.held.reference == reference}
                if held.state not in OPEN:
                    continue
                assert held.failing is not bool(able)
                assert (held.state is State.DELIVERED) is bool(able)
                assert told == set(able)
                if able:
                    assert isinstance(world.desk.act_now(reference, Acknowledge(), able[0]), Acted)
                    assert isinstance(world.desk.act_now(reference, Close("done", "x"), able[0]), Acted)
            with world.engine.connect() as connection:
                assert audit.verify(connection).faults == ()
        finally:
            world.close()
            self.folder.cleanup()


TestADesk = ADesk.TestCase
TestADesk.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    phases=(Phase.generate,),  # a failing run takes minutes to shorten
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
