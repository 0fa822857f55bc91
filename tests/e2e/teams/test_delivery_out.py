"""Teams' own service fails, and still every reply and every alert arrives, once where that can be."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from adapters.escalations import joined
from adapters.escalations.watch import Watch
from adapters.teams import connector
from adapters.teams.speaker import Speaker
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    OPEN,
    QUESTION,
    REPORT,
    TAKE,
    card,
    card_says,
    cards_to,
    met,
    nothing_leaks,
    only,
    receipt,
    receipt_says,
    replies,
    reported,
    rows,
    said,
    shown,
    told,
)

TROUBLES: list[dict[str, Any]] = [
    {"status": 429, "retry_after": 1}, {"status": 500}, {"status": 502}, {"status": 503},
    {"cut": "before"}, {"cut": "after"},
]  # fmt: skip


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that does not get through is given up soon, and left to whoever comes after."""
    monkeypatch.setattr(connector, "FIRST_WAIT", 0.02)


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """The watch looks soon, but leaves what it has found the time to be done."""
    grace, look = timedelta(seconds=0.5), timedelta(seconds=4)
    monkeypatch.setattr(joined, "Watch", functools.partial(Watch, grace=grace, look=look))


def without_channel(running: Running) -> FakeTeams:
    """A school that names no channel: only people are told."""
    running.instead[f'channel: {{teams: "{running.teams.room("dsl").id}"}}'] = ""
    return running.teams


@contextmanager
def up_and_met(running: Running, *users: str) -> Iterator[FakeTeams]:
    """The product, which knows where to write to these people."""
    with running.up():
        met(running.teams, *users)
        yield running.teams


