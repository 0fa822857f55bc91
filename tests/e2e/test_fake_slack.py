"""The fake of Slack talks with the real library as Slack does, over HTTP and in Socket Mode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.echo_bot import Mode, peopled, plain, running
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_state import Json


@pytest.fixture(params=["http", "socket"])
def mode(request: pytest.FixtureRequest) -> Mode:
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def seen() -> list[Json]:
    """The payloads that the small bot was given."""
    return []


@pytest.fixture
def talking(mode: Mode, seen: list[Json]) -> Iterator[FakeSlack]:
    """Slack with people and the small bot."""
    with FakeSlack(mode=mode, hurry=1000, ack_seconds=1.5) as made, running(peopled(made), mode, seen):
        yield made


class TestTheRealLibrary:
    def test_it_talks_in_a_direct_message(self, talking: FakeSlack, seen: list[Json]) -> None:
        said = talking.dm_says("U1", "a < b & https://x.example/y")
        reply = talking.wait_for(lambda: talking.dm("U1")[1])
        assert reply["text"] == "You said: a &lt; b &amp; <https://x.example/y>"
        assert (reply["bot_id"], reply["channel"]) == ("BT1", said["channel"])
        talking.wait_for(lambda: len(seen) == 2)
        heard, echoed = seen
        assert heard["event"].items() >= {"channel_type": "im", "user": "U1", "ts": said["ts"]}.items()
        assert heard["event_id"] == said["event_id"]
        assert heard["event"]["blocks"][0]["type"] == "rich_text"
        assert echoed["event"].items() >= {"bot_id": "BT1", "ts": reply["ts"]}.items()
        talking.wait_idle()
        talking.check()

    def test_an_edit_is_told_with_what_was_there_before(self, talking: FakeSlack, seen: list[Json]) -> None:
        ts = talking.dm_says("U1", "one")["ts"]
        talking.wait_for(lambda: talking.dm("U1")[1])
        talking.edit_dm("U1", ts, "two")
        changed = talking.wait_for(lambda: [each["event"] for each in seen if each["event"].get("subtype")])[0]
        assert (changed["subtype"], changed["channel_type"]) == ("message_changed", "im")
        assert (changed["message"]["text"], changed["previous_message"]["text"]) == ("two", "one")
        talking.delete("U1", talking.dm("U1")[0]["channel"], ts)
        talking.wait_for(lambda: seen[-1]["event"].get("subtype") == "message_deleted")

    def test_a_mention_is_answered_in_the_thread_and_in_private(self, talking: FakeSlack, seen: list[Json]) -> None:
        parent = talking.mention("U1", "C1", "help & please")
        private = talking.wait_for(lambda: talking.ephemerals("U1", "C1")[0])
        assert private["text"] == "Only you"
        assert talking.ephemerals("UDSL") == []
        assert talking.messages("C1")[1]["thread_ts"] == parent["ts"]
        assert talking.messages("C1")[0]["reply_count"] == 1
        assert seen[0]["event"]["text"] == "<@UBOTT1> help &amp; please"
        assert "channel_type" not in seen[0]["event"]
        assert talking.mention("U1", "C2", "anybody?")["event_id"] == ""

    def test_a_command_is_answered_for_one_person(self, talking: FakeSlack) -> None:
        answer = talking.command("U1", "C1", "/policy", "can I <x>")
        assert answer.ok
        assert talking.ephemerals("U1")[0]["text"] == "You asked: can I &lt;x&gt;"
        unknown = talking.command("U1", "C1", "/nothing")
        assert unknown.reason == ("http_error" if unknown.status else "timeout")

    def test_a_button_in_a_private_message_knows_only_its_place(self, talking: FakeSlack, seen: list[Json]) -> None:
        talking.command("U1", "C1", "/policy", "x")
        assert talking.press("U1", talking.ephemerals("U1")[0], "Take it on").ok
        talking.wait_for(lambda: talking.ephemerals("U1")[0]["text"] == "Taken")
        assert len(talking.ephemerals("U1")) == 1
        assert seen[0]["container"]["is_ephemeral"]
        assert "message" not in seen[0]

    def test_a_button_changes_its_message(self, talking: FakeSlack, seen: list[Json]) -> None:
        talking.dm_says("U1", "hello")
        card = talking.wait_for(lambda: talking.dm("U1")[1])
        assert talking.press("U1", card, "Take it on").ok
        talking.wait_for(lambda: talking.dm("U1")[1]["text"] == "Taken")
        payload = next(each for each in seen if each["type"] == "block_actions")
        assert payload["actions"][0].items() >= {"value": "7", "action_id": "press"}.items()
        assert payload["container"].items() >= {"message_ts": card["ts"], "is_ephemeral": False}.items()
        assert payload["message"]["ts"] == card["ts"]
        assert payload["state"]["values"][card["blocks"][1]["block_id"]]["school"]["selected_option"] is None
        with pytest.raises(LookupError, match="Take it on"):
            talking.press("U1", talking.dm("U1")[1], "Take it on")

    def test_feedback_and_menus_are_told(self, talking: FakeSlack, seen: list[Json]) -> None:
        talking.dm_says("U1", "hello")
        card = talking.wait_for(lambda: talking.dm("U1")[1])
        assert talking.press("U1", card, "Bad").ok
        assert talking.select("U1", card, "school", "Calmore").ok
        feedback, menu = (each["actions"][0] for each in seen if each["type"] == "block_actions")
        assert (feedback["type"], feedback["value"]) == ("feedback_buttons", "no")
        assert menu["selected_option"]["value"] == "c"

    def test_a_form_is_filled_refused_and_sent(self, talking: FakeSlack, seen: list[Json]) -> None:
        assert talking.global_shortcut("U1", "report").ok
        talking.wait_for(lambda: talking.modal("U1"))
        assert talking.submit("U1").errors == {"what_block": "Please complete this required field."}
        assert talking.submit("U1", {"What happened?": "nothing"}).errors == {"what_block": "Say more"}
        assert talking.modal("U1")["errors"] == {"what_block": "Say more"}
        assert talking.submit("U1", {"what": "a & b", "Where": "Ashley"}).ok
        assert talking.modals("U1") == []
        values = seen[-1]["view"]["state"]["values"]
        assert values["what_block"]["what"] == {"type": "plain_text_input", "value": "a & b"}
        assert values["where_block"]["school"]["selected_option"]["value"] == "a"
        talking.check()

    def test_an_answer_to_a_form_can_push_update_or_be_wrong(self, talking: FakeSlack) -> None:
        talking.global_shortcut("U1", "report")
        talking.wait_for(lambda: talking.modal("U1"))
        assert talking.submit("U1", {"what": "other"}).ok
        assert (talking.modal("U1")["title"], len(talking.modals("U1"))) == (plain("Other"), 1)
        assert talking.submit("U1", {"what": "next"}).ok
        assert [each["title"]["text"] for each in talking.modals("U1")] == ["Other", "More"]
        assert talking.modal("U1")["previous_view_id"] == talking.modals("U1")[0]["id"]
        assert talking.submit("U1", {"what": "broken"}).reason == "bad_response"
        assert [each.kind for each in talking.faults] == ["bad_view_response"]
        assert talking.close_view("U1", everything=True).ok
        assert talking.modals("U1") == []

    def test_the_home_tab_and_the_prompts(self, talking: FakeSlack, seen: list[Json]) -> None:
        talking.open_home("U1")
        home = talking.wait_for(lambda: talking.home("U1"))
        assert talking.press("U1", home, "Ask").ok
        assert seen[-1]["container"] == {"type": "view", "view_id": home["id"]}
        talking.open_home("U1", tab="messages")
        talking.wait_for(lambda: talking.prompts("U1"))
        talking.pick_prompt("U1", "Phones")
        assert talking.wait_for(lambda: talking.dm("U1")[1])["text"] == "You said: May I use my phone?"

    def test_a_message_shortcut_brings_the_message(self, talking: FakeSlack, seen: list[Json]) -> None:
        ts = talking.channel_says("U1", "C1", "he hit her")["ts"]
        assert talking.message_shortcut("UDSL", "C1", ts, "report").ok
        assert talking.wait_for(lambda: talking.modal("UDSL"))["callback_id"] == "form"
        assert seen[0]["message"]["text"] == "he hit her"

    def test_what_nobody_listens_to_is_sent_again_with_the_same_id(self, mode: Mode, seen: list[Json]) -> None:
        with FakeSlack(mode=mode, hurry=6000, ack_seconds=1) as slack, running(peopled(slack), mode, seen):
            event_id = slack.event({"type": "tokens_revoked", "tokens": {}})
            slack.wait_idle()
            tried = slack.attempts(event_id)
            assert [each.attempt for each in tried] == [0, 1, 2, 3]
            assert {each.reason for each in tried} == {"http_error" if mode == "http" else "timeout"}
            assert slack.given_up == [event_id]
