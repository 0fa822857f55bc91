"""Bundles of alerts: what goes into one, what it holds when it is sent, and what it shows afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.escalations.bundles import SHOWN
from adapters.escalations.outgoing import GATHER
from chatbot.escalation import Acknowledge, Reopen, State
from chatbot.plan import Plan
from chatbot.reply import Route, Status
from tests.contracts.acts import ALONE, DONE, HOUR, SECOND, WORD, MakeWorld, acted, flood, in_bundles
from tests.contracts.around import Letterbox, failed
from tests.contracts.world import DEPUTY, LEAD, MINUTE, PLAN, World


class TestABundle:
    """What goes into one, and what it holds when it is sent."""

    def test_the_first_go_by_themselves_and_the_others_wait_for_each_other(self, world: World) -> None:
        references = flood(world, 10)
        assert [alert.held.reference for alert in world.box.delivered] == references[:ALONE]
        world.clock.move(GATHER / 2)
        later = flood(world, 2)
        world.pass_time(GATHER / 2 - SECOND)
        assert world.box.bundled == []
        assert world.held(references[-1]).state is State.RAISED
        world.pass_time(SECOND)
        (alerts,) = world.box.bundled
        assert sorted(alert.held.reference for alert in alerts) == sorted([*references[ALONE:], *later])
        assert {(alert.contact, alert.channel, alert.key) for alert in alerts} == {(LEAD, "", alerts[0].key)}
        assert world.held(references[-1]).state is State.DELIVERED
        trail = world.opened(references[-1]).trail
        assert next(entry.detail for entry in trail if entry.what == "delivered") == "inbox lead bundled"

    def test_the_most_urgent_stand_first(self, world: World) -> None:
        unconfirmed = world.record(world.turn(), status=Status.POSSIBLE)
        world.clock.move(PLAN.timings.confirm - SECOND)
        references = flood(world, 9)
        world.pass_time(MINUTE)
        (alerts,) = world.box.bundled
        assert [alert.held.reference for alert in alerts] == [unconfirmed, *references[ALONE:]]

    def test_an_emergency_is_never_bundled(self, world: World) -> None:
        flood(world, 20)
        reference = world.report(emergency=True)
        world.pass_time()
        came = [alert.contact for alert in world.box.delivered if alert.held.reference == reference]
        assert len(came) == 3
        assert world.held(reference).state is State.DELIVERED
        world.pass_time(HOUR, most=5_000)
        assert reference not in {one for bundle in in_bundles(world) for one in bundle}

    def test_after_a_quiet_minute_an_alert_goes_by_itself_again(self, world: World) -> None:
        flood(world, 20)
        world.pass_time(MINUTE + SECOND)
        reference = world.report()
        world.pass_time()
        assert world.box.delivered[-1].held.reference == reference

    def test_each_place_is_counted_by_itself(self, make_world: MakeWorld) -> None:
        inbox, mail = Letterbox(), Letterbox("email", unreached=frozenset({"lead"}))
        plan = replace(PLAN, channels={Route.DSL: {"inbox": "C0DSL"}})
        world = make_world({"fact": plan}, inbox, mail)
        flood(world, ALONE)
        assert (inbox.told.count("lead"), inbox.told.count("C0DSL")) == (ALONE, ALONE)
        flood(world, 2)
        world.pass_time(GATHER)
        to = [(alerts[0].contact, alerts[0].channel, len(alerts)) for alerts in inbox.bundled]
        assert sorted(to, key=lambda one: one[1]) == [(LEAD, "", 2), (None, "C0DSL", 2)]
        assert mail.came == []

    def test_a_bundle_is_of_one_school(self, make_world: MakeWorld) -> None:
        plans = {school: Plan(school, {Route.DSL: (LEAD,)}) for school in ("fact", "other")}
        world = make_world(plans)
        flood(world, 10)
        flood(world, 3, school="other")
        world.pass_time(GATHER)
        schools = [{alert.held.school for alert in alerts} for alerts in world.box.bundled]
        assert sorted(map(sorted, schools)) == [["fact"], ["other"]]
        assert sorted(map(len, world.box.bundled)) == [3, 10 - ALONE]

    def test_whom_one_is_about_gets_it_in_no_bundle(self, make_world: MakeWorld) -> None:
        world = make_world()
        for number in range(12):
            text = "carl small hit a boy" if number % 2 else "someone on staff hit a boy"
            world.record(world.turn(text), Route.HEADTEACHER)
        world.pass_time(HOUR, most=5_000)
        about_head = {row.reference for row in world.rows() if "head" in row.excluded}
        assert about_head
        for alert in world.box.came:
            if alert.held.reference in about_head:
                assert alert.contact is not None
                assert alert.contact.id == "chair"

    def test_it_holds_no_word(self, world: World) -> None:
        for _ in range(9):
            world.report(f"{WORD} was hit")
        world.pass_time(MINUTE)
        assert WORD not in repr(world.box.bundled)
        assert WORD not in repr(world.messages())
        assert WORD not in repr(world.waiting())

    def test_what_was_taken_on_meanwhile_drops_out(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        acted(world, references[-1], Acknowledge(), DEPUTY)
        world.pass_time(GATHER)
        assert in_bundles(world) == [references[ALONE:-1]]
        (gone,) = [one for one in world.deliveries() if one.reference == references[-1]]
        assert (gone.state, gone.attempts) == ("dropped", 0)
        assert world.held(references[-1]).acknowledged_by == "deputy"

    def test_one_that_is_left_goes_as_it_would_by_itself(self, world: World) -> None:
        references = flood(world, ALONE + 2)
        acted(world, references[-1], Acknowledge())
        world.pass_time(GATHER)
        assert world.box.bundled == []
        assert world.box.delivered[-1].held.reference == references[-2]
        acted(world, references[-2], Acknowledge())
        world.pass_time(SHOWN)
        assert world.box.updated[-1][0].held.reference == references[-2]
        assert world.box.updated_bundles == []

    def test_where_none_is_left_nothing_is_sent(self, world: World) -> None:
        references = flood(world, ALONE + 2)
        for reference in references[-2:]:
            acted(world, reference, Acknowledge())
        tried = world.box.tried
        world.pass_time(HOUR, most=5_000)
        assert world.box.bundled == []
        assert tried == ALONE
        assert world.messages()[0].state == "dropped"

    def test_taken_on_while_it_is_being_sent_it_stays_taken_on(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        world.box.meanwhile = lambda: acted(world, references[-1], Acknowledge(), DEPUTY)
        world.pass_time(GATHER)
        assert len(world.box.bundled[0]) == 3
        assert world.held(references[-1]).state is State.ACKNOWLEDGED
        assert world.held(references[-2]).state is State.DELIVERED

    def test_a_bundle_shows_how_many_of_it_are_still_open(self, world: World) -> None:
        references = flood(world, ALONE + 3)
        world.pass_time(GATHER)
        acted(world, references[-1], Acknowledge(), DEPUTY)
        world.pass_time(SHOWN)
        ((alerts, message),) = world.box.updated_bundles
        assert message == "bundle-1"
        states = {alert.held.reference: alert.held.state for alert in alerts}
        assert states == {
            references[-3]: State.DELIVERED, references[-2]: State.DELIVERED, references[-1]: State.ACKNOWLEDGED
        }  # fmt: skip
        acted(world, references[-1], DONE, DEPUTY)
        acted(world, references[-1], Reopen(), DEPUTY)
        world.pass_time(SHOWN)
        assert len(world.box.updated_bundles) == 2
        states = {alert.held.reference: alert.held.state for alert in world.box.updated_bundles[-1][0]}
        assert states[references[-1]] is State.RAISED

    def test_many_changes_bring_it_up_to_date_a_few_times_and_after_the_last(self, world: World) -> None:
        references = flood(world, ALONE + 30)
        world.pass_time(GATHER)
        for reference in references[ALONE:]:
            acted(world, reference, Acknowledge(), DEPUTY)
            world.pass_time(SHOWN / 15)
        world.pass_time(SHOWN)
        assert len(world.box.updated_bundles) <= 4
        assert {alert.held.state for alert in world.box.updated_bundles[-1][0]} == {State.ACKNOWLEDGED}

    def test_a_bundle_that_cannot_be_brought_up_to_date_holds_up_nothing(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        references = flood(world, ALONE + 3)
        world.pass_time(GATHER)

        def refuse(*_: object) -> None:
            raise failed("gone")

        monkeypatch.setattr(world.box, "update_bundle", refuse)
        acted(world, references[-1], Acknowledge())
        world.pass_time(SHOWN)
        assert world.waiting("show-bundle") == []
