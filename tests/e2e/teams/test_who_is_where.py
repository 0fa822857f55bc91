"""Tenants, teams and a person's own choice lead to the school; strangers are refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    OPEN,
    QUESTION,
    REPORT,
    TAKE,
    asks,
    card,
    nothing_leaks,
    receipt,
    replies,
    reply,
    reported,
    said,
    shown,
)

ELSEWHERE = "99999999-8888-4777-8666-555555555555"
FLIPS = "can i accept a friend request from a former pupil?"


@pytest.fixture
def shared(running: Running) -> Iterator[FakeTeams]:
    """Two schools in one tenant, which no team tells apart."""
    running.schools = ("ashley", "fact")
    with running.up():
        yield running.teams
        running.teams.wait_idle()
        running.teams.check()


@pytest.fixture
def grouped(running: Running) -> Iterator[FakeTeams]:
    """Two schools in one tenant: who is in the team `north` works at Ashley, who is in `south` at FACT."""
    teams = running.teams
    groups = {
        "ashley": teams.add_team("north", ["northern"], ["ana", "hal"], installed=False),
        "fact": teams.add_team("south", ["southern"], ["bo", "hal"], installed=False),
    }
    teams.add_group("both", ["ana", "bo", "dee"])
    running.schools = tuple(groups)
    running.where = f"{{tenant: {teams.tenant}, groups: GROUP-SCHOOL}}"
    running.instead = {f"GROUP-{school}": team.aad_group for school, team in groups.items()}
    with running.up():
        for team, who in (("north", "ana"), ("south", "bo")):
            teams.install_team(team, who)
        teams.wait_for(lambda: teams.channel("northern") and teams.channel("southern"))
        yield teams
        teams.wait_idle()
        teams.check()


def choose(teams: FakeTeams, where: Json, button: str, school: str, user: str = "ana") -> str:
    """Choose a school by the button under a notice; what is said."""
    assert teams.open_dialog(user, where, button).ok
    assert teams.dialog(user)["title"] == "Choose your school"
    answer = teams.submit_dialog(user, {"School": school})
    assert answer.ok
    return str(answer.shown)


def test_a_question_before_a_school_is_chosen_waits_for_that_and_is_answered(shared: FakeTeams) -> None:
    notice = asks(shared, "ana", FLIPS)
    assert "Choose your school first" in said(notice)
    assert "call 999" in said(notice)
    told = choose(shared, notice, "Choose your school", "fact")
    assert told == "You are asking about FACT’s social media policy now. Your question is answered below."
    answer = shared.wait_for(lambda: replies(shared)[1])
    assert said(answer).startswith(f"You asked: {FLIPS}")
    assert "It depends." in said(answer)
    assert said(asks(shared, "ana", "she's 19 now")).startswith("Yes.")
    assert said(asks(shared, "ana", QUESTION)).startswith("It depends.")


def test_a_school_is_chosen_once_and_changed_at_any_time(shared: FakeTeams) -> None:
    shared.install("new")
    welcome = reply(shared, "new")
    assert "Choose your school first" in said(welcome)
    assert "You are asking about FACT" in choose(shared, welcome, "Choose your school", "fact", "new")
    assert said(asks(shared, "new", QUESTION)).startswith("It depends.")
    notice = asks(shared, "new", "change school")
    assert "You are asking about FACT" in said(notice)
    assert "Ashley" in choose(shared, notice, "Change school", "ashley", "new")
    assert said(asks(shared, "new", QUESTION)).startswith("No.")
    helped = asks(shared, "new", "help")
    assert shared.open_dialog("new", helped, "Change school").ok
    assert '"value": "ashley"' in shown(shared.dialog("new")["card"])


def test_no_school_is_chosen_where_none_is_picked_or_the_school_is_none_of_theirs(shared: FakeTeams) -> None:
    notice = asks(shared, "ana", FLIPS)
    assert shared.open_dialog("ana", notice, "Choose your school").ok
    assert shared.submit_dialog("ana").errors == {"field_school": "Choose your school."}
    for school in ("yeadon", "no such school", "../ashley"):
        value = {"data": {"verb": "form.school", "field_school": school, "context": FLIPS}}
        told = shared.activity("ana", type="invoke", name="task/submit", value=value)
        again = shared.ask(told).body["task"]
        assert again["type"] == "continue"
        assert f'"context": "{FLIPS}"' in shown(again)
    assert len(replies(shared)) == 1
    assert "Choose your school first" in said(asks(shared, "ana", FLIPS))


def test_a_suggestion_that_is_pressed_before_a_school_is_chosen_waits_too(shared: FakeTeams) -> None:
    assert shared.ask(shared.activity("ana", value={"verb": "suggestion", "question": FLIPS})).ok
    assert "answered below" in choose(shared, reply(shared), "Choose your school", "ashley")
    assert "No." in said(shared.wait_for(lambda: replies(shared)[1]))
    choice = {"type": "Action.Execute", "verb": "suggestion", "data": {"verb": "suggestion", "question": FLIPS}}
    told = shared.activity("ana", type="invoke", name="adaptiveCard/action", value={"action": choice})
    assert shared.ask(told).body["value"] == "Answered below."
    assert "No." in said(shared.wait_for(lambda: replies(shared)[2]))


def test_where_others_read_it_a_question_waits_for_nobody(shared: FakeTeams) -> None:
    notice = asks(shared, "ana", FLIPS, "staffroom")
    assert "former pupil" not in shown(notice["card"])
    told = choose(shared, notice, "Choose your school", "fact", "bo")
    assert told == "You are asking about FACT’s social media policy now."
    assert len(replies(shared, "staffroom")) == 1


def test_a_concern_before_a_school_is_chosen_is_not_lost(shared: FakeTeams) -> None:
    reported(shared)
    assert "Ashley Junior School" in shown(card(shared)["card"])
    form = asks(shared, "bo", "report")
    assert shared.open_dialog("bo", form, "Report a concern").ok
    sent = {"What has happened?": "Kayleigh had no coat", "School": "fact"}
    assert shared.submit_dialog("bo", sent).ok
    receipt(shared, "bo")
    shared.wait_for(lambda: len(shared.channel("dsl")) == 2)
    assert "FACT" in shown(shared.channel("dsl")[1]["card"])
    nothing_leaks(shared, "Kayleigh", "belt", "coat")


def test_search_and_dialogs_ask_for_a_school_too(shared: FakeTeams) -> None:
    answer = shared.search("ana", "friend request", "search_policy")
    assert "Choose your school first" in answer.body["composeExtension"]["text"]
    assert shared.box_action("ana", "ask_policy").ok
    assert shared.submit_dialog("ana", {"Your question": FLIPS, "School": "fact"}).ok
    assert "It depends." in shown(shared.dialog("ana")["card"])


def test_the_team_that_somebody_is_in_says_which_school_they_work_at(grouped: FakeTeams) -> None:
    assert said(asks(grouped, "ana", QUESTION)).startswith("No.")
    assert said(asks(grouped, "bo", QUESTION)).startswith("It depends.")
    assert said(asks(grouped, "bo", QUESTION, "both")).startswith("It depends.")
    assert "Choose your school first" in said(asks(grouped, "hal", QUESTION))
    welcomes = [said(grouped.channel(channel)[0]) for channel in ("northern", "southern")]
    assert [text.partition(":")[0] for text in welcomes] == ["Ashley Junior School", "FACT"]


def test_what_was_asked_of_another_school_is_not_read_or_answered(grouped: FakeTeams) -> None:
    asked = asks(grouped, "ana", "can i post a photo?", "both")
    assert grouped.press("bo", asked, "Yes").ok
    assert "asked of somebody else" in grouped.toasts("bo")[0]
    assert grouped.open_dialog("bo", asked, "Read it in the policy").ok
    assert "a school that is not yours" in shown(grouped.dialog("bo")["card"])
    assert grouped.open_dialog("ana", asked, "Read it in the policy").ok
    assert grouped.dialog("ana")["title"] == "Clause 2.d"


def test_a_tenant_of_no_school_is_refused_and_nothing_is_kept(running: Running) -> None:
    running.where = f"{{tenant: {ELSEWHERE}}}"
    teams = running.teams
    with running.up():
        for text in (QUESTION, REPORT):
            teams.says("ana", text)
        teams.install("new")
        assert not teams.search("ana", "friend request", "search_policy").ok
        teams.wait_idle()
        assert {each.status for each in teams.deliveries} == {403}
        assert [replies(teams, each) for each in ("ana", "new", "dsl")] == [[], [], []]
        assert teams.crashes == []


def test_a_guest_may_ask_and_report_and_sees_no_report_of_others(teams: FakeTeams) -> None:
    teams.add_user("gil", "Gil Guest", role="guest", installed=True)
    teams.world.teams["safe"].members.add("gil")
    assert said(asks(teams, "gil", QUESTION)).startswith("No.")
    reported(teams, "gil")
    alert = card(teams)
    assert teams.press("gil", alert, TAKE).ok
    assert "not for you" in teams.toasts("gil")[0]
    assert teams.open_dialog("gil", alert, OPEN).ok
    assert "belt" not in shown(teams.dialog("gil")["card"])
