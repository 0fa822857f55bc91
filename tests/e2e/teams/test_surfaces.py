"""Where staff meet the bot in Teams: chats, channels, installing, search, actions on messages, dialogs."""

from __future__ import annotations

import asyncio
import threading

import pytest

from adapters.teams import talk
from chatbot.bot import Bot
from chatbot.model import Outcome, Turn
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    MAYBE,
    QUESTION,
    REPORT,
    asks,
    card,
    nothing_leaks,
    receipt,
    replies,
    reply,
    said,
    shown,
)


def test_a_mention_in_a_group_chat_is_answered_there_and_nothing_else_is_heard(teams: FakeTeams) -> None:
    teams.says("hal", QUESTION, "leaders", mention=False)
    assert said(asks(teams, "ana", QUESTION, "leaders")).startswith("No.")
    assert len(replies(teams, "leaders")) == 1


def test_a_mention_in_a_channel_is_answered_in_its_thread(teams: FakeTeams) -> None:
    post = teams.says("bo", "has anybody read the policy?", "staffroom", mention=False)
    inside = asks(teams, "ana", QUESTION, "staffroom", post)
    assert inside["root"] == post["id"]
    alone = asks(teams, "ana", QUESTION, "staffroom")
    assert alone["root"] not in (None, post["id"])
    assert len(teams.channel("staffroom")) == 2


def test_each_thread_has_a_conversation_of_its_own(teams: FakeTeams) -> None:
    asked = asks(teams, "ana", "can i post a photo?", "staffroom")
    elsewhere = asks(teams, "ana", "yes", "staffroom")
    assert not said(elsewhere).startswith("Yes.")
    assert said(asks(teams, "ana", "yes", "staffroom", asked)).startswith("Yes.")


def test_a_message_that_was_edited_in_a_personal_chat_is_read_again_once(teams: FakeTeams) -> None:
    first = teams.says("ana", "hello")
    reply(teams)
    teams.edits("ana", first, QUESTION)
    teams.wait_for(lambda: said(replies(teams)[1]).startswith("No."))
    teams.edits("ana", first, REPORT)
    receipt(teams)
    teams.repeat(first["id"], copies=3)
    teams.wait_idle()
    card(teams)
    assert len([each for each in replies(teams) if said(each).startswith("Report R-")]) == 1
    assert len(replies(teams)) == 4


def test_what_is_no_message_is_taken_and_nothing_is_said(teams: FakeTeams) -> None:
    answer = asks(teams, "ana", QUESTION)
    asked = teams.says("ana", "thanks", "leaders")
    teams.wait_for(lambda: replies(teams, "leaders"))
    teams.reacts("ana", answer)
    teams.reacts("ana", answer, remove=True)
    teams.edits("ana", asked, REPORT)
    teams.deletes("ana", asked)
    teams.undeletes("ana", asked)
    for kind in ("typing", "event", "messageReaction", "endOfConversation", "whatever", "conversationUpdate"):
        assert teams.ask(teams.activity("ana", QUESTION, type=kind)).status == 200
    assert teams.ask(teams.activity("ana", QUESTION, type="messageUpdate", channelData={})).status == 200
    teams.wait_idle()
    assert (len(replies(teams)), len(replies(teams, "leaders"))) == (1, 1)
    assert teams.given_up == []


def test_typing_is_shown_once_while_an_answer_takes_long(teams: FakeTeams, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, quick = threading.Event(), Bot.handle

    async def slow(self: Bot, turn: Turn) -> Outcome:
        await asyncio.to_thread(let_go.wait, 20)
        return await quick(self, turn)

    monkeypatch.setattr(Bot, "handle", slow)
    teams.says("ana", QUESTION)
    teams.wait_for(lambda: teams.typing("ana"))
    let_go.set()
    assert said(reply(teams)).startswith("No.")
    assert teams.typing("ana") == 1
    monkeypatch.setattr(talk, "TYPING_AFTER", 60.0)  # however loaded the machine is
    asks(teams, "ana", QUESTION)
    assert teams.typing("ana") == 1


def test_a_welcome_comes_once_for_each_install(teams: FakeTeams) -> None:
    installed = teams.install("new")
    welcome = reply(teams, "new")
    assert said(welcome).startswith("Ashley Junior School: ask about the social media policy.")
    assert "Review overdue" in said(welcome)
    assert "call 999 first" in said(welcome)
    teams.repeat(installed["id"], copies=2)
    upgraded = teams.activity("new", type="installationUpdate", action="add-upgrade")
    assert teams.ask(upgraded).ok
    teams.wait_idle()
    assert len(replies(teams, "new")) == 1
    teams.uninstall("new")
    teams.wait_idle()
    teams.install("new")
    teams.wait_for(lambda: replies(teams, "new")[1])


def test_somebody_who_has_removed_the_app_is_told_in_public_only_how_to_be_answered(running: Running) -> None:
    teams = running.teams
    with running.up():
        asks(teams, "ana", "hello")
        teams.uninstall("ana")
        teams.uninstall_team("staff", "bo")
        teams.wait_idle()
        refused = asks(teams, "ana", MAYBE, "leaders")
        assert "cannot write to you alone until you add me" in said(refused)
        assert teams.open_dialog("ana", refused, "Show me alone").ok
        assert "Waiting for your answer" in shown(teams.dialog("ana")["card"])
        nothing_leaks(teams, "Tamsin")
        assert {each.error for each in teams.errors} == {"BotNotInConversationRoster"}
        assert teams.faults == []


def test_a_team_is_welcomed_in_the_channel_that_was_chosen(teams: FakeTeams) -> None:
    teams.install_team("staff", "dee", "art")
    welcome = teams.wait_for(lambda: teams.channel("art")[0])
    assert "ask about the social media policy" in said(welcome)
    teams.wait_idle()
    assert teams.messages("staffroom") == []
    told = teams.activity("ana", "", "leaders", type="installationUpdate", action="add")
    assert teams.ask(told).ok
    teams.wait_for(lambda: replies(teams, "leaders"))


def test_a_few_words_are_commands(teams: FakeTeams) -> None:
    helped = asks(teams, "ana", "Help!")
    assert "What I can do" in said(helped)
    assert "my reports" in said(helped)
    assert "You are asking about Ashley Junior School" in said(asks(teams, "ana", "which school?"))
    assert "You have reported nothing here" in said(asks(teams, "ana", "My reports"))
    form = asks(teams, "ana", "report")
    assert teams.open_dialog("ana", form, "Report a concern").ok
    assert teams.dialog("ana")["title"] == "Report a concern"


def test_commands_about_reports_say_nothing_where_others_read_it(teams: FakeTeams) -> None:
    teams.says("ana", REPORT)
    receipt(teams)
    mine = asks(teams, "ana", "my reports", "staffroom")
    assert "R-" not in shown(mine["card"])
    assert teams.open_dialog("ana", mine, "Show me alone").ok
    assert "Report R-" in shown(teams.dialog("ana")["card"])
    report = asks(teams, "ana", "report", "staffroom")
    assert "Do not write it here" in said(report)
    assert teams.open_dialog("ana", report, "Report a concern").ok
