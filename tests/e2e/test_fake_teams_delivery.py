"""The fake of Teams tells a bot once, or as often as a test wants, and keeps every answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.e2e.echo_teams import (
    Adapter,
    attached,
    card,
    opened,
    peopled,
    reference,
    running,
    served,
)
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json


@pytest.fixture
def seen() -> list[Json]:
    """The activities that the small bot was given."""
    return []


class TestDelivery:
    def test_what_is_not_taken_is_lost(self) -> None:
        async def refuse(request: web.Request) -> web.Response:
            text = (await request.json()).get("text")
            if text == "slow":
                await asyncio.sleep(4)
            return web.Response(status=503, text="not now")

        with FakeTeams(answer_seconds=1.5) as teams, served(teams, refuse):
            peopled(teams)
            ids = [teams.says("ana", text)["id"] for text in ("slow", "down")]
            teams.wait_idle()
            assert sorted(teams.given_up) == sorted(ids)
            assert [each.reason for id in ids for each in teams.answers(id)] == ["timeout", "http_error"]
            assert [(each.status, each.body) for each in teams.crashes] == [(503, "not now")]
            with pytest.raises(AssertionError, match="not now"):
                teams.check()
        with FakeTeams() as teams:
            said = peopled(teams).says("ana", "nobody there")
            teams.wait_idle()
            assert [each.reason for each in teams.answers(said["id"])] == ["connection_failed"]

    def test_headers_and_times_are_those_of_teams(self) -> None:
        heard = list[Json]()

        async def take(request: web.Request) -> web.Response:
            heard.append(dict(request.headers))
            await asyncio.sleep(0.05)
            return web.Response()

        with FakeTeams() as teams, served(teams, take):
            said = peopled(teams).says("ana", "hello")
            teams.wait_idle()
            assert heard[0]["x-ms-tenant-id"] == teams.tenant
            assert heard[0]["x-ms-conversation-id"] == teams.room("ana").id
            assert heard[0]["Authorization"].startswith("Bearer ey")
            assert teams.answers(said["id"])[0].seconds >= 0.05

    def test_the_same_activity_may_come_again(self, seen: list[Json]) -> None:
        with FakeTeams() as teams, running(peopled(teams), seen):
            said = teams.says("ana", "hello")
            teams.repeat(said["id"], copies=3)
            teams.wait_idle()
            assert [each["id"] for each in seen] == [said["id"]] * 4
            assert len(teams.answers(said["id"])) == 4
            with pytest.raises(LookupError, match="no activity 7"):
                teams.repeat("7")


class TestProactive:
    def test_the_library_begins_chats_and_posts(self, seen: list[Json]) -> None:
        with FakeTeams() as teams, running(peopled(teams), seen) as (adapter, run):
            chat, _ = run(opened(adapter, teams, {"members": [{"id": teams.user("dee").id}]}, "You are on duty"))
            assert (chat, teams.chat("dee")[0]["text"]) == (teams.room("dee").id, "You are on duty")
            channel = {"isGroup": True, "channelData": {"channel": {"id": teams.room("dsl").id}}}
            thread, id = run(opened(adapter, teams, {**channel, "activity": attached(card("Report"))}))
            assert thread == f"{teams.room('dsl').id};messageid={id}"
            assert teams.channel("dsl")[0]["card"]["body"][0]["text"] == "Report"
            teams.check()

    def test_the_library_goes_on_where_a_conversation_was(self, seen: list[Json]) -> None:
        with FakeTeams() as teams, running(peopled(teams), seen) as (adapter, run):
            teams.says("ana", "hello", "dsl")
            teams.wait_for(lambda: teams.from_bot("dsl"))
            known = reference(teams.activity("ana", "x"))
            run(going_on(adapter, teams, known, "Still here"))
            assert teams.chat("ana")[-1]["text"] == "Still here"
            teams.uninstall("ana")
            with pytest.raises(Exception, match="BotNotInConversationRoster"):
                run(going_on(adapter, teams, known, "Hello?"))


async def going_on(adapter: Adapter, teams: FakeTeams, known: Any, text: str) -> None:
    await adapter.continue_conversation(known, lambda turn: turn.send_activity(text), teams.app_id)
