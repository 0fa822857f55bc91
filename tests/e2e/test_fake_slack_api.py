"""The fake of Slack answers calls as strictly as Slack."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk import WebClient  # noqa: TID251  # the fake is tried with the real library
from slack_sdk.errors import SlackApiError  # noqa: TID251  # the fake is tried with the real library

from tests.e2e.echo_bot import error, peopled, section
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_state import Json


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Slack with people in it and no bot."""
    with FakeSlack() as made:
        yield peopled(made)


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


class TestTheWebApi:
    def test_arguments_travel_as_form_query_or_json(self, slack: FakeSlack) -> None:
        def post(body: str, content_type: str, token: str | None = None) -> Json:
            connection = http.client.HTTPConnection("127.0.0.1", urlsplit(slack.base_url).port, timeout=5)
            headers = {"Content-Type": content_type, **({"Authorization": f"Bearer {token}"} if token else {})}
            connection.request("POST", "/api/chat.postMessage", body, headers)
            answer: Json = json.loads(connection.getresponse().read())
            connection.close()
            return answer

        said = {"channel": "C1", "text": "hello", "blocks": json.dumps([section("hello")])}
        form, as_json = "application/x-www-form-urlencoded", "application/json; charset=utf-8"
        assert post(urlencode({**said, "token": slack.bot_token}), form)["ok"]
        assert post(json.dumps({**said, "blocks": [section("hello")]}), as_json, slack.bot_token)["ok"]
        assert post(json.dumps({**said, "token": slack.bot_token}), as_json)["error"] == "not_authed"
        assert post("[]", as_json, slack.bot_token)["error"] == "json_not_object"
        assert post("{", as_json, slack.bot_token)["error"] == "invalid_json"
        assert post(urlencode(said), form)["error"] == "not_authed"

    def test_some_methods_read_no_json(self, slack: FakeSlack, client: WebClient) -> None:
        refused = error(client.api_call, api_method="users.info", json={"user": "U1"})
        assert refused["response_metadata"]["messages"] == ["[ERROR] missing required field: user"]
        assert [each.kind for each in slack.faults] == ["json_ignored"]

    def test_wrong_tokens_are_refused(self, slack: FakeSlack, client: WebClient) -> None:
        assert error(WebClient("xoxb-no", base_url=slack.api_url).auth_test)["error"] == "invalid_auth"
        assert error(client.apps_connections_open, app_token=slack.bot_token)["error"] == "not_allowed_token_type"
        slack.spoil_token(slack.bot_token)
        assert error(client.auth_test)["error"] == "token_revoked"

    def test_an_unknown_method_is_refused_and_remembered(self, slack: FakeSlack, client: WebClient) -> None:
        assert error(client.api_call, api_method="chat.shout")["error"] == "unknown_method"
        assert slack.unknown == ["chat.shout"]
        with pytest.raises(AssertionError, match=r"chat\.shout"):
            slack.check()

    def test_a_missing_scope_is_named(self, slack: FakeSlack, client: WebClient) -> None:
        slack.scopes.discard("chat:write")
        refused = error(client.chat_postMessage, channel="C1", text="hello")
        assert (refused["error"], refused["needed"]) == ("missing_scope", "chat:write")
        assert "im:write" in refused["provided"]
        slack.scopes.discard("groups:read")
        assert error(client.conversations_list, types="private_channel")["needed"] == "groups:read"

    def test_channels_and_people_that_are_not_there(self, client: WebClient) -> None:
        say, whisper = client.chat_postMessage, client.chat_postEphemeral
        assert error(say, channel="C9", text="x")["error"] == "channel_not_found"
        assert error(say, channel="C2", text="x")["error"] == "not_in_channel"
        assert error(whisper, channel="G1", user="U1", text="x")["error"] == "user_not_in_channel"
        assert error(say, channel="C1", text="x", thread_ts="1.000001")["error"] == "thread_not_found"
        assert error(client.users_info, user="U9")["error"] == "user_not_found"
        assert error(client.chat_update, channel="C1", ts="1.0", text="x")["error"] == "message_not_found"
        assert error(client.api_call, api_method="chat.postMessage")["error"] == "invalid_arguments"

    def test_only_its_own_messages_are_changed(self, slack: FakeSlack, client: WebClient) -> None:
        theirs = slack.channel_says("U1", "C1", "mine")["ts"]
        assert error(client.chat_update, channel="C1", ts=theirs, text="x")["error"] == "cant_update_message"
        assert error(client.chat_delete, channel="C1", ts=theirs)["error"] == "cant_delete_message"
        own = client.chat_postMessage(channel="C1", text="x")["ts"]
        client.chat_update(channel="C1", ts=own, text="y")
        assert slack.messages("C1")[-1]["text"] == "y"
        assert client.chat_getPermalink(channel="C1", message_ts=own)["permalink"].endswith(own.replace(".", ""))
        client.chat_delete(channel="C1", ts=own)
        assert [each["ts"] for each in slack.messages("C1")] == [theirs]

    def test_reading_back(self, slack: FakeSlack, client: WebClient) -> None:
        parent = slack.channel_says("U1", "C1", "one")["ts"]
        reply = client.chat_postMessage(channel="C1", text="two", thread_ts=parent)["ts"]
        assert [each["ts"] for each in client.conversations_replies(channel="C1", ts=parent)["messages"]] == [
            parent,
            reply,
        ]
        assert [each["ts"] for each in client.conversations_history(channel="C1")["messages"]] == [parent]
        assert client.conversations_open(users="U1")["channel"]["id"] == slack.world.im("U1").id
        first = client.conversations_members(channel="C1", limit=2)
        rest = client.conversations_members(channel="C1", cursor=first["response_metadata"]["next_cursor"])
        assert sorted([*first["members"], *rest["members"]]) == ["U1", "UBOTT1", "UDSL"]
        assert client.conversations_join(channel="C2")["channel"]["is_member"]
        assert client.conversations_info(channel="G1")["channel"]["is_private"]
        assert client.usergroups_users_list(usergroup="S1")["users"] == ["UDSL"]
        assert client.usergroups_list(include_users=True)["usergroups"][0]["users"] == ["UDSL"]
        assert client.users_lookupByEmail(email="u1@school.example")["user"]["id"] == "U1"
        slack.check()

    def test_text_is_needed_and_has_limits(self, slack: FakeSlack, client: WebClient) -> None:
        say = client.chat_postMessage
        assert error(client.api_call, api_method="chat.postMessage", json={"channel": "C1"})["error"] == "no_text"
        assert error(say, channel="C1", text="x" * 40_001)["error"] == "msg_too_long"
        own = say(channel="C1", text="x")["ts"]
        assert error(client.chat_update, channel="C1", ts=own, text="x" * 4_001)["error"] == "msg_too_long"
        long = [section("x" * 3000) for _ in range(5)]
        assert error(say, channel="C1", text="x", blocks=long)["error"] == "msg_blocks_too_long"
        assert error(say, channel="C1", markdown_text="x", text="x")["error"] == "markdown_text_conflict"

    def test_what_slack_takes_and_a_good_app_does_not_send(self, slack: FakeSlack, client: WebClient) -> None:
        client.api_call("chat.postMessage", json={"channel": "C1", "blocks": [section("x")]})
        client.chat_postMessage(channel="C1", text="<!channel> look")
        client.chat_postMessage(channel="C1", text="x", blocks=[section("a <b> & <https://x.example|c>")])
        client.api_call("chat.postMessage", json={"channel": "C1", "text": "x", "colour": "red"})
        kinds = [each.kind for each in slack.faults]
        assert kinds == ["no_text_fallback", "broadcast", "unescaped", "unescaped", "unknown_argument"]
        client.chat_postMessage(channel="C1", text="&lt;!channel&gt; <@U1> &amp;")
        assert len(slack.faults) == 5

    def test_bad_blocks_are_refused_with_pointers(self, client: WebClient) -> None:
        refused = error(client.chat_postMessage, channel="C1", text="x", blocks=[section("x" * 3001)])
        assert refused["error"] == "invalid_blocks"
        said = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
        assert refused["response_metadata"]["messages"] == [f"[ERROR] {said}"]

    def test_one_message_a_second_if_that_is_looked_after(self, slack: FakeSlack, client: WebClient) -> None:
        slack.world.rate_limit = True
        client.chat_postMessage(channel="C1", text="one")
        with pytest.raises(SlackApiError) as raised:
            client.chat_postMessage(channel="C1", text="two")
        assert (raised.value.response.status_code, raised.value.response.headers["Retry-After"]) == (429, "1")
        slack.advance(1)
        client.chat_postMessage(channel="C1", text="three")

    def test_installing_with_a_code_and_refreshing(self, slack: FakeSlack) -> None:
        slack.world.rotates = True
        bare, who = WebClient(base_url=slack.api_url), (slack.client_id, slack.client_secret)
        first = bare.oauth_v2_access(client_id=who[0], client_secret=who[1], code=slack.install_code("T1"))
        again = {"client_id": who[0], "client_secret": who[1], "grant_type": "refresh_token"}
        second = bare.oauth_v2_access(**again, refresh_token=first["refresh_token"])
        assert WebClient(second["access_token"], base_url=slack.api_url).auth_test()["team_id"] == "T1"
        used = error(bare.oauth_v2_access, **again, refresh_token=first["refresh_token"])
        assert used["error"] == "invalid_refresh_token"
        wrong = error(bare.oauth_v2_access, client_id=who[0], client_secret=who[0], code="y")
        assert wrong["error"] == "bad_client_secret"
