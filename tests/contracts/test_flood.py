"""Many reports within a minute: all recorded, all delivered, and not as hundreds of messages to one place."""

from __future__ import annotations

import pytest

from adapters.escalations.watch import health
from chatbot.escalation import Acknowledge
from chatbot.ports import Alert
from tests.contracts.acts import ALONE, HOUR, MakeWorld, acted, faults, flood
from tests.contracts.around import at_once, failed
from tests.contracts.world import MINUTE, STRANGER, World


class TestAFlood:
    """On both databases."""

    @pytest.mark.parametrize("people", [1, 50])
    def test_five_hundred_reports_in_a_minute_are_all_delivered_in_a_few_messages(
        self, either: MakeWorld, people: int
    ) -> None:
        world = either()
        references = []
        for number in range(500):
            references.append(world.report(f"report {number}", speaker=f"person {number % people}"))
            world.pass_time(MINUTE / 500)
        world.pass_time(MINUTE)
        assert {row.reference for row in world.rows()} == set(references)
        assert {row.state for row in world.rows()} == {"delivered"}
        assert sorted(alert.held.reference for alert in world.box.came) == sorted(references)
        assert len(world.box.delivered) == ALONE
        assert 1 <= len(world.box.bundled) <= 4
        assert {one.state for one in world.deliveries()} == {"sent"}
        for reference in references:
            assert [what for _, what in world.history(reference)] == ["raised", "told", "delivered"]
        assert health(world.engine, world.clock.now()).well
        assert faults(world) == ()

    def test_alerts_made_by_eight_at_once_are_counted_right_and_share_one_bundle(self, either: MakeWorld) -> None:
        world = either()
        references = [world.report() for _ in range(32)]

        def tell(number: int) -> None:
            for reference in references[number::8]:
                world.stages.tell(reference, 0)

        assert at_once(tell, 8) == [None] * 8
        assert len([one for one in world.deliveries() if not one.bundle]) == ALONE
        assert len(world.messages()) == 1
        world.pass_time(MINUTE)
        assert [len(alerts) for alerts in world.box.bundled] == [32 - ALONE]
        assert faults(world) == ()

    def test_a_bundle_that_is_sent_while_alerts_are_being_made_loses_none(self, either: MakeWorld) -> None:
        world = either()
        flood(world, ALONE + 1)
        (bundle,) = world.messages()
        references = [world.report() for _ in range(24)]

        def work(number: int) -> None:
            if number == 3:
                world.stages.bundles.send(bundle.key)
            else:
                for reference in references[number::8]:
                    world.stages.tell(reference, 0)

        assert at_once(work, 8) == [None] * 8
        world.pass_time(MINUTE)
        assert {row.state for row in world.rows()} == {"delivered"}
        assert len(world.box.came) == ALONE + 1 + 24
        assert faults(world) == ()

    def test_presses_deliveries_and_new_alerts_at_once_do_not_stand_in_each_others_way(self, either: MakeWorld) -> None:
        world = either()
        references = flood(world, 40)
        (bundle,) = world.messages()
        world.box.faults = [failed()]

        def work(number: int) -> None:
            if number == 0:
                world.stages.bundles.send(bundle.key)
            elif number < 5:
                for reference in references[number::8]:
                    acted(world, reference, Acknowledge())
            else:
                for reference in references[number::8]:
                    world.stages.tell(reference, 1)

        assert at_once(work, 8) == [None] * 8
        world.pass_time(HOUR, most=5_000)
        assert {row.state for row in world.rows()} == {"acknowledged", "delivered"}
        assert faults(world) == ()


def test_strangers_of_another_school_learn_nothing_of_a_flood(world: World) -> None:
    flood(world, 20)
    world.pass_time(HOUR, most=5_000)
    told: set[Alert] = {alert for alert in world.box.came if alert.contact == STRANGER}
    assert told == set()
