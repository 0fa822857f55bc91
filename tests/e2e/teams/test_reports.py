"""Reports in Teams: from the reporter's words to a named person who has them, whatever happens in between."""

from __future__ import annotations

import pytest

from adapters.teams.actions import DEEDS, FORMS
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    ABOUT_THE_HEAD,
    ASKING,
    CLOSE,
    EMERGENCY,
    MAYBE,
    NOT_YOURS,
    OPEN,
    PASS,
    REPORT,
    TAKE,
    asked_whether,
    card,
    card_says,
    cards_to,
    deed,
    met,
    nothing_leaks,
    only,
    press_again,
    receipt,
    receipt_says,
    reference_in,
    replies,
    reply,
    reported,
    said,
    shown,
    told,
)


def test_a_report_goes_from_words_to_a_named_person_and_its_reporter_sees_it(teams: FakeTeams) -> None:
    teams.says("ana", REPORT)
    before = receipt_says(teams, "obody has seen")
    assert "01632 960001" in said(before)
    assert "01632 960100" in said(before)
    alert = card(teams)
    assert reference_in(said(alert)) == reference_in(said(before))
    told(teams, "dee")
    teams.open_dialog("dee", alert, OPEN)
    assert "belt" in shown(teams.dialog("dee")["card"])
    teams.close_dialog("dee")
    receipt_says(teams, "Dee Lead has opened it")
    assert teams.press("dee", alert, TAKE).ok
    assert receipt_says(teams, "Dee Lead has taken this on")["id"] == before["id"]
    assert card_says(teams, "Dee Lead took this on")["id"] == alert["id"]
    teams.wait_for(lambda: "took this on" in said(told(teams, "dee")))
    assert teams.open_dialog("dee", teams.message(alert["id"]), CLOSE).ok
    closed = {"field_outcome": "Spoke to her mother", "field_record": "CPOMS 12"}
    assert teams.submit_dialog("dee", closed).ok
    assert receipt_says(teams, "closed")["id"] == before["id"]
    card_says(teams, "Closed")
    assert len(teams.channel("dsl")) == len(cards_to(teams, "dee")) == 1
    nothing_leaks(teams, "Kayleigh", "belt", "mother")


def test_a_possible_report_is_passed_on_by_its_button(teams: FakeTeams) -> None:
    teams.says("ana", MAYBE)
    asked = asked_whether(teams)
    receipt_says(teams, "Waiting for your answer")
    assert teams.channel("dsl") == []
    assert teams.press("ana", asked, PASS).ok
    assert reference_in(said(card(teams))) == reference_in(said(asked))
    teams.wait_for(lambda: "You chose" in shown(teams.message(asked)["card"]))
    receipt_says(teams, "obody has seen")
    nothing_leaks(teams, "Tamsin")


def test_a_possible_report_that_was_only_a_question_alerts_nobody(teams: FakeTeams) -> None:
    teams.says("ana", MAYBE)
    assert teams.press("ana", asked_whether(teams), ASKING).ok
    receipt_says(teams, "only asking")
    teams.wait_idle()
    assert teams.channel("dsl") == []
    assert cards_to(teams, "dee") == []


def test_the_old_button_of_an_answered_question_says_so_and_raises_nothing(teams: FakeTeams) -> None:
    teams.says("ana", MAYBE)
    asked = asked_whether(teams)
    teams.press("ana", asked, ASKING)
    receipt_says(teams, "only asking")
    answer = press_again(teams, "ana", asked, PASS)
    assert "has been answered already" in shown(answer.body)
    assert "tell me or speak to" in shown(answer.body)
    teams.wait_idle()
    assert teams.channel("dsl") == []


def test_a_possible_report_that_nobody_answers_is_raised_unconfirmed(running: Running) -> None:
    running.confirm, teams = 0.05, running.teams
    with running.up():
        teams.says("ana", MAYBE)
        asked = asked_whether(teams)
        assert "Unconfirmed" in said(teams.wait_for(lambda: teams.channel("dsl")[0], 30))
        receipt_says(teams, "passed on as unconfirmed")
        assert press_again(teams, "ana", asked, PASS).ok
        teams.wait_for(lambda: teams.message(asked)["edited"])
        assert len(teams.channel("dsl")) == 1
        nothing_leaks(teams, "Tamsin")
        teams.check()


