"""Socket Mode: the lines that apps open, the envelopes that go down them, and how lines end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.e2e.fakes.slack_state import APP_ID, Json, World

PING_SECONDS = 5.0
LEAVING_SECONDS = 2.0


class LineLost(Exception):
    """The line went before the app acknowledged."""


@dataclass(eq=False)
class Line:
    """One open connection. A muted one is dead without anybody having said so; one that leaves gets nothing new."""

    ws: web.WebSocketResponse
    transport: asyncio.BaseTransport | None
    waiting: dict[str, asyncio.Future[Any]] = field(default_factory=dict)
    leaving: bool = False
    muted: bool = False

    async def say(self, message: Json) -> None:
        """One message, unless the line is dead."""
        if not self.muted:
            await self.ws.send_str(json.dumps(message))

    def abort(self) -> None:
        """Cut it off, without a close."""
        if isinstance(self.transport, asyncio.Transport):
            self.transport.abort()


class Lines:
    """All open connections; a message goes down one of them, each in its turn."""

    def __init__(self, world: World) -> None:
        self.world, self.open = world, list[Line]()
        self._turn = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection from its ticket to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self.world.tickets:
            return web.Response(status=401, text="invalid ticket")
        self.world.tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False, timeout=0.5)
        await ws.prepare(request)
        line = Line(ws, request.transport)
        self._note(line, there=True)
        pinging = asyncio.create_task(_ping(line))
        try:
            await line.say(self._hello())
            async for message in ws:
                if message.type is WSMsgType.PING and not line.muted:
                    await ws.pong(message.data)
                elif message.type is WSMsgType.TEXT and not line.muted:
                    self._acknowledged(line, message.data)
        finally:
            pinging.cancel()
            self._note(line, there=False)
            for waiting in line.waiting.values():
                if not waiting.done():
                    waiting.set_exception(LineLost())
        return ws

    def _note(self, line: Line, *, there: bool) -> None:
        with self.world.changed:
            (self.open.append if there else self.open.remove)(line)
            self.world.changed.notify_all()

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.open),
            "debug_info": {"host": "applink-1", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _acknowledged(self, line: Line, data: str) -> None:
        try:
            message = json.loads(data)
            waiting = line.waiting.get(message["envelope_id"])
        except (ValueError, TypeError, KeyError):
            self.world.fault("bad_acknowledgement", "socket", data[:200])
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(message.get("payload"))

    async def send(self, envelope: Json, seconds: float) -> Any:
        """Send one envelope and wait for its acknowledgement's payload; raises LineLost or TimeoutError."""
        free = [line for line in self.open if not line.leaving]
        if not free:
            raise LineLost
        self._turn += 1
        line = free[self._turn % len(free)]
        envelope_id = f"{secrets.token_hex(4)}-{secrets.token_hex(2)}"
        waiting = line.waiting[envelope_id] = asyncio.get_running_loop().create_future()
        try:
            with contextlib.suppress(ConnectionError):
                await line.say({"envelope_id": envelope_id, **envelope})
            return await asyncio.wait_for(waiting, seconds)
        finally:
            del line.waiting[envelope_id]

    async def drop(self, *, silent: bool) -> None:
        """Every line goes without a close: cut off, or silently dead."""
        for line in list(self.open):
            line.leaving = line.muted = True
            if not silent:
                line.abort()

    async def disconnect(self, reason: str) -> None:
        """Ask the app to leave every line, and close those that it has not left soon."""
        for line in list(self.open):
            line.leaving = True
            with contextlib.suppress(ConnectionError):
                await line.say({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-1"}})
            asyncio.get_running_loop().call_later(LEAVING_SECONDS, line.abort)

    async def close(self) -> None:
        """Close every line in order."""
        for line in list(self.open):
            if line.muted:
                line.abort()
            else:
                await line.ws.close(code=1001)


async def _ping(line: Line) -> None:
    while True:
        await asyncio.sleep(PING_SECONDS)
        if not line.muted:
            with contextlib.suppress(ConnectionError):
                await line.ws.ping(b"slack")
