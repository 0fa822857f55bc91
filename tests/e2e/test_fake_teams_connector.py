"""The fake's connector takes what Teams takes, and refuses the rest as Teams does."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.e2e.echo_teams import alert, attached, card, peopled, token_of
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

HELLO = {"type": "message", "text": "hello"}


class Bot:
    """Calls the connector by hand."""

    def __init__(self, teams: FakeTeams) -> None:
        self.teams, self.token = teams, str(token_of(teams)[1]["access_token"])
        self.headers: dict[str, str] = {}

    def call(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> tuple[int, Any]:
        address = urlsplit(self.teams.service_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        sent = None if body is None else body if isinstance(body, str) else json.dumps(body)
        try:
            connection.request(method, f"{address.path}v3/{path}", sent, headers)
            response = connection.getresponse()
            self.headers, text = dict(response.getheaders()), response.read()
            return response.status, json.loads(text) if text.startswith((b"{", b"[")) else text
        finally:
            connection.close()

    def say(self, where: str, activity: Any = HELLO, root: str = "") -> tuple[int, Any]:
        id = self.teams.room(where).id + (f";messageid={root}" if root else "")
        return self.call("POST", f"conversations/{quote(id)}/activities", activity)

    def change(self, where: str, id: str, activity: Json | None, method: str = "PUT") -> tuple[int, Any]:
        return self.call(method, f"conversations/{quote(self.teams.room(where).id)}/activities/{id}", activity)


def code(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """Teams with people, and no bot."""
    with FakeTeams() as made:
        yield peopled(made)


@pytest.fixture
def bot(teams: FakeTeams) -> Bot:
    return Bot(teams)


class TestConversations:
    def test_a_chat_is_begun_once_and_only_where_the_app_is(self, teams: FakeTeams, bot: Bot) -> None:
        def begin(id: str, **more: Any) -> tuple[int, Any]:
            return bot.call("POST", "conversations", {"members": [{"id": id}], "tenantId": teams.tenant, **more})

        status, made = begin(teams.user("ana").id, activity=HELLO)
        assert (status, made) == (201, {"id": teams.room("ana").id})
        assert begin(teams.user("ana").id)[1] == made
        assert [each["text"] for each in teams.chat("ana")] == ["hello"]
        assert code(begin(teams.user("sam").id)) == (403, "BotNotInConversationRoster")
        assert code(begin("29:nobody")) == (404, "ConversationNotFound")
        assert code(begin(teams.user("ana").aad)) == (400, "BadArgument")
        assert code(begin(teams.user("ana").id, tenantId="other")) == (403, "BotNotInConversationRoster")
        assert code(begin(teams.user("ana").id, tenantId=None)) == (400, "BadSyntax")
        two = {"members": [{"id": teams.user(each).id} for each in ("ana", "dee")], "tenantId": teams.tenant}
        assert code(bot.call("POST", "conversations", {**two, "isGroup": True})) == (400, "BadSyntax")

    def test_a_member_of_a_team_with_the_app_can_be_written_to(self, teams: FakeTeams, bot: Bot) -> None:
        teams.add_user("kim")
        assert code(bot.say("kim")) == (403, "BotNotInConversationRoster")
        teams.add_team("yeadon", ["yeadon-general"], ["kim"])
        assert bot.say("kim")[0] == 201

    def test_a_post_in_a_channel_begins_a_thread(self, teams: FakeTeams, bot: Bot) -> None:
        asked = {"isGroup": True, "channelData": {"channel": {"id": teams.room("dsl").id}}, "tenantId": teams.tenant}
        status, made = bot.call("POST", "conversations", {**asked, "activity": attached(card("Report"))})
        post = teams.channel("dsl")[0]
        assert (status, made["activityId"]) == (201, post["id"])
        assert made["id"] == f"{teams.room('dsl').id};messageid={post['id']}"
        assert bot.say("dsl", root=post["id"])[0] == 201
        assert [each["text"] for each in teams.replies(post)] == ["hello"]
        assert code(bot.say("dsl", root="123")) == (404, "ConversationNotFound")
        assert code(bot.call("POST", "conversations", asked)) == (400, "BadSyntax")
        split = {**asked, "activity": attached(card("Report"), text="and words")}
        assert bot.call("POST", "conversations", split)[1]["error"]["message"].startswith("Activity resulted into")
        teams.add_team("calmore", ["office"], ["dee"], installed=False)
        assert code(bot.say("office")) == (403, "BotNotInConversationRoster")

    def test_who_blocked_the_bot_is_not_written_to(self, teams: FakeTeams, bot: Bot) -> None:
        teams.block("ana")
        assert code(bot.say("ana")) == (403, "ConversationBlockedByUser")
        teams.block("ana", "MessageWritesBlocked")
        status, body = bot.say("ana")
        assert (status, body["errorCode"]) == (403, 209)
        assert json.loads(body["message"])["subCode"] == "MessageWritesBlocked"
        teams.block("ana", None)
        assert bot.say("ana")[0] == 201


class TestMessages:
    def test_a_message_is_changed_and_taken_back(self, teams: FakeTeams, bot: Bot) -> None:
        id = bot.say("ana")[1]["id"]
        assert bot.change("ana", id, attached(card("new"))) == (200, {"id": id})
        now = teams.chat("ana")[0]
        assert (now["text"], now["edited"], now["versions"]) == ("", 1, [{"text": "hello"}])
        assert code(bot.change("ana", id, attached(card("new"), text="x"))) == (400, "BadSyntax")
        assert bot.change("ana", id, None, "DELETE")[0] == 200
        assert teams.chat("ana") == []
        assert teams.message(id)["deleted"]
        assert code(bot.change("ana", id, HELLO)) == (404, "ActivityNotFoundInConversation")
        said = teams.says("ana", "mine")
        assert code(bot.change("ana", said["id"], HELLO)) == (403, "NotEnoughPermissions")

    def test_views_end_when_the_card_is_changed(self, teams: FakeTeams, bot: Bot) -> None:
        id = bot.say("ana", attached(alert([])))[1]["id"]
        teams.world.views[("ana", id)] = (card("old view"), 0.0)
        bot.change("ana", id, attached(card("new")))
        assert teams.sees("ana", id)["body"][0]["text"] == "new"

    def test_text_beside_a_card_is_split_and_has_no_id(self, teams: FakeTeams, bot: Bot) -> None:
        assert bot.say("ana", attached(card("x"), text="words")) == (202, b"")
        assert [(each["text"], bool(each["card"])) for each in teams.chat("ana")] == [("words", False), ("", True)]
        assert [each.kind for each in teams.faults] == ["split"]

    def test_malformed_messages_are_refused(self, teams: FakeTeams, bot: Bot) -> None:
        wrong: tuple[Any, ...] = (
            "not json",
            ["x"],
            {"type": "message"},
            {"type": "message", "text": " "},
            {"type": "shout", "text": "x"},
            {**HELLO, "textFormat": "html"},
            {**HELLO, "attachments": {}},
            attached({"type": "AdaptiveCard"}),
            {**HELLO, "entities": [{"text": "x"}]},
            {**HELLO, "entities": [{"type": "mention", "mentioned": "x"}]},
            {**HELLO, "suggestedActions": ["x"]},
        )
        for body in wrong:
            assert code(bot.say("ana", body)) == (400, "BadSyntax"), body
        assert code(bot.say("ana", {**HELLO, "attachments": [{"contentType": "text/css"}]})) == (400, "BadArgument")
        assert code(bot.say("ana", {**HELLO, "text": "é" * 41_000})) == (413, "MessageSizeTooBig")
        assert code(bot.say("ana", attached(card("x" * 28_700)))) == (413, "MessageSizeTooBig")
        id = quote(teams.room("ana").id)
        assert bot.call("POST", f"conversations/{id}/activities", HELLO, "text/plain")[0] == 415
        assert code(bot.call("POST", "conversations/a:nobody/activities", HELLO)) == (404, "ConversationNotFound")
        assert teams.chat("ana") == []
        with pytest.raises(AssertionError, match="MessageSizeTooBig"):
            teams.check()

    def test_poor_messages_are_taken_and_noted(self, teams: FakeTeams, bot: Bot) -> None:
        ana = {"id": teams.user("ana").id, "name": "Ana Teacher"}
        mention = {"type": "mention", "text": "<at>Ana</at>", "mentioned": ana}
        back = {"type": "imBack", "title": "Yes", "value": "Yes"}
        fine = {"text": "<at>Ana</at> hello", "entities": [mention], "suggestedActions": {"actions": [back]}}
        assert bot.say("ana", {"type": "message", **fine})[0] == 201
        assert teams.faults == []
        for where, more, kind in (
            ("ana", {"text": "<at>Ana</at> hello"}, "mention"),
            ("ana", {"entities": [mention]}, "mention"),
            ("ana", {**fine, "entities": [{**mention, "mentioned": {"id": "29:x", "name": "X"}}]}, "mention"),
            ("ana", {"suggestedActions": {"actions": [{**back, "value": "no"}]}}, "suggested_actions"),
            ("ana", {"suggestedActions": {"actions": [back] * 4}}, "suggested_actions"),
            ("leaders", {"suggestedActions": {"actions": [back]}}, "suggested_actions"),
            ("ana", {"channelData": {"feedbackLoop": True}}, "feedback"),
            ("ana", {"colour": "red"}, "unknown_property"),
            ("ana", {"conversation": {"id": "a:other"}}, "wrong_conversation"),
            ("ana", {"from": ana}, "wrong_sender"),
            ("ana", {**attached(card("x")), "summary": None, "text": None}, "no_fallback"),
        ):
            count = len(teams.faults)
            assert bot.say(where, {**HELLO, **more})[0] == 201, more
            assert [each.kind for each in teams.faults[count:]] == [kind], more

    def test_citations_are_as_documented(self, teams: FakeTeams, bot: Bot) -> None:
        def said(*citations: Json, **more: Any) -> Json:
            root = {"type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org"}
            return {"type": "message", "text": "So [1]", "entities": [{**root, "citation": [*citations], **more}]}

        shown = {"@type": "DigitalDocument", "name": "4.2", "abstract": "Staff must not"}
        good = {"@type": "Claim", "position": 1, "appearance": shown}
        assert bot.say("ana", said(good))[0] == 201
        assert teams.faults == []
        assert code(bot.say("ana", said(*[good] * 21))) == (400, "BadSyntax")
        assert code(bot.say("ana", said({**good, "appearance": {}}))) == (400, "BadSyntax")
        assert code(bot.say("ana", said({**good, "position": "1"}))) == (400, "BadSyntax")
        assert code(bot.say("ana", said(good, **{"@type": "Note"}))) == (400, "BadSyntax")
        assert code(bot.say("ana", {**HELLO, "entities": said()["entities"] * 2})) == (400, "BadSyntax")
        for poor in ({**good, "position": 2}, {**good, "appearance": {**shown, "abstract": "x" * 161}}):
            assert bot.say("ana", said(poor))[0] == 201
        assert [each.kind for each in teams.faults] == ["citation"] * 2


class TestRosters:
    def test_members_and_teams_are_listed(self, teams: FakeTeams, bot: Bot) -> None:
        room = quote(teams.room("dsl").id)
        every = bot.call("GET", f"conversations/{room}/members")[1]
        assert [each["name"] for each in every] == ["Ana Teacher", "Dee Lead"]
        assert every[0]["aadObjectId"] == teams.user("ana").aad
        one = bot.call("GET", f"conversations/{room}/members/{teams.user('dee').aad}")
        assert one == (200, every[1])
        assert code(bot.call("GET", f"conversations/{room}/members/x")) == (404, "MemberNotFoundInConversation")
        team = quote(teams.room("general").id)
        assert bot.call("GET", f"teams/{team}")[1]["channelCount"] == 2
        listed = bot.call("GET", f"teams/{team}/conversations")[1]["conversations"]
        assert [each["name"] for each in listed] == [None, "Dsl"]
        assert code(bot.call("GET", "teams/19:x")) == (404, "ConversationNotFound")
        elsewhere = quote(teams.room("elsewhere").id)
        assert code(bot.call("GET", f"conversations/{elsewhere}/members")) == (403, "BotNotInConversationRoster")

    def test_large_rosters_come_in_pages(self, teams: FakeTeams, bot: Bot) -> None:
        names = [teams.add_user(f"p{number:03}").key for number in range(120)]
        room = quote(teams.add_group("crowd", names).id)
        got, token = list[str](), "0"
        while token:
            page = bot.call("GET", f"conversations/{room}/pagedmembers?pageSize=10&continuationToken={token}")[1]
            got += [each["email"].partition("@")[0] for each in page["members"]]
            token = page.get("continuationToken", "")
        assert got == names
        assert len(teams.called("paged_members", "crowd")) == 3


class TestTrouble:
    def test_trouble_is_ordered_for_an_operation_or_a_chat(self, teams: FakeTeams, bot: Bot) -> None:
        teams.fail("send", status=429, retry_after=7)
        assert code(bot.say("ana")) == (429, "Throttled")
        assert bot.headers["Retry-After"] == "7"
        assert bot.say("ana")[0] == 201
        teams.fail(status=503, times=None, where="dsl")
        assert (bot.say("dsl")[0], bot.say("ana")[0]) == (503, 201)
        teams.heal()
        teams.fail(status=500)
        assert code(bot.say("dsl")) == (500, "ServiceError")
        teams.fail("send", cut="after")
        with pytest.raises(http.client.HTTPException):
            bot.say("dsl")
        teams.fail(cut="before")
        with pytest.raises(http.client.HTTPException):
            bot.say("dsl")
        assert [each["text"] for each in teams.channel("dsl")] == ["hello"]
        teams.fail("token", status=503)
        teams.fail("token", slow=0.1)
        with pytest.raises(ValueError, match="Expecting value"):
            token_of(teams)
        assert token_of(teams)[0] == 200
        with pytest.raises(LookupError, match="no operation 'post'"):
            teams.fail("post")
        teams.check()

    def test_too_many_messages_are_throttled_where_wanted(self) -> None:
        with FakeTeams(rate_limit=True) as teams:
            bot = Bot(peopled(teams))
            assert [bot.say("ana")[0] for _ in range(8)] == [201] * 7 + [429]
            assert bot.headers["Retry-After"] == "1"
            assert bot.say("dee")[0] == 201
            teams.advance(40)
            assert bot.say("ana")[0] == 201

    def test_unknown_addresses_are_noted(self, teams: FakeTeams, bot: Bot) -> None:
        assert bot.call("POST", "conversations/x/attachments", {})[0] == 404
        assert teams.unknown == [f"POST /uk/{teams.tenant}/v3/conversations/x/attachments"]

    def test_nobody_answers_while_teams_is_away(self, teams: FakeTeams, bot: Bot) -> None:
        with teams.away(), pytest.raises(ConnectionError):
            bot.say("ana")
        assert bot.say("ana")[0] == 201