@pytest.mark.parametrize("where", ["staffroom", "leaders"])
def test_a_report_where_others_read_is_answered_in_the_persons_own_chat(teams: FakeTeams, where: str) -> None:
    teams.says("ana", REPORT, where)
    notice = teams.wait_for(lambda: teams.from_bot(where)[0])
    assert "delete your message here" in said(notice)
    assert reference_in(said(replies(teams)[0])) == reference_in(said(card(teams)))
    receipt(teams)
    teams.wait_idle()
    assert len(teams.from_bot(where)) == 1
    assert "R-" not in shown(notice)
    assert teams.chat("bo") == teams.chat("hal") == []
    nothing_leaks(teams, "Kayleigh", "belt")


def test_a_possible_report_in_a_channel_is_asked_about_in_the_persons_own_chat(teams: FakeTeams) -> None:
    teams.says("ana", MAYBE, "art")
    assert teams.press("ana", asked_whether(teams), PASS).ok
    card(teams)
    receipt_says(teams, "obody has seen")
    assert len(teams.from_bot("art")) == 1
    nothing_leaks(teams, "Tamsin")


def test_a_report_of_somebody_who_has_not_added_the_app_is_answered_in_a_chat_that_the_app_begins(
    teams: FakeTeams,
) -> None:
    teams.says("new", REPORT, "staffroom")
    assert reference_in(said(receipt(teams, "new"))) == reference_in(said(card(teams)))
    assert "delete your message here" in said(teams.wait_for(lambda: teams.from_bot("staffroom")[0]))
    card_says(teams, "New Starter")
    nothing_leaks(teams, "Kayleigh", "belt")


def test_who_cannot_be_written_to_alone_is_shown_their_report_alone_by_a_button(running: Running) -> None:
    teams = running.teams
    teams.add_user("sol", "Sol Supply")
    teams.add_group("cover", ["sol", "bo"])
    with running.up():
        teams.says("sol", REPORT, "cover")
        notice = teams.wait_for(lambda: teams.from_bot("cover")[0])
        assert "not lost" in said(notice)
        reference = reference_in(said(card(teams)))
        assert reference not in shown(notice)
        assert teams.open_dialog("sol", notice, "Show me alone").ok
        assert reference in shown(teams.dialog("sol")["card"])
        assert "obody has seen" in shown(teams.dialog("sol")["card"])
        assert teams.open_dialog("bo", notice, "Show me alone").ok
        assert reference not in shown(teams.dialog("bo")["card"])
        teams.wait_idle()
        assert len(teams.from_bot("cover")) == 1
        nothing_leaks(teams, "Kayleigh", "belt")
        only(teams, "BotNotInConversationRoster")


def test_an_emergency_tells_everybody_of_the_route_at_once(teams: FakeTeams) -> None:
    teams.says("ana", EMERGENCY)
    assert said(reply(teams)).startswith("Call 999 now")
    assert reference_in(said(told(teams, "dee"))) == reference_in(said(told(teams, "ed")))
    assert "mergency" in said(card(teams))
    nothing_leaks(teams, "Kayleigh", "knife")


def test_a_report_about_the_head_goes_to_the_chair_and_the_head_never_hears_of_it(teams: FakeTeams) -> None:
    met(teams, "cy", "hal", "dee")
    before = len(replies(teams, "hal")), len(replies(teams, "dee"))
    teams.says("ana", ABOUT_THE_HEAD)
    theirs = told(teams, "cy")
    reference = reference_in(said(theirs))
    ids = theirs["card"]["refresh"]["userIds"]
    assert ids == [teams.user("cy").id]
    for user in ("hal", "dee", "ana", "odd"):
        for verb in (*DEEDS, *FORMS[5:]):
            answered = deed(teams, user, verb, reference)
            assert NOT_YOURS in answered, verb
            assert "Jermaine" not in answered
    assert "obody has seen" in said(receipt(teams))
    assert teams.press("cy", theirs, TAKE).ok
    receipt_says(teams, "Cy Chair has taken this on")
    assert teams.open_dialog("cy", teams.message(theirs), OPEN).ok
    assert "Jermaine" in shown(teams.dialog("cy")["card"])
    assert (len(replies(teams, "hal")), len(replies(teams, "dee"))) == before
    assert teams.channel("dsl") == []
    nothing_leaks(teams, "Jermaine")


