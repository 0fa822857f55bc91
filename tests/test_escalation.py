"""An escalation's life: who is told and when, who may do what with it. safeguarding.md is the law."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chatbot.escalation import (
    Acknowledge,
    Action,
    Close,
    HandOver,
    Held,
    Note,
    Refusal,
    Reopen,
    State,
    act,
    may_see,
    step,
)
from chatbot.plan import Plan, Timings
from chatbot.reply import Route
from tests.plans import DAY, DEPUTY, HOUR, LEAD, MINUTE, MONDAY, PAUSING, PEOPLE, PLAN, held, pauses, told, utc


def test_one_after_the_other_is_told_and_then_from_the_top_again() -> None:
    assert told(held(), alerts=7) == ["lead", "deputy", "head", "lead", "deputy", "head", "lead"]


def test_each_has_their_own_time_which_doubles_each_round_up_to_the_cap() -> None:
    assert pauses(held(), alerts=13) == [5, 10, 15, 10, 20, 30, 20, 40, 60, 40, 60, 60, 60]


def test_after_a_year_of_alerts_the_pause_is_still_the_cap() -> None:
    assert pauses(held(stage=1_000_000), alerts=3) == [60, 60, 60]


def test_the_first_pause_does_not_exceed_the_cap_either() -> None:
    plan = Plan("fact", PEOPLE, timings=Timings(repeat_cap=3 * MINUTE))
    assert pauses(held(), plan, 4) == [3, 3, 3, 3]


def test_an_emergency_tells_everyone_on_the_route_and_above_at_once() -> None:
    assert told(held(emergency=True), alerts=3) == ["lead deputy head"] * 3


def test_an_emergency_is_repeated_with_growing_pauses_up_to_the_cap() -> None:
    assert pauses(held(emergency=True), alerts=7) == [2, 4, 8, 16, 32, 60, 60]


def test_an_emergency_waits_neither_for_opening_hours_nor_for_a_rota() -> None:
    off = replace(LEAD, days=frozenset({5}))
    plan = Plan("fact", PEOPLE | {Route.DSL: (off, DEPUTY)}, hours=PAUSING)
    midnight = datetime(2026, 10, 4, 0, 30, tzinfo=UTC)
    assert told(held(emergency=True), plan, at=midnight) == ["lead deputy head"]
    assert pauses(held(emergency=True), plan, 2, midnight) == [2, 4]


def test_whoever_it_was_handed_to_is_told_next_and_has_their_time() -> None:
    assert told(held(stage=1, handed_to="head"), alerts=3) == ["head", "head", "lead"]
    assert pauses(held(stage=1, handed_to="head")) == [15]


def test_a_hand_over_to_somebody_who_has_left_the_plan_goes_on_down_the_chain() -> None:
    assert told(held(stage=1, handed_to="gone")) == ["deputy"]


def test_whom_it_is_about_is_left_out_and_the_others_are_told() -> None:
    assert told(held(about={"lead"}), alerts=3) == ["deputy", "head", "deputy"]
    assert told(held(about={"lead"}, emergency=True)) == ["deputy head"]
    assert told(held(about={"head"}, handed_to="head"), alerts=2) == ["lead", "deputy"]


@pytest.mark.parametrize("emergency", [False, True])
def test_where_nobody_may_be_told_it_is_tried_again_all_the_same(emergency: bool) -> None:
    due = step(held(about={"lead", "deputy", "head"}, emergency=emergency), PLAN, MONDAY)
    assert due.contacts == ()
    assert due.next_at == MONDAY + 10 * MINUTE


def test_people_off_their_rota_are_left_out_while_somebody_else_is_there() -> None:
    plan = Plan("fact", {Route.DSL: (replace(LEAD, days=frozenset({0, 2})), replace(DEPUTY, days=frozenset({1})))})
    assert told(held(), plan, 2, MONDAY) == ["lead", "lead"]
    assert told(held(), plan, 2, MONDAY + DAY) == ["deputy", "deputy"]


def test_a_day_without_anybody_on_duty_tells_everybody_in_turn() -> None:
    plan = Plan("fact", {Route.DSL: (replace(LEAD, days=frozenset({0})), replace(DEPUTY, days=frozenset({1})))})
    assert told(held(), plan, 2, MONDAY + 2 * DAY) == ["lead", "deputy"]


def test_whom_it_is_about_does_not_count_as_somebody_on_duty() -> None:
    plan = Plan("fact", {Route.DSL: (replace(LEAD, days=frozenset({0})), replace(DEPUTY, days=frozenset({1})))})
    assert told(held(about={"lead"}), plan, 2) == ["deputy", "deputy"]


def test_the_day_of_the_rota_is_that_of_the_school_and_not_of_greenwich() -> None:
    plan = Plan("fact", {Route.DSL: (replace(LEAD, days=frozenset({0})), replace(DEPUTY, days=frozenset({1})))})
    tuesday_in_london = datetime(2026, 6, 1, 23, 30, tzinfo=UTC)
    assert told(held(), plan, at=tuesday_in_london) == ["deputy"]


def test_no_waiting_time_at_all_is_still_not_a_storm_of_alerts() -> None:
    people = {Route.DSL: (replace(LEAD, wait=timedelta()), replace(DEPUTY, wait=-MINUTE))}
    hurried = Timings(repeat_cap=timedelta(), emergency_repeat=timedelta(), confirm=timedelta())
    for plan in (Plan("fact", people), Plan("fact", people, timings=hurried)):
        nobody = held(about={"lead", "deputy"})
        for one in (held(), held(stage=1), held(emergency=True), nobody, held(handed_to="lead")):
            assert step(one, plan, MONDAY).next_at >= MONDAY + timedelta(seconds=1)


# Who may see it


@pytest.mark.parametrize(
    ("route", "sees"),
    [
        (Route.DSL, {"lead", "deputy", "head"}),
        (Route.HEADTEACHER, {"head", "chair"}),
        (Route.CHAIR_OF_GOVERNORS, {"chair"}),
    ],
)
def test_only_the_people_of_its_chain_may_see_an_escalation(route: Route, sees: set[str]) -> None:
    everybody = ["lead", "deputy", "head", "chair", "stranger", "reporter", ""]
    assert {one for one in everybody if may_see(one, held(route=route), PLAN)} == sees


@pytest.mark.parametrize("state", State)
def test_whom_it_is_about_may_not_see_it_in_any_state(state: State) -> None:
    assert not may_see("lead", held(state, about={"lead"}), PLAN)
    assert may_see("deputy", held(state, about={"lead"}), PLAN)


# What may be done with it

DONE = Close("Referred to social care", "CPOMS 123")
ACTIONS: dict[str, Action] = {
    "acknowledge": Acknowledge(),
    "note": Note("rang mum"),
    "hand over": HandOver("head"),
    "close": DONE,
    "reopen": Reopen(),
}
COMES = {
    "acknowledge": (Refusal.POSSIBLE, State.ACKNOWLEDGED, State.ACKNOWLEDGED, Refusal.TAKEN, Refusal.CLOSED),
    "note": (Refusal.POSSIBLE, State.RAISED, State.DELIVERED, State.ACKNOWLEDGED, State.CLOSED),
    "hand over": (Refusal.POSSIBLE, State.RAISED, State.RAISED, State.RAISED, Refusal.CLOSED),
    "close": (Refusal.POSSIBLE, Refusal.NOT_ACKNOWLEDGED, Refusal.NOT_ACKNOWLEDGED, State.CLOSED, Refusal.CLOSED),
    "reopen": (Refusal.POSSIBLE, Refusal.NOT_CLOSED, Refusal.NOT_CLOSED, Refusal.NOT_CLOSED, State.RAISED),
}
"""For each action by the deputy what it comes to in each state, in the order of State."""


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", State)
def test_each_action_in_each_state(action: str, state: State) -> None:
    after = act(held(state), ACTIONS[action], "deputy", PLAN, MONDAY)
    assert (after if isinstance(after, Refusal) else after.state) == COMES[action][list(State).index(state)]


@pytest.mark.parametrize("who", ["lead", "chair", "stranger", "reporter", ""])
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", State)
def test_to_whom_it_is_about_and_to_strangers_every_action_says_that_there_is_none(
    who: str, action: str, state: State
) -> None:
    assert act(held(state, about={"lead"}), ACTIONS[action], who, PLAN, MONDAY) is Refusal.UNKNOWN


def acted(one: Held, action: Action, contact: str = "deputy", at: datetime = MONDAY) -> Held:
    after = act(one, action, contact, PLAN, at)
    assert isinstance(after, Held)
    return after


def test_who_takes_it_on_is_named_and_is_reminded_at_the_end_of_the_next_school_day() -> None:
    after = acted(held(State.DELIVERED), Acknowledge(), at=utc("2026-10-09 10:00"))
    assert (after.acknowledged_by, after.acknowledged_at) == ("deputy", utc("2026-10-09 10:00"))
    assert after.next_at == utc("2026-10-12 17:00")


def test_pressing_twice_is_a_success_and_changes_nothing() -> None:
    once = acted(held(), Acknowledge())
    assert acted(once, Acknowledge(), at=MONDAY + HOUR) == once


def test_a_note_changes_nothing_but_is_allowed_even_when_it_is_closed() -> None:
    assert acted(held(State.CLOSED), Note("found the book")) == held(State.CLOSED)


def test_a_hand_over_tells_the_other_at_once_and_nobody_has_it_until_they_say_so() -> None:
    after = acted(held(State.ACKNOWLEDGED, stage=4), HandOver("head"), "lead")
    assert (after.state, after.handed_to, after.next_at) == (State.RAISED, "head", MONDAY)
    assert (after.acknowledged_by, after.acknowledged_at) == ("", None)
    assert told(after) == ["head"]
    assert acted(after, Acknowledge(), "head").acknowledged_by == "head"


@pytest.mark.parametrize("to", ["deputy", "lead", "chair", "stranger", ""])
def test_it_is_not_handed_to_whom_it_is_about_nor_to_strangers_nor_to_oneself(to: str) -> None:
    before = held(State.ACKNOWLEDGED, about={"lead"})
    assert act(before, HandOver(to), "deputy", PLAN, MONDAY) is Refusal.BAD_CONTACT


@pytest.mark.parametrize("action", [Close("", "CPOMS 1"), Close("Done", ""), Close(" \n", " "), Close("Done", "\t")])
def test_it_is_not_closed_without_an_outcome_and_where_the_record_lives(action: Close) -> None:
    assert act(held(State.ACKNOWLEDGED), action, "lead", PLAN, MONDAY) is Refusal.NO_OUTCOME


def test_closing_keeps_who_had_it_and_what_came_of_it() -> None:
    after = acted(held(State.ACKNOWLEDGED), Close(" Referred \n", " CPOMS 1 "), at=MONDAY + DAY)
    assert (after.outcome, after.closed_at, after.next_at) == ("Referred", MONDAY + DAY, None)
    assert after.acknowledged_by == "lead"


def test_a_reopened_one_is_told_from_the_top_as_if_it_were_new() -> None:
    after = acted(held(State.CLOSED, stage=9), Reopen(), at=MONDAY + DAY)
    assert (after.state, after.next_at, after.closed_at, after.outcome) == (State.RAISED, MONDAY + DAY, None, "")
    assert (after.acknowledged_by, after.acknowledged_at) == ("", None)
    assert told(after, alerts=3, at=MONDAY + DAY) == ["lead", "deputy", "head"]
    assert pauses(after, alerts=2, at=MONDAY + DAY) == [5, 10]
