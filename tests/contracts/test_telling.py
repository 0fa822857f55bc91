"""Alerts: armed before they are sent, sent once, to whom they should."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.escalations.outgoing import LEASE
from chatbot.escalation import Acknowledge, Note, State
from chatbot.reply import Route
from tests.contracts.acts import HOUR, SECOND, WORD, MakeWorld, acted, due
from tests.contracts.around import Letterbox, at_once
from tests.contracts.world import DEPUTY, HEAD, LEAD, MINUTE, PLAN, World
from tests.talk import NOW


class TestTelling:
    """Alerts: armed before they are sent, sent once, to whom they should."""

    def test_the_next_alert_is_armed_before_this_one_is_sent(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        assert world.box.tried == 0
        assert due(world, "tell").args == (reference, 1)
        assert due(world, "tell").due == NOW + LEAD.wait
        assert due(world, "send").due == NOW
        row = world.row(reference)
        assert (row.state, row.stage, row.told, row.next_at) == ("raised", 1, "lead", NOW + LEAD.wait)

    def test_told_twice_is_one_alert(self, world: World) -> None:
        reference = world.report()
        for _ in range(3):
            world.stages.tell(reference, 0)
        assert world.row(reference).stage == 1
        assert len(world.deliveries()) == 1
        assert [what for _, what in world.history(reference)].count("told") == 1

    def test_told_by_eight_at_once_is_one_alert(self, world: World) -> None:
        reference = world.report()
        assert at_once(lambda _: world.stages.tell(reference, 0), 8) == [None] * 8
        assert len(world.deliveries()) == 1

    def test_a_stage_that_never_was_or_is_long_past_does_nothing(self, world: World) -> None:
        reference = world.report()
        world.pass_time(HOUR)
        before = world.row(reference)
        for stage in (-1, 0, 1, 99):
            world.stages.tell(reference, stage)
        world.stages.tell("R-NONE22", 0)
        world.stages.send("R-NONE22:0:inbox:lead")
        world.stages.show("R-NONE22")
        world.stages.remind("R-NONE22")
        world.stages.nudge("R-NONE22:r0:inbox:lead")
        world.desk.unconfirmed("R-NONE22")
        assert world.row(reference) == before

    def test_down_the_chain_until_somebody_takes_it_on(self, world: World) -> None:
        reference = world.report()
        world.pass_time(31 * MINUTE)
        assert world.box.told == ["lead", "deputy", "head", "lead"]
        acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.box.told == ["lead", "deputy", "head", "lead"]
        assert world.held(reference).acknowledged_by == "head"

    def test_an_alert_that_got_through_is_delivered_and_says_so(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        held = world.held(reference)
        assert (held.state, held.failing, held.told) == (State.DELIVERED, False, "lead")
        assert world.history(reference) == [("reporter", "raised"), ("chatbot", "told"), ("chatbot", "delivered")]
        alert = world.box.delivered[0]
        assert (alert.contact, alert.held.reference, alert.channel) == (LEAD, reference, "")

    def test_sent_twice_is_sent_once(self, world: World) -> None:
        world.report()
        world.pass_time()
        key = world.deliveries()[0].key
        for _ in range(3):
            world.stages.send(key)
        assert world.box.told == ["lead"]

    def test_two_who_send_the_same_at_once_send_it_once(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key
        world.box.meanwhile = lambda: world.stages.send(key)
        world.stages.send(key)
        assert world.box.told == ["lead"]
        world.pass_time(2 * MINUTE)
        assert world.box.told == ["lead"]

    def test_what_a_dead_process_was_sending_is_sent_again_when_its_lease_is_over(self, world: World) -> None:
        world.report()
        world.carry_out(due(world, "tell"))
        key = world.deliveries()[0].key

        def die() -> None:
            raise KeyboardInterrupt

        world.box.meanwhile = die
        with pytest.raises(KeyboardInterrupt):
            world.stages.send(key)
        world.stages.send(key)
        assert world.box.told == []
        world.pass_time(LEASE + 2 * SECOND)
        assert world.box.told == ["lead"]
        assert world.deliveries()[0].state == "sent"

    def test_taken_on_before_it_was_sent_it_is_not_sent_any_more(self, world: World) -> None:
        reference = world.report()
        world.carry_out(due(world, "tell"))
        acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.box.tried == 0
        assert world.deliveries()[0].state == "dropped"

    def test_taken_on_while_it_is_being_sent_it_stays_taken_on(self, world: World) -> None:
        reference = world.report()
        world.box.meanwhile = lambda: acted(world, reference, Acknowledge(), HEAD)
        world.pass_time(HOUR)
        assert world.held(reference).acknowledged_by == "head"
        assert world.held(reference).state is State.ACKNOWLEDGED

    def test_an_emergency_tells_everyone_of_the_chain_at_once_and_again(self, world: World) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        assert sorted(world.box.told) == ["deputy", "head", "lead"]
        assert world.row(reference).told == "lead,deputy,head"
        world.pass_time(2 * MINUTE)
        assert sorted(world.box.told) == ["deputy"] * 2 + ["head"] * 2 + ["lead"] * 2
        acted(world, reference, Acknowledge(), DEPUTY)
        world.pass_time(HOUR)
        assert len(world.box.told) == 6

    def test_the_channel_of_a_route_is_told_once_with_the_first_person(self, make_world: MakeWorld) -> None:
        box = Letterbox("slack")
        plan = replace(PLAN, channels={Route.DSL: {"slack": "C0DSL", "teams": "19:dsl@thread.tacv2"}})
        world = make_world({"fact": plan}, box)
        world.report()
        world.pass_time(LEAD.wait)
        assert sorted(box.told) == ["C0DSL", "deputy", "lead"]
        channel = next(alert for alert in box.delivered if alert.contact is None)
        assert channel.channel == "C0DSL"

    @pytest.mark.parametrize("emergency", [False, True])
    def test_a_channel_is_not_told_where_somebody_may_read_it_whom_it_is_about(
        self, make_world: MakeWorld, emergency: bool
    ) -> None:
        box = Letterbox("slack")
        plan = replace(PLAN, channels={Route.HEADTEACHER: {"slack": "C0HEAD"}})
        world = make_world({"fact": plan}, box)
        world.report("carl small hit a boy", Route.HEADTEACHER, emergency=emergency)
        world.pass_time(20 * MINUTE)
        assert set(box.told) == {"chair"}

    def test_an_address_with_colons_is_a_channel_like_any_other(self, make_world: MakeWorld) -> None:
        box = Letterbox("teams")
        world = make_world({"fact": replace(PLAN, channels={Route.DSL: {"teams": "19:dsl@thread.tacv2"}})}, box)
        world.report()
        world.pass_time()
        assert sorted(box.told) == ["19:dsl@thread.tacv2", "lead"]

    def test_whom_it_is_about_gets_no_message_whatever_happens(self, world: World) -> None:
        reference = world.report("carl small hit a boy", Route.HEADTEACHER)
        urgent = world.report("carl small hit a boy", Route.HEADTEACHER, emergency=True)
        own = world.report("i was too rough", Route.HEADTEACHER, speaker="head")
        above = world.report("the head hit a boy", Route.CHAIR_OF_GOVERNORS)
        world.pass_time(HOUR)
        assert set(world.box.told) == {"chair"}
        assert {world.row(one).state for one in (reference, urgent, own, above)} == {"delivered"}

    def test_no_alert_and_no_line_of_queue_or_trail_holds_a_word(self, world: World) -> None:
        reference = world.report(f"{WORD} was hit")
        acted(world, reference, Note(WORD))
        world.pass_time(HOUR)
        assert WORD not in repr(world.box.delivered)
        assert WORD not in repr(world.waiting())
        assert WORD not in repr(world.opened(reference).trail)