@pytest.mark.usefixtures("steady")
@pytest.mark.parametrize("text", [QUESTION, REPORT])
def test_a_reply_that_was_kept_when_the_product_died_is_sent_after_the_restart(
    running: Running, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    teams = running.teams

    async def never(*_: object) -> None:
        """The process dies between storing and replying."""

    with monkeypatch.context() as patched, running.up():
        patched.setattr(Speaker, "_send_all", never)
        patched.setattr(Speaker, "say", never_sent)
        message = teams.says("ana", text)["id"]
        teams.wait_for(lambda: teams.answers(message))
        assert teams.answers(message)[0].status == 200
        assert rows(running.database, "escalations") == (text == REPORT)
        assert replies(teams) == []
    with running.up():
        teams.wait_for(lambda: replies(teams), 30)
        if text == REPORT:
            receipt_says(teams, "obody has seen")
            card(teams)
        teams.wait_for(lambda: rows(running.database, "sayings", "payload is not null") == 0)
        assert len(replies(teams)) == 1 + (text == REPORT)
        teams.check()


async def never_sent(*_: object) -> None:
    """What the watch of a dying process would send."""
    raise OSError


@pytest.mark.usefixtures("brisk")
def test_whatever_befalls_a_reply_it_arrives(running: Running) -> None:
    with up_and_met(running, "ana") as teams:
        for trouble in TROUBLES:
            before = len(replies(teams))
            teams.fail("send", where="ana", **trouble)
            teams.says("ana", QUESTION)
            teams.wait_for(lambda before=before: len(replies(teams)) > before, 30)  # type: ignore[misc]  # mypy and defaults
        teams.wait_for(lambda: rows(running.database, "sayings", "payload is not null") == 0, 30)
        teams.check()


@pytest.mark.parametrize("trouble", [TROUBLES[0], TROUBLES[1], TROUBLES[-1]], ids=str)
def test_whatever_befalls_an_alert_it_arrives(running: Running, trouble: dict[str, Any]) -> None:
    with up_and_met(running, "dee", "ana") as teams:
        teams.fail("create", where="dsl", times=2, **trouble)
        teams.fail("send", where="dee", times=2, **trouble)
        reference = reported(teams)
        told(teams, "dee", reference, 30)
        assert reference in said(teams.wait_for(lambda: teams.channel("dsl")[0], 30))
        receipt_says(teams, "obody has seen")
        nothing_leaks(teams, "Kayleigh", "belt")
        teams.check()


@pytest.mark.usefixtures("brisk", "hasty")
def test_while_teams_is_away_nothing_is_lost_and_then_all_of_it_arrives(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    with up_and_met(running, "ana", "dee") as teams:
        with teams.away():
            message = teams.says("ana", REPORT)["id"]
            teams.wait_for(lambda: teams.answers(message))
            assert teams.answers(message)[0].status == 200
            teams.wait_for(lambda: "did not get through" in caplog.text and "delivery of R-" in caplog.text, 30)
        receipt_says(teams, "obody has seen")
        teams.wait_for(lambda: card(teams) and told(teams, "dee"), 60)
        teams.wait_for(lambda: rows(running.database, "sayings", "payload is not null") == 0, 30)
        assert len(teams.channel("dsl")) == 1
        teams.check()


@pytest.mark.parametrize("code", ["ConversationBlockedByUser", "MessageWritesBlocked"])
def test_who_has_blocked_the_app_is_passed_over_at_once(running: Running, code: str) -> None:
    without_channel(running)
    with up_and_met(running, "dee", "ed") as teams:
        teams.block("dee", code)
        reported(teams)
        assert teams.open_dialog("ed", told(teams, "ed"), OPEN).ok
        history = shown(teams.dialog("ed")["card"])
        assert "not delivered" in history
        assert "forbidden" in history
        receipt_says(teams, "Ed Deputy")
        assert cards_to(teams, "dee") == []
        only(teams, code)


def test_who_has_never_had_the_app_or_has_removed_it_is_passed_over_at_once(running: Running) -> None:
    without_channel(running)
    with up_and_met(running, "ed", "hal") as teams:
        teams.uninstall("ed")
        teams.wait_idle()
        reported(teams)
        told(teams, "hal")
        receipt_says(teams, "Hal Head")
        assert cards_to(teams, "dee") == cards_to(teams, "ed") == []
        only(teams, "BotNotInConversationRoster")


def test_a_chat_that_is_gone_is_begun_anew_and_where_it_cannot_be_the_next_is_told(running: Running) -> None:
    without_channel(running)
    with up_and_met(running, "dee", "ed") as teams:
        teams.fail("send", where="dee", status=404)
        first = reported(teams)
        told(teams, "dee", first)
        assert len(teams.called("create", "dee")) == 1
        teams.fail("send", where="dee", status=404, times=None)
        second = reported(teams, text=f"{REPORT} again")
        told(teams, "ed", second)
        assert len(cards_to(teams, "dee")) == 1
        teams.check()


def test_where_nobody_is_reached_the_reporter_reads_so_with_numbers(running: Running) -> None:
    without_channel(running)
    with up_and_met(running, "ana") as teams:
        reported(teams)
        failing = said(receipt_says(teams, "could not be sent to anybody so far"))
        assert "01632 960001" in failing
        assert "01632 960100" in failing
        teams.check()


def test_a_channel_that_is_gone_keeps_nobody_from_being_told(running: Running) -> None:
    with up_and_met(running, "dee") as teams:
        teams.fail("create", where="dsl", status=403, times=None)
        reported(teams)
        assert teams.press("dee", told(teams, "dee"), TAKE).ok
        receipt_says(teams, "Dee Lead has taken this on")
        assert teams.channel("dsl") == []
        teams.check()


def test_a_card_that_was_deleted_is_posted_anew_instead_of_reminded(running: Running) -> None:
    running.wait = 0.05
    with up_and_met(running, "dee", "ed") as teams:
        reported(teams)
        card(teams)
        teams.fail("send", where="dsl", status=404, times=None)
        again = teams.wait_for(lambda: teams.channel("dsl")[1], 30)
        assert teams.press("ed", again, TAKE).ok
        receipt_says(teams, "Ed Deputy has taken this on")


@pytest.mark.usefixtures("hasty")
def test_a_private_answer_is_not_said_twice_because_the_notice_about_it_fails(running: Running) -> None:
    with up_and_met(running, "ana") as teams:
        teams.fail("send", where="staffroom", status=503, times=None)
        teams.says("ana", REPORT, "staffroom")
        receipt_says(teams, "obody has seen")
        teams.wait_for(lambda: rows(running.database, "sayings", "payload is not null") == 0, 30)
        assert len(replies(teams)) == 3
        teams.heal()
        teams.check()


def test_after_a_restart_people_and_cards_are_found_where_they_were(running: Running) -> None:
    teams = running.teams
    with running.up():
        reported(teams)
        old, theirs = card(teams), told(teams, "dee")
        teams.wait_for(lambda: rows(running.database, "deliveries", "state = 'sent'") == 2)
    with running.up():
        begun = len(teams.called("create", "dee"))
        assert teams.press("dee", old, TAKE).ok
        assert card_says(teams, "Dee Lead took this on")["id"] == old["id"]
        receipt_says(teams, "Dee Lead has taken this on")
        teams.wait_for(lambda: "took this on" in said(teams.message(theirs)))
        again = reported(teams, "bo", f"{REPORT} again")
        told(teams, "dee", again)
        receipt(teams, "bo")
        assert len(teams.called("create", "dee")) == begun
        teams.check()


@pytest.mark.usefixtures("hasty")
def test_a_report_is_taken_while_teams_answers_nothing(running: Running) -> None:
    with up_and_met(running, "ana") as teams:
        teams.fail("*", times=None, status=500)
        message = teams.says("ana", REPORT)["id"]
        teams.wait_for(lambda: teams.answers(message))
        assert teams.answers(message)[0].status == 200
        teams.heal()
        teams.wait_for(lambda: teams.channel("dsl"), 60)
        teams.check()
