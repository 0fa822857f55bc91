"""The same laws over the database, with a queue, deliveries that fail, and an engine whose rows are lost."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.database import audit
from adapters.database.connect import open_database
from adapters.escalations.outgoing import Pace
from adapters.escalations.rows import WITHDRAWN
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
    may_see,
)
from chatbot.model import Turn
from chatbot.plan import Contact, Plan
from chatbot.ports import Alert, DeliveryFailed
from chatbot.reply import Route, Status
from tests.contracts.around import failed
from tests.contracts.world import World
from tests.properties.escalations import DAY, MINUTE, lawful, settled

T = TypeVar("T")


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
        self.world = World(f"sqlite:///{path}", {"fact": HALL})
        self.world.stages = replace(self.world.stages, pace=Pace(bundle_at=1))
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
        self.changed(lambda: self.world.pass_time(by * MINUTE, most=5_000))

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
        for alert in self.world.box.came:
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
        assert {("bundle", one.key) for one in self.world.messages() if one.state == "due"} <= waiting

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
            world.box.bundled.clear()
            for _ in range(8):
                self.changed(lambda: world.pass_time(60 * MINUTE, most=5_000))
                world.watch.rescue()
            for reference, held in self.before.items():
                assert held.state is not State.POSSIBLE
                able = [c.id for c in HALL.chain(held.route) if c.id not in held.excluded]
                told = {a.contact.id for a in world.box.came if a.contact and a.held.reference == reference}
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
