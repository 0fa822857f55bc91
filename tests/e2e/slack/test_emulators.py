"""A Slack that lacks many methods, as emulators do: the bot starts and answers where it can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import QUESTION, REPORT, card, receipt, replies

LACKS = (
    "views.publish", "views.open", "views.push", "views.update", "conversations.open", "conversations.info",
    "usergroups.list", "usergroups.users.list", "assistant.threads.setSuggestedPrompts", "chat.postEphemeral",
    "users.info", "chat.update",
)  # fmt: skip


@pytest.fixture
def meagre(running: Running) -> Iterator[FakeSlack]:
    """A Slack with little more than chat.postMessage."""
    for method in LACKS:
        running.slack.fail(method, times=None, error="unknown_method")
    with running.up():
        yield running.slack
        running.slack.wait_idle()
        running.slack.check()


def test_a_command_a_message_and_a_mention_are_answered(meagre: FakeSlack) -> None:
    assert meagre.command("U1", "C1", "/policy", QUESTION).ok
    assert meagre.ephemerals("U1")[0]["text"].startswith("No.")
    meagre.dm_says("U1", QUESTION)
    assert meagre.wait_for(lambda: replies(meagre, "U1")[0])["text"].startswith("No.")
    meagre.mention("U1", "C1", QUESTION)
    assert meagre.wait_for(lambda: meagre.messages("C1")[1])["text"].startswith("No.")


def test_a_report_reaches_the_dsl_and_can_be_taken_on(meagre: FakeSlack) -> None:
    meagre.dm_says("U1", REPORT)
    receipt(meagre)
    assert meagre.press("UDSL", card(meagre), "Take this on").ok
    assert meagre.given_up == []


def test_a_report_in_a_channel_is_answered_in_direct_messages_even_so(meagre: FakeSlack) -> None:
    meagre.mention("U1", "C1", REPORT)
    meagre.wait_for(lambda: replies(meagre, "U1"))
    card(meagre)
    assert len(meagre.messages("C1")) == 1


def test_tabs_that_cannot_be_shown_are_no_failure(meagre: FakeSlack) -> None:
    for event in (meagre.open_home("U1"), meagre.open_home("U1", "messages")):
        meagre.wait_for(lambda event=event: meagre.attempts(event))  # type: ignore[misc]  # mypy and defaults
        assert [each.reason for each in meagre.attempts(event)] == [None]


@pytest.mark.parametrize("way", ["ask_policy", "report_concern", "open", "report"])
def test_a_form_that_cannot_be_opened_is_acknowledged_all_the_same(meagre: FakeSlack, way: str) -> None:
    if way == "report":
        assert meagre.command("U1", "C1", "/policy", "report").ok
    elif way == "open":
        meagre.dm_says("U1", REPORT)
        assert meagre.press("UDSL", card(meagre), "Open the report").ok
    else:
        assert meagre.global_shortcut("U1", way).ok
