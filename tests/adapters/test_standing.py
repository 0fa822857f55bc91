"""What the reporter is told: the truth at every moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.escalations.standing import Number, standing_of, standings
from chatbot.escalation import Held, State
from chatbot.model import Route, Verdict
from chatbot.plan import Plan
from tests.adapters.web.desk import MINUTES, plan_of
from tests.adapters.web.replies import answer, emergency, exchange, possible

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
PLAN = plan_of("fact")
HELD = Held("R-ABCDEF", "fact", Route.DSL, State.RAISED, False, False, "p", NOW)
SENT = replace(HELD, state=State.DELIVERED, stage=1, told="fact-lead", next_at=NOW + 5 * MINUTES)
TAKEN = replace(HELD, state=State.ACKNOWLEDGED, acknowledged_by="fact-lead", acknowledged_at=NOW)
PHONES = ["A. Lead", "B. Deputy", "Children’s social care"]


@pytest.mark.parametrize(
    ("held", "said"),
    [
        (replace(HELD, state=State.POSSIBLE), "Waiting for your answer; at 14:10 it is passed on as unconfirmed."),
        (replace(HELD, state=State.POSSIBLE, next_at=NOW), "No answer came, so it is being passed on as unconfirmed."),
        (HELD, "Nobody has seen this yet: speak to A. Lead now."),
        (replace(HELD, failing=True), "could not be sent to anybody so far: speak to A. Lead now."),
        (SENT, "Sent to A. Lead; nobody has seen it yet: speak to A. Lead now. If nobody takes it on, B. Deputy is "
               "told at 14:05."),
        (replace(SENT, stage=2, told="fact-deputy"), "Sent; the latest alert is for B. Deputy; nobody has seen it"),
        (replace(SENT, unconfirmed=True), "Without your answer it was passed on as unconfirmed. Sent to A. Lead;"),
        (replace(SENT, seen_by="fact-lead"), "A. Lead has opened it. Nobody has taken it on yet. If nobody"),
        (replace(HELD, handed_to="fact-deputy", seen_by="fact-lead"), "handed over to B. Deputy, who has not taken it"),
        (TAKEN, "A. Lead has taken this on at 14:00."),
        (replace(TAKEN, state=State.CLOSED, closed_at=NOW), "A. Lead took this on, and it was closed at 14:00."),
        (replace(HELD, state=State.CLOSED, closed_at=NOW), "only asking. Nobody was alerted; the record stays."),
        (replace(SENT, emergency=True, told="fact-lead,fact-deputy,fact-head"),
         "Sent; the latest alert is for A. Lead, B. Deputy and C. Head; nobody has seen it yet"),
    ],
)  # fmt: skip
def test_the_reporter_reads_how_it_stands(held: Held, said: str) -> None:
    assert said in standing_of(held, PLAN, NOW).text


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("seen", ["", "fact-lead"])
def test_nobody_is_said_to_have_it_before_they_took_it_on(state: State, seen: str) -> None:
    text = standing_of(replace(SENT, state=state, seen_by=seen), PLAN, NOW).text
    assert "informed" not in text
    assert "aware" not in text
    if state in (State.POSSIBLE, State.RAISED, State.DELIVERED):
        assert "taken this on" not in text
        assert "took this on" not in text


def test_while_nobody_has_it_there_are_numbers_to_phone() -> None:
    assert [number.name for number in standing_of(SENT, PLAN, NOW).numbers] == PHONES
    assert [number.name for number in standing_of(replace(HELD, failing=True), PLAN, NOW).numbers] == PHONES
    assert standing_of(TAKEN, PLAN, NOW).numbers == ()
    assert Number("A", "+44 (0)1632 960-001").href == "tel:+4401632960001"


def test_whom_it_may_be_about_is_never_named_to_turn_to_and_nor_is_the_reporter() -> None:
    held = replace(HELD, route=Route.HEADTEACHER, excluded=frozenset({"fact-head"}))
    standing = standing_of(held, PLAN, NOW)
    assert "speak to D. Chair now" in standing.text
    assert [number.name for number in standing.numbers][:1] == ["Local authority designated officer (LADO)"]
    assert "speak to B. Deputy now" in standing_of(replace(HELD, reporter="fact-lead"), PLAN, NOW).text


def test_where_nobody_is_named_it_says_to_phone() -> None:
    plan = Plan("fact", {}, phones={"social_care": "01632 960100"})
    standing = standing_of(HELD, plan, NOW)
    assert "could not be sent to anybody so far: phone somebody now" in standing.text
    assert standing.numbers == (Number("Children’s social care", "01632 960100"),)


def test_the_next_person_is_not_promised_for_a_time_that_has_passed_or_when_it_is_the_same() -> None:
    assert "is told" not in standing_of(SENT, PLAN, NOW + timedelta(hours=1)).text
    alone = Plan("fact", {Route.DSL: PLAN.people[Route.DSL][:1]})
    assert "is told" not in standing_of(SENT, alone, NOW).text


def test_each_report_stands_under_the_latest_reply_about_it_and_the_rest_on_their_own() -> None:
    said = (
        exchange(possible(), turn_id="t1"),
        exchange(emergency(), turn_id="t2"),
        exchange(answer(Verdict.ALLOWED, "Yes."), turn_id="t3"),
    )
    others = (replace(SENT, reference="R-OTHER"), replace(TAKEN, reference="R-DONE", state=State.CLOSED))
    found = standings(said, (SENT, *others), PLAN, NOW)
    assert list(found.by_turn) == ["t2"]
    assert [standing.reference for standing in found.others] == ["R-OTHER"]


def reports(number: int, **of_newest: object) -> tuple[Held, ...]:
    """So many reports, one each half minute, newest first."""
    each = (replace(SENT, reference=f"R-{n}", at=NOW - timedelta(seconds=30 * n)) for n in range(1, number))
    return (replace(SENT, **of_newest), *each)  # type: ignore[arg-type]  # fields of Held


def test_who_makes_many_reports_is_told_once_that_all_are_recorded_and_that_speaking_is_quicker() -> None:
    said = "All 11 of your reports are recorded. Speaking to A. Lead now is quicker than writing."
    found = standings((exchange(emergency()),), reports(11), PLAN, NOW)
    assert found.by_turn["t1"].text == f"{standing_of(SENT, PLAN, NOW).text} {said}"
    assert not any("quicker" in standing.text for standing in found.others)
    assert standings((), reports(11), PLAN, NOW).others[0].text.endswith(said)


@pytest.mark.parametrize(
    "held", [(), reports(10), reports(11, state=State.ACKNOWLEDGED), reports(11, at=NOW - timedelta(minutes=11))]
)
def test_who_makes_some_or_made_them_a_while_ago_or_has_somebody_on_it_is_not(held: tuple[Held, ...]) -> None:
    found = standings((), held, PLAN, NOW)
    assert not any("quicker" in standing.text for standing in found.others)


def test_who_makes_many_reports_is_not_sent_to_whom_they_may_be_about() -> None:
    held = reports(11, route=Route.HEADTEACHER, excluded=frozenset({"fact-head"}))
    assert "Speaking to D. Chair now" in standings((), held, PLAN, NOW).others[0].text
    assert "Speaking to somebody now" in standings((), reports(11), Plan("fact", {}), NOW).others[0].text


def test_a_desk_that_cannot_be_asked_names_nobody_whom_a_report_about_an_adult_may_be_about() -> None:
    child = standings((exchange(possible()),), None, PLAN, NOW).by_turn["t1"]
    assert "cannot be shown at the moment. Speak to A. Lead now." in child.text
    adult = replace(possible(), route=Route.HEADTEACHER)
    standing = standings((exchange(adult),), None, PLAN, NOW).by_turn["t1"]
    assert "Speak to a person now." in standing.text
    assert {number.name for number in standing.numbers} == {
        "Local authority designated officer (LADO)", "Children’s social care",
    }  # fmt: skip
