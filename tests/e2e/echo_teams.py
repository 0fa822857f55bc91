"""A small bot on the real library, with which the fake of Teams is tried; and what goes into its cards."""

# ruff: noqa: TID251  # the fake is tried with the real library
from __future__ import annotations

import asyncio
import http.client
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web
from botbuilder.core import CardFactory, MessageFactory, TurnContext  # type: ignore[import-untyped]  # no types
from botbuilder.core.teams import TeamsActivityHandler  # type: ignore[import-untyped]  # no types
from botbuilder.integration.aiohttp import (  # type: ignore[import-untyped]  # no types
    CloudAdapter,
    ConfigurationBotFrameworkAuthentication,
    ConfigurationServiceClientCredentialFactory,
)
from botbuilder.schema import Activity, ConversationParameters, InvokeResponse  # type: ignore[import-untyped]  # no types
from botframework.connector.auth import (  # type: ignore[import-untyped]  # no types
    ChannelValidation,
    JwtTokenExtractor,
    MicrosoftAppCredentials,
)

from tests.e2e.echo_bot import in_thread
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import ADAPTIVE, Json

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
RENEWALS = 3


def block(text: str, **more: Any) -> Json:
    return {"type": "TextBlock", "text": text, "wrap": True, **more}


def field(label: str, id: str, **more: Any) -> Json:
    return {"type": "Input.Text", "id": id, "label": label, **more}


def execute(title: str, verb: str, **data: Any) -> Json:
    old = {"type": "Action.Submit", "title": title, "data": {"verb": verb, **data}}
    return {"type": "Action.Execute", "title": title, "verb": verb, "data": data, "fallback": old}


def card(text: str, *actions: Json, body: tuple[Json, ...] = (), **more: Any) -> Json:
    made = {"type": "AdaptiveCard", "$schema": SCHEMA, "version": "1.5", "body": [block(text), *body], **more}
    return {**made, "actions": list(actions)} if actions else made


def attached(content: Json, **more: Any) -> Json:
    return {"type": "message", "summary": "A card", "attachments": [adaptive(content)], **more}


def adaptive(content: Json) -> Json:
    return {"contentType": ADAPTIVE, "content": content}


def alert(user_ids: list[str]) -> Json:
    refresh = {"action": {"type": "Action.Execute", "verb": "refresh", "data": {"ref": "R-1"}}, "userIds": user_ids}
    note = (field("Note", "note", isRequired=True, errorMessage="Say something"),)
    opens = {"type": "Action.Submit", "title": "Open", "data": {"msteams": {"type": "task/fetch"}, "ref": "R-1"}}
    buttons = (execute("Take it on", "take", ref="R-1"), execute("Fail", "fail"), opens)
    link = {"type": "Action.OpenUrl", "title": "Policy", "url": "https://school.example/policy"}
    return card("A report", *buttons, link, body=note, refresh=refresh)


SEND = {"type": "Action.Submit", "title": "Send"}
FORM = card("What happened?", SEND, body=(field("Words", "words"),))


class Echo(TeamsActivityHandler):  # type: ignore[misc]  # the library has no types
    """It repeats what it hears, and notes what it was told."""

    def __init__(self, seen: list[Json]) -> None:
        self.seen = seen

    async def on_turn(self, turn: Any) -> None:
        self.seen.append({**turn.activity.serialize(), "value": turn.activity.value})
        await super().on_turn(turn)

    async def on_message_activity(self, turn: Any) -> None:
        said = turn.activity
        if said.value:
            await turn.send_activity(f"Submitted: {json.dumps(said.value, sort_keys=True)}")
        elif "card" in said.text:
            made = MessageFactory.attachment(CardFactory.adaptive_card(alert([said.from_property.id])))
            made.summary = "A card"
            await turn.send_activity(made)
        elif "thumbs" in said.text:
            asked = {"channelData": {"feedbackLoop": {"type": "default"}}}
            more = {"suggestedActions": {"actions": [{"type": "imBack", "title": "Yes", "value": "Yes"}]}}
            await turn.send_activity(Activity().deserialize({"type": "message", "text": "Well?", **asked, **more}))
        else:
            await turn.send_activity(Activity(type="typing"))
            await turn.send_activity(f"You said: {re.sub('<at>.*?</at>(&nbsp;)?', '', said.text)}")

    async def on_installation_update_add(self, turn: Any) -> None:
        await turn.send_activity("Welcome")

    async def on_invoke_activity(self, turn: Any) -> Any:
        answer = ANSWERS[turn.activity.name]
        return InvokeResponse(status=200, body=answer(turn.activity.value))


