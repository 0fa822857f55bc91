"""How fast messages in Teams are taken and answered, through everything: `python -m tests.e2e.teams.measure`.

The bot, the fake of Teams and whoever writes are processes of their own. Beside it, in the same run, a bot on the same
stack that only echoes.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import aiohttp

from adapters.app import free_socket
from adapters.cli import app
from adapters.teams.gateway import Gateway
from adapters.teams.talk import Talk
from adapters.teams.turns import place_of, words_of
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.slack.measure import AT_ONCE, RATE, SECONDS, paced, questions
from tests.e2e.teams.conftest import Running, peopled

FLAT = 1_500
WAIT_SECONDS = 60


async def echo(self: Talk, activity: Mapping[str, object], *, edited: bool = False) -> None:
    """Only says back what it was given."""
    gateway: Gateway = self.site.gateway
    said = {"type": "message", "text": f"You said: {words_of(activity)}"}
    self.speaker.hold(asyncio.create_task(_sent(gateway, place_of(activity).reference, said)))


async def _sent(gateway: Gateway, to: Mapping[str, object], said: Mapping[str, object]) -> None:
    await gateway.send(to, said)


@contextmanager
def served(teams: FakeTeams, folder: Path, *, echoing: bool) -> Iterator[None]:
    """`chatbot serve` in a process of its own, as it is or echoing."""
    folder.mkdir()
    running = Running(teams, None, folder)  # type: ignore[arg-type]  # the process has an engine of its own
    with free_socket("127.0.0.1", 0) as found:
        port = found.getsockname()[1]
    environ = {**os.environ, **running.environment(), "CHATBOT_PORT": str(port)}
    how = "echo" if echoing else "serve"
    log = (folder / "log.txt").open("w")
    process = subprocess.Popen([sys.executable, "-m", __spec__.name, how], env=environ, stdout=log, stderr=log)
    try:
        teams.bot_url = f"http://127.0.0.1:{port}"
        _await(f"{teams.bot_url}/readyz", process)
        yield
    finally:
        process.terminate()
        process.wait()
        log.close()
        teams.bot_url = ""


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310  # loopback
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the bot did not start")


def activities(teams: FakeTeams, count: int, prefix: str) -> list[bytes]:
    """Messages of many people, each in its own words."""
    asked, made = questions(), []
    for number in range(count):
        activity: dict[str, Any] = teams.activity("ana", asked[number % len(asked)])
        person = f"{number % 40:012d}"
        activity["id"] = f"{prefix}{number}"
        activity["from"] |= {"id": f"29:measured-{person}", "aadObjectId": f"00000000-0000-0000-0000-{person}"}
        made.append(json.dumps(activity).encode())
    return made


async def _post(session: aiohttp.ClientSession, url: str, header: str, body: bytes) -> float:
    began = time.perf_counter()
    headers = {"Authorization": header, "Content-Type": "application/json"}
    async with session.post(f"{url}/api/messages", data=body, headers=headers) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"answered with {answer.status}")
    return time.perf_counter() - began


async def _at_rate(url: str, header: str, bodies: list[bytes]) -> list[float]:
    async with aiohttp.ClientSession() as session:
        tasks, began = [], time.perf_counter()
        for number, body in enumerate(bodies):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(_post(session, url, header, body)))
        return await asyncio.gather(*tasks)


async def _flat_out(url: str, header: str, bodies: list[bytes]) -> float:
    left = iter(bodies)

    async def worker(session: aiohttp.ClientSession) -> None:
        for body in left:
            await _post(session, url, header, body)

    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        await asyncio.gather(*(worker(session) for _ in range(AT_ONCE)))
        return len(bodies) / (time.perf_counter() - began)


def run_rate(url: str, header: str, bodies: list[bytes]) -> list[float]:
    """Seconds until each answer at RATE a second, in a loop of its own."""
    return asyncio.run(_at_rate(url, header, bodies))


def run_flat(url: str, header: str, bodies: list[bytes]) -> float:
    """Messages taken a second with AT_ONCE under way at any time, in a loop of its own."""
    return asyncio.run(_flat_out(url, header, bodies))


def main() -> None:
    """Measure and print."""
    if sys.argv[1:] in (["serve"], ["echo"]):
        if sys.argv[1] == "echo":
            Talk.message = echo  # type: ignore[method-assign]  # the same stack, without us
        app(["serve"])
        return
    with (
        FakeTeams() as teams,
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        peopled(teams)
        with served(teams, Path(folder) / "ours", echoing=False):
            header = f"Bearer {teams.token()}"
            took = sorted(pool.submit(run_rate, teams.bot_url, header, activities(teams, RATE * SECONDS, "r")).result())
            ours = pool.submit(run_flat, teams.bot_url, header, activities(teams, FLAT, "f")).result()
        with served(teams, Path(folder) / "echo", echoing=True):
            echoes = pool.submit(run_flat, teams.bot_url, header, activities(teams, FLAT, "e")).result()
    print(paced(took))  # noqa: T201  # a script
    print(f"flat out: {ours:.0f}/s; echo {echoes:.0f}/s; ratio {ours / echoes:.2f}")  # noqa: T201  # a script


if __name__ == "__main__":
    main()
