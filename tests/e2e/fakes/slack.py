"""A strict Slack in a thread of its own: give the product `api_url`, tokens and secret, then act as people do.

with FakeSlack() as slack:
    slack.add_user("U1", "Ana Teacher")
    slack.bot_url = start_the_bot(slack.api_url, slack.bot_token, slack.signing_secret)
    slack.dm_says("U1", "hello")
    slack.wait_for(lambda: slack.dm("U1")[-1]["text"] == "hello yourself")
    slack.check()

The bot runs in a thread or process of its own, never in the test's event loop: acts wait for its answer.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from tests.e2e.fakes import slack_messages as messages
from tests.e2e.fakes.loop import wound_down
from tests.e2e.fakes.slack_client import People
from tests.e2e.fakes.slack_delivery import Answer, Courier, signed
from tests.e2e.fakes.slack_faults import Trouble, Troubles
from tests.e2e.fakes.slack_methods import METHODS
from tests.e2e.fakes.slack_server import Server
from tests.e2e.fakes.slack_socket import Lines
from tests.e2e.fakes.slack_stage import Stage
from tests.e2e.fakes.slack_state import Json, World

T = TypeVar("T")
ALL_SCOPES = frozenset(
    {each for known in METHODS.values() for each in known.scopes} | {"app_mentions:read", "commands"}
)
EVENTS = frozenset({"app_mention", "message.im", "app_home_opened", "app_uninstalled", "tokens_revoked"})
BEGIN_SECONDS = 10.0


@dataclass(frozen=True)
class RawAnswer:
    """What came back for a raw request; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class FakeSlack(Stage, People):
    """One Slack with one app. `hurry` shortens the waits between attempts, `ack_seconds` is how long the bot has."""

    def __init__(
        self,
        *,
        mode: Literal["http", "socket"] = "http",
        scopes: Iterable[str] = ALL_SCOPES,
        subscribed: Iterable[str] = EVENTS,
        agent: bool = True,
        hurry: float = 1.0,
        ack_seconds: float = 3.0,
        enterprise_id: str | None = None,
        org_install: bool = False,
        rate_limit: bool = False,
        rotates: bool = False,
    ) -> None:
        self.world = World(frozenset(scopes), frozenset(subscribed), agent=agent)
        self.world.rate_limit, self.world.rotates = rate_limit, rotates
        self._troubles, self._lines = Troubles(), Lines(self.world)
        self._courier = Courier(self.world, self._lines, mode, ack_seconds, hurry)
        self._server = Server(self.world, self._troubles, self._lines)
        self.base_url = self.world.base = f"http://127.0.0.1:{self._server.port}"
        self.api_url = f"{self.base_url}/api/"
        self.world.emit = self._courier.emit
        self._loop, self._begun, self._stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._live()), name="fake-slack")
        self.team = self.add_team("T1", enterprise_id=enterprise_id, org_install=org_install)
        self.bot_token, self.app_token = self.team.bot_token, self.world.app_token
        self.signing_secret, self.bot_user = self.world.signing_secret, self.team.bot_user
        self.client_id, self.client_secret = self.world.client_id, self.world.client_secret

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._begun.wait(BEGIN_SECONDS), "the fake did not start"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    async def _live(self) -> None:
        await self._server.start()
        await self._courier.start()
        self._begun.set()
        await self._stop.wait()
        await self._courier.close()
        await self._server.close()
        await wound_down()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    @property
    def bot_url(self) -> str:
        """Where the bot is served; Slack posts to `/slack/events` there."""
        return self._courier.url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self._courier.url = url

    @property
    def connections(self) -> int:
        """How many Socket Mode lines are open and taking messages."""
        return sum(not line.leaving for line in list(self._lines.open))

    def ask(self, kind: str, payload: Json) -> Answer:
        """Send something that Slack sends once, and wait for the bot's answer."""
        return self._run(self._courier.ask(kind, payload))

    def event(self, event: Json, *, subscription: str | None = None, team: str | None = None) -> str:
        """Send any other event; the event_id, empty if the app has not asked for it."""
        with self.world.changed:
            home = self.world.teams[team] if team else self.team
            return self.world.emit(home, event, subscription or str(event["type"]))

    def repeat(self, event_id: str, copies: int = 1) -> None:
        """Send an event again under the same id, all copies at once, as happens when an acknowledgement is lost."""
        self._courier.repeat(event_id, copies)

    def uninstall(self, team: str | None = None) -> None:
        """Somebody removes the app: its token is worth nothing, and the app is told."""
        home = self.world.teams[team] if team else self.team
        self.event({"type": "tokens_revoked", "tokens": {"bot": [home.bot_user]}}, team=home.id)
        self.event({"type": "app_uninstalled"}, team=home.id)
        self.spoil_token(home.bot_token, "account_inactive")

    def other_bot_says(self, channel: str, text: str) -> str:
        """Another app's message, as `bot_message`; the event_id."""
        with self.world.changed:
            place = self.world.channel(channel)
            made = {"type": "message", "subtype": "bot_message", "text": text, "bot_id": "B0OTHER", "user": None}
            message = messages.place(self.world, place, made, None)
            event = {key: value for key, value in message.items() if value is not None}
            return messages.tell(self.world, place, messages.event_of(place, event))

    def wait_idle(self, seconds: float = 10.0) -> None:
        """Until every event was taken or given up."""
        self.wait_for(lambda: not self._courier.pending, seconds)

    def fail(
        self,
        method: str = "*",
        times: int | None = 1,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        error: str | None = None,
        cut: Literal["before", "after"] | None = None,
        slow: float = 0.0,
    ) -> None:
        """Order trouble for the next calls: a method, `response_url`, or `*`; `times=None` is until `heal()`."""
        self._troubles.order(Trouble(method, times, status, retry_after, error, cut, slow))

    def heal(self) -> None:
        """No more trouble."""
        self._troubles.heal()

    def drop_socket(self, *, silent: bool = False) -> None:
        """Every line goes without a close; a silent one looks alive until somebody misses its pong."""
        self._run(self._lines.drop(silent=silent))

    def disconnect_socket(self, reason: str = "refresh_requested") -> None:
        """Every line ends in order: the app is asked to open another."""
        self._run(self._lines.disconnect(reason))

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nothing listens, and all connections are cut, while this lasts."""
        self._run(self._server.go_away())
        try:
            yield
        finally:
            self._run(self._server.come_back())

    def verify_url(self) -> bool:
        """Whether the bot answers Slack's challenge, as when its address is entered."""
        challenge = {"token": self.world.verification_token, "challenge": "3eZbrw1aB", "type": "url_verification"}
        answer = self.raw(json.dumps(challenge), headers={"Content-Type": "application/json"})
        return answer.status == 200 and b"3eZbrw1aB" in answer.body

    def raw(
        self,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
        *,
        sign: bool = True,
        secret: str | None = None,
        timestamp: int | str | None = None,
        path: str = "/slack/events",
        method: str = "POST",
        withheld: int = 0,
        seconds: float = 10.0,
    ) -> RawAnswer:
        """Any request at all to the bot. `withheld` says how many bytes are promised and never sent."""
        sent = body.encode() if isinstance(body, str) else body
        said = str(int(time.time()) if timestamp is None else timestamp)
        every = {"Content-Type": "application/json", "Content-Length": str(len(sent) + withheld)}
        if sign:
            signature = signed(secret or self.signing_secret, said, sent)
            every |= {"X-Slack-Request-Timestamp": said, "X-Slack-Signature": signature}
        names = {name.lower() for name in headers or {}}
        every = {name: value for name, value in every.items() if name.lower() not in names} | dict(headers or {})
        address = urlsplit(self.bot_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in every.items():
                connection.putheader(name, value.encode("utf-8"))
            connection.endheaders(sent)
            response = connection.getresponse()
            shown = {name.lower(): value for name, value in response.getheaders()}
            return RawAnswer(response.status, shown, response.read())
        finally:
            connection.close()
