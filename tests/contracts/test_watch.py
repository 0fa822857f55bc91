"""The watch: our own rows are enough to go on from."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.escalations.watch import health
from chatbot.escalation import Acknowledge, State
from chatbot.reply import Status
from tests.contracts.acts import DAY, DONE, acted, due
from tests.contracts.around import failed, jobs
from tests.contracts.world import LEAD, MINUTE, World


class TestTheWatch:
    """Our own rows are enough to go on from."""

    @pytest.mark.parametrize("moment", ["recorded", "told", "delivered"])
    def test_with_every_row_of_the_engine_gone_it_goes_on(self, world: World, moment: str) -> None:
        reference = world.report()
        if moment != "recorded":
            world.carry_out(due(world, "tell"))
        if moment == "delivered":
            world.pass_time()
        world.lose_queue()
        world.clock.move(LEAD.wait + 2 * MINUTE)
        assert world.watch.rescue() == 1
        world.pass_time()
        assert world.held(reference).state is State.DELIVERED
        acted(world, reference, Acknowledge())

    def test_a_possible_report_and_a_reminder_are_found_too(self, world: World) -> None:
        possible = world.record(world.turn(), status=Status.POSSIBLE)
        taken = world.report()
        acted(world, taken, Acknowledge())
        world.lose_queue()
        world.clock.move(3 * DAY)
        assert world.watch.rescue() == 2
        world.pass_time()
        assert world.held(possible).state is State.DELIVERED
        assert world.waiting("remind") != []
        assert world.watch.rescue() == 0

    def test_a_message_whose_work_was_lost_is_sent(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        with world.engine.begin() as connection:
            connection.execute(jobs.delete().where(jobs.c.work == "send"))
        world.pass_time(2 * MINUTE)
        assert world.box.told == []
        world.watch.rescue()
        world.pass_time()
        assert world.box.told == ["lead"]
        world.watch.rescue()
        assert world.waiting("send") == []

    @pytest.mark.parametrize("asked", [None, 240])
    def test_a_message_that_will_be_tried_again_anyway_is_left_to_its_pauses(
        self, world: World, asked: float | None
    ) -> None:
        world.report(emergency=True)
        world.box.down = lambda _: failed("429", retry_after=asked)
        tried = []
        for _ in range(16):
            before = world.box.tried
            world.pass_time(MINUTE, most=100)
            world.watch.rescue()
            tried.append(world.box.tried - before)
        world.pass_time()
        assert max(tried[8:]) <= 3 * 8  # three people, each every 15 seconds, and an alert that begins anew
        assert len(world.waiting("send")) <= 3 * 6

    def test_what_is_in_time_or_closed_is_left_alone(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        acted(world, reference, DONE)
        world.report()
        world.pass_time()
        assert world.watch.rescue() == 0

    def test_looked_at_again_and_again_it_is_enqueued_once_a_minute(self, world: World) -> None:
        world.report()
        world.lose_queue()
        world.clock.move(5 * MINUTE)
        for _ in range(3):
            world.watch.rescue()
        assert len(world.waiting()) == 1

    def test_a_thousand_open_ones_are_looked_through_without_touching_them(self, world: World) -> None:
        for _ in range(20):
            world.report()
        world.pass_time()
        found = health(world.engine, world.clock.now())
        assert (found.open, found.undelivered, found.well) == (20, 0, True)

    def test_how_it_stands_is_told_from_the_rows(self, world: World) -> None:
        reference = world.report()
        world.clock.move(3 * MINUTE)
        found = health(world.engine, world.clock.now())
        assert (found.open, found.undelivered, found.lag, found.well) == (1, 1, 3 * MINUTE, False)
        assert found.oldest_unacknowledged == 3 * MINUTE
        world.pass_time()
        acted(world, reference, Acknowledge())
        found = health(world.engine, world.clock.now())
        assert (found.oldest_unacknowledged, found.undelivered, found.well) == (timedelta(), 0, True)
