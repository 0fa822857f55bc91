"""A report from the first word to its outcome: who reads what, and that nobody else reads anything."""

from __future__ import annotations

import pytest

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import (
    ABOUT_THE_HEAD,
    EMERGENCY,
    MAYBE,
    OPEN,
    REPORT,
    TAKE,
    asked_whether,
    card,
    card_says,
    cards_in_dm,
    nothing_leaks,
    only,
    receipt,
    receipt_says,
    reference_in,
    replies,
    reported,
    shown,
    told,
)


def test_a_report_is_opened_taken_on_and_closed_and_its_reporter_sees_each_step(slack: FakeSlack) -> None:
    reference = reported(slack)
    before = receipt(slack)
    assert "obody has seen" in before["text"]
    assert "01632 960001" in before["text"]
    first = card(slack)
    assert reference in first["text"]
    slack.wait_for(lambda: told(slack, "UDSL"))
    assert slack.press("UDSL", first, OPEN).ok
    opened = slack.wait_for(lambda: slack.modal("UDSL"))
    assert REPORT in shown(opened)
    card_says(slack, "opened it")
    assert slack.press("UDSL", first, TAKE).ok
    after = receipt_says(slack, "Dee Lead has taken this on")
    assert after["ts"] == before["ts"]
    taken = card_says(slack, "Dee Lead took this on")
    assert taken["ts"] == first["ts"]
    slack.wait_for(lambda: "took this on" in cards_in_dm(slack, "UDSL")[0]["text"])
    assert slack.press("UDSL", taken, "Close with an outcome").ok
    slack.wait_for(lambda: slack.modal("UDSL")["callback_id"] == "form.close")
    assert slack.submit("UDSL", {"What came of it": "Spoke to social care.", "Where the record is kept": "CPOMS"}).ok
    assert slack.modals("UDSL") == []
    assert receipt_says(slack, "losed")["ts"] == before["ts"]
    assert card_says(slack, "Closed")["ts"] == first["ts"]
    assert len(slack.messages("CDSL")) == 1
    slack.wait_idle()
    nothing_leaks(slack, "Kayleigh", "belt", "social care.")


def test_that_the_report_was_opened_is_in_its_history(slack: FakeSlack) -> None:
    reported(slack)
    slack.press("UDEP", card(slack), OPEN)
    slack.wait_for(lambda: slack.modal("UDEP"))
    slack.press("UDSL", card(slack), OPEN)
    opened = slack.wait_for(lambda: slack.modal("UDSL"))
    assert "Ed Deputy" in shown(opened)
    assert "Dee Lead" in shown(opened)


def test_the_report_can_be_taken_on_inside_the_opened_view(slack: FakeSlack) -> None:
    reported(slack)
    slack.press("UDSL", card(slack), OPEN)
    opened = slack.wait_for(lambda: slack.modal("UDSL"))
    assert slack.press("UDSL", opened, TAKE).ok
    slack.wait_for(lambda: "took this on" in shown(slack.modal("UDSL")) and TAKE not in shown(slack.modal("UDSL")))
    card_says(slack, "Dee Lead took this on")
    receipt_says(slack, "Dee Lead has taken this on")


def test_a_possible_report_is_passed_on_by_its_button(slack: FakeSlack) -> None:
    slack.dm_says("U1", MAYBE)
    asked = asked_whether(slack)
    assert slack.messages("CDSL") == []
    assert slack.press("U1", asked, "Pass this to the designated safeguarding lead (DSL)").ok
    assert reference_in(card(slack)["text"]) == reference_in(asked["text"])
    slack.wait_for(lambda: told(slack, "UDSL"))
    slack.wait_for(lambda: "You chose" in shown([m for m in slack.dm("U1") if m["ts"] == asked["ts"]][0]))  # noqa: RUF015 -- none yet is a LookupError
    receipt_says(slack, "obody has seen")
    nothing_leaks(slack, "Tamsin")


def test_a_possible_report_that_was_only_a_question_alerts_nobody(slack: FakeSlack) -> None:
    slack.dm_says("U1", MAYBE)
    asked = asked_whether(slack)
    assert slack.press("U1", asked, "No, only asking").ok
    slack.wait_for(lambda: "only asking" in replies(slack, "U1")[-1]["text"])
    slack.wait_idle()
    assert slack.messages("CDSL") == []
    assert not told(slack, "UDSL")


def test_who_said_only_asking_can_still_pass_it_on_with_the_old_button(slack: FakeSlack) -> None:
    slack.dm_says("U1", MAYBE)
    asked = asked_whether(slack)
    slack.press("U1", asked, "No, only asking")
    slack.wait_for(lambda: "only asking" in replies(slack, "U1")[-1]["text"])
    assert slack.press("U1", asked, "Pass this to the designated safeguarding lead (DSL)").ok
    assert slack.wait_for(lambda: len(replies(slack, "U1")) > 2)


