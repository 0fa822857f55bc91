"""The one place where everything is joined: engine, ledger, clock, web."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from datetime import UTC, datetime

from aiohttp import web

from adapters.engine import Made, make_engine
from adapters.memory import MemoryLedger
from adapters.web.app import make_app
from adapters.web.guard import LOOPBACK
from chatbot.bot import Bot
from chatbot.errors import ChatbotError
from chatbot.respond import Engine

PORTS_TRIED = 50
"""How many ports from the wanted one on are tried before giving up."""


class NotLoopback(ChatbotError):
    """The demonstration was to listen where other machines could reach it."""

    def __init__(self, host: str) -> None:
        """`host` is the address that was asked for."""
        allowed = " or ".join(LOOPBACK)
        super().__init__(f"the demonstration has no log-in and listens on {allowed} only, not on {host!r}")


class SystemClock:
    """The time of this machine, in its own zone."""

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC).astimezone()


def demo_app(engine: Engine) -> web.Application:
    """The demonstration over `engine`, remembering in memory."""
    ledger = MemoryLedger()
    return make_app(Bot(engine, ledger), engine.knowledge, ledger, SystemClock())


def run_demo(
    made: Made | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    semantic: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the demonstration until Ctrl-C. A taken port gives way to the next free one.

    `made` is an engine that is already loaded; without one it is made here, before anything listens.
    Raises NotLoopback, KnowledgeError, and OSError where no port is free.
    """
    if host not in LOOPBACK:
        raise NotLoopback(host)
    app = demo_app((made or make_engine(semantic=semantic)).engine)
    with free_socket(host, port) as listening:
        asyncio.run(_serve(app, listening, host, say))


def free_socket(host: str, port: int) -> socket.socket:
    """A socket bound to the first free port from `port` on. Raises OSError where there is none."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + PORTS_TRIED, 65_536) if port else 1):
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, candidate))
            bound.listen(128)
        except OSError as error:
            bound.close()
            if error.errno != errno.EADDRINUSE:
                raise
        else:
            return bound
    tried = f"ports {port} to {port + PORTS_TRIED - 1} are all taken; choose another with --port"
    raise OSError(errno.EADDRINUSE, tried)


async def _serve(app: web.Application, listening: socket.socket, host: str, say: Callable[[str], None]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        shown = f"[{host}]" if ":" in host else host
        say(f"The demonstration is at http://{shown}:{listening.getsockname()[1]}/ (Ctrl-C stops it)")
        await stopped.wait()
    finally:
        await runner.cleanup()