def _acted(value: Json) -> Json:
    action = value["action"]
    if action["verb"] == "fail":
        error = {"code": "Gone", "message": "This was closed"}
        return {"statusCode": 400, "type": "application/vnd.microsoft.error", "value": error}
    if action["verb"] == "refresh":
        shown = card(f"Yours ({value['trigger']})", execute("Done", "done"))
        return {"statusCode": 200, "type": ADAPTIVE, "value": shown}
    if action["verb"] == "done":
        return {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Thank you"}
    return {"statusCode": 200, "type": ADAPTIVE, "value": card(f"Taken: {action['data'].get('note')}")}


def _dialog(content: Json) -> Json:
    value = {"title": "Report", "height": 300, "width": "medium"}
    return {"task": {"type": "continue", "value": {**value, "card": adaptive(content)}}}


def _sent(value: Json) -> Json | None:
    words = value["data"].get("words")
    if words == "more":
        return _dialog(card("And?", SEND, body=(field("Words", "words"),)))
    return {"task": {"type": "message", "value": "Received"}} if words else None


def _found(value: Json) -> Json:
    asked = value["parameters"][0]
    preview = {"contentType": "application/vnd.microsoft.card.hero", "content": {"title": asked["value"]}}
    result = {**adaptive(card(asked["value"])), "preview": preview}
    attachments = [] if asked["name"] == "initialRun" else [result]
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}


ANSWERS: dict[str, Callable[[Json], Any]] = {
    "adaptiveCard/action": _acted,
    "task/fetch": lambda _: _dialog(FORM),
    "task/submit": _sent,
    "composeExtension/query": _found,
    "composeExtension/fetchTask": lambda value: _dialog(card(value["messagePayload"]["body"]["content"], SEND)),
    "composeExtension/submitAction": lambda _: {"task": {"type": "message", "value": "Passed on"}},
    "message/submitAction": lambda _: {},
}