def test_the_report_form_takes_whatever_is_written_as_a_report(teams: FakeTeams) -> None:
    teams.says("ana", "report")
    assert teams.open_dialog("ana", reply(teams), "Report a concern").ok
    assert "Do not promise secrecy" in shown(teams.dialog("ana")["card"])
    assert not teams.submit_dialog("ana", {"field_words": ""}).ok
    assert teams.submit_dialog("ana", {"field_words": "Kayleigh came in without a coat again"}).ok
    result = shown(teams.dialog("ana")["card"])
    assert reference_in(result) == reference_in(said(card(teams)))
    assert "Nobody has seen it yet" in result
    receipt_says(teams, "obody has seen")
    nothing_leaks(teams, "Kayleigh", "coat")


def test_a_message_of_somebody_else_is_passed_to_the_dsl_with_what_was_added(teams: FakeTeams) -> None:
    teams.add_user("pat", "Pat Brown")
    teams.add_group("lunch", ["ana", "pat"], bot=False)
    written = teams.says("pat", "Kayleigh has not been in & <b>nobody</b> knows why", "lunch")
    assert teams.message_action("ana", written, "pass_to_dsl").ok
    assert "Kayleigh has not been in" in shown(teams.dialog("ana")["card"])
    assert teams.submit_dialog("ana", {"field_words": "her mother rang Tamsin"}).ok
    assert teams.open_dialog("dee", card(teams), OPEN).ok
    opened = shown(teams.dialog("dee")["card"])
    assert "Kayleigh has not been in" in opened
    assert "her mother rang Tamsin" in opened
    assert "Pat Brown" in opened
    receipt(teams)
    assert teams.from_bot("lunch") == []
    nothing_leaks(teams, "Kayleigh", "Tamsin")


def test_who_sends_many_reports_is_told_once_that_speaking_is_quicker(teams: FakeTeams) -> None:
    for number in range(11):
        teams.says("ana", f"{REPORT} again, number {number}")
    words = "of your reports are recorded"
    teams.wait_for(lambda: [each for each in replies(teams) if f"All 11 {words}" in said(each)], 30)
    teams.wait_idle()
    teams.wait_for(lambda: len([each for each in replies(teams) if words in said(each)]) == 1)


def test_the_reporter_sees_who_it_was_handed_to(teams: FakeTeams) -> None:
    reported(teams)
    assert teams.press("dee", card(teams), TAKE).ok
    taken = card_says(teams, "Dee Lead took this on")
    teams.open_dialog("dee", taken, "Hand over")
    assert teams.submit_dialog("dee", {"field_person": "Ed Deputy (deputy)"}).ok
    receipt_says(teams, "Ed Deputy")
    assert teams.press("ed", told(teams, "ed"), TAKE).ok
    receipt_says(teams, "Ed Deputy has taken this on")


def test_where_nobody_can_be_told_the_reporter_reads_so_at_once_with_numbers(running: Running) -> None:
    teams = running.teams
    running.instead = {
        f'channel: {{teams: "{teams.room("dsl").id}"}}': "",
        **{f"teams: {teams.user(user).aad}": f"email: {user}@school.example" for user in ("dee", "ed", "hal")},
    }
    with running.up():
        teams.says("ana", REPORT)
        assert "phone" in said(reply(teams))
        standing = said(receipt(teams))
        assert "01632 960001" in standing
        assert "01632 960100" in standing
        receipt_says(teams, "could not be sent to anybody")
        teams.check()
