"""How fast `/policy` is over HTTP, through everything: `python -m tests.e2e.slack.measure`. Prints a table.

Beside it, on the same stack and in the same run, a handler that only echoes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import aiohttp

from adapters.engine import make_engine
from adapters.slack.talk import Talk
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running, peopled

RATE, SECONDS = 50, 20
AT_ONCE = 16


async def echo(self: Talk, body: Mapping[str, object], ack: object) -> None:
    """Only says back what it was given."""
    await ack(text=f"You said: {body.get('text')}")  # type: ignore[operator]  # bolt's ack


def questions() -> list[str]:
    """What staff ask, each in its own words; reports are no questions."""
    path = Path(__file__).parents[2] / "questions" / "dev.jsonl"
    cases = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [case["turns"][0] for case in cases if "escalate" not in case["kinds"]]


async def ask(session: aiohttp.ClientSession, url: str, secret: str, text: str, number: int) -> float:
    """Seconds until Slack has its answer."""
    fields = {
        "command": "/policy", "text": text, "user_id": f"U{number % 40:03d}", "team_id": "T1", "channel_id": "C1",
        "trigger_id": f"{number}.{time.monotonic_ns()}", "response_url": "http://127.0.0.1:9/x",
    }  # fmt: skip
    body = urlencode(fields).encode()
    stamp = str(int(time.time()))
    signature = "v0=" + hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    headers = {
        "X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature,
        "Content-Type": "application/x-www-form-urlencoded",
    }  # fmt: skip
    began = time.perf_counter()
    async with session.post(f"{url}/slack/events", data=body, headers=headers) as answer:
        await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"answered with {answer.status}")
    return time.perf_counter() - began


async def at_rate(url: str, secret: str) -> list[float]:
    """RATE requests a second for SECONDS."""
    asked = questions()
    async with aiohttp.ClientSession() as session:
        tasks, began = [], time.perf_counter()
        for number in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
            tasks.append(asyncio.create_task(ask(session, url, secret, asked[number % len(asked)], number)))
        return await asyncio.gather(*tasks)


async def flat_out(url: str, secret: str, count: int) -> float:
    """Requests a second with AT_ONCE under way at any time."""
    asked, left = questions(), iter(range(count))

    async def worker(session: aiohttp.ClientSession) -> None:
        for number in left:
            await ask(session, url, secret, asked[number % len(asked)], number)

    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        await asyncio.gather(*(worker(session) for _ in range(AT_ONCE)))
        return count / (time.perf_counter() - began)


def rated(url: str, secret: str) -> list[float]:
    """at_rate() in a process of its own: whoever asks must not hold up whoever answers."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run_rate, url, secret).result()


def run_rate(url: str, secret: str) -> list[float]:
    """at_rate() in a loop of its own."""
    return asyncio.run(at_rate(url, secret))


def flat(url: str, secret: str, count: int) -> float:
    """flat_out() in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(run_flat, url, secret, count).result()


def run_flat(url: str, secret: str, count: int) -> float:
    """flat_out() in a loop of its own."""
    return asyncio.run(flat_out(url, secret, count))


def paced(took: list[float]) -> str:
    """How long answers took at RATE a second, in words; `took` in seconds, the shortest first."""
    median, p99, most = (1000 * seconds for seconds in (statistics.median(took), took[int(len(took) * 0.99)], took[-1]))
    return f"{RATE}/s for {SECONDS} s: median {median:.0f} ms, p99 {p99:.0f} ms, most {most:.0f} ms"


def main() -> None:
    """Measure and print."""
    engine = make_engine(semantic="--words" not in sys.argv).engine
    with FakeSlack(mode="http", hurry=1000) as slack, tempfile.TemporaryDirectory() as folder:
        running = Running(peopled(slack), engine, Path(folder), "http")
        running.escalations.append(SimpleNamespace(lock=None))  # type: ignore[arg-type]  # nothing to let go of
        with running.up():
            took = sorted(rated(slack.bot_url, slack.signing_secret))
            ours = flat(slack.bot_url, slack.signing_secret, 1500)
            again = flat(slack.bot_url, slack.signing_secret, 1500)
        Talk.command = echo  # type: ignore[method-assign]  # the same stack, without us
        with running.up():
            echoes = flat(slack.bot_url, slack.signing_secret, 1500)
    print(paced(took))  # noqa: T201  # a script
    print(f"flat out: {ours:.0f}/s, again {again:.0f}/s; echo {echoes:.0f}/s; ratio {again / echoes:.2f}")  # noqa: T201  # a script


if __name__ == "__main__":
    main()
