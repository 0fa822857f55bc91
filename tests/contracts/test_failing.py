"""Deliveries that fail: nothing is lost or held up, and it says so."""

from __future__ import annotations

import pytest

from adapters.database import audit
from adapters.escalations.outgoing import LEASE, PAUSES
from adapters.escalations.watch import health
from chatbot.escalation import State
from tests.contracts.acts import HOUR, SECOND, WORD, MakeWorld, due, faults
from tests.contracts.around import Letterbox, failed
from tests.contracts.world import LEAD, MINUTE, PLAN, World
from tests.talk import NOW


class TestFailing:
    """Deliveries that fail: tried again, and the next person told without waiting."""

    def test_an_attempt_that_fails_after_another_got_through_is_not_made_again(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key

        def overtake() -> None:
            world.clock.move(LEASE + SECOND)
            world.stages.send(key)
            world.box.faults = [failed()]

        world.box.meanwhile = overtake
        world.stages.send(key)
        world.pass_time(2 * MINUTE)
        assert world.box.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED

    def test_a_failed_delivery_is_tried_again_after_growing_pauses(self, world: World) -> None:
        reference = world.report()
        world.box.faults = [failed()]
        world.pass_time()
        assert world.held(reference).state is State.RAISED
        assert due(world, "send").due == NOW + PAUSES[0] * SECOND
        world.pass_time(PAUSES[0] * SECOND)
        assert world.box.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED
        assert ("chatbot", "not delivered") in world.history(reference)

    def test_as_long_as_the_other_side_asks_for_is_waited(self, world: World) -> None:
        world.report()
        world.box.faults = [failed("429", retry_after=90)]
        world.pass_time()
        assert due(world, "send").due == NOW + 90 * SECOND

    def test_a_fault_of_the_notifier_is_a_failed_delivery(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        reference = world.report(f"she said {WORD}")
        world.box.faults = [RuntimeError("odd")]
        world.pass_time(MINUTE)
        assert world.box.told[0] == "lead"
        assert world.held(reference).state is State.DELIVERED
        assert WORD not in caplog.text

    def test_while_one_person_cannot_be_reached_the_next_is_told_without_waiting(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda alert: failed() if alert.contact == LEAD else None
        world.pass_time(PAUSES[0] * SECOND)
        assert world.box.told == ["deputy"]
        held = world.held(reference)
        assert (held.state, held.failing) == (State.DELIVERED, False)

    def test_a_delivery_that_failed_for_good_is_not_repeated_and_the_next_person_is_told_at_once(
        self, world: World
    ) -> None:
        reference = world.report()
        world.box.down = lambda alert: failed("gone", for_good=True) if alert.contact == LEAD else None
        world.pass_time()
        assert world.box.told == ["deputy"]
        came = {(one.contact, one.state, one.attempts) for one in world.deliveries()}
        assert came == {("lead", "failed", 1), ("deputy", "sent", 1)}
        assert world.held(reference).failing is False

    def test_where_nobody_can_be_reached_it_says_so_at_once_and_goes_on_trying(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda _: failed("gone", for_good=True)
        world.pass_time()
        held = world.held(reference)
        assert (held.failing, held.state) == (True, State.RAISED)
        assert {one.contact for one in world.deliveries()} == {"lead", "deputy", "head"}
        assert held.next_at is not None
        assert held.next_at > world.clock.now()
        world.box.down = lambda _: None
        world.pass_time(HOUR)
        held = world.held(reference)
        assert (held.failing, held.state) == (False, State.DELIVERED)

    def test_an_outage_of_hours_is_neither_a_storm_nor_the_end(self, world: World) -> None:
        reference = world.report()
        world.box.down = lambda _: failed()
        world.pass_time(PAUSES[0] * SECOND * 10)
        assert world.held(reference).failing
        stages = world.row(reference).stage
        world.pass_time(30 * MINUTE, most=1_000)
        assert world.row(reference).stage - stages <= 3
        world.box.down = lambda _: None
        world.pass_time(MINUTE)
        held = world.held(reference)
        assert (held.failing, held.state) == (False, State.DELIVERED)
        assert sorted(world.box.told) == ["deputy", "head", "lead"]
        assert faults(world) == ()

    def test_whom_no_means_reaches_does_not_hold_it_up_and_that_nobody_was_reached_is_said(
        self, make_world: MakeWorld
    ) -> None:
        box = Letterbox(unreached=frozenset({"lead"}))
        world = make_world({"fact": PLAN}, box)
        reference = world.report()
        world.pass_time()
        assert box.told == ["deputy"]
        assert world.row(reference).state == "delivered"

    def test_where_no_means_reaches_anybody_the_reporter_learns_it_at_once(self, make_world: MakeWorld) -> None:
        box = Letterbox(unreached=frozenset({"lead", "deputy", "head"}))
        world = make_world({"fact": PLAN}, box)
        reference = world.report()
        world.pass_time()
        held = world.held(reference)
        assert (held.failing, held.state) == (True, State.RAISED)
        assert held.next_at is not None
        assert held.next_at > world.clock.now()
        with world.engine.connect() as connection:
            assert not health(world.engine, world.clock.now() + 3 * MINUTE).well
            assert audit.verify(connection).faults == ()

    def test_everyone_is_told_by_every_means_that_reaches_them(self, make_world: MakeWorld) -> None:
        inbox, mail = Letterbox(), Letterbox("email", unreached=frozenset({"deputy"}))
        world = make_world({"fact": PLAN}, inbox, mail)
        world.report()
        world.pass_time(LEAD.wait)
        assert (inbox.told, mail.told) == (["lead", "deputy"], ["lead"])

    def test_one_means_that_fails_for_good_does_not_hurry_while_another_got_through(
        self, make_world: MakeWorld
    ) -> None:
        inbox, mail = Letterbox(), Letterbox("email", down=lambda _: failed("refused", for_good=True))
        world = make_world({"fact": PLAN}, inbox, mail)
        reference = world.report()
        world.pass_time()
        assert inbox.told == ["lead"]
        assert world.held(reference).state is State.DELIVERED
        assert not world.held(reference).failing
