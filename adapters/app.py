"""The one place where everything is joined: engine, desk, durable engine, clock, web."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp import web

from adapters.database.connect import DatabaseUnusable
from adapters.database.vault import new_key
from adapters.demonstration import demonstration_plans
from adapters.engine import Made, make_engine
from adapters.escalations.joined import Escalations, join
from adapters.exports import escalation_csv, escalation_pdf
from adapters.learnt import cache_folder
from adapters.metrics import CountedBot, Metrics
from adapters.web.app import make_app
from adapters.web.guard import LOOPBACK
from adapters.web.notify import InboxNotifier
from chatbot.errors import ChatbotError
from chatbot.escalation import Refusal
from chatbot.plan import Plan
from chatbot.ports import Clock, Notifier
from chatbot.respond import Engine
from chatbot.text import read

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


@dataclass(frozen=True, slots=True)
class FileExport:
    """One escalation as PDF or CSV, for whoever may open it; that it left the desk is in the audit trail."""

    escalations: Escalations
    plans: Mapping[str, Plan]
    names: Mapping[str, str]
    clock: Clock

    async def __call__(self, reference: str, contact: str, kind: str) -> bytes | Refusal:
        """`kind` is "pdf" or "csv"."""
        return await asyncio.to_thread(self._make, reference, contact, kind)

    def _make(self, reference: str, contact: str, kind: str) -> bytes | Refusal:
        desk = self.escalations.desk
        opened = desk.open_now(reference, contact)
        if isinstance(opened, Refusal):
            return opened
        school, now = opened.held.school, self.clock.now()
        with desk.engine.begin() as connection:
            desk.note(connection, contact, "exported", reference, kind)
        if kind == "pdf":
            return escalation_pdf(opened, self.names[school], self.plans[school], now)
        return escalation_csv(opened, self.names[school], self.plans[school], now).encode("utf-8-sig")


def join_escalations(
    engine: Engine,
    url: str,
    keys: Sequence[str],
    plans: Mapping[str, Plan],
    notifiers: Sequence[Notifier],
    clock: Clock,
) -> Escalations:
    """Escalations that read words as `engine` does. Raises DatabaseUnusable."""
    spelling = engine.knowledge.spelling
    return join(url, keys, plans, notifiers, clock, lambda text: read(text, spelling).words)


def demo_app(engine: Engine, folder: Path) -> web.Application:
    """The demonstration over `engine`, its database in `folder`. Raises DatabaseUnusable."""
    clock = SystemClock()
    plans = demonstration_plans(engine.knowledge.schools)
    key = _key_in(folder)
    inbox = InboxNotifier(lambda _: True)
    escalations = join_escalations(engine, f"sqlite:///{folder / 'demo.db'}", [key], plans, [inbox], clock)
    names = {school.id: school.name for school in engine.knowledge.schools.values()}
    metrics = Metrics(escalations.health)
    app = make_app(
        CountedBot(engine, escalations.desk, metrics), engine.knowledge, escalations.desk, clock, escalations.desk,
        plans, open_desk=True, stands=escalations.health, export=FileExport(escalations, plans, names, clock),
    )  # fmt: skip
    watch_over(app, escalations, metrics)
    return app


def watch_over(app: web.Application, escalations: Escalations, metrics: Metrics) -> None:
    """Run `escalations` as long as `app` runs, and show `metrics` on /metrics."""

    async def running(_: web.Application) -> None:
        await asyncio.to_thread(escalations.start)

    async def stopped(_: web.Application) -> None:
        await asyncio.to_thread(escalations.stop)

    async def tell(_: web.Request) -> web.Response:
        return web.Response(body=await asyncio.to_thread(metrics.text), content_type="text/plain", charset="utf-8")

    app.on_startup.append(running)
    app.on_cleanup.append(stopped)
    app.router.add_get("/metrics", tell, name="metrics")


def demo_folder() -> Path:
    """Where the demonstration keeps its file between runs."""
    return cache_folder() / "demo"


def run_demo(
    made: Made | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    semantic: bool = True,
    folder: Path | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve the demonstration until Ctrl-C. A taken port gives way to the next free one.

    `made` is an engine that is already loaded; without one it is made here, before anything listens. What was reported
    is kept in `folder`; a second demonstration at the same time has one of its own.
    Raises NotLoopback, KnowledgeError, and OSError where no port is free.
    """
    if host not in LOOPBACK:
        raise NotLoopback(host)
    engine = (made or make_engine(semantic=semantic)).engine
    with tempfile.TemporaryDirectory(prefix="chatbot-demo-") as spare:
        try:
            app = demo_app(engine, folder or demo_folder())
        except (DatabaseUnusable, OSError):
            app = demo_app(engine, Path(spare))
        with free_socket(host, port) as listening:
            asyncio.run(serve(app, listening, lambda url: say(f"The demonstration is at {url} (Ctrl-C stops it)")))


def _key_in(folder: Path) -> str:
    """The demonstration's own key, made at the first run and readable by nobody else."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo.key"
    with suppress(FileNotFoundError):
        return path.read_text(encoding="ascii").strip()
    key = new_key()
    path.touch(mode=0o600)
    path.write_text(key, encoding="ascii")
    return key


def free_socket(host: str, port: int, *, tries: int | None = None) -> socket.socket:
    """A socket bound to the first free port from `port` on, of `tries` (PORTS_TRIED). Raises OSError where none is."""
    tries = PORTS_TRIED if tries is None else tries
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + tries, 65_536) if port else 1):
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
    tried = f"ports {port} to {port + tries - 1} are all taken; choose another with --port"
    raise OSError(errno.EADDRINUSE, tried)


async def serve(app: web.Application, listening: socket.socket, say: Callable[[str], None]) -> None:
    """Serve `app` until it is told to stop; `say` is told the address once it answers."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening).start()
        host, port = listening.getsockname()[:2]
        say(f"http://{f'[{host}]' if ':' in host else host}:{port}/")
        await stopped.wait()
    finally:
        await runner.cleanup()
