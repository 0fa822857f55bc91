"""A server in a thread of its own, and Debian's chromium."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Browser, sync_playwright

from adapters.app import demo_app, free_socket
from adapters.escalations.durable import Durable
from adapters.escalations.stages import Stages
from chatbot.respond import Engine
from tests.e2e.fakes.loop import wound_down

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def serving(app: web.Application) -> Iterator[str]:
    """Where `app` is served while this lasts."""
    listening = free_socket("127.0.0.1", 0)
    started, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        runner = web.AppRunner(app)
        await runner.setup()
        await web.SockSite(runner, listening).start()
        started.set()
        await stop.wait()
        await runner.cleanup()
        await wound_down()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert started.wait(30)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
        listening.close()


@pytest.fixture(autouse=True)
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """The durable engine, which looks for its end once a second, looks at once."""
    original = Durable.launch

    def launch(self: Durable, stages: Stages) -> None:
        self._config["notification_listener_polling_interval_sec"] = 0.05
        original(self, stages)

    monkeypatch.setattr(Durable, "launch", launch)


@pytest.fixture(scope="package")
def address(lexical_engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demonstration is served."""
    with serving(demo_app(lexical_engine, tmp_path_factory.mktemp("demo"))) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a file: while it runs, no test of another file may start an event loop."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install it (apt-get install chromium, or make chromium)", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()
