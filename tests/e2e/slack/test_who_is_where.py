"""Workspaces, grids, user groups and a person's own choice lead to the school; strangers are refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chatbot.respond import Engine
from tests.e2e.echo_bot import Mode
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running, beside, configured
from tests.e2e.slack.stories import QUESTION, REPORT, card, nothing_leaks, receipt, replies, shown


@pytest.fixture
def shared(running: Running) -> Iterator[FakeSlack]:
    """Two schools in one workspace, without user groups."""
    running.config = configured("ashley", "fact")
    with running.up():
        yield running.slack
        running.slack.wait_idle()
        running.slack.check()


def choose(slack: FakeSlack, where: dict[str, object], button: str, school: str) -> None:
    """Choose a school by the button under a notice."""
    assert slack.press("U1", where, button).ok
    slack.wait_for(lambda: slack.modal("U1")["callback_id"] == "form.school")
    assert slack.submit("U1", {"School": school}).ok


def test_an_unknown_workspace_is_refused_politely(running: Running) -> None:
    slack = running.slack
    running.config = configured("ashley", slack="{team: T9}")
    with running.up():
        slack.dm_says("U1", QUESTION)
        assert "not connected with a school" in slack.wait_for(lambda: replies(slack, "U1")[0])["text"]
        slack.dm_says("U1", REPORT)
        reply = slack.wait_for(lambda: replies(slack, "U1")[1])["text"]
        assert "cannot answer or pass anything on" in reply
        assert "speak to the designated safeguarding lead now" in reply
        assert slack.command("U1", "C1", "/policy", QUESTION).ok
        assert "not connected" in slack.ephemerals("U1")[0]["text"]
        slack.mention("U1", "C1", QUESTION)
        slack.wait_for(lambda: "not connected" in slack.messages("C1")[1]["text"])
        slack.open_home("U1")
        assert "No school is set up here yet" in shown(slack.wait_for(lambda: slack.home("U1")))
        slack.global_shortcut("U1", "report_concern")
        assert "not connected" in shown(slack.wait_for(lambda: slack.modal("U1")))
        slack.wait_idle()
        slack.check()


def test_a_command_of_a_stranger_that_opens_the_form_says_why_there_is_none(running: Running) -> None:
    slack = running.slack
    running.config = configured("ashley", slack="{team: T9}")
    with running.up():
        assert slack.command("U1", "C1", "/policy", "report").ok
        slack.wait_idle()
        seen = "".join(each["text"] for each in slack.ephemerals("U1")) + "".join(map(shown, slack.modals("U1")))
        assert "not connected" in seen


def test_user_groups_say_which_school_a_person_works_at(running: Running) -> None:
    slack = running.slack
    config = configured("ashley", "fact", slack="{team: T1, groups: GROUP-SCHOOL}")
    running.config = config.replace("GROUP-ashley", "SASH").replace("GROUP-fact", "SFACT")
    slack.add_group("SASH", "ashley", ["U1"])
    slack.add_group("SFACT", "fact", ["U2"])
    with running.up():
        slack.command("U1", "C1", "/policy", "school")
        assert "Ashley Junior School" in slack.ephemerals("U1")[0]["text"]
        slack.command("U2", "C1", "/policy", "school")
        assert "Ashley" not in slack.ephemerals("U2")[0]["text"]
        slack.dm_says("U2", QUESTION)
        assert slack.wait_for(lambda: replies(slack, "U2")[0])["text"].startswith("It depends")
        slack.check()


def test_a_person_chooses_their_school_and_is_answered_for_it(shared: FakeSlack) -> None:
    shared.dm_says("U1", QUESTION)
    ask = shared.wait_for(lambda: replies(shared, "U1")[0])
    assert "Which school do you work at?" in ask["text"]
    choose(shared, ask, "Choose your school", "fact")
    shared.wait_for(lambda: "You are asking about" in replies(shared, "U1")[-1]["text"])
    shared.dm_says("U1", QUESTION)
    assert shared.wait_for(lambda: replies(shared, "U1")[2])["text"].startswith("It depends")


def test_a_person_changes_their_school_by_command_and_on_home(shared: FakeSlack) -> None:
    shared.open_home("U1")
    home = shared.wait_for(lambda: shared.home("U1"))
    choose(shared, home, "Choose your school", "fact")
    shared.wait_for(lambda: "Change school" in shown(shared.home("U1")))
    shared.command("U1", "C1", "/policy", "school")
    choose(shared, shared.ephemerals("U1")[0], "Change school", "ashley")
    shared.command("U1", "C1", "/policy", QUESTION)
    assert shared.ephemerals("U1")[-1]["text"].startswith("No.")


def test_a_report_before_a_school_is_chosen_is_not_lost(shared: FakeSlack) -> None:
    shared.dm_says("U1", REPORT)
    card(shared)
    receipt(shared)
    shared.command("U2", "C1", "/policy", "report Kayleigh had no coat")
    receipt(shared, "U2")
    shared.wait_for(lambda: len(shared.messages("CDSL")) == 2)
    nothing_leaks(shared, "Kayleigh", "belt", "coat")


def test_the_form_for_a_concern_asks_which_school(shared: FakeSlack) -> None:
    shared.global_shortcut("U1", "report_concern")
    shared.wait_for(lambda: shared.modal("U1"))
    assert shared.submit("U1", {"School": "fact", "What has happened?": "no coat"}).ok
    assert "FACT" in card(shared)["text"] or "fact" in shown(card(shared)).lower()


@pytest.mark.parametrize("org_install", [False, True])
def test_a_school_of_an_enterprise_grid_is_found_by_its_grid(
    lexical_engine: Engine, tmp_path: Path, mode: Mode, kept: list[object], *, org_install: bool
) -> None:
    with beside(lexical_engine, tmp_path, mode, enterprise_id="E1", org_install=org_install) as running:
        running.escalations = kept  # type: ignore[assignment]  # the same list
        running.config = configured("ashley", slack="{enterprise: E1}")
        slack = running.slack
        with running.up():
            slack.dm_says("U1", QUESTION)
            assert slack.wait_for(lambda: replies(slack, "U1")[0])["text"].startswith("No.")
            slack.dm_says("U1", REPORT)
            receipt(slack)
            assert slack.press("UDSL", card(slack), "Take this on").ok
            slack.wait_for(lambda: "Dee Lead took this on" in card(slack)["text"])
            assert slack.command("U1", "C1", "/policy", QUESTION).ok
            slack.check()
