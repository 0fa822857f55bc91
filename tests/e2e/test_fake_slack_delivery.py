"""The fake of Slack sends again what was not taken, signs or does not sign, and loses lines."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from functools import partial

import pytest
from aiohttp import web
from slack_sdk import WebClient  # noqa: TID251  # the fake is tried with the real library

from tests.e2e.echo_bot import peopled, running, served
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_state import Json


@pytest.fixture
def seen() -> list[Json]:
    """The payloads that the small bot was given."""
    return []


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    """Slack with people in it and no bot."""
    with FakeSlack() as made:
        yield peopled(made)


@pytest.fixture
def client(slack: FakeSlack) -> WebClient:
    return WebClient(slack.bot_token, base_url=slack.api_url)


class TestDelivery:
    def test_a_refused_event_comes_again_with_its_id_and_its_headers(self) -> None:
        taken: list[tuple[str, str | None, str | None]] = []

        async def twice(request: web.Request) -> web.Response:
            headers = request.headers
            body = await request.json()
            taken.append((body["event_id"], headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")))
            if len(taken) == 1:
                await asyncio.sleep(3)
            return web.Response(status=500 if len(taken) == 2 else 200)

        with served(twice) as url, FakeSlack(hurry=600, ack_seconds=2) as slack:
            slack.bot_url = url
            event_id = peopled(slack).dm_says("U1", "hello")["event_id"]
            slack.wait_for(lambda: len(taken) == 3)
            assert taken == [(event_id, None, None), (event_id, "1", "http_timeout"), (event_id, "2", "http_error")]
            slack.wait_idle()
            assert slack.given_up == []

    def test_a_bot_may_ask_for_no_more_attempts(self) -> None:
        async def refuse(request: web.Request) -> web.Response:
            return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

        with served(refuse) as url, FakeSlack(hurry=600) as slack:
            slack.bot_url = url
            event_id = peopled(slack).dm_says("U1", "hello")["event_id"]
            slack.wait_idle()
            assert len(slack.attempts(event_id)) == 1

    def test_raw_requests_are_signed_or_not(self, slack: FakeSlack, seen: list[Json]) -> None:
        with running(slack, "http", seen):
            assert slack.verify_url()
            body = json.dumps({"type": "event_callback", "event": {"type": "message", "channel": "D1"}})
            assert slack.raw(body, sign=False).status == 401
            assert slack.raw(body, secret=slack.client_secret).status == 401
            assert slack.raw(body, timestamp=int(time.time()) - 600).status == 401
            assert slack.raw(path="/elsewhere").status == 404
            with pytest.raises(TimeoutError):
                slack.raw(body, withheld=10, seconds=0.3)

    def test_a_missing_scope_or_subscription_withholds_events(self, slack: FakeSlack) -> None:
        slack.scopes.discard("im:history")
        assert slack.dm_says("U1", "hello")["event_id"] == ""
        assert slack.channel_says("U1", "C1", "hello")["event_id"] == ""
        assert slack.withheld == ["message.im"]

    def test_another_workspace_of_a_grid_says_so(self) -> None:
        with FakeSlack(enterprise_id="E1") as slack:
            slack.add_team("T2", enterprise_id="E2")
            slack.add_user("U2", team="T2")
            payloads = list[Json]()

            async def take(request: web.Request) -> web.Response:
                payloads.append(await request.json())
                return web.Response()

            with served(take) as slack.bot_url:
                slack.dm_says("U2", "hello")
                slack.wait_for(lambda: payloads)
            assert payloads[0].items() >= {"team_id": "T2", "enterprise_id": "E2"}.items()
            assert payloads[0]["authorizations"][0]["user_id"] == "UBOTT2"

    def test_lines_that_end_are_opened_again(self, seen: list[Json]) -> None:
        with FakeSlack(mode="socket", hurry=600) as slack, running(peopled(slack), "socket", seen):
            for end in (slack.disconnect_socket, slack.drop_socket, partial(slack.drop_socket, silent=True)):
                opened = len(slack.called("apps.connections.open"))
                end()
                slack.wait_for(lambda known=opened: len(slack.called("apps.connections.open")) > known)  # type: ignore[misc]
                slack.wait_for(lambda: slack.connections == 1)
                slack.dm_says("U1", "still there?")
                slack.wait_for(lambda: slack.dm("U1")[-1]["text"] == "You said: still there?")

    def test_copies_of_one_event_have_one_id(self, slack: FakeSlack, seen: list[Json]) -> None:
        with running(slack, "http", seen):
            event_id = slack.mention("U1", "C1", "hello")["event_id"]
            slack.repeat(event_id, copies=5)
            slack.wait_for(lambda: [each["event_id"] for each in seen] == [event_id] * 6)
            slack.wait_idle()

    def test_nobody_answers_while_slack_is_away(self, slack: FakeSlack, client: WebClient) -> None:
        assert client.auth_test()["ok"]
        with slack.away(), pytest.raises(OSError, match="refused"):
            client.auth_test()
        assert client.auth_test()["ok"]
