"""The addresses that an app calls: the Web API, response_urls and the Socket Mode link."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import socket
from typing import Any

from aiohttp import web

from tests.e2e.fakes import slack_apps, slack_chat, slack_directory, slack_views
from tests.e2e.fakes.slack_faults import BROKEN_PAGE, Trouble, Troubles
from tests.e2e.fakes.slack_hooks import responded
from tests.e2e.fakes.slack_methods import METHODS, answer
from tests.e2e.fakes.slack_socket import Lines
from tests.e2e.fakes.slack_state import Call, Json, SlackError, World

_ = (slack_apps, slack_chat, slack_directory, slack_views)
"""Imported for the methods that they register."""
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Server:
    """One port, listening or away; it is kept while nothing listens there."""

    def __init__(self, world: World, troubles: Troubles, lines: Lines) -> None:
        self.world, self.troubles, self.lines = world, troubles, lines
        self._kept = _bound(0)
        self.port: int = self._kept.getsockname()[1]
        self._site: web.SockSite | None = None
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/{kind:actions|commands|app}/{rest:.+}", self._hook)
        app.router.add_get("/link/", lines.serve)
        app.router.add_route("*", "/{anything:.*}", self._nothing)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)

    async def start(self) -> None:
        """Make ready, and listen."""
        await self._runner.setup()
        await self.come_back()

    async def come_back(self) -> None:
        """Listen."""
        if self._site is None:
            self._site = web.SockSite(self._runner, _bound(self.port))
            await self._site.start()

    async def go_away(self) -> None:
        """Stop listening, and cut every connection."""
        if self._site is not None:
            await self._site.stop()
            self._site = None
        for connection in self._runner.server.connections if self._runner.server else []:
            if isinstance(connection.transport, asyncio.Transport):
                connection.transport.abort()

    async def close(self) -> None:
        """End in order."""
        await self.lines.close()
        await self._runner.cleanup()
        self._kept.close()

    async def _nothing(self, request: web.Request) -> web.Response:
        with self.world.changed:
            self.world.unknown.append(f"{request.method} {request.path}")
        return web.Response(status=404, text="not found")

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        trouble = self.troubles.take(method)
        if early := await self._before(request, method, trouble):
            return early
        world = self.world
        try:
            arguments, token = await _arguments(request)
        except SlackError as error:
            with world.changed:
                world.calls.append(Call(method, {}, None, "", world.now(), error.error))
            return web.json_response({"ok": False, "error": error.error})
        known = METHODS.get(method)
        with world.changed:
            if known and known.form_only and arguments and request.content_type == "application/json":
                world.fault("json_ignored", method, "reads forms only")
                arguments = dict(request.query)
            call = Call(method, arguments, token, "", world.now())
            body = answer(world, call)
            world.calls.append(call)
            world.changed.notify_all()
        if trouble and trouble.cut == "after":
            return _cut(request)
        headers = {"x-oauth-scopes": ",".join(sorted(world.scopes)), "x-slack-req-id": "fake"}
        if known and known.scopes:
            headers["x-accepted-oauth-scopes"] = ",".join(known.scopes)
        if wait := body.pop("retry_after", None):
            headers["Retry-After"] = str(wait)
        return web.json_response(body, status=429 if wait else 200, headers=headers)

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        trouble = self.troubles.take("response_url")
        if early := await self._before(request, "response_url", trouble):
            return early
        body = _json(await request.read())
        with self.world.changed:
            status, word = responded(self.world, request.path, body)
            given = body if isinstance(body, dict) else {}
            error = None if status == 200 else word
            self.world.calls.append(Call("response_url", given, None, "", self.world.now(), error))
            self.world.changed.notify_all()
        if trouble and trouble.cut == "after":
            return _cut(request)
        if error is None:
            return web.Response(text="ok")
        return web.json_response({"ok": False, "error": error}, status=status)

    async def _before(self, request: web.Request, method: str, trouble: Trouble | None) -> web.StreamResponse | None:
        """What trouble makes of a call before it is taken."""
        if trouble is None:
            return None
        if trouble.slow:
            await asyncio.sleep(trouble.slow)
        word = trouble.error or ("cut" if trouble.cut == "before" else str(trouble.status) if trouble.status else "")
        if not word:
            return None
        with self.world.changed:
            self.world.calls.append(Call(method, {}, None, "", self.world.now(), word, injected=True))
            self.world.changed.notify_all()
        if trouble.cut == "before":
            return _cut(request)
        if trouble.error:
            return web.json_response({"ok": False, "error": trouble.error})
        if trouble.status == 429:
            headers = {"Retry-After": str(1 if trouble.retry_after is None else trouble.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        return web.Response(text=BROKEN_PAGE, status=trouble.status or 500, content_type="text/html")


def _bound(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind(("127.0.0.1", port))
    return made


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


async def _arguments(request: web.Request) -> tuple[Json, str | None]:
    """What a call gives, from wherever it may be, and its token."""
    arguments: Json = dict(request.query)
    token = None
    kind, _, credential = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        token = credential.strip()
    elif kind == "Basic":
        arguments |= _basic(credential)
    if request.content_type == "application/json" and request.can_read_body:
        given = _json(await request.read())
        if not isinstance(given, dict):
            raise SlackError("invalid_json" if given is None else "json_not_object")
        given.pop("token", None)
        return {**arguments, **given}, token
    if request.content_type in FORMS:
        arguments |= {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
    elif request.can_read_body:
        raise SlackError("invalid_post_type")
    inside = arguments.pop("token", None)
    return arguments, token or inside


def _basic(credential: str) -> Json:
    try:
        name, _, secret = base64.b64decode(credential).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return {}
    return {"client_id": name, "client_secret": secret}
