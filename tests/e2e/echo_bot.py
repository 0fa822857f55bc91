"""A small bot on the real library, with which the fake of Slack is tried; and what goes into its messages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import pytest
from aiohttp import web
from slack_bolt.adapter.aiohttp import (  # noqa: TID251  # the fake is tried with the real library
    to_aiohttp_response,
    to_bolt_request,
)
from slack_bolt.adapter.socket_mode.async_handler import (  # noqa: TID251  # the fake is tried with the real library
    AsyncSocketModeHandler,
)
from slack_bolt.async_app import AsyncApp  # noqa: TID251  # the fake is tried with the real library
from slack_sdk.errors import SlackApiError  # noqa: TID251  # the fake is tried with the real library
from slack_sdk.web.async_client import AsyncWebClient  # noqa: TID251  # the fake is tried with the real library

from tests.e2e.fakes.loop import wound_down
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.fakes.slack_state import Json

Mode = Literal["http", "socket"]
PING_SECONDS = 0.3


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def button(text: str, action_id: str = "press", **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def field(label: str, action_id: str, **more: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": action_id, **more}
    return {"type": "input", "block_id": f"{action_id}_block", "label": plain(label), "element": element}


OPTIONS = [{"text": plain("Ashley"), "value": "a"}, {"text": plain("Calmore"), "value": "c"}]
MENU = {"type": "static_select", "action_id": "school", "placeholder": plain("School"), "options": OPTIONS}
FEEDBACK = {
    "type": "feedback_buttons",
    "action_id": "helped",
    "positive_button": {"text": plain("Good"), "value": "yes"},
    "negative_button": {"text": plain("Bad"), "value": "no"},
}
CARD = [
    section("What now?"),
    {"type": "actions", "elements": [button("Take it on", value="7"), button("Leave", "leave"), MENU]},
    {"type": "context_actions", "elements": [FEEDBACK]},
]
FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Report"),
    "submit": plain("Send"),
    "notify_on_close": True,
    "blocks": [
        field("What happened?", "what", multiline=True),
        {"type": "input", "block_id": "where_block", "optional": True, "label": plain("Where"), "element": MENU},
    ],
}
HOME: Json = {"type": "home", "blocks": [section("Hello"), {"type": "actions", "elements": [button("Ask", "ask")]}]}


def echo_bot(slack: FakeSlack, seen: list[Json]) -> AsyncApp:
    """A small bot: it repeats what it hears, and notes what it was told."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    app = AsyncApp(client=client, signing_secret=slack.signing_secret, ignoring_self_events_enabled=False)
    hear(app, seen)
    take_presses(app, seen)
    take_forms(app, seen)
    return app


def hear(app: AsyncApp, seen: list[Json]) -> None:
    @app.event("message")
    async def heard(event: Json, body: Json, client: AsyncWebClient) -> None:
        seen.append(body)
        if "subtype" not in event and "bot_id" not in event:
            said = f"You said: {event['text']}"
            await client.chat_postMessage(channel=event["channel"], text=said, blocks=CARD)

    @app.event("app_mention")
    async def named(event: Json, body: Json, client: AsyncWebClient) -> None:
        seen.append(body)
        thread = event.get("thread_ts", event["ts"])
        await client.chat_postMessage(channel=event["channel"], text="Here", thread_ts=thread)
        await client.chat_postEphemeral(channel=event["channel"], user=event["user"], text="Only you")

    @app.event("app_home_opened")
    async def opened(event: Json, client: AsyncWebClient) -> None:
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=HOME)
        else:
            prompts = [{"title": "Phones", "message": "May I use my phone?"}]
            await client.assistant_threads_setSuggestedPrompts(channel_id=event["channel"], prompts=prompts)


def take_presses(app: AsyncApp, seen: list[Json]) -> None:
    @app.command("/policy")
    async def asked(ack: Any, command: Json) -> None:
        await ack(text=f"You asked: {command['text']}", blocks=CARD)

    @app.action("press")
    async def pressed(ack: Any, body: Json, respond: Any) -> None:
        await ack()
        seen.append(body)
        await respond(text="Taken", replace_original=True)

    @app.action("helped")
    @app.action("ask")
    @app.action("school")
    async def noted(ack: Any, body: Json) -> None:
        await ack()
        seen.append(body)


def take_forms(app: AsyncApp, seen: list[Json]) -> None:
    @app.shortcut("report")
    async def report(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        seen.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @app.view("form")
    async def sent(ack: Any, body: Json, view: Json) -> None:
        seen.append(body)
        said = view["state"]["values"]["what_block"]["what"]["value"]
        if said == "nothing":
            await ack(response_action="errors", errors={"what_block": "Say more"})
        elif said == "next":
            await ack(response_action="push", view={**FORM, "title": plain("More")})
        elif said == "other":
            await ack(response_action="update", view={**FORM, "title": plain("Other")})
        elif said == "broken":
            await ack(response_action="update", view={**FORM, "title": plain("x" * 25)})
        else:
            await ack()

    @app.view_closed("form")
    async def gone(ack: Any, body: Json) -> None:
        await ack()
        seen.append(body)


@contextmanager
def in_thread(begin: Callable[[], Any]) -> Iterator[Any]:
    """`begin` is a coroutine function that gives what is used and a coroutine function that ends it."""
    loop, ready, stop, made = asyncio.new_event_loop(), threading.Event(), asyncio.Event(), list[Any]()

    async def live() -> None:
        used, end = await begin()
        made.append(used)
        ready.set()
        await stop.wait()
        await end()
        await wound_down()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()))
    thread.start()
    try:
        assert ready.wait(10)
        yield made[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@contextmanager
def served(handler: Callable[[web.Request], Any]) -> Iterator[str]:
    """Where `handler` answers everything."""

    async def begin() -> tuple[str, Callable[[], Any]]:
        app = web.Application()
        app.router.add_post("/slack/events", handler)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}", runner.cleanup

    with in_thread(begin) as url:
        yield url


@contextmanager
def running(slack: FakeSlack, mode: Mode, seen: list[Json]) -> Iterator[None]:
    """The small bot, over HTTP or down a line."""
    app = echo_bot(slack, seen)
    if mode == "http":

        async def take(request: web.Request) -> web.Response:
            return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

        with served(take) as slack.bot_url:
            yield
        return

    async def begin() -> tuple[None, Callable[[], Any]]:
        handler = AsyncSocketModeHandler(app, slack.app_token, web_client=app.client, ping_interval=PING_SECONDS)
        await handler.connect_async()  # type: ignore[no-untyped-call]  # the library has no types there
        return None, handler.close_async

    with in_thread(begin):
        slack.wait_for(lambda: slack.connections == 1)
        yield


def peopled(slack: FakeSlack) -> FakeSlack:
    slack.add_user("U1", "Ana Teacher")
    slack.add_user("UDSL", "Dee Lead")
    slack.add_group("S1", "dsl", ["UDSL"])
    slack.add_channel("C1", "staffroom", ["U1", "UDSL"])
    slack.add_channel("C2", "elsewhere", ["U1"], bot=False)
    slack.add_channel("G1", "leaders", ["UDSL"], kind="private")
    return slack


def error(call: Callable[..., Any], **arguments: Any) -> Json:
    """What Slack answers to a call that it refuses."""
    with pytest.raises(SlackApiError) as raised:
        call(**arguments)
    refused: Json = raised.value.response.data
    return refused
