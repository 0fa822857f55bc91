"""An escalation's life: who is told and when, who may do what with it. safeguarding.md is the law."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from chatbot.about import excluded
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
from chatbot.plan import LONGEST_PAUSE, Contact, Hours, Outside, Plan, Timings
from chatbot.reply import Route

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
LEAD = Contact("lead", "Anna Patel", 5 * MINUTE, slack="U0LEAD", teams="0AAA-lead", email="anna@example.org")
DEPUTY = Contact("deputy", "Beth O’Brien", 10 * MINUTE)
HEAD = Contact("head", "Carl Small", 15 * MINUTE)
CHAIR = Contact("chair", "Dina Church", 15 * MINUTE)
PEOPLE = {Route.DSL: (LEAD, DEPUTY), Route.HEADTEACHER: (HEAD,), Route.CHAIR_OF_GOVERNORS: (CHAIR,)}
PLAN = Plan("fact", PEOPLE)
PAUSING = Hours(outside=Outside.PAUSE)


def held(
    state: State = State.RAISED,
    route: Route = Route.DSL,
    *,
    emergency: bool = False,
    stage: int = 0,
    about: Iterable[str] = (),
    handed_to: str = "",
) -> Held:
    """An escalation; one taken on has been taken on by the lead."""
    taken = state in (State.ACKNOWLEDGED, State.CLOSED)
    closed = state is State.CLOSED
    return Held(
        "R-ABCDEF", "fact", route, state, emergency, False, "reporter", MONDAY, stage,
        next_at=None if closed else MONDAY + DAY, handed_to=handed_to, excluded=frozenset(about),
        acknowledged_by="lead" if taken else "", acknowledged_at=MONDAY if taken else None,
        closed_at=MONDAY if closed else None, outcome="Met the family" if closed else "",
    )  # fmt: skip


def told(one: Held, plan: Plan = PLAN, alerts: int = 1, at: datetime = MONDAY) -> list[str]:
    """Who gets the next alerts, one after the other, each when the one before it has had its time."""
    out = []
    for _ in range(alerts):
        due = step(one, plan, at)
        out.append(" ".join(contact.id for contact in due.contacts))
        one, at = replace(one, stage=one.stage + 1, handed_to=""), due.next_at
    return out


def pauses(one: Held, plan: Plan = PLAN, alerts: int = 1, at: datetime = MONDAY) -> list[float]:
    """Minutes between the next alerts."""
    out = []
    for _ in range(alerts):
        due = step(one, plan, at)
        out.append((due.next_at - at) / MINUTE)
        one, at = replace(one, stage=one.stage + 1, handed_to=""), due.next_at
    return out


# The chain


@pytest.mark.parametrize(
    ("route", "chain"),
    [
        (Route.DSL, ["lead", "deputy", "head"]),
        (Route.HEADTEACHER, ["head", "chair"]),
        (Route.CHAIR_OF_GOVERNORS, ["chair"]),
    ],
)
def test_a_report_goes_down_its_route_and_then_one_step_up(route: Route, chain: list[str]) -> None:
    assert [contact.id for contact in PLAN.chain(route)] == chain


def test_nobody_of_the_safeguarding_route_is_told_of_a_report_about_staff() -> None:
    assert not set(told(held(route=Route.HEADTEACHER), alerts=20)) & {"lead", "deputy"}


def test_whoever_is_on_two_routes_is_told_once_a_round_at_their_first_place() -> None:
    plan = Plan("fact", PEOPLE | {Route.DSL: (LEAD, HEAD, DEPUTY)})
    assert [contact.id for contact in plan.chain(Route.DSL)] == ["lead", "head", "deputy"]
    assert len(plan.contacts) == 4


def test_a_route_without_people_goes_to_the_step_above() -> None:
    assert told(held(), Plan("fact", {Route.HEADTEACHER: (HEAD,)}), 2) == ["head", "head"]


def test_a_contact_is_found_by_id_on_whatever_route() -> None:
    assert PLAN.contact("chair") == CHAIR
    assert PLAN.contact("nobody") is None


# Who is told next, and when


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


# School hours


def utc(local: str) -> datetime:
    """A moment on the clocks of London, in UTC."""
    return datetime.fromisoformat(local).replace(tzinfo=LONDON).astimezone(UTC)


def test_a_school_that_continues_outside_its_hours_waits_no_longer_at_night() -> None:
    for at in (utc("2026-10-05 03:00"), utc("2026-10-10 12:00"), utc("2026-10-24 23:50"), utc("2027-03-28 00:50")):
        assert Hours().after(at, 15 * MINUTE) == at + 15 * MINUTE


PAUSES = {
    "inside the hours": ("2026-10-05 10:00", 5, "2026-10-05 10:05"),
    "up to the very end": ("2026-10-05 16:55", 5, "2026-10-05 17:00"),
    "over the night": ("2026-10-05 16:58", 5, "2026-10-06 08:03"),
    "from the moment of closing": ("2026-10-05 17:00", 5, "2026-10-06 08:05"),
    "from the evening": ("2026-10-05 21:00", 5, "2026-10-06 08:05"),
    "from before opening": ("2026-10-05 06:00", 5, "2026-10-05 08:05"),
    "from the moment of opening": ("2026-10-05 08:00", 5, "2026-10-05 08:05"),
    "over the weekend": ("2026-10-09 16:58", 5, "2026-10-12 08:03"),
    "from Saturday": ("2026-10-10 11:00", 5, "2026-10-12 08:05"),
    "over a closure day": ("2026-11-09 16:58", 5, "2026-11-12 08:03"),
    "from a closure day": ("2026-11-10 10:00", 5, "2026-11-12 08:05"),
    "longer than a day": ("2026-10-05 08:00", 600, "2026-10-06 09:00"),
    "longer than a week": ("2026-10-05 08:00", 5 * 540 + 1, "2026-10-12 08:01"),
    "clocks forward 2026": ("2026-03-27 16:58", 5, "2026-03-30 08:03"),
    "clocks back 2026": ("2026-10-23 16:58", 5, "2026-10-26 08:03"),
    "clocks forward 2027": ("2027-03-26 16:58", 5, "2027-03-29 08:03"),
    "clocks back 2027": ("2027-10-29 16:58", 5, "2027-11-01 08:03"),
    "into the new year": ("2026-12-31 16:58", 5, "2027-01-01 08:03"),
}


@pytest.mark.parametrize(("at", "minutes", "then"), PAUSES.values(), ids=PAUSES)
def test_a_school_that_pauses_counts_opening_hours_only(at: str, minutes: int, then: str) -> None:
    closed = frozenset({date(2026, 11, 10), date(2026, 11, 11)})
    assert replace(PAUSING, closures=closed).after(utc(at), minutes * MINUTE) == utc(then)


@pytest.mark.parametrize(
    ("change", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2027-03-28", 23), ("2027-10-31", 25)],
)
def test_the_day_on_which_the_clocks_change_has_as_many_hours_as_it_has(change: str, hours: int) -> None:
    boarding = Hours(frozenset(range(7)), time(0), time(23, 59, 59, 999999), outside=Outside.PAUSE)
    opens = utc(f"{change} 00:00")
    assert boarding.after(opens, (hours - 1) * HOUR) == opens + (hours - 1) * HOUR
    assert boarding.after(opens, hours * HOUR) - opens == hours * HOUR + timedelta(microseconds=1)
    assert Hours().after(opens, 3 * HOUR) == opens + 3 * HOUR


@pytest.mark.parametrize("hours", [Hours(), PAUSING, Hours(frozenset({6}), time(0), time(6), outside=Outside.PAUSE)])
@pytest.mark.parametrize("at", ["2026-10-25 00:40", "2027-03-28 00:40", "2027-10-31 01:59"])
def test_a_moment_told_in_another_zone_leads_to_the_same_moment(hours: Hours, at: str) -> None:
    here = datetime.fromisoformat(at).replace(tzinfo=LONDON)
    for wait in (5 * MINUTE, 30 * MINUTE, 2 * HOUR):
        assert hours.after(here, wait).astimezone(UTC) == hours.after(here.astimezone(UTC), wait)
    plan = Plan("fact", PEOPLE, hours=hours)
    for one in (held(emergency=True, stage=4), held(about={"lead", "deputy", "head"}), held(stage=9)):
        assert step(one, plan, here).next_at.astimezone(UTC) == step(one, plan, here.astimezone(UTC)).next_at


def test_a_calendar_that_is_closed_for_longer_than_is_looked_ahead_holds_nothing_up() -> None:
    for hours in (
        replace(PAUSING, days=frozenset()),
        replace(PAUSING, closures=frozenset(date(2026, 10, 5) + n * DAY for n in range(LONGEST_PAUSE + 2))),
        replace(PAUSING, opens=time(17), closes=time(8)),
        replace(PAUSING, opens=time(8), closes=time(8)),
    ):
        assert hours.after(MONDAY, 5 * MINUTE) == MONDAY + 5 * MINUTE
        assert hours.end_of_next_day(MONDAY) > MONDAY


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-10-05 10:00", "2026-10-06 17:00"),
        ("2026-10-05 00:10", "2026-10-06 17:00"),
        ("2026-10-05 23:50", "2026-10-06 17:00"),
        ("2026-10-09 10:00", "2026-10-12 17:00"),
        ("2026-10-10 10:00", "2026-10-12 17:00"),
        ("2026-11-09 10:00", "2026-11-12 17:00"),
        ("2026-03-27 10:00", "2026-03-30 17:00"),
        ("2026-10-23 10:00", "2026-10-26 17:00"),
        ("2027-03-26 10:00", "2027-03-29 17:00"),
        ("2027-10-29 10:00", "2027-11-01 17:00"),
    ],
)
@pytest.mark.parametrize("outside", Outside)
def test_the_next_school_day_ends_when_the_school_closes(at: str, ends: str, outside: Outside) -> None:
    hours = Hours(outside=outside, closures=frozenset({date(2026, 11, 10), date(2026, 11, 11)}))
    assert hours.end_of_next_day(utc(at)) == utc(ends)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2026-10-05 07:59", False),
        ("2026-10-05 08:00", True),
        ("2026-10-05 16:59", True),
        ("2026-10-05 17:00", False),
        ("2026-10-10 12:00", False),
        ("2026-11-10 12:00", False),
        ("2026-03-30 08:00", True),
        ("2026-10-26 08:00", True),
        ("2026-10-26 07:59", False),
    ],
)
def test_a_school_is_open_by_its_own_clocks(at: str, is_open: bool) -> None:
    assert Hours(closures=frozenset({date(2026, 11, 10)})).is_open(utc(at)) is is_open


def test_a_school_elsewhere_has_its_own_clocks() -> None:
    assert Hours(zone="Asia/Hong_Kong").is_open(datetime(2026, 10, 5, 1, 0, tzinfo=UTC))
    assert not Hours(zone="Asia/Hong_Kong").is_open(datetime(2026, 10, 5, 9, 0, tzinfo=UTC))


def test_outside_its_hours_a_pausing_school_tells_the_next_person_when_it_opens() -> None:
    plan = Plan("fact", PEOPLE, hours=PAUSING)
    friday = utc("2026-10-23 16:58")
    assert step(held(), plan, friday).next_at == utc("2026-10-26 08:03")
    assert step(held(handed_to="deputy"), plan, friday).next_at == utc("2026-10-26 08:08")
    assert told(held(), plan, 2, friday) == ["lead", "deputy"]


# Whom it is about


def about(text: str, route: Route = Route.HEADTEACHER, plan: Plan = PLAN, reporter: str = "") -> set[str]:
    """Who is left out of a report of these words."""
    return set(excluded(text.split(), route, plan, reporter))


@pytest.mark.parametrize(
    "text",
    [
        "mrs patel pulled his hair",
        "it was patel .",
        "patel",
        "i saw patel's hand on him",
        "the patels' car was there",
        "in mrs patels' room",
        "mr.patel shouted",
        "mrs . patel shouted",
        "anna patel did",
    ],
)
def test_a_person_named_by_surname_never_learns_of_it(text: str) -> None:
    if "patels" in text:
        assert about(text, plan=Plan("fact", {Route.DSL: (replace(LEAD, name="Anna Patels"),)})) == {"lead"}
    else:
        assert about(text) == {"lead"}


@pytest.mark.parametrize("text", ["mr o'brien hit her", "o'brien's class", "beth o'brien"])
def test_a_surname_with_an_apostrophe_is_recognised(text: str) -> None:
    assert about(text) == {"deputy"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jutta Müller", "mrs m ller hit her"),
        ("Jutta Müller", "mrs muller hit her"),
        ("Jutta Müller", "mrs müller hit her"),
        ("Zoë", "zo hit her"),
        ("Sam Smith-Jones", "mr smith-jones hit her"),
        ("Ana de Souza", "mrs de souza hit her"),
        ("A. Jones", "mrs jones' hand"),
        ("A. Jones", "mrs jones's hand"),
    ],
)
def test_surnames_are_recognised_as_the_reader_takes_them_apart(name: str, text: str) -> None:
    """The reader keeps plain letters only: "Müller" comes as two words."""
    plan = Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=name),)})
    assert about(text, plan=plan) == {"head"}


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("Amy Lead", "mrs lead shouted", True),
        ("Amy Lead", "mrs . lead shouted", True),
        ("Amy Lead", "amy lead shouted", True),
        ("A. Lead", "a lead was round his neck", False),
        ("Amy Lead", "the dog on the lead bit him", False),
        ("C. Head", "a head injury", False),
        ("C. Head", "ms head's class", True),
        ("Di Chair", "he threw the chair", False),
    ],
)
def test_a_surname_that_is_also_a_role_or_a_thing_counts_behind_a_title_or_first_name(
    name: str, text: str, named: bool
) -> None:
    plan = Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=name),)})
    assert about(text, plan=plan) == ({"head"} if named else set())


def test_part_of_another_word_is_not_a_name() -> None:
    assert about("the smallest boy was churching near patelson") == set()


@pytest.mark.parametrize(
    "text",
    [
        "the dsl hit him",
        "our dsl's hand",
        "the ddsl hit him",
        "one of the dsls",
        "the safeguarding lead hit him",
        "the deputy safeguarding lead hit him",
        "the designated safeguarding lead's room",
        "both safeguarding leads know",
        "the designated lead",
        "the child protection officer",
        "our safeguarding officer",
        "shes the safeguarding lady",
        "the d.s.l .",
    ],
)
def test_the_dsl_called_by_their_role_is_left_out_with_the_deputies(text: str) -> None:
    assert about(text) == {"lead", "deputy"}


@pytest.mark.parametrize(
    "text", ["the chair of governors touched a girl", "our chair of the governors", "the chair of the governing body's"]
)
def test_the_chair_of_governors_called_by_their_role_is_not_the_step_above_the_head(text: str) -> None:
    assert about(text) == {"chair"}
    assert told(held(route=Route.HEADTEACHER, about=about(text)), alerts=2) == ["head", "head"]


def test_telling_the_chair_of_governors_of_the_head_does_not_leave_out_the_chair() -> None:
    assert about("the chair of governors must know what the head did", Route.CHAIR_OF_GOVERNORS) == {"head"}


@pytest.mark.parametrize("reporter", ["lead", "U0LEAD", "0AAA-lead", "0aaa-LEAD", "Anna@example.org"])
def test_a_reporter_who_is_in_the_plan_may_be_telling_on_themselves(reporter: str) -> None:
    assert about("i was too rough with him", reporter=reporter) == {"lead"}


def test_a_reporter_outside_the_plan_leaves_nobody_out() -> None:
    assert about("someone on staff was too rough", reporter="U0OTHER") == set()
    assert about("someone on staff was too rough", reporter="") == set()


def test_on_the_way_to_the_chair_everyone_of_the_heads_route_is_left_out() -> None:
    plan = Plan("fact", PEOPLE | {Route.HEADTEACHER: (HEAD, DEPUTY), Route.CHAIR_OF_GOVERNORS: (CHAIR, DEPUTY)})
    assert about("the head hit him", Route.CHAIR_OF_GOVERNORS, plan) == {"head", "deputy"}


def test_a_chair_whom_it_is_about_is_left_out_even_where_nobody_else_is() -> None:
    names = about("carl small and dina church hit him", Route.CHAIR_OF_GOVERNORS)
    assert names == {"head", "chair"}
    assert told(held(route=Route.CHAIR_OF_GOVERNORS, about=names)) == [""]


@pytest.mark.parametrize("text", ["mrs patel saw a bruise", "i told the dsl", "mrs small and o'brien know"])
def test_a_report_about_a_child_leaves_nobody_out(text: str) -> None:
    assert about(text, Route.DSL, reporter="lead") == set()


def test_a_plan_with_a_nameless_contact_leaves_out_nobody_by_it() -> None:
    assert about("somebody did", plan=Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=" "),)})) == set()


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
