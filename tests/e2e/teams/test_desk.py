"""What those do who are told, what they may not do, and how everybody sees the present state."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from adapters.escalations import bundles, joined
from adapters.escalations.outgoing import Pace
from adapters.escalations.stages import Stages
from adapters.teams.actions import CLOSE_FORM, DEEDS, FORMS, HAND_OVER_FORM, NOTE_FORM
from chatbot.plan import Hours
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    ASKING,
    CLOSE,
    MAYBE,
    NOT_YOURS,
    OPEN,
    REPORT,
    TAKE,
    asked_whether,
    card,
    card_says,
    cards_to,
    deed,
    invoke,
    met,
    nothing_leaks,
    press_again,
    receipt,
    receipt_says,
    reference_in,
    replies,
    reported,
    rows,
    said,
    shown,
    told,
)


def closed(teams: FakeTeams) -> Json:
    """Dee takes the first report on and closes it; its card in the channel."""
    assert teams.press("dee", card(teams), TAKE).ok
    assert teams.open_dialog("dee", card_says(teams, "took this on"), CLOSE).ok
    assert teams.submit_dialog("dee", {"field_outcome": "talked", "field_record": "CPOMS"}).ok
    return card_says(teams, "Closed")


def test_two_who_press_at_once_are_both_told_who_has_it(running: Running) -> None:
    teams = running.teams
    with running.up():
        reported(teams)
        first = card(teams)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lambda user: teams.press(user, first, TAKE), ("dee", "ed")))
        assert all(answer.ok for answer in answers)
        taken = shown(card_says(teams, "took this on")["card"])
        winner, loser = ("Dee Lead", "ed") if "Dee Lead took" in taken else ("Ed Deputy", "dee")
        assert [f"{winner} took this on" in toast for toast in teams.toasts(loser)] == [True]
        receipt_says(teams, f"{winner} has taken this on")
        assert rows(running.database, "audit", "what = 'acknowledged'") == 1
        teams.check()


def test_whoever_is_told_sees_the_state_when_they_look_and_nobody_else_does(teams: FakeTeams) -> None:
    reported(teams)
    first = card(teams)
    teams.wait_idle()
    assert {teams.user("dee").id, teams.user("ed").id} <= set(first["card"]["refresh"]["userIds"])
    seen = len(teams.deliveries)
    assert TAKE in shown(teams.looks("ed", first))
    assert len(teams.deliveries) == seen + 1
    assert teams.press("dee", first, TAKE).ok
    taken = card_says(teams, "Dee Lead took this on")
    assert "Dee Lead took this on" in shown(teams.looks("ed", taken))
    assert TAKE not in shown(teams.looks("ed", taken, refresh=True))
    seen = len(teams.deliveries)
    teams.looks("odd", taken)
    assert len(teams.deliveries) == seen
    assert NOT_YOURS in shown(teams.looks("odd", taken, refresh=True))
    theirs = told(teams, "dee")
    assert theirs["card"]["refresh"]["userIds"]
    assert "You took this on" in shown(teams.looks("dee", theirs, refresh=True))


@pytest.mark.parametrize("user", ["odd", "bo", "ana"])
def test_who_is_not_of_the_route_can_do_nothing_with_it_however_they_press(running: Running, user: str) -> None:
    teams = running.teams
    with running.up():
        reference = reported(teams)
        first = card(teams)
        for verb in (*DEEDS, *FORMS[5:]):
            for message in (None, first) if user == "odd" else (None,):
                answered = deed(teams, user, verb, reference, message)
                assert NOT_YOURS in answered, verb
                assert "belt" not in answered
        if user == "odd":
            assert teams.press("odd", first, TAKE, client="legacy").ok
            teams.wait_for(lambda: any(NOT_YOURS in said(each) for each in teams.replies(first)))
        teams.wait_idle()
        assert rows(running.database, "audit", "what in ('opened', 'acknowledged', 'noted', 'handed over')") == 0
        assert "Nobody has opened it" in shown(card(teams)["card"])
        assert "obody has seen" in said(receipt(teams))
        nothing_leaks(teams, "Kayleigh", "belt")
        teams.check()


def test_who_opened_it_is_in_its_history_and_it_can_be_taken_on_inside(teams: FakeTeams) -> None:
    reported(teams)
    assert teams.open_dialog("ed", card(teams), OPEN).ok
    assert teams.open_dialog("dee", card(teams), OPEN).ok
    assert "Ed Deputy" in shown(teams.dialog("dee")["card"])
    assert teams.submit_dialog("dee", title=TAKE).ok
    assert "You took this on" in shown(teams.dialog("dee")["card"])
    card_says(teams, "Dee Lead took this on")
    receipt_says(teams, "Dee Lead has taken this on")
    assert teams.submit_dialog("ed", title=TAKE).ok
    assert "Dee Lead took this on" in shown(teams.dialog("ed")["card"])
    assert teams.submit_dialog("dee", title=CLOSE).ok
    assert teams.submit_dialog("dee", {"field_outcome": "talked", "field_record": "CPOMS"}).ok
    receipt_says(teams, "closed")


def test_it_is_handed_over_and_the_next_one_takes_it_on_in_their_own_chat(teams: FakeTeams) -> None:
    reported(teams)
    card(teams)  # what is taken on before an alert has gone out is not sent any more
    assert teams.press("dee", told(teams, "dee"), TAKE).ok
    taken = card_says(teams, "Dee Lead took this on")
    assert teams.open_dialog("dee", taken, "Hand over").ok
    assert "Cy Chair" not in shown(teams.dialog("dee")["card"])
    assert teams.submit_dialog("dee", {"field_person": "Ed Deputy (deputy)"}).ok
    assert any("handed over to Ed Deputy" in toast for toast in teams.toasts("dee"))
    assert teams.press("ed", told(teams, "ed"), TAKE).ok
    card_says(teams, "Ed Deputy took this on")
    teams.wait_for(lambda: "Ed Deputy took this on" in shown(told(teams, "dee")["card"]))
    assert len(teams.channel("dsl")) == 1


@pytest.mark.parametrize("form", [NOTE_FORM, CLOSE_FORM, HAND_OVER_FORM])
def test_a_form_that_comes_three_times_at_once_counts_once(running: Running, form: str) -> None:
    teams = running.teams
    with running.up():
        reference = reported(teams)
        assert teams.press("dee", card(teams), TAKE).ok
        taken = card_says(teams, "took this on")
        teams.open_dialog("dee", taken, "Hand over")
        choices = next(each for each in teams.dialog("dee")["card"]["body"] if each["type"] == "Input.ChoiceSet")
        typed = {"field_note": "rang Tamsin at ten", "field_outcome": "talked", "field_record": "CPOMS"}
        data = {"verb": form, "reference": reference, "field_person": choices["choices"][0]["value"], **typed}
        sent = invoke(teams, "dee", "task/submit", {"data": data}, taken)
        teams.emit(sent)
        teams.repeat(sent["id"], 2)
        teams.wait_for(lambda: len(teams.answers(sent["id"])) == 3)
        assert [each.status for each in teams.answers(sent["id"])] == [200] * 3
        what = {NOTE_FORM: "noted", CLOSE_FORM: "closed", HAND_OVER_FORM: "handed over"}[form]
        assert rows(running.database, "audit", f"what = '{what}'") == 1
        assert rows(running.database, "remarks") == (form == NOTE_FORM)
        if form == NOTE_FORM:
            assert teams.open_dialog("ed", card(teams), OPEN).ok
            assert shown(teams.dialog("ed")["card"]).count("rang Tamsin at ten") == 1
        nothing_leaks(teams, "Tamsin")


def test_a_form_without_what_it_needs_is_shown_again_with_what_was_typed(teams: FakeTeams) -> None:
    reported(teams)
    assert teams.open_dialog("dee", card(teams), "Add a note").ok
    assert not teams.submit_dialog("dee", {"field_note": ""}).ok
    assert teams.submit_dialog("dee", {"field_note": " \n "}).ok
    assert "There are no words in the note" in shown(teams.dialog("dee")["card"])
    assert teams.press("dee", card(teams), TAKE).ok
    assert teams.open_dialog("dee", card_says(teams, "took this on"), CLOSE).ok
    assert teams.submit_dialog("dee", {"field_outcome": "rang her aunt", "field_record": "  "}).ok
    again = shown(teams.dialog("dee")["card"])
    assert "Say where the record is kept" in again
    assert "rang her aunt" in again
    nothing_leaks(teams, "aunt")


def test_a_closed_report_is_reopened_and_raised_again(teams: FakeTeams) -> None:
    reported(teams)
    over = closed(teams)
    before = len(cards_to(teams, "dee"))
    assert teams.open_dialog("dee", over, "Reopen").ok
    assert teams.submit_dialog("dee").ok
    teams.wait_for(lambda: len(cards_to(teams, "dee")) > before)
    receipt_says(teams, "obody has")
    card_says(teams, TAKE)


def test_an_old_card_answers_with_the_present_state(teams: FakeTeams) -> None:
    reported(teams)
    old = card(teams)
    assert teams.press("ed", old, TAKE).ok
    card_says(teams, "Ed Deputy took this on")
    assert "Ed Deputy took this on" in shown(press_again(teams, "dee", old, TAKE).body)
    assert "Ed Deputy took this on" in shown(press_again(teams, "ed", old, TAKE).body)
    assert "Ed Deputy took this on" in shown(card(teams)["card"])


def test_an_old_client_reads_in_a_message_what_came_of_its_press(teams: FakeTeams) -> None:
    reference = reported(teams)
    first = card(teams)
    assert teams.press("dee", first, TAKE, client="legacy").ok
    card_says(teams, "Dee Lead took this on")
    below = teams.wait_for(lambda: teams.replies(first)[0])
    assert reference in said(below)
    assert "Dee Lead took this on" in said(below)
    teams.press("ed", {**first}, TAKE, client="legacy")
    teams.wait_for(lambda: len(teams.replies(first)) == 2)
    assert "Dee Lead took this on" in said(teams.replies(first)[1])
    assert len(teams.channel("dsl")) == 1


def test_a_button_that_nobody_knows_any_more_says_so(teams: FakeTeams) -> None:
    reported(teams)
    for data in ({"verb": "seen.v0"}, {"verb": "report.take", "reference": "R-"}, {}):
        action = {"type": "Action.Execute", "verb": data.get("verb", "x"), "data": data}
        answer = teams.ask(invoke(teams, "dee", "adaptiveCard/action", {"action": action}, card(teams)))
        assert "older version" in shown(answer.body)


def test_when_nobody_takes_it_on_the_next_is_told_and_reminded_under_the_card(running: Running) -> None:
    running.wait, teams = 0.08, running.teams
    with running.up():
        reported(teams)
        first = card(teams)
        teams.wait_for(lambda: cards_to(teams, "ed"), 30)
        reminder = teams.wait_for(lambda: teams.replies(first)[0], 30)
        assert "Reminder" in said(reminder)
        assert teams.press("ed", reminder, TAKE).ok
        card_says(teams, "Ed Deputy took this on")
        receipt_says(teams, "Ed Deputy has taken this on")
        assert len(teams.channel("dsl")) == 1
        nothing_leaks(teams, "Kayleigh", "belt")
        teams.check()


def test_many_reports_come_as_one_message_that_follows_them(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    pace = Pace(bundle_at=0, gather=timedelta(seconds=3))
    monkeypatch.setattr(joined, "Stages", functools.partial(Stages, pace=pace))
    monkeypatch.setattr(bundles, "SHOWN", timedelta(seconds=1))
    teams = running.teams
    with running.up():
        met(teams, "dee")
        for number in range(4):
            teams.says("ana", f"{REPORT}, {number}")
        several = "safeguarding reports"
        many = teams.wait_for(lambda: next(each for each in teams.channel("dsl") if several in said(each)))
        teams.wait_for(lambda: [each for each in replies(teams, "dee") if several in said(each)])
        mine = reference_in(shown(many["card"]))
        assert deed(teams, "dee", "report.take", mine, many)
        teams.wait_for(lambda: "took this on" in shown(teams.message(many)["card"]), 30)
        assert "belt" in deed(teams, "dee", "report.open", mine, many)
        nothing_leaks(teams, "Kayleigh", "belt")
        teams.check()


def test_what_was_taken_back_is_told_once_a_day(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    def soon(_: Hours, now: datetime) -> datetime:
        """The school's day is over in an hour."""
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)

    teams = running.teams
    with running.up():
        teams.says("ana", MAYBE)
        asked = asked_whether(teams)
        assert teams.press("ana", asked, ASKING).ok
        receipt_says(teams, "only asking")
        monkeypatch.setattr(Hours, "last_end", soon)
        digests = running.escalations[-1].stages.digests
        assert digests.make("ashley") == 2
        assert digests.make("ashley") == 0
        for user in ("dee", "ed"):
            digest = teams.wait_for(lambda user=user: replies(teams, user)[0])  # type: ignore[misc]  # mypy and defaults
            assert "1 report was taken back" in said(digest)
        assert teams.open_dialog("dee", replies(teams, "dee")[0], OPEN).ok
        assert "Tamsin" in shown(teams.dialog("dee")["card"])
        nothing_leaks(teams, "Tamsin")
        teams.check()
