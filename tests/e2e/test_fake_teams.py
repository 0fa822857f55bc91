"""The fake of Teams talks with the real library as Teams does: chats, channels, cards, installs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.echo_teams import adaptive, card, peopled, running
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import APP_ID, Json, NotThere


@pytest.fixture
def seen() -> list[Json]:
    """The activities that the small bot was given."""
    return []


@pytest.fixture
def teams(seen: list[Json]) -> Iterator[FakeTeams]:
    """Teams with people and the small bot."""
    with FakeTeams() as made, running(peopled(made), seen):
        yield made


def alerted(teams: FakeTeams, user: str = "ana") -> Json:
    """A card with buttons, in this person's chat."""
    teams.says(user, "card")
    return teams.wait_for(lambda: next(each for each in teams.from_bot(user) if each["card"]))


class TestTalk:
    def test_it_talks_in_a_personal_chat(self, teams: FakeTeams, seen: list[Json]) -> None:
        said = teams.says("ana", "a < b & c")
        reply = teams.wait_for(lambda: teams.chat("ana")[1])
        assert (reply["text"], reply["from"], reply["card"]) == ("You said: a &lt; b &amp; c", "bot", None)
        assert teams.typing("ana") == 1
        heard = seen[0]
        assert heard["id"] == said["id"]
        assert heard["from"]["aadObjectId"] == teams.user("ana").aad
        assert heard["from"]["id"].startswith("29:")
        assert heard["recipient"] == teams.bot == {"id": f"28:{APP_ID}", "name": "Policy"}
        assert heard["conversation"]["conversationType"] == "personal"
        assert heard["channelData"] == {"tenant": {"id": teams.tenant}}
        assert (heard["serviceUrl"], heard["channelId"], heard["locale"]) == (teams.service_url, "msteams", "en-GB")
        teams.wait_idle()
        teams.check()

    def test_a_channel_is_told_of_mentions_and_answers_in_the_thread(self, teams: FakeTeams, seen: list[Json]) -> None:
        post = teams.says("ana", "phones?", "dsl")
        reply = teams.wait_for(lambda: teams.replies(post)[0])
        assert reply["text"].endswith("phones?")
        heard = seen[0]
        assert heard["text"] == "<at>Policy</at>&nbsp;phones?"
        assert heard["conversation"]["id"] == f"{teams.room('dsl').id};messageid={post['id']}"
        assert heard["channelData"]["channel"] == {"id": teams.room("dsl").id}
        assert heard["channelData"]["team"] == {"id": teams.room("general").id}
        assert [each["type"] for each in heard["entities"]] == ["mention", "clientInfo"]
        again = teams.says("dee", "and tablets?", "dsl", reply_to=reply)
        teams.wait_for(lambda: len(teams.replies(post)) == 3)
        assert again["root"] == post["id"]
        assert len(teams.channel("dsl")) == 1
        assert seen[-1]["replyToId"] == post["id"]
        teams.check()

    def test_a_group_chat_is_told_of_mentions_only(self, teams: FakeTeams, seen: list[Json]) -> None:
        teams.says("ana", "among ourselves", "leaders", mention=False)
        teams.says("ana", "bot, where are you", "elsewhere")
        teams.says("ana", "phones?", "leaders")
        teams.wait_for(lambda: teams.from_bot("leaders"))
        assert [each["conversation"]["conversationType"] for each in seen] == ["groupChat"]
        with pytest.raises(NotThere, match="sam is not in leaders"):
            teams.says("sam", "hello", "leaders")

    def test_edits_deletions_and_reactions_are_told(self, teams: FakeTeams, seen: list[Json]) -> None:
        said = teams.says("ana", "one")
        reply = teams.wait_for(lambda: teams.chat("ana")[1])
        teams.edits("ana", said, "two")
        teams.reacts("ana", reply, "heart")
        teams.reacts("ana", reply, "heart", remove=True)
        teams.deletes("ana", said)
        teams.wait_for(lambda: len(seen) == 5)
        teams.wait_idle()
        told = {each["type"]: each for each in seen}
        assert told["messageUpdate"]["channelData"]["eventType"] == "editMessage"
        assert (told["messageUpdate"]["id"], told["messageUpdate"]["text"]) == (said["id"], "two")
        assert told["messageDelete"]["channelData"]["eventType"] == "softDeleteMessage"
        assert told["messageReaction"]["replyToId"] == reply["id"]
        assert teams.message(said)["versions"] == [{"text": "one"}]
        assert [each["from"] for each in teams.chat("ana")] == ["bot"]
        teams.undeletes("ana", said)
        teams.wait_for(lambda: seen[-1]["channelData"].get("eventType") == "undeleteMessage")
        with pytest.raises(NotThere, match="dee has no message"):
            teams.edits("dee", said, "mine")


