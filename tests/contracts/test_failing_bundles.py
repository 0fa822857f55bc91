"""Bundles that fail, or whose work is lost: the same guarantees as for a single alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from adapters.escalations import bundles
from adapters.escalations.outgoing import GATHER, LEASE, PAUSES, delivered
from chatbot.escalation import Acknowledge, State
from tests.contracts.acts import ALONE, SECOND, WORD, MakeWorld, acted, due, faults, flood, in_bundles
from tests.contracts.around import failed
from tests.contracts.world import DEPUTY, LEAD, MINUTE, World


class TestFailingBundles:
    """The same guarantees as for a single alert."""

    def test_it_is_tried_again_under_the_same_key_after_growing_pauses(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        world.box.faults = [failed("busy")]
        world.pass_time(GATHER)
        assert world.held(references[-1]).state is State.RAISED
        tries = [entry for entry in world.opened(references[-1]).trail if entry.what == "not delivered"]
        assert [entry.detail for entry in tries] == ["inbox lead busy bundled"]
        acted(world, references[-1], Acknowledge())
        key = world.messages()[0].key
        world.pass_time(PAUSES[0] * SECOND)
        assert in_bundles(world) == [references[ALONE:-1]]
        assert world.box.bundled[0][0].key == key
        assert world.held(references[-2]).state is State.DELIVERED

    def test_as_long_as_the_other_side_asks_for_is_waited(self, world: World) -> None:
        flood(world, ALONE + 3)
        world.pass_time(GATHER - SECOND)
        world.box.faults = [failed("429", retry_after=90)]
        world.pass_time(SECOND)
        assert due(world, "bundle").due > world.clock.now() + 89 * SECOND

    def test_while_it_does_not_get_through_the_next_person_is_told_without_waiting(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        world.box.down = lambda alert: failed() if alert.contact == LEAD else None
        world.pass_time(GATHER + (PAUSES[0] + 1) * SECOND, most=500)
        came = [alert.held.reference for alert in world.box.delivered if alert.contact == DEPUTY]
        assert sorted(came) == sorted(references[ALONE:])
        assert {world.held(reference).state for reference in references[ALONE:]} == {State.DELIVERED}
        told = [what for _, what in world.history(references[-1])]
        assert told.count("not delivered") == 1
        assert told.count("nobody reached") == 1

    def test_one_that_fails_for_good_is_not_repeated_and_the_next_person_is_told_at_once(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        world.box.down = lambda alert: failed("gone", for_good=True) if alert.contact == LEAD else None
        world.pass_time(GATHER)
        assert world.messages()[0].state == "failed"
        assert {world.held(reference).told for reference in references[ALONE:]} == {"deputy"}
        assert {world.held(reference).state for reference in references[ALONE:]} == {State.DELIVERED}

    def test_where_nobody_can_be_reached_it_says_so_and_goes_on_trying(self, world: World) -> None:
        world.box.down = lambda _: failed()
        references = flood(world, 12)
        world.pass_time(3 * MINUTE, most=5_000)
        assert {world.held(reference).failing for reference in references} == {True}
        world.box.down = lambda _: None
        world.pass_time(MINUTE, most=5_000)
        assert {row.state for row in world.rows()} == {"delivered"}
        assert not any(row.failing for row in world.rows())
        assert faults(world) == ()

    def test_after_an_outage_each_report_comes_through_once_to_each_place(self, world: World) -> None:
        world.box.down = lambda _: failed()
        references = flood(world, 9)
        world.pass_time(10 * MINUTE, most=20_000)
        world.box.down = lambda _: None
        world.pass_time(MINUTE, most=5_000)
        came = [(alert.contact and alert.contact.id, alert.held.reference) for alert in world.box.came]
        assert len(came) == len(set(came))
        assert {reference for _, reference in came} == set(references)

    def test_a_fault_of_the_notifier_is_a_failed_delivery(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        references = [world.report(f"she said {WORD}") for _ in range(ALONE + 2)]
        world.pass_time(GATHER - SECOND)
        world.box.faults = [RuntimeError("odd")]
        world.pass_time(MINUTE)
        assert world.held(references[-1]).state is State.DELIVERED
        assert WORD not in caplog.text

    def test_a_means_that_is_not_set_up_any_more_is_a_failed_delivery(self, world: World) -> None:
        references = flood(world, ALONE + 2)
        world.stages = replace(world.stages, notifiers={})
        world.pass_time(GATHER)
        tries = [entry for entry in world.opened(references[-1]).trail if entry.what == "not delivered"]
        assert [entry.detail for entry in tries] == ["inbox lead fault bundled"]

    def test_its_work_was_lost_between_making_and_sending(self, either: MakeWorld) -> None:
        world = either()
        references = flood(world, ALONE + 3)
        world.lose_queue()
        world.clock.move(GATHER + 2 * MINUTE)
        assert world.box.bundled == []
        world.watch.rescue()
        world.watch.rescue()
        world.pass_time()
        assert in_bundles(world) == [references[ALONE:]]
        world.watch.rescue()
        assert world.waiting("bundle") == []

    def test_what_a_dead_process_was_sending_is_sent_again_when_its_lease_is_over(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        (bundle,) = world.messages()

        def die() -> None:
            raise KeyboardInterrupt

        world.clock.move(GATHER)
        world.box.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            world.stages.bundles.send(bundle.key)
        world.stages.bundles.send(bundle.key)
        assert world.box.bundled == []
        late = flood(world, 1)
        world.pass_time(LEASE + 2 * SECOND)
        assert in_bundles(world) == [references[ALONE:]]
        assert world.held(late[0]).state is State.DELIVERED

    def test_dead_while_writing_down_that_it_was_sent_the_rest_is_sent_again_under_the_same_key(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        references = flood(world, ALONE + 5)
        (bundle,) = world.messages()
        settled: list[str] = []

        def die_at_the_fourth(*what: Any) -> None:
            if len(settled) == 3:
                raise KeyboardInterrupt
            settled.append(what[2])
            delivered(*what)

        monkeypatch.setattr(bundles, "SOME", 2)
        monkeypatch.setattr(bundles, "delivered", die_at_the_fourth)
        world.clock.move(GATHER)
        with pytest.raises(KeyboardInterrupt):
            world.stages.bundles.send(bundle.key)
        monkeypatch.undo()
        world.lose_queue()
        world.clock.move(LEASE + 2 * MINUTE)
        world.watch.rescue()
        world.pass_time()
        first, again = world.box.bundled
        assert first[0].key == again[0].key
        assert sorted(alert.held.reference for alert in again) == sorted(set(references[ALONE:]) - set(settled[:2]))
        assert {world.held(reference).state for reference in references} == {State.DELIVERED}
        assert [what for _, what in world.history(settled[0])].count("delivered") == 1
        assert faults(world) == ()

    def test_two_who_send_it_at_once_send_it_once(self, world: World) -> None:
        flood(world, ALONE + 3)
        (bundle,) = world.messages()
        world.clock.move(GATHER)
        world.box.meanwhile = partial(world.stages.bundles.send, bundle.key)
        world.stages.bundles.send(bundle.key)
        world.pass_time(2 * MINUTE)
        assert len(world.box.bundled) == 1

    def test_an_attempt_that_fails_after_another_got_through_changes_nothing(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        (bundle,) = world.messages()

        def overtake() -> None:
            world.clock.move(LEASE + SECOND)
            world.stages.bundles.send(bundle.key)
            world.box.faults = [failed()]

        world.clock.move(GATHER)
        world.box.meanwhile = overtake
        world.stages.bundles.send(bundle.key)
        world.pass_time(2 * MINUTE)
        assert len(world.box.bundled) == 1
        assert {world.held(reference).state for reference in references} == {State.DELIVERED}

    def test_sent_shown_or_looked_for_where_there_is_none_nothing_happens(self, world: World) -> None:
        world.stages.bundles.send("bundle:R-NONE22:0:inbox:lead")
        assert world.box.tried == 0
        assert world.stages.unsent(timedelta()) == []


def test_an_alert_of_a_bundle_is_never_sent_by_itself(world: World) -> None:
    flood(world, ALONE + 2)
    tried = world.box.tried
    for one in world.deliveries():
        world.stages.send(one.key)
    assert world.box.tried == tried
