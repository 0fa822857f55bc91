"""Views and response_urls of the fake of Slack live as long as Slack's, and ordered trouble happens."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient  # noqa: TID251  # the fake is tried with the real library
from slack_sdk.errors import SlackApiError  # noqa: TID251  # the fake is tried with the real library

from tests.e2e.echo_bot import FORM, HOME, error, peopled, plain, section
from tests.e2e.fakes.slack import FakeSlack


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Slack with people in it and no bot."""
    with FakeSlack() as made:
        yield peopled(made)


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


class TestViews:
    def test_a_trigger_works_once_and_for_three_seconds(self, slack: FakeSlack, client: WebClient) -> None:
        used, old = slack.world.trigger("U1"), slack.world.trigger("U1")
        opened = client.views_open(trigger_id=used, view=FORM)["view"]
        assert slack.modal("U1")["id"] == opened["id"]
        assert error(client.views_open, trigger_id=used, view=FORM)["error"] == "exchanged_trigger_id"
        slack.advance(3.1)
        assert error(client.views_open, trigger_id=old, view=FORM)["error"] == "expired_trigger_id"
        assert error(client.views_open, trigger_id="1.2.3", view=FORM)["error"] == "invalid_trigger_id"

    def test_a_stack_has_three_views(self, slack: FakeSlack, client: WebClient) -> None:
        assert error(client.views_push, trigger_id=slack.world.trigger("U1"), view=FORM)["error"] == "not_found"
        client.views_open(trigger_id=slack.world.trigger("U1"), view=FORM)
        for _ in range(2):
            client.views_push(trigger_id=slack.world.trigger("U1"), view=FORM)
        refused = error(client.views_push, trigger_id=slack.world.trigger("U1"), view=FORM)
        assert refused["error"] == "push_limit_reached"
        assert slack.close_view("U1").reason == "connection_failed"
        assert len(slack.modals("U1")) == 2

    def test_an_update_keeps_what_was_typed_and_minds_the_hash(self, slack: FakeSlack, client: WebClient) -> None:
        view = client.views_open(trigger_id=slack.world.trigger("U1"), view=FORM)["view"]
        slack.fill("U1", {"What happened?": "so far"})
        client.views_update(view_id=view["id"], hash=view["hash"], view={**FORM, "title": plain("Again")})
        assert slack.modal("U1")["state"]["values"]["what_block"]["what"]["value"] == "so far"
        stale = error(client.views_update, view_id=view["id"], hash=view["hash"], view=FORM)
        assert stale["error"] == "hash_conflict"
        assert error(client.views_update, view_id="V9", view=FORM)["error"] == "not_found"

    def test_a_view_is_judged(self, slack: FakeSlack, client: WebClient) -> None:
        wrong = {**FORM, "title": plain("x" * 25), "private_metadata": "x" * 3001}
        refused = error(client.views_open, trigger_id=slack.world.trigger("U1"), view=wrong)
        assert refused["error"] == "invalid_arguments"
        assert "[json-pointer:/view/title/text]" in refused["response_metadata"]["messages"][0]
        assert error(client.views_publish, user_id="U1", view=FORM)["error"] == "invalid_arguments"
        assert error(client.views_publish, user_id="U9", view=HOME)["error"] == "user_not_found"
        big = {**HOME, "blocks": [section("x" * 3000) for _ in range(90)]}
        assert error(client.views_publish, user_id="U1", view=big)["error"] == "view_too_large"

    def test_prompts_in_a_thread_are_lost_in_silence(self, slack: FakeSlack, client: WebClient) -> None:
        channel, ts = slack.world.im("U1").id, slack.dm_says("U1", "x")["ts"]
        prompts = [{"title": "a", "message": "b"}]
        assert client.assistant_threads_setSuggestedPrompts(channel_id=channel, thread_ts=ts, prompts=prompts)["ok"]
        assert slack.prompts("U1") == []
        assert [each.kind for each in slack.faults] == ["prompts_in_thread"]
        client.assistant_threads_setStatus(channel_id=channel, thread_ts=ts, status="thinking")
        assert slack.status("U1") == "thinking"


class TestResponseUrls:
    def respond(self, slack: FakeSlack, url: str, **body: Any) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", urlsplit(slack.base_url).port, timeout=5)
        connection.request("POST", urlsplit(url).path, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = (response.status, response.read().decode())
        connection.close()
        return answer

    def test_five_times_in_half_an_hour(self, slack: FakeSlack) -> None:
        url = slack.world.response_url("U1", slack.world.channel("C2"), "actions")
        for turn in range(5):
            assert self.respond(slack, url, text=f"answer {turn}") == (200, "ok")
        assert self.respond(slack, url, text="too many")[0] == 404
        assert slack.errors[-1].error == "used_url"
        assert len(slack.ephemerals("U1")) == 5
        late = slack.world.response_url("U1", slack.world.channel("C1"), "commands")
        assert self.respond(slack, late, text="to all", response_type="in_channel") == (200, "ok")
        assert slack.messages("C1")[-1]["text"] == "to all"
        slack.advance(30 * 60 + 1)
        assert self.respond(slack, late, text="late")[0] == 404
        assert slack.errors[-1].error == "expired_url"


class TestOrderedTrouble:
    def test_each_kind_happens_as_often_as_ordered(self, slack: FakeSlack, client: WebClient) -> None:
        slack.fail("chat.postMessage", status=429, retry_after=7)
        slack.fail("chat.postMessage", status=500)
        slack.fail("chat.postMessage", error="internal_error")
        statuses = []
        for _ in range(3):
            with pytest.raises(SlackApiError) as raised:
                client.chat_postMessage(channel="C1", text="x")
            statuses.append(raised.value.response.status_code)
        assert statuses == [429, 500, 200]
        assert client.chat_postMessage(channel="C1", text="x")["ok"]
        assert slack.errors == []
        assert [each.injected for each in slack.called("chat.postMessage")] == [True, True, True, False]

    def test_a_line_is_cut_before_or_after_the_message_is_there(self, slack: FakeSlack) -> None:
        once = WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        slack.fail("*", cut="before")
        with pytest.raises(OSError, match=r"Remote end closed|reset"):
            once.chat_postMessage(channel="C1", text="x")
        assert slack.messages("C1") == []
        slack.fail("chat.postMessage", cut="after")
        with pytest.raises(OSError, match=r"Remote end closed|reset"):
            once.chat_postMessage(channel="C1", text="x")
        assert len(slack.messages("C1")) == 1

    def test_slowness_passes(self, slack: FakeSlack) -> None:
        slack.fail("auth.test", times=None, slow=0.5)
        hasty = WebClient(slack.bot_token, base_url=slack.api_url, timeout=0.1)  # type: ignore[arg-type]  # whole seconds
        with pytest.raises(TimeoutError):
            hasty.auth_test()
        slack.heal()
        assert WebClient(slack.bot_token, base_url=slack.api_url).auth_test()["ok"]