def token_of(teams: FakeTeams, **changed: str) -> tuple[int, Json]:
    """Ask the login for a token, as a bot does."""
    form = {"grant_type": "client_credentials", "client_id": teams.app_id, "client_secret": teams.app_password}
    body = urlencode({**form, "scope": "https://api.botframework.com/.default", **changed})
    address = urlsplit(teams.token_url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=5)
    try:
        connection.request("POST", address.path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


class Credentials(MicrosoftAppCredentials):  # type: ignore[misc]  # the library has no types
    """The library's own go to Microsoft's login and nowhere else."""

    teams: FakeTeams
    token = ""

    def get_access_token(self, force_refresh: bool = False) -> str:
        if not self.token:
            self.token = str(token_of(self.teams)[1]["access_token"])
        return self.token


class Factory(ConfigurationServiceClientCredentialFactory):  # type: ignore[misc]  # the library has no types
    """One set of credentials, so that not every turn asks for a token."""

    def __init__(self, conf: Any, teams: FakeTeams) -> None:
        super().__init__(conf)
        self.made = Credentials(teams.app_id, teams.app_password, teams.tenant)
        self.made.teams = teams

    async def create_credentials(
        self, app_id: str, oauth_scope: str, login_endpoint: str, validate_authority: bool
    ) -> Any:
        return self.made


class Adapter(CloudAdapter):  # type: ignore[misc]  # the library has no types
    """The library's, with its work-arounds for what the fake asks of it."""

    def __init__(self, teams: FakeTeams) -> None:
        conf = SimpleNamespace(
            APP_ID=teams.app_id, APP_PASSWORD=teams.app_password, APP_TYPE="SingleTenant", APP_TENANTID=teams.tenant
        )
        super().__init__(ConfigurationBotFrameworkAuthentication(conf, credentials_factory=Factory(conf, teams)))
        self.renewals = 0

    async def take(self, request: web.Request, bot: Echo) -> web.Response:
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            body = await request.json()
            activity = Activity().deserialize(body)
            told = (activity.type, activity.service_url, activity.conversation.id)
            good = all(told) and activity.channel_id == "msteams"  # endorsements are for the channel that it names
        except Exception:  # whatever it is: the body is not an activity
            good = False
        if not good:
            return web.Response(status=400)
        try:
            identity = await self._known(activity, request.headers.get("Authorization", ""))
        except Exception:  # whatever it is: nobody knows who this is
            return web.Response(status=401)
        answer = await self.process_activity(identity, activity, bot.on_turn)
        return web.json_response(answer.body, status=answer.status) if answer else web.Response(status=200)

    async def _known(self, activity: Any, header: str) -> Any:
        authenticate = self.bot_framework_authentication.authenticate_request
        try:
            return await authenticate(activity, header)
        except IndexError:
            if self.renewals >= RENEWALS:
                raise
            self.renewals += 1
            for metadata in JwtTokenExtractor.metadataCache.values():
                metadata.last_updated = datetime.min  # noqa: DTZ901  # the library compares with naive times
            return await authenticate(activity, header)


@contextmanager
def served(teams: FakeTeams, take: Callable[[web.Request], Any]) -> Iterator[Callable[[Any], Any]]:
    """What takes all that Teams tells; gives what runs a coroutine in its loop."""
    loops = list[asyncio.AbstractEventLoop]()

    async def begin() -> tuple[str, Callable[[], Any]]:
        loops.append(asyncio.get_running_loop())
        app = web.Application()
        app.router.add_post("/api/messages", take)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}", runner.cleanup

    with in_thread(begin) as teams.bot_url:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loops[0]).result(10)


@contextmanager
def running(teams: FakeTeams, seen: list[Json]) -> Iterator[tuple[Adapter, Callable[[Any], Any]]]:
    """The small bot; gives its adapter and what runs a coroutine in its loop."""
    JwtTokenExtractor.metadataCache.clear()
    ChannelValidation.open_id_metadata_endpoint = teams.openid_metadata
    adapter, bot = Adapter(teams), Echo(seen)

    async def take(request: web.Request) -> web.Response:
        return await adapter.take(request, bot)

    try:
        with served(teams, take) as run:
            yield adapter, run
    finally:
        ChannelValidation.open_id_metadata_endpoint = None


def reference(activity: Json) -> Any:
    """Where an activity came from, as a bot keeps it."""
    return TurnContext.get_conversation_reference(Activity().deserialize(activity))


async def opened(adapter: Adapter, teams: FakeTeams, asked: Json, said: str = "") -> tuple[str, str]:
    """Begin a conversation, and say something in it: its id and the activity's."""
    found = list[tuple[str, str]]()

    async def begun(turn: Any) -> None:
        found.append((turn.activity.conversation.id, turn.activity.id))
        if said:
            await turn.send_activity(said)

    parameters = ConversationParameters().deserialize({**asked, "tenantID": teams.tenant})  # the library's spelling
    await adapter.create_conversation(teams.app_id, begun, parameters, "msteams", teams.service_url, None)
    return found[0]


def peopled(teams: FakeTeams) -> FakeTeams:
    teams.add_user("ana", "Ana Teacher", installed=True)
    teams.add_user("dee", "Dee Lead", installed=True)
    teams.add_user("sam", "Sam Supply", role="guest")
    teams.add_team("fact", ["general", "dsl"], ["ana", "dee"])
    teams.add_group("leaders", ["ana", "dee"])
    teams.add_group("elsewhere", ["ana", "sam"], bot=False)
    return teams
