"""What Slack sends reaches its end once, whatever breaks on the way."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from adapters.escalations.desk import Desk
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import (
    MAYBE,
    QUESTION,
    REPORT,
    card,
    nothing_leaks,
    receipt,
    replies,
)


@contextmanager
def locked(running: Running) -> Iterator[None]:
    """Somebody else holds the database: nothing can be written."""
    holder = sqlite3.connect(running.database, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        holder.execute("ROLLBACK")
        holder.close()


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database refuses every report and every turn."""

    def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patched:
        patched.setattr(Desk, "record_now", refuse)
        yield


def rows(running: Running, table: str) -> int:
    """How many rows a table has."""
    with sqlite3.connect(running.database) as connection:
        (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608 -- our own name
    connection.close()
    return int(count)


@pytest.mark.parametrize("text", [QUESTION, REPORT, MAYBE])
def test_four_deliveries_of_one_event_with_a_restart_between_have_one_effect(running: Running, text: str) -> None:
    slack = running.slack
    with running.up():
        event = slack.dm_says("U1", text)["event_id"]
        slack.repeat(event)
        slack.wait_idle()
        slack.wait_for(lambda: replies(slack, "U1"))
    with running.up():
        slack.repeat(event, copies=2)
        slack.wait_idle()
        slack.dm_says("U2", "hello")
        slack.wait_for(lambda: replies(slack, "U2"))
        if text == REPORT:
            card(slack)
            receipt(slack)
    answers = [each for each in replies(slack, "U1") if not each["text"].startswith("Report R-")]
    assert len(answers) == 1
    assert len(replies(slack, "U1")) <= 2
    assert rows(running, "escalations") == (text != QUESTION)
    assert len(slack.messages("CDSL")) == (text == REPORT)
    slack.check()


def test_six_copies_at_once_have_one_effect(running: Running) -> None:
    slack = running.slack
    with running.up():
        event = slack.mention("U1", "C1", REPORT)["event_id"]
        slack.repeat(event, copies=5)
        slack.wait_idle(30)
        receipt(slack)
        card(slack)
        slack.wait_for(lambda: slack.ephemerals("U1"))
    assert len(slack.ephemerals("U1")) == 1
    assert len(replies(slack, "U1")) == 2
    assert rows(running, "escalations") == 1
    slack.check()


def test_a_report_whose_storing_fails_is_not_acknowledged_and_the_retry_is_stored(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = running.slack
    slack._courier.hurry = 30  # Slack's later attempts come after two and ten seconds
    with running.up():
        with broken(monkeypatch):
            event = slack.dm_says("U1", REPORT)["event_id"]
            said = slack.wait_for(lambda: replies(slack, "U1")[0])["text"]
            assert "nothing has been recorded" in said
            assert "Dee Lead" in said or "designated safeguarding lead" in said
            slack.wait_for(lambda: len(slack.attempts(event)) >= 2)
        slack.wait_for(lambda: slack.attempts(event)[-1].reason is None, 30)
        receipt(slack)
        card(slack)
        assert slack.given_up == []
        assert sum("nothing has been recorded" in each["text"] for each in replies(slack, "U1")) == 1
        nothing_leaks(slack, "Kayleigh", "belt")
        slack.check()


def test_a_command_and_a_form_that_cannot_be_recorded_say_so(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slack = running.slack
    with running.up():
        slack.global_shortcut("U1", "report_concern")
        slack.wait_for(lambda: slack.modal("U1"))
        with broken(monkeypatch):
            assert slack.command("U1", "C1", "/policy", f"report {REPORT}").ok
            assert "nothing has been recorded" in slack.ephemerals("U1")[0]["text"]
            assert slack.submit("U1", {"What has happened?": REPORT}).ok
            assert "not recorded" in str(slack.modal("U1")["blocks"])
        assert slack.messages("CDSL") == []
        slack.check()


def test_a_press_that_cannot_be_recorded_is_not_acknowledged(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slack = running.slack
    with running.up():
        slack.dm_says("U1", MAYBE)
        asked = slack.wait_for(lambda: [each for each in replies(slack, "U1") if "Shall I" in each["text"]][0])  # noqa: RUF015 -- none yet is a LookupError
        with broken(monkeypatch):
            assert not slack.press("U1", asked, "choice.0").ok
        assert slack.press("U1", asked, "choice.0").ok
        card(slack)
        slack.check()


def test_a_database_that_is_locked_for_a_while_loses_no_report(running: Running) -> None:
    slack = running.slack
    slack._courier.hurry = 10
    with running.up():
        with locked(running):
            event = slack.dm_says("U1", REPORT)["event_id"]
            slack.wait_for(lambda: slack.attempts(event), 20)
            assert slack.attempts(event)[0].reason is not None
            assert rows_unseen(slack)
        slack.wait_for(lambda: slack.attempts(event)[-1].reason is None, 60)
        receipt(slack)
        card(slack)
        slack.check()


def rows_unseen(slack: FakeSlack) -> bool:
    """Nobody was told that anything is recorded."""
    return not any("is recorded" in each["text"] for each in replies(slack, "U1"))


def test_an_edited_message_that_becomes_a_report_is_raised_once(running: Running) -> None:
    slack = running.slack
    with running.up():
        first = slack.dm_says("U1", "hello")
        slack.wait_for(lambda: replies(slack, "U1"))
        slack.edit_dm("U1", first["ts"], REPORT)
        receipt(slack)
        card(slack)
        slack.wait_idle()
    assert rows(running, "escalations") == 1
    assert len(slack.messages("CDSL")) == 1
    slack.check()


def test_a_report_that_is_edited_stays_one_report_or_adds_another_and_loses_none(running: Running) -> None:
    slack = running.slack
    with running.up():
        first = slack.dm_says("U1", REPORT)
        receipt(slack)
        slack.edit_dm("U1", first["ts"], f"{REPORT}, since the summer")
        slack.wait_idle()
        slack.wait_for(lambda: slack.messages("CDSL"))
    assert rows(running, "escalations") in (1, 2)
    slack.check()


def test_what_is_no_persons_message_is_ignored(slack: FakeSlack) -> None:
    im = slack.dm_says("U1", "hello")["channel"]
    slack.wait_for(lambda: replies(slack, "U1"))
    before = len(slack.calls)
    slack.other_bot_says(im, REPORT)
    slack.event(
        {"type": "message", "channel": im, "channel_type": "im", "user": "UBOTT1", "text": REPORT, "ts": "1.1"},
        subscription="message.im",
    )
    slack.event(
        {"type": "message", "subtype": "channel_join", "channel": im, "channel_type": "im", "user": "U1",
         "text": "<@U1> has joined: Kayleigh told me her dad hits her", "ts": "1.2"},
        subscription="message.im",
    )  # fmt: skip
    slack.event(
        {"type": "message", "channel": im, "channel_type": "im", "user": "USLACKBOT", "text": REPORT, "ts": "1.3"},
        subscription="message.im",
    )
    slack.wait_idle()
    assert slack.messages("CDSL") == []
    assert [each.method for each in slack.calls[before:]] in ([], ["auth.test"])


def test_a_deleted_message_is_ignored_and_its_report_stays(running: Running) -> None:
    slack = running.slack
    with running.up():
        said = slack.dm_says("U1", REPORT)
        receipt(slack)
        card(slack)
        slack.delete("U1", said["channel"], said["ts"])
        slack.wait_idle()
    assert rows(running, "escalations") == 1
    slack.check()


def test_an_edit_that_changes_no_words_is_ignored(running: Running) -> None:
    slack = running.slack
    with running.up():
        said = slack.dm_says("U1", QUESTION)
        slack.wait_for(lambda: replies(slack, "U1"))
        slack.edit_dm("U1", said["ts"], QUESTION)
        slack.wait_idle()
        assert len(replies(slack, "U1")) == 1
        slack.check()


@pytest.mark.parametrize("silent", [False, True])
def test_a_line_that_drops_loses_no_message(socket: Running, *, silent: bool) -> None:
    slack = socket.slack
    with socket.up():
        slack.drop_socket(silent=silent)
        slack._courier.hurry = 15
        slack.dm_says("U1", REPORT)
        slack.wait_for(lambda: slack.messages("CDSL"), 60)
        receipt(slack)
        assert slack.given_up == []
        assert len(slack.messages("CDSL")) == 1


def test_a_line_that_is_closed_in_order_is_followed_at_once(socket: Running) -> None:
    slack = socket.slack
    with socket.up():
        slack.disconnect_socket()
        slack._courier.hurry = 60
        slack.dm_says("U1", REPORT)
        slack.wait_for(lambda: slack.messages("CDSL"), 60)
        receipt(slack)
        assert slack.given_up == []
