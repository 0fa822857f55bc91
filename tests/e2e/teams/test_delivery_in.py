"""What Teams sends has one effect, and is stored before it is answered, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database.outbox import Outbox
from adapters.escalations.desk import Desk
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_forms import find
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    MAYBE,
    OPEN,
    PASS,
    QUESTION,
    REPORT,
    TAKE,
    asked_whether,
    card,
    card_says,
    invoke,
    met,
    nothing_leaks,
    receipt,
    receipt_says,
    replies,
    reply,
    reported,
    rows,
    said,
    shown,
    told,
)

FAILED = "Nothing has been recorded"


@contextmanager
def locked(running: Running) -> Iterator[None]:
    """Somebody else holds the database: nothing can be written."""
    with closing(sqlite3.connect(running.database, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        yield
        holder.execute("ROLLBACK")


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, where: type, what: str) -> Iterator[None]:
    """The database refuses something."""

    def refuse(*_: object) -> None:
        raise sa.exc.OperationalError("UPDATE", {}, sqlite3.OperationalError("disk I/O error"))

    with monkeypatch.context() as patched:
        patched.setattr(where, what, refuse)
        yield


def said_failed(teams: FakeTeams, user: str = "ana") -> int:
    """How often somebody was told that nothing was recorded."""
    return sum(FAILED in said(each) for each in replies(teams, user))


@pytest.mark.parametrize("text", [QUESTION, REPORT, MAYBE])
def test_five_deliveries_of_one_message_with_a_restart_between_have_one_effect(running: Running, text: str) -> None:
    teams = running.teams
    with running.up():
        message = teams.says("ana", text)["id"]
        teams.repeat(message, 2)
        reply(teams)
        if text != QUESTION:
            receipt(teams)
        if text == REPORT:
            teams.wait_for(lambda: rows(running.database, "deliveries", "state = 'sent'") == 2)
    with running.up():
        teams.repeat(message, 2)
        teams.wait_idle()
        met(teams, "bo")
        if text == REPORT:
            card(teams)
    assert [each.status for each in teams.answers(message)] == [200] * 5
    assert len([each for each in replies(teams) if not said(each).startswith("Report R-")]) == 1
    assert len(replies(teams)) == 1 + (text != QUESTION)
    assert rows(running.database, "escalations") == (text != QUESTION)
    assert len(teams.channel("dsl")) == (text == REPORT)
    teams.check()


def test_copies_at_once_of_a_report_in_a_channel_have_one_effect(running: Running) -> None:
    teams = running.teams
    with running.up():
        message = teams.says("ana", REPORT, "staffroom")["id"]
        teams.repeat(message, 4)
        receipt(teams)
        card(teams)
        told(teams, "dee")
        teams.wait_idle(30)
    assert len(teams.from_bot("staffroom")) == 1
    assert len(replies(teams)) == 2
    assert rows(running.database, "escalations") == 1
    teams.check()


def test_a_press_that_comes_three_times_at_once_raises_one_report(running: Running) -> None:
    teams = running.teams
    with running.up():
        teams.says("ana", MAYBE)
        asked = asked_whether(teams)
        action = {"type": "Action.Execute", **{key: find(asked["card"], PASS).action[key] for key in ("verb", "data")}}
        pressed = invoke(teams, "ana", "adaptiveCard/action", {"action": action}, asked)
        teams.emit(pressed)
        teams.repeat(pressed["id"], 2)
        teams.wait_for(lambda: len(teams.answers(pressed["id"])) == 3)
        assert [each.status for each in teams.answers(pressed["id"])] == [200] * 3
        receipt_says(teams, "obody has seen")
        card(teams)
        told(teams, "dee")
        assert rows(running.database, "escalations") == 1
        assert rows(running.database, "audit", "what = 'confirmed'") == 1
        assert "is recorded" in shown(teams.message(asked)["card"])
        assert len(replies(teams)) == 2
        teams.check()


@pytest.mark.parametrize(("where", "what"), [(Desk, "record_now"), (Outbox, "knows")])
def test_who_writes_while_the_database_is_away_reads_that_nothing_was_recorded(
    running: Running, monkeypatch: pytest.MonkeyPatch, where: type, what: str
) -> None:
    teams = running.teams
    with running.up():
        with broken(monkeypatch, where, what):
            for place in ("ana", "staffroom"):
                message = teams.says("ana", REPORT, place)["id"]
                teams.wait_for(lambda message=message: teams.answers(message))  # type: ignore[misc]  # mypy and defaults
                assert teams.answers(message)[0].status == 503
                failed = teams.wait_for(lambda place=place: teams.from_bot(place)[-1])  # type: ignore[misc]  # the same
                assert FAILED in said(failed)
                assert "designated safeguarding lead" in said(failed)
        assert rows(running.database, "escalations") == 0
        reported(teams)
        card(teams)
        nothing_leaks(teams, "Kayleigh", "belt")


def test_presses_and_forms_while_the_database_is_away_are_answered_with_plain_words(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    teams = running.teams
    with running.up():
        teams.says("bo", "report")
        teams.open_dialog("bo", reply(teams, "bo"), "Report a concern")
        teams.says("ana", MAYBE)
        asked = asked_whether(teams)
        with broken(monkeypatch, Desk, "record_now"):
            assert teams.submit_dialog("bo", {"field_words": REPORT}).ok
            assert "not recorded" in shown(teams.dialog("bo")["card"])
            assert teams.press("ana", asked, PASS).ok
            assert "did not work" in teams.toasts("ana")[-1]
            teams.press("ana", asked, PASS, client="legacy")
            teams.wait_for(lambda: said_failed(teams))
        assert teams.press("ana", asked, PASS).ok
        first = card(teams)
        for what, act in (("act_now", lambda: teams.press("dee", first, TAKE)), ("open_now", _opens(teams))):
            with broken(monkeypatch, Desk, what):
                assert act().ok
        assert "nothing was recorded" in teams.toasts("dee")[0]
        assert "did not work" in shown(teams.dialog("dee")["card"])
        assert teams.press("dee", first, TAKE).ok
        card_says(teams, "Dee Lead took this on")
        assert [each.status for each in teams.crashes] == [503]
        nothing_leaks(teams, "Tamsin", "Kayleigh")


def _opens(teams: FakeTeams) -> Callable[[], Any]:
    return lambda: teams.open_dialog("dee", card(teams), OPEN)


def test_a_report_that_waits_for_a_locked_database_is_answered_once_it_is_stored(running: Running) -> None:
    teams = running.teams
    with running.up():
        met(teams, "ana")
        with locked(running):
            message = teams.says("ana", REPORT)["id"]
            teams.wait_for(lambda: teams.typing("ana"))
            assert teams.answers(message) == []
        teams.wait_for(lambda: teams.answers(message), 30)
        assert teams.answers(message)[0].status == 200
        receipt(teams)
        card(teams)
        teams.check()


def test_the_answer_comes_while_the_reply_is_still_on_its_way(running: Running) -> None:
    teams = running.teams
    with running.up():
        met(teams, "ana")
        teams.fail("send", slow=5, where="ana")
        message = teams.says("ana", REPORT)["id"]
        teams.wait_for(lambda: teams.answers(message))
        assert teams.answers(message)[0].status == 200
        assert len(replies(teams)) == 1
        assert rows(running.database, "escalations") == 1
        card(teams)
        receipt(teams)
        teams.check()


def test_a_message_that_is_edited_into_a_report_is_raised_once_and_a_deleted_report_stays(running: Running) -> None:
    teams = running.teams
    with running.up():
        first = teams.says("ana", "hello")
        reply(teams)
        edited = teams.edits("ana", first, REPORT)["id"]
        teams.repeat(edited)
        receipt(teams)
        card(teams)
        teams.deletes("ana", first)
        teams.wait_idle()
    assert rows(running.database, "escalations") == 1
    assert len(teams.channel("dsl")) == 1
    teams.check()


def in_debug_mode() -> asyncio.AbstractEventLoop:
    """A loop that warns of whatever blocks it."""
    loop = asyncio.SelectorEventLoop()
    loop.set_debug(True)
    loop.slow_callback_duration = 0.1
    return loop


def test_nothing_blocks_the_event_loop(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A machine may stand still for a moment at any time: what blocks does so in each round."""
    teams, in_loop = running.teams, set[str]()

    def look(statement: str) -> None:
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return
        in_loop.add(statement)

    monkeypatch.setattr(asyncio, "new_event_loop", in_debug_mode)
    for operation in ("token", "openid", "keys"):
        teams.fail(operation, slow=0.3)
    with running.up():
        engine = running.escalations[-1].engine
        sa.event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: look(statement))
        for _ in range(5):
            caplog.clear()
            teams.fail("send", slow=0.3)
            teams.fail("create", slow=0.3)
            before = len(teams.channel("dsl"))
            teams.says("bo", QUESTION)
            reference = reported(teams)
            first = teams.wait_for(lambda before=before: teams.channel("dsl")[before])  # type: ignore[misc]  # mypy and defaults
            assert reference in said(first)
            assert teams.open_dialog("dee", first, OPEN).ok
            assert teams.press("dee", first, TAKE).ok
            assert teams.search("ana", "photo", "search_policy").ok
            receipt_says(teams, "has taken this on")
            slow = [each.getMessage() for each in caplog.records if each.name == "asyncio" and "took" in each.msg]
            if not slow:
                break
        assert slow == []
        assert in_loop == set()