class TestInstalls:
    def test_installing_is_told_and_opens_the_chat(self, teams: FakeTeams, seen: list[Json]) -> None:
        teams.install("sam")
        assert teams.wait_for(lambda: teams.chat("sam")[0])["text"] == "Welcome"
        teams.wait_for(lambda: len(seen) == 2)
        told = {each["type"]: each for each in seen}
        assert told["conversationUpdate"]["membersAdded"] == [{"id": teams.bot["id"]}]
        assert told["installationUpdate"]["action"] == "add"
        teams.uninstall("sam")
        teams.wait_for(lambda: seen[-1].get("action") == "remove")
        said = teams.says("sam", "hello?")
        assert teams.answers(said["id"]) == []

    def test_a_team_brings_its_channels(self, teams: FakeTeams, seen: list[Json]) -> None:
        teams.add_team("calmore", ["office"], ["dee"], installed=False)
        teams.says("dee", "anybody?", "office")
        teams.install_team("calmore", by="dee")
        assert teams.wait_for(lambda: teams.channel("office")[1])["text"] == "Welcome"
        added = next(each for each in seen if each["type"] == "installationUpdate")
        assert added["channelData"]["settings"] == {"selectedChannel": {"id": teams.room("office").id}}
        assert added["channelData"]["team"]["name"] == "Calmore"
        teams.uninstall_team("calmore")
        teams.wait_for(lambda: {each.get("action") for each in seen} == {"add", "remove", None})
        assert {each["channelData"].get("eventType") for each in seen} == {
            "teamMemberAdded",
            "teamMemberRemoved",
            None,
        }


class TestPresses:
    def test_execute_shows_the_answer_to_the_presser_only(self, teams: FakeTeams, seen: list[Json]) -> None:
        message = alerted(teams)
        assert teams.press("ana", message, "Take it on").errors == {"note": "Say something"}
        answer = teams.press("ana", message, "Take it on", {"Note": "mine"})
        assert answer.ok
        assert teams.sees("ana", message)["body"][0]["text"] == "Taken: mine"
        assert teams.chat("ana")[1]["card"]["body"][0]["text"] == "A report"
        told = seen[-1]
        assert (told["type"], told["name"], told["replyToId"]) == ("invoke", "adaptiveCard/action", message["id"])
        action = {"type": "Action.Execute", "id": "", "verb": "take", "data": {"ref": "R-1", "note": "mine"}}
        assert told["value"] == {"action": action, "trigger": "manual"}
        with pytest.raises(NotThere, match="Take it on"):
            teams.press("ana", message, "Take it on", {"Note": "again"})
        teams.check()

    def test_an_old_client_submits_the_fallback(self, teams: FakeTeams, seen: list[Json]) -> None:
        message = alerted(teams)
        assert teams.press("ana", message, "Take it on", {"note": "mine"}, client="legacy").ok
        assert (seen[-1]["type"], seen[-1].get("text"), seen[-1]["replyToId"]) == ("message", None, message["id"])
        assert seen[-1]["value"] == {"verb": "take", "ref": "R-1", "note": "mine"}
        assert teams.chat("ana")[-1]["text"].startswith("Submitted")

    def test_a_card_is_refreshed_for_those_whom_it_names(self, teams: FakeTeams, seen: list[Json]) -> None:
        message = alerted(teams)
        assert teams.looks("ana", message)["body"][0]["text"] == "Yours (automatic)"
        count = len(seen)
        teams.looks("ana", message)
        assert len(seen) == count
        teams.advance(61)
        teams.looks("ana", message)
        assert teams.looks("ana", message, refresh=True)["body"][0]["text"] == "Yours (automatic)"
        assert teams.press("ana", message, "Done").ok
        assert teams.toasts("ana") == ["Thank you"]
        with pytest.raises(NotThere, match="dee is not in ana"):
            teams.looks("dee", message)

    def test_a_refresh_without_names_is_for_everybody_and_with_none_for_nobody(self, teams: FakeTeams) -> None:
        action = {"type": "Action.Execute", "verb": "refresh"}
        for shown, text in (
            (card("A report", refresh={"action": action}), "Yours (automatic)"),
            (card("A report", refresh={"action": action, "userIds": []}), "A report"),
        ):
            message = teams.inserts("ana", adaptive(shown), "dsl")
            assert teams.looks("dee", message)["body"][0]["text"] == text
            assert teams.looks("dee", message, refresh=True)["body"][0]["text"].startswith("Yours")
            assert teams.sees("ana", message)["body"][0]["text"] == "A report"

    def test_errors_links_and_wrong_answers_are_told_apart(self, teams: FakeTeams) -> None:
        message = alerted(teams)
        failed = teams.press("ana", message, "Fail", {"note": "x"})
        assert (failed.reason, failed.status, teams.toasts("ana")) == ("error", 200, ["This was closed"])
        assert teams.press("ana", message, "Policy", {"note": "x"}).ok
        assert teams.opened("ana") == ["https://school.example/policy"]
        assert teams.faults == []

    def test_feedback_is_given_where_it_is_asked_for(self, teams: FakeTeams, seen: list[Json]) -> None:
        teams.says("ana", "thumbs")
        asked = teams.wait_for(lambda: teams.chat("ana")[1])
        assert teams.feedback("ana", asked, "dislike", "too long").ok
        value = {"reaction": "dislike", "feedback": '{"feedbackText": "too long"}'}
        assert seen[-1]["value"] == {"actionName": "feedback", "actionValue": value}
        assert (seen[-1]["name"], seen[-1]["replyToId"]) == ("message/submitAction", asked["id"])
        assert teams.picks("ana", "Yes")["text"] == "Yes"
        with pytest.raises(NotThere, match="no suggestion"):
            teams.picks("ana", "Yes")
        with pytest.raises(NotThere, match="no thumbs"):
            teams.feedback("ana", alerted(teams), "like")
