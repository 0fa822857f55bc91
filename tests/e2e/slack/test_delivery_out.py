"""Slack's own API fails, and still every reply and every alert arrives, once where that can be."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from adapters.slack.speaker import Speaker
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import QUESTION, REPORT, card, receipt, replies, reported, told

Cut = Literal["before", "after"]


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("text", [QUESTION, REPORT])
def test_a_reply_that_was_kept_when_the_product_died_is_sent_after_the_restart(
    running: Running, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    slack = running.slack

    async def never(*_: object) -> None:
        """The process dies between storing and replying."""

    with monkeypatch.context() as patched, running.up():
        patched.setattr(Speaker, "_send_all", never)
        event = slack.dm_says("U1", text)["event_id"]
        slack.wait_for(lambda: slack.attempts(event))
        slack.wait_idle()
        assert slack.attempts(event)[0].reason is None
        if text == QUESTION:
            assert replies(slack, "U1") == []
    with running.up():
        answers = slack.wait_for(
            lambda: [each for each in replies(slack, "U1") if not each["text"].startswith("Report R-")], 30
        )
        if text == REPORT:
            receipt(slack)
            card(slack)
        assert len(answers) == 1
        slack.check()


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_reply_that_slack_does_not_take_at_once_arrives_all_the_same(running: Running, status: int) -> None:
    slack = running.slack
    with running.up():
        slack.fail("chat.postMessage", times=2, status=status, retry_after=1)
        slack.dm_says("U1", QUESTION)
        assert slack.wait_for(lambda: replies(slack, "U1"), 30)[0]["text"].startswith("No.")
        slack.check()


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_reply_whose_connection_is_cut_arrives(running: Running, cut: Cut) -> None:
    slack = running.slack
    with running.up():
        slack.fail("chat.postMessage", cut=cut)
        slack.dm_says("U1", QUESTION)
        slack.wait_for(lambda: replies(slack, "U1"), 30)
        slack.check()


def test_a_slow_slack_does_not_hold_up_the_acknowledgement(running: Running) -> None:
    slack = running.slack
    with running.up():
        slack.fail("chat.postMessage", slow=4)
        event = slack.dm_says("U1", QUESTION)["event_id"]
        slack.wait_for(lambda: replies(slack, "U1"), 30)
        assert [each.reason for each in slack.attempts(event)] == [None]
        slack.check()


@pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 429, "retry_after": 1}, {"cut": "before"}])
def test_an_alert_that_slack_does_not_take_is_tried_again(running: Running, trouble: dict[str, Any]) -> None:
    slack = running.slack
    with running.up():
        slack.command("U1", "C1", "/policy", "help")
        slack.fail("chat.postMessage", times=3, **trouble)
        assert slack.command("U1", "C1", "/policy", f"report {REPORT}").ok
        slack.wait_for(lambda: slack.messages("CDSL"), 60)
        slack.wait_for(lambda: told(slack, "UDSL"), 60)
        slack.check()


def test_the_next_person_is_told_without_waiting_where_the_first_cannot_be_reached(running: Running) -> None:
    slack = running.slack
    running.config = running.config.replace("        channel: {slack: CDSL}\n", "").replace("UDSL", "UGONE")
    with running.up():
        slack.dm_says("U1", REPORT)
        slack.wait_for(lambda: told(slack, "UDEP"), 30)
        receipt(slack)


def test_a_report_is_taken_while_slack_answers_nothing(running: Running) -> None:
    slack = running.slack
    with running.up():
        slack.fail("*", times=None, status=500)
        if running.mode == "http":
            event = slack.dm_says("U1", REPORT)["event_id"]
            slack.wait_for(lambda: slack.attempts(event))
            assert slack.attempts(event)[-1].reason is None
        else:
            slack.dm_says("U1", REPORT)
        slack.wait_idle()
        slack.heal()
        slack.wait_for(lambda: slack.messages("CDSL"), 60)
        slack.check()


def test_the_product_starts_while_slack_is_away(http: Running) -> None:
    slack = http.slack
    slack.fail("auth.test", times=None, status=500)
    with http.up():
        slack.dm_says("U1", QUESTION)
        assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("No.")
        assert slack.command("U1", "C1", "/policy", QUESTION).ok
        slack.check()


def test_socket_mode_begins_once_slack_answers(socket: Running) -> None:
    slack = socket.slack
    slack.fail("apps.connections.open", times=1, status=500)
    with socket.up():
        slack.dm_says("U1", QUESTION)
        slack.wait_for(lambda: replies(slack, "U1"), 30)
        slack.check()


def test_a_stopped_product_lets_go_of_its_file(http: Running) -> None:
    with http.up():
        pass
    assert not http.kept_its_file


def test_who_took_it_on_is_shown_to_the_reporter_once_slack_answers_again(running: Running) -> None:
    slack = running.slack
    with running.up():
        reported(slack)
        first = card(slack)
        slack.fail("chat.update", times=None, status=500)
        assert slack.press("UDSL", first, "Take this on").ok
        slack.wait_for(lambda: [each for each in slack.called("chat.update") if each.injected])
        slack.heal()
        slack.wait_for(lambda: "Dee Lead has taken this on" in receipt(slack)["text"], 15)
