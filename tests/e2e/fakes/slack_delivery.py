"""Telling the bot: over HTTP, signed, or down a Socket Mode line; events again and again, as Slack does."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.e2e.fakes.slack_payloads import event_callback
from tests.e2e.fakes.slack_socket import LineLost, Lines
from tests.e2e.fakes.slack_state import Delivery, Json, Team, World

RETRY_SECONDS = (0.0, 60.0, 300.0)
SCOPES = {
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
}
AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"


@dataclass(frozen=True)
class Answer:
    """What the bot answered. `reason` says why it does not count; `errors` are what a form shows beside fields."""

    reason: str | None = None
    status: int | None = None
    body: Any = None
    seconds: float = 0.0
    no_retry: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the bot acknowledged in time."""
        return self.reason is None


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """The v0 signature of a request."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def http_body(kind: str, payload: Json) -> tuple[str, bytes]:
    """Content type and body of what is posted."""
    if kind == "events_api":
        return "application/json", json.dumps(payload).encode()
    form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(form).encode()


class Courier:
    """Brings everything to the bot, and keeps a record of each attempt."""

    def __init__(self, world: World, lines: Lines, mode: Literal["http", "socket"], ack_seconds: float, hurry: float):
        self.world, self.lines, self.mode = world, lines, mode
        self.ack_seconds, self.hurry = ack_seconds, hurry
        self.url = ""
        self.pending = 0
        self._sent: dict[str, Json] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make ready; everything is sent from this loop."""
        self._loop = asyncio.get_running_loop()
        self._session = ClientSession(timeout=ClientTimeout(total=None))

    async def close(self) -> None:
        """Forget what was still to be sent."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    def emit(self, team: Team, event: Json, subscription: str) -> str:
        """Send an event, if the app wants it and may have it; its event_id."""
        if subscription not in self.world.subscribed or self._loop is None:
            return ""
        if SCOPES.get(subscription, "") not in {"", *self.world.scopes} or self.world.tokens[team.bot_token].trouble:
            self.world.withheld.append(subscription)
            return ""
        payload = copy.deepcopy(event_callback(self.world, team, event))
        event_id = str(payload["event_id"])
        self._sent[event_id] = payload
        self.repeat(event_id)
        return event_id

    def repeat(self, event_id: str, copies: int = 1) -> None:
        """Send what was sent under this id, as often as said, all at once."""
        if self._loop is None:
            return
        for _ in range(copies):
            with self.world.changed:
                self.pending += 1
            self._loop.call_soon_threadsafe(self._begin, self._sent[event_id])

    def _begin(self, payload: Json) -> None:
        task = asyncio.get_running_loop().create_task(self._until_taken(payload))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with self.world.changed:
            self.pending -= 1
            self.world.changed.notify_all()

    async def _until_taken(self, payload: Json) -> None:
        answer = await self.ask("events_api", payload)
        for attempt, wait in enumerate(RETRY_SECONDS, 1):
            if answer.ok or answer.no_retry:
                break
            await asyncio.sleep(wait / self.hurry)
            answer = await self.ask("events_api", payload, attempt, answer.reason or "")
        if not answer.ok:
            with self.world.changed:
                self.world.given_up.append(payload["event_id"])

    async def ask(self, kind: str, payload: Json, attempt: int = 0, reason: str = "") -> Answer:
        """One attempt."""
        began = time.monotonic()
        by = self._by_line if self.mode == "socket" else self._by_http
        answer = replace(await by(kind, payload, attempt, reason), seconds=time.monotonic() - began)
        named = str(payload.get("event_id") or payload.get("trigger_id") or payload.get("type"))
        with self.world.changed:
            self.world.deliveries.append(
                Delivery(kind, named, attempt, answer.reason, answer.status, round(answer.seconds, 3))
            )
            self.world.changed.notify_all()
        return answer

    async def _by_http(self, kind: str, payload: Json, attempt: int, reason: str) -> Answer:
        if self._session is None or not self.url:
            return Answer("connection_failed")
        content_type, body = http_body(kind, payload)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": AGENT,
            "Accept": "*/*",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signed(self.world.signing_secret, timestamp, body),
        }
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": reason}
        address = f"{self.url.rstrip('/')}/slack/events"
        try:
            async with asyncio.timeout(self.ack_seconds):
                async with self._session.post(address, data=body, headers=headers, allow_redirects=False) as response:
                    text = await response.text(errors="replace")
        except TimeoutError:
            return Answer("http_timeout")
        except (ClientError, OSError):
            return Answer("connection_failed")
        no_retry = response.headers.get("X-Slack-No-Retry") == "1"
        answer: Any = text
        if response.content_type == "application/json" and text:
            try:
                answer = json.loads(text)
            except ValueError:
                answer = text
        return Answer(
            None if 200 <= response.status < 300 else "http_error", response.status, answer, no_retry=no_retry
        )

    async def _by_line(self, kind: str, payload: Json, attempt: int, reason: str) -> Answer:
        accepts = kind == "slash_commands" or payload.get("type") in ("view_submission", "block_suggestion")
        envelope: Json = {"type": kind, "payload": payload, "accepts_response_payload": accepts}
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": reason}
        try:
            body = await self.lines.send(envelope, self.ack_seconds)
        except TimeoutError:
            return Answer("timeout")
        except LineLost:
            return Answer("connection_failed")
        if body and not accepts:
            self.world.fault("payload_ignored", f"acknowledgement of {kind}", json.dumps(body)[:200])
        return Answer(body=body if accepts else None)
