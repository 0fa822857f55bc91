"""The addresses that a bot calls: the connector, the login, and the keys by which Teams is known."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

from aiohttp import web

from tests.e2e.fakes.teams_connector import ROUTES, Asked, Operation
from tests.e2e.fakes.teams_faults import CODES, Trouble, Troubles
from tests.e2e.fakes.teams_identity import ISSUER, Identity
from tests.e2e.fakes.teams_state import Call, ConnectorError, Json, World, bad_syntax

DENIED = {"message": "Authorization has been denied for this request."}
BROKEN_PAGE = "<html><head><title>Service Unavailable</title></head><body><h1>Service Unavailable</h1></body></html>"


class Server:
    """One port, listening or away; it is kept while nothing listens there."""

    def __init__(self, world: World, troubles: Troubles, identity: Identity) -> None:
        self.world, self.troubles, self.identity = world, troubles, identity
        self._kept = _bound(0)
        self.port: int = self._kept.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self._site: web.SockSite | None = None
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_get("/v1/.well-known/openidconfiguration", self._openid)
        app.router.add_get("/v1/.well-known/keys", self._keys)
        app.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        for method, path, name, operation in ROUTES:
            app.router.add_route(method, f"/uk/{world.tenant}{path}", partial(self._connector, name, operation))
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
        await self._runner.cleanup()
        self._kept.close()

    async def _nothing(self, request: web.Request) -> web.Response:
        with self.world.changed:
            self.world.unknown.append(f"{request.method} {request.path}")
        return web.json_response({"message": "No HTTP resource was found that matches the request URI."}, status=404)

    def _note(self, call: Call) -> None:
        with self.world.changed:
            self.world.calls.append(call)
            self.world.changed.notify_all()

    async def _openid(self, request: web.Request) -> web.StreamResponse:
        answer = {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{self.base}/v1/.well-known/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }
        return await self._identity(request, "openid", lambda: (200, answer))

    async def _keys(self, request: web.Request) -> web.StreamResponse:
        return await self._identity(request, "keys", lambda: (200, self.identity.keys()))

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
        tenant = request.match_info["tenant"]
        return await self._identity(request, "token", lambda: self.identity.grant(tenant, form))

    async def _identity(
        self, request: web.Request, operation: str, answered: Callable[[], tuple[int, Json]]
    ) -> web.StreamResponse:
        trouble, call = self.troubles.take(operation, ""), Call(operation, "", request.path, None, 0, self.world.now())
        if early := await self._before(request, trouble, call):
            return early
        with self.world.changed:
            call.status, answer = answered()
            call.error = answer.get("error_description")
            self._note(call)
        if trouble and trouble.cut == "after":
            return _cut(request)
        return web.json_response(answer, status=call.status)

    async def _connector(self, name: str, operation: Operation, request: web.Request) -> web.StreamResponse:
        body = _json(await request.read())
        with self.world.changed:
            call = Call(name, self._room(request, body), request.path, body, 0, self.world.now())
        trouble = self.troubles.take(name, call.room)
        if early := await self._before(request, trouble, call):
            return early
        with self.world.changed:
            try:
                if not self.identity.admits(request.headers.get("Authorization", "")):
                    raise ConnectorError(401, "Unauthorized", DENIED["message"], dict(DENIED))
                if request.method in ("POST", "PUT") and request.content_type != "application/json":
                    raise ConnectorError(415, "UnsupportedMediaType", "The request's media type is not supported.")
                if request.method in ("POST", "PUT") and body is None:
                    raise bad_syntax("Could not parse the request's body")
                call.status, answer = operation(self.world, Asked(request.match_info, request.query, body))
                headers = dict[str, str]()
            except ConnectorError as error:
                call.status, call.error, answer = error.status, error.code, error.body
                headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                refused = bad_syntax(f"Could not be read: {error!r}")
                call.status, call.error, answer, headers = refused.status, refused.code, refused.body, {}
            self._note(call)
        if trouble and trouble.cut == "after":
            return _cut(request)
        if answer is None:
            return web.Response(status=call.status, headers=headers)
        return web.json_response(answer, status=call.status, headers=headers)

    def _room(self, request: web.Request, body: Any) -> str:
        """The chat or channel that a call is about, as tests name it."""
        named = request.match_info.get("conversation", "")
        if not named and isinstance(body, dict):
            members, data = body.get("members"), body.get("channelData")
            first = members[0] if isinstance(members, list) and members else None
            channel = data.get("channel") if isinstance(data, dict) else None
            person = self.world.person_of(str(first.get("id"))) if isinstance(first, dict) else None
            if person and not body.get("isGroup"):
                return person.key
            named = str(channel.get("id")) if isinstance(channel, dict) else ""
        found = self.world.room_of(named)
        return found[0].key if found else ""

    async def _before(self, request: web.Request, trouble: Trouble | None, call: Call) -> web.StreamResponse | None:
        """What trouble makes of a call before it is taken."""
        if trouble is None:
            return None
        if trouble.slow:
            await asyncio.sleep(trouble.slow)
        if trouble.cut != "before" and trouble.status is None:
            return None
        call.status, call.injected = trouble.status or 0, True
        call.error = "cut" if trouble.cut == "before" else trouble.code or str(trouble.status)
        self._note(call)
        if trouble.cut == "before":
            return _cut(request)
        status = trouble.status or 500
        headers = {} if trouble.retry_after is None else {"Retry-After": str(trouble.retry_after)}
        if status == 401:
            return web.json_response(DENIED, status=401)
        if status not in CODES:
            return web.Response(text=BROKEN_PAGE, status=status, content_type="text/html", headers=headers)
        code, message = CODES[status]
        error = {"error": {"code": trouble.code or code, "message": message}}
        return web.json_response(error, status=status, headers=headers)


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