def test_the_command_report_takes_whatever_follows_as_a_report(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", "report Kayleigh came in without a coat again").ok
    reply = slack.ephemerals("U1")[0]
    assert reference_in(reply["text"]) == reference_in(card(slack)["text"])
    assert reference_in(receipt(slack)["text"]) == reference_in(reply["text"])
    slack.press("UDSL", card(slack), OPEN)
    assert "without a coat" in shown(slack.wait_for(lambda: slack.modal("UDSL")))
    assert slack.messages("C1") == []
    nothing_leaks(slack, "Kayleigh", "coat")


def test_a_command_that_holds_a_report_is_one_too(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", REPORT).ok
    assert reference_in(slack.ephemerals("U1")[0]["text"]) == reference_in(card(slack)["text"])
    receipt(slack)
    nothing_leaks(slack, "Kayleigh", "belt")


def test_the_command_report_alone_opens_the_form_and_what_is_written_there_is_passed_on(slack: FakeSlack) -> None:
    assert slack.command("U1", "C1", "/policy", "report").ok
    form = slack.wait_for(lambda: slack.modal("U1"))
    assert form["callback_id"] == "form.report"
    assert "Do not promise secrecy" in shown(form)
    assert slack.submit("U1", {"What has happened?": "Kayleigh came in without a coat again"}).ok
    assert reference_in(shown(slack.modal("U1"))) == reference_in(card(slack)["text"])
    receipt(slack)
    nothing_leaks(slack, "Kayleigh", "coat")


@pytest.mark.parametrize("way", ["shortcut", "home"])
def test_report_a_concern_opens_the_form_and_records_what_is_sent_off(slack: FakeSlack, way: str) -> None:
    if way == "shortcut":
        assert slack.global_shortcut("U1", "report_concern").ok
    else:
        slack.open_home("U1")
        slack.press("U1", slack.wait_for(lambda: slack.home("U1")), "Report a concern")
    slack.wait_for(lambda: slack.modal("U1")["callback_id"] == "form.report")
    assert slack.submit("U1", {"What has happened?": "nothing much"}).ok
    result = slack.modal("U1")
    assert reference_in(shown(result)) == reference_in(card(slack)["text"])
    assert "Nobody has seen it yet" in shown(result)


def test_a_message_of_somebody_else_is_passed_to_the_dsl_with_what_was_added(slack: FakeSlack) -> None:
    written = slack.channel_says("U2", "C1", "Kayleigh has not been in all week <!here> & nobody knows why")
    assert slack.message_shortcut("U1", "C1", written["ts"], "pass_to_dsl").ok
    form = slack.wait_for(lambda: slack.modal("U1"))
    assert "Kayleigh has not been in all week" in shown(form)
    assert slack.submit("U1", {"What you want to add": "her mother rang Tamsin"}).ok
    slack.press("UDSL", card(slack), OPEN)
    opened = shown(slack.wait_for(lambda: slack.modal("UDSL")))
    assert "Kayleigh has not been in all week" in opened
    assert "her mother rang Tamsin" in opened
    nothing_leaks(slack, "Kayleigh", "Tamsin")
    assert len(slack.messages("C1")) == 1


def test_a_report_in_a_public_channel_is_answered_privately_with_advice_to_delete_it(slack: FakeSlack) -> None:
    slack.mention("U1", "C1", REPORT)
    aside = slack.wait_for(lambda: slack.ephemerals("U1", "C1")[0])
    assert "delete your message" in aside["text"]
    direct = slack.wait_for(lambda: replies(slack, "U1")[0])
    assert reference_in(direct["text"]) == reference_in(card(slack)["text"])
    assert "Delete your message there" in direct["text"]
    receipt(slack)
    slack.wait_idle()
    assert len(slack.messages("C1")) == 1
    assert slack.ephemerals("U2") == []
    nothing_leaks(slack, "Kayleigh", "belt")


def test_a_possible_report_in_a_public_channel_is_asked_about_privately(slack: FakeSlack) -> None:
    slack.mention("U1", "C1", MAYBE)
    asked = asked_whether(slack)
    assert len(slack.messages("C1")) == 1
    assert slack.press("U1", asked, "Pass this to the designated safeguarding lead (DSL)").ok
    card(slack)
    assert len(slack.messages("C1")) == 1
    receipt_says(slack, "obody has seen")
    nothing_leaks(slack, "Tamsin")


def test_an_emergency_tells_everybody_of_the_route_at_once(slack: FakeSlack) -> None:
    slack.dm_says("U1", EMERGENCY)
    assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("Call 999 now")
    slack.wait_for(lambda: told(slack, "UDSL") and told(slack, "UDEP"))
    assert "mergency" in card(slack)["text"]
    nothing_leaks(slack, "Kayleigh", "knife")


def test_a_report_about_the_head_goes_to_the_chair_and_the_head_never_hears_of_it(running: Running) -> None:
    slack = running.slack
    with running.up():
        slack.dm_says("U1", ABOUT_THE_HEAD)
        theirs = slack.wait_for(lambda: cards_in_dm(slack, "UCHAIR")[0])
        reference = reference_in(theirs["text"])
        for user in ("UHEAD", "UDSL"):
            slack.open_home(user)
            assert reference not in shown(slack.wait_for(lambda user=user: slack.home(user)))  # type: ignore[misc]  # mypy and defaults of a lambda
        slack.wait_idle()
        for button in (TAKE, OPEN):
            assert slack.press("UHEAD", theirs, button).ok
        assert slack.modals("UHEAD") == []
        assert slack.press("UCHAIR", theirs, TAKE).ok
        receipt_says(slack, "Cy Chair has taken this on")
        assert slack.dm("UHEAD") == []
        assert slack.dm("UDSL") == []
        assert slack.messages("CDSL") == []
        nothing_leaks(slack, "Jermaine")
        only(slack, "user_not_in_channel")


def test_who_sends_many_reports_is_told_once_that_speaking_is_quicker(slack: FakeSlack) -> None:
    for number in range(11):
        slack.dm_says("U1", f"{REPORT} again, number {number}")
    slack.wait_for(lambda: [each for each in slack.dm("U1") if "All 11 of your reports are recorded" in each["text"]])
    slack.wait_idle()
    told = [each for each in slack.dm("U1") if "of your reports are recorded" in each["text"]]
    assert len(told) == 1
