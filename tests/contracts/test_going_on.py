"""Taken on, handed over, reopened; reminders; and messages brought up to date."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from chatbot.escalation import Acknowledge, Action, HandOver, Note, Reopen, State
from chatbot.plan import Plan
from chatbot.ports import Alert
from chatbot.reply import Route, Status
from tests.contracts.acts import DAY, DONE, SECOND, MakeWorld, acted, faults
from tests.contracts.around import failed
from tests.contracts.world import CHAIR, DEPUTY, HEAD, LEAD, PEOPLE, PLAN, STRANGER, World
from tests.talk import NOW


class TestGoingOn:
    """Taken on, handed over, reopened; reminders; and messages brought up to date."""

    def test_a_hand_over_tells_that_person_at_once_and_then_goes_on_down_the_chain(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge())
        after = acted(world, reference, HandOver("head"))
        assert (after.held.state, after.held.acknowledged_by) == (State.RAISED, "")
        world.pass_time()
        assert world.box.told == ["lead", "head"]
        held = world.held(reference)
        assert (held.state, held.told, held.handed_to) == (State.DELIVERED, "head", "")
        world.pass_time(HEAD.wait)
        assert len(world.box.told) == 3
        assert acted(world, reference, Acknowledge(), HEAD).held.acknowledged_by == "head"
        assert ("lead", "handed over") in world.history(reference)

    def test_handed_over_to_somebody_who_cannot_be_reached_it_goes_on(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge())
        world.box.down = lambda alert: failed("gone", for_good=True) if alert.contact == HEAD else None
        acted(world, reference, HandOver("head"))
        world.pass_time(HEAD.wait)
        assert world.box.told[1:] != []
        assert world.held(reference).state is State.DELIVERED

    def test_a_reopened_one_is_told_again_from_the_top(self, world: World) -> None:
        reference = world.report()
        world.pass_time(LEAD.wait)
        acted(world, reference, Acknowledge())
        acted(world, reference, DONE)
        world.pass_time(DAY)
        told = len(world.box.told)
        acted(world, reference, Reopen(), DEPUTY)
        world.pass_time(LEAD.wait + DEPUTY.wait)
        assert world.box.told[told:] == ["lead", "deputy", "head"]
        assert world.held(reference).state is State.DELIVERED
        assert acted(world, reference, Acknowledge()).changed

    def test_a_withdrawn_report_can_be_taken_up_again_by_the_dsl(self, world: World) -> None:
        turn = world.turn()
        reference = world.record(turn, status=Status.POSSIBLE)
        world.record(turn, status=Status.POSSIBLE, withdrawn=True)
        acted(world, reference, Reopen())
        world.pass_time()
        assert world.box.told == ["lead"]

    def test_taken_on_without_an_outcome_its_person_is_reminded_each_school_day(self, world: World) -> None:
        reference = world.report()
        world.pass_time()
        acted(world, reference, Acknowledge(), DEPUTY)
        first = PLAN.hours.end_of_next_day(NOW)
        world.pass_time(first - NOW - SECOND)
        assert world.box.told == ["lead"]
        world.pass_time(SECOND)
        assert world.box.told == ["lead", "deputy"]
        world.pass_time(DAY)
        assert world.box.told == ["lead", "deputy", "deputy"]
        keys = [alert.key for alert in world.box.delivered]
        assert len(set(keys)) == 3
        assert world.held(reference).state is State.ACKNOWLEDGED
        assert [what for _, what in world.history(reference)].count("reminded") == 2

    def test_nobody_is_reminded_once_there_is_an_outcome_or_it_was_handed_over(self, world: World) -> None:
        closed, handed = world.report(), world.report()
        for reference in (closed, handed):
            acted(world, reference, Acknowledge())
        acted(world, closed, DONE)
        acted(world, handed, HandOver("deputy"))
        acted(world, handed, Acknowledge(), DEPUTY)
        world.pass_time(3 * DAY)
        reminded = {alert.contact.id for alert in world.box.delivered if alert.contact and ":r" in alert.key}
        assert reminded == {"deputy"}

    def test_a_reminder_before_its_time_or_twice_is_none(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        world.stages.remind(reference)
        assert world.waiting("nudge") == []
        world.clock.at = PLAN.hours.end_of_next_day(NOW)
        for _ in range(3):
            world.stages.remind(reference)
        assert len(world.waiting("nudge")) == 1

    def test_a_reminder_that_fails_is_made_up_for_the_next_day(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge())
        world.box.faults = [failed()]
        world.pass_time(3 * DAY)
        assert world.box.told.count("lead") == 1 + world.box.tried - 2
        assert world.held(reference).state is State.ACKNOWLEDGED

    def test_when_its_person_has_left_the_plan_the_others_are_reminded(self, world: World) -> None:
        reference = world.report()
        acted(world, reference, Acknowledge(), DEPUTY)
        left = {"fact": Plan("fact", PEOPLE | {Route.DSL: (LEAD,)})}
        world.desk = replace(world.desk, plans=left)
        world.stages = replace(world.stages, desk=world.desk)
        world.pass_time(2 * DAY)
        assert "lead" in world.box.told
        assert "deputy" not in world.box.told

    def test_messages_sent_before_show_who_has_taken_it_on(self, world: World) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        acted(world, reference, Acknowledge(), DEPUTY)
        world.pass_time()
        assert {(alert.contact.id, alert.held.acknowledged_by) for alert, _ in world.box.updated if alert.contact} == {
            ("lead", "deputy"),
            ("deputy", "deputy"),
            ("head", "deputy"),
        }
        assert {message for _, message in world.box.updated} == {"message-1", "message-2", "message-3"}

    @pytest.mark.parametrize("action", [Acknowledge(), HandOver("deputy"), DONE, Reopen(), Note("x")])
    def test_every_change_of_hands_brings_the_messages_up_to_date(self, world: World, action: Action) -> None:
        reference = world.report()
        world.pass_time()
        if not isinstance(action, Acknowledge):
            acted(world, reference, Acknowledge())
        if isinstance(action, Reopen):
            acted(world, reference, DONE)
        world.pass_time()
        before = len(world.box.updated)
        acted(world, reference, action)
        assert bool(world.waiting("show")) is not isinstance(action, Note)
        world.pass_time()
        assert len(world.box.updated) - before == (0 if isinstance(action, Note) else 1)

    def test_a_message_that_cannot_be_brought_up_to_date_does_not_hold_up_the_others(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reference = world.report(emergency=True)
        world.pass_time()
        shown: list[Alert] = []

        def update(alert: Alert, _: str) -> None:
            shown.append(alert)
            raise failed("gone")

        monkeypatch.setattr(world.box, "update", update)
        acted(world, reference, Acknowledge())
        world.pass_time()
        assert len(shown) == 3


def test_the_clock_of_another_zone_keeps_the_same_trail(make_world: MakeWorld) -> None:
    """A clock may have any time zone: what is read back from the file is in UTC."""
    world = make_world()
    world.clock.at = NOW.astimezone(ZoneInfo("Europe/London"))
    reference = world.report()
    world.pass_time()
    acted(world, reference, Acknowledge())
    assert world.row(reference).at == NOW
    assert faults(world) == ()
    assert world.record(world.turn(school="other"))
    assert world.desk.pile_now("other", STRANGER.id)
    assert world.desk.pile_now("fact", CHAIR.id) == ()
