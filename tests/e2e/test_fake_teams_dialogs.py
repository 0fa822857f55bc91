"""The fake of Teams opens dialogs, searches and runs message actions, and judges what comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiohttp import web

from tests.e2e.echo_teams import FORM, alert, attached, card, execute, peopled, running, served
from tests.e2e.fakes import teams_answers as answers
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import ADAPTIVE, Json, NotThere, World
from tests.e2e.test_fake_teams import alerted


@pytest.fixture
def seen() -> list[Json]:
    """The activities that the small bot was given."""
    return []


@pytest.fixture
def teams(seen: list[Json]) -> Iterator[FakeTeams]:
    """Teams with people and the small bot."""
    with FakeTeams() as made, running(peopled(made), seen):
        yield made


class TestDialogs:
    def test_a_dialog_is_opened_filled_replaced_and_sent(self, teams: FakeTeams, seen: list[Json]) -> None:
        message = alerted(teams)
        assert teams.open_dialog("ana", message, "Open", {"note": "x"}).ok
        assert (teams.dialog("ana")["title"], teams.dialog("ana")["card"]) == ("Report", FORM)
        assert seen[-1]["name"] == "task/fetch"
        assert seen[-1]["value"]["data"] == {"msteams": {"type": "task/fetch"}, "ref": "R-1", "note": "x"}
        assert teams.submit_dialog("ana", {"Words": "more"}).ok
        assert teams.dialog("ana")["card"]["body"][0]["text"] == "And?"
        assert teams.submit_dialog("ana", {"Words": "that is all"}, "Send").ok
        assert teams.toasts("ana") == ["Received"]
        with pytest.raises(NotThere, match="no dialog"):
            teams.dialog("ana")
        teams.check()

    def test_an_empty_answer_closes_it(self, teams: FakeTeams) -> None:
        teams.open_dialog("ana", alerted(teams), "Open", {"note": "x"})
        assert teams.submit_dialog("ana").ok
        with pytest.raises(NotThere, match="no dialog"):
            teams.close_dialog("ana")
        with pytest.raises(NotThere, match="opens no dialog"):
            teams.open_dialog("ana", teams.chat("ana")[1], "Take it on")


class TestExtensions:
    def test_a_search_gives_results_to_insert(self, teams: FakeTeams, seen: list[Json]) -> None:
        assert teams.search("ana", None).shown == []
        assert seen[-1]["value"]["parameters"] == [{"name": "initialRun", "value": "true"}]
        answer = teams.search("ana", "phones", "find", parameter="words", where="elsewhere")
        assert [each["content"]["body"][0]["text"] for each in answer.shown] == ["phones"]
        assert seen[-1]["value"]["commandId"] == "find"
        assert seen[-1]["channelData"]["source"] == {"name": "compose"}
        sent = teams.inserts("ana", answer.shown[0], "elsewhere")
        assert sent["card"]["body"][0]["text"] == "phones"
        teams.check()

    def test_a_message_is_checked_and_passed_on(self, teams: FakeTeams, seen: list[Json]) -> None:
        said = teams.says("sam", "he hit <her>", "elsewhere")
        assert teams.message_action("ana", said, "check").ok
        value = seen[-1]["value"]
        assert (value["commandId"], value["commandContext"]) == ("check", "message")
        assert value["messagePayload"]["from"]["user"]["displayName"] == "Sam Supply"
        assert "he hit &lt;her&gt;" in teams.dialog("ana")["card"]["body"][0]["text"]
        assert teams.submit_dialog("ana").ok
        assert (seen[-1]["name"], teams.toasts("ana")) == ("composeExtension/submitAction", ["Passed on"])
        assert seen[-1]["value"]["messagePayload"]["id"] == said["id"]


@pytest.fixture
def answering(seen: list[Json]) -> Iterator[tuple[FakeTeams, list[Json]]]:
    """Teams with a bot that answers whatever stands in a list."""
    said: list[Json] = []

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(said[0])

    with FakeTeams() as made, served(peopled(made), answer):
        yield made, said


def test_an_answer_that_teams_does_not_understand_is_a_fault(answering: tuple[FakeTeams, list[Json]]) -> None:
    teams, said = answering
    message = teams.inserts("ana", attached(alert([]))["attachments"][0])
    said[:] = [{"statusCode": 200, "type": "application/vnd.microsoft.adaptive.card", "value": card("x")}]
    assert teams.press("ana", message, "Take it on", {"note": "x"}).reason == "bad_answer"
    said[:] = [{"task": {"type": "continue", "value": {"title": "x", "card": {"contentType": "hero", "content": {}}}}}]
    assert teams.press("ana", message, "Open", {"note": "x"}).reason == "bad_answer"
    said[:] = [{"composeExtension": {"type": "result", "attachmentLayout": "pile", "attachments": []}}]
    assert teams.search("ana", "x").reason == "bad_answer"
    assert [each.kind for each in teams.faults] == ["bad_answer"] * 3


PRESSED = {
    "no object": ("hello", "must be an object"),
    "no status": ({"type": ADAPTIVE, "value": card("x")}, "lacks .'statusCode'"),
    "a broken card": ({"statusCode": 200, "type": ADAPTIVE, "value": {"type": "AdaptiveCard"}}, "lacks the property"),
    "a toast that is no text": (
        {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": {"text": "x"}},
        "is known",
    ),
    "an error with 200": (
        {"statusCode": 200, "type": "application/vnd.microsoft.error", "value": {"code": "x", "message": "x"}},
        "is known",
    ),
    "something more": ({"statusCode": 200, "type": ADAPTIVE, "value": card("x"), "text": "x"}, "unknown .'text'"),
}


@pytest.mark.parametrize(("body", "says"), PRESSED.values(), ids=PRESSED.keys())
def test_an_answer_to_a_press_has_its_shape(body: Json, says: str) -> None:
    with pytest.raises(answers.BadAnswer, match=says):
        answers.pressed(World(), "test", body)


def value(**more: Json | str | int) -> Json:
    shown = {"contentType": ADAPTIVE, "content": card("x", execute("Do", "do"))}
    return {"task": {"type": "continue", "value": {"title": "x", "card": shown, **more}}}


DIALOGS = {
    "a strange height": (value(height="tall"), "height must be"),
    "a card and a url": (value(url="https://x.example"), "either card or url"),
    "a strange type": ({"task": {"type": "open", "value": {}}}, "task.type is"),
    "an unknown key": (value(colour="red"), "unknown .'colour'"),
    "no task": ({"composeExtension": {}}, "lacks .'task'"),
}


@pytest.mark.parametrize(("body", "says"), DIALOGS.values(), ids=DIALOGS.keys())
def test_an_answer_with_a_dialog_has_its_shape(body: Json, says: str) -> None:
    with pytest.raises(answers.BadAnswer, match=says):
        answers.dialog(World(), "test", body)


def test_a_result_has_a_preview_that_is_a_small_card() -> None:
    shown = {"contentType": ADAPTIVE, "content": card("x")}
    for preview, says in ((None, "needs a preview"), (shown, "hero or thumbnail")):
        body = {"type": "result", "attachmentLayout": "list", "attachments": [{**shown, "preview": preview}]}
        with pytest.raises(answers.BadAnswer, match=says):
            answers.results(World(), "test", {"composeExtension": body})
