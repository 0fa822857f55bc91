"""What those do who are told, what they may not do, and how everybody sees the present state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running, configured
from tests.e2e.slack.stories import (
    OPEN,
    TAKE,
    card,
    card_says,
    cards_in_dm,
    nothing_leaks,
    only,
    receipt,
    receipt_says,
    reported,
    shown,
    told,
)


def test_two_who_press_at_once_are_both_told_who_has_it(slack: FakeSlack) -> None:
    reported(slack)
    first = card(slack)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda user: slack.press(user, first, TAKE), ("UDSL", "UDEP")))
    assert all(answer.ok for answer in answers)
    taken = card_says(slack, "took this on")["text"]
    winner, loser = ("Dee Lead", "UDEP") if "Dee Lead took" in taken else ("Ed Deputy", "UDSL")
    assert winner in slack.wait_for(lambda: slack.ephemerals(loser)[0])["text"]
    receipt_says(slack, f"{winner} has taken this on")
    assert slack.press("UDEP", card(slack), OPEN).ok
    history = shown(slack.wait_for(lambda: slack.modal("UDEP")))
    assert history.count("took it on") <= 1


def test_who_is_not_of_the_route_can_neither_take_it_nor_open_it(slack: FakeSlack) -> None:
    user = "UODD"
    reported(slack)
    first = card(slack)
    for button in (TAKE, OPEN, "Hand over", "Add a note"):
        assert slack.press(user, first, button).ok
    slack.wait_for(lambda: len(slack.ephemerals(user)) == 4)
    assert slack.modals(user) == []
    assert "Nobody" in card(slack)["text"]
    assert "obody has seen" in receipt(slack)["text"]
    nothing_leaks(slack, "Kayleigh", "belt")


@pytest.mark.parametrize("user", ["U1", "U2"])
def test_a_forged_press_of_somebody_outside_the_channel_changes_nothing(running: Running, user: str) -> None:
    slack = running.slack
    with running.up():
        reported(slack)
        first = card(slack)
        for button in (TAKE, OPEN, "Hand over", "Add a note"):
            assert slack.press(user, first, button).ok
        slack.wait_idle()
        assert slack.modals(user) == []
        assert "Nobody has opened it" in card(slack)["text"]
        only(slack, "user_not_in_channel")


def test_who_takes_it_on_in_direct_messages_updates_every_card(slack: FakeSlack) -> None:
    reported(slack)
    card(slack)
    slack.wait_for(lambda: told(slack, "UDSL"))
    assert slack.press("UDSL", cards_in_dm(slack, "UDSL")[0], TAKE).ok
    card_says(slack, "Dee Lead took this on")
    slack.wait_for(lambda: "took this on" in cards_in_dm(slack, "UDSL")[0]["text"])
    receipt_says(slack, "Dee Lead has taken this on")


def test_it_is_handed_over_and_the_next_one_takes_it_on(slack: FakeSlack) -> None:
    reported(slack)
    slack.press("UDSL", card(slack), TAKE)
    taken = card_says(slack, "Dee Lead took this on")
    assert slack.press("UDSL", taken, "Hand over").ok
    form = slack.wait_for(lambda: slack.modal("UDSL"))
    assert "Cy Chair" not in shown(form)
    assert slack.submit("UDSL", {"field.person": "UDEP"}).ok
    assert slack.modals("UDSL") == []
    slack.wait_for(lambda: told(slack, "UDEP"))
    assert slack.press("UDEP", cards_in_dm(slack, "UDEP")[0], TAKE).ok
    card_says(slack, "Ed Deputy took this on")
    receipt_says(slack, "Ed Deputy has taken this on")


def test_a_note_is_read_by_those_who_work_on_it_and_not_by_the_reporter(slack: FakeSlack) -> None:
    reported(slack)
    assert slack.press("UDSL", card(slack), "Add a note").ok
    slack.wait_for(lambda: slack.modal("UDSL")["callback_id"] == "form.note")
    assert slack.submit("UDSL", {"Note": "rang Tamsin at ten"}).ok
    slack.press("UDEP", card(slack), OPEN)
    assert "rang Tamsin at ten" in shown(slack.wait_for(lambda: slack.modal("UDEP")))
    nothing_leaks(slack, "Tamsin")


def test_a_form_without_what_it_needs_is_not_sent_off(slack: FakeSlack) -> None:
    reported(slack)
    slack.press("UDSL", card(slack), TAKE)
    slack.press("UDSL", card_says(slack, "took this on"), "Close with an outcome")
    slack.wait_for(lambda: slack.modal("UDSL"))
    assert slack.submit("UDSL", {"What came of it": "  ", "Where the record is kept": "\n"}).errors
    assert "Taken on" in card(slack)["text"]


def test_a_closed_report_is_reopened_and_raised_again(slack: FakeSlack) -> None:
    reported(slack)
    slack.press("UDSL", card(slack), TAKE)
    slack.press("UDSL", card_says(slack, "took this on"), "Close with an outcome")
    slack.wait_for(lambda: slack.modal("UDSL"))
    slack.submit("UDSL", {"What came of it": "talked", "Where the record is kept": "CPOMS"})
    closed = card_says(slack, "Closed")
    before = len(cards_in_dm(slack, "UDSL"))
    assert slack.press("UDSL", closed, "Reopen").ok
    slack.wait_for(lambda: len(cards_in_dm(slack, "UDSL")) > before)
    receipt_says(slack, "Nobody has")


def test_an_old_card_answers_with_the_present_state(slack: FakeSlack) -> None:
    reported(slack)
    old = card(slack)
    slack.press("UDEP", old, TAKE)
    card_says(slack, "Ed Deputy took this on")
    assert slack.press("UDSL", old, TAKE).ok
    assert "Ed Deputy" in slack.wait_for(lambda: slack.ephemerals("UDSL")[0])["text"]
    assert "Ed Deputy took this on" in card(slack)["text"]


def test_a_button_that_nobody_knows_any_more_says_so(slack: FakeSlack) -> None:
    reported(slack)
    old = card(slack)
    old["blocks"][-2]["elements"][0] |= {"action_id": "seen.v0"}
    assert slack.press("UDSL", old, "seen.v0").ok
    assert "older version" in slack.wait_for(lambda: slack.ephemerals("UDSL")[0])["text"]


def test_when_nobody_takes_it_on_the_next_is_told_and_the_card_is_reminded_in_its_thread(running: Running) -> None:
    running.config = configured("ashley", wait=0.05)
    slack = running.slack
    with running.up():
        reported(slack)
        first = card(slack)
        slack.wait_for(lambda: told(slack, "UDEP"), 30)
        reminder = slack.wait_for(lambda: slack.messages("CDSL")[1], 30)
        assert reminder["thread_ts"] == first["ts"]
        assert slack.press("UDEP", first, TAKE).ok
        receipt_says(slack, "Ed Deputy has taken this on")
        nothing_leaks(slack, "Kayleigh", "belt")
        slack.check()


def test_a_possible_report_that_nobody_answers_is_raised_unconfirmed(running: Running) -> None:
    running.config = configured("ashley", confirm=0.05)
    slack = running.slack
    with running.up():
        slack.dm_says("U1", "i'm a bit worried about Tamsin in my year 5s")
        unconfirmed = slack.wait_for(lambda: slack.messages("CDSL")[0], 30)
        assert "nconfirmed" in unconfirmed["text"]
        receipt_says(slack, "seen")
        nothing_leaks(slack, "Tamsin")
        slack.check()


def test_the_home_of_a_dsl_lists_what_is_open_by_urgency_with_buttons_that_work(slack: FakeSlack) -> None:
    plain = reported(slack)
    urgent = reported(slack, "U2", "a boy called Kayleigh has a knife in the playground right now")
    slack.open_home("UDSL")
    home = slack.wait_for(lambda: slack.home("UDSL"))
    text = shown(home)
    assert "2 reports that nobody has taken on" in text
    assert text.index(urgent) < text.index(plain)
    assert slack.press("UDSL", home, "report.take", urgent).ok
    slack.wait_for(lambda: "1 report that nobody has taken on" in shown(slack.home("UDSL")))
    receipt_says(slack, "Dee Lead has taken this on", "U2")
    assert slack.press("UDSL", slack.home("UDSL"), "report.open", plain).ok
    assert "belt" in shown(slack.wait_for(lambda: slack.modal("UDSL")))
    nothing_leaks(slack, "Kayleigh", "belt", "knife")


def test_the_home_of_staff_shows_their_own_reports_and_nobody_elses(slack: FakeSlack) -> None:
    reference = reported(slack)
    slack.press("UDSL", card(slack), TAKE)
    receipt_says(slack, "taken this on")
    for user, there in (("U1", True), ("U2", False)):
        slack.open_home(user)
        home = shown(slack.wait_for(lambda user=user: slack.home(user)))  # type: ignore[misc]  # mypy and defaults
        assert (reference in home) is there
        assert ("Dee Lead has taken this on" in home) is there
        assert "Inbox" not in home
