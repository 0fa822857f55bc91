"""A strict Teams in a thread of its own: the Bot Connector, the login and the keys, and people who use the app.

with FakeTeams() as teams:
    teams.add_user("ana", "Ana Teacher", installed=True)
    teams.bot_url = start_the_bot(teams.app_id, teams.app_password, teams.tenant, teams.token_url)
    teams.says("ana", "hello")
    teams.wait_for(lambda: teams.chat("ana")[-1]["text"] == "hello yourself")
    teams.check()

The bot runs in a thread or process of its own, never in the test's event loop: presses wait for its answer.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit

from tests.e2e.fakes.loop import wound_down
from tests.e2e.fakes.teams_client import Fingers
from tests.e2e.fakes.teams_connector import OPERATIONS
from tests.e2e.fakes.teams_delivery import Answer, Courier, parsed
from tests.e2e.fakes.teams_faults import Trouble, Troubles
from tests.e2e.fakes.teams_identity import Identity, Signer
from tests.e2e.fakes.teams_server import Server
from tests.e2e.fakes.teams_stage import Stage
from tests.e2e.fakes.teams_state import Json, World

T = TypeVar("T")
BEGIN_SECONDS = 10.0
OWN = "the token that Teams would send"


@dataclass(frozen=True)
class RawAnswer:
    """What came back for a raw request; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class FakeTeams(Stage, Fingers):
    """One tenant and one app. `answer_seconds` is how long the bot has, where it is not 15 (extensions 5)."""

    def __init__(self, *, answer_seconds: float | None = None, rate_limit: bool = False) -> None:
        self.world, self.app_password = World(), "p~fake.secret"
        self.world.rate_limit = rate_limit
        self.app_id, self.tenant = self.world.app_id, self.world.tenant
        self._identity, self._troubles = Identity(self.world, self.app_password), Troubles()
        self._server = Server(self.world, self._troubles, self._identity)
        self._courier = Courier(self.world, self._identity, answer_seconds)
        self.service_url = self.world.service_url = f"{self._server.base}/uk/{self.tenant}/"
        self.openid_metadata = f"{self._server.base}/v1/.well-known/openidconfiguration"
        self.token_url = f"{self._server.base}/{self.tenant}/oauth2/v2.0/token"
        self._loop, self._begun, self._stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._live()), name="fake-teams")

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
        """Where the bot is served; Teams posts to `/api/messages` there."""
        return self._courier.url

    @bot_url.setter
    def bot_url(self, url: str) -> None:
        self._courier.url = url

    def ask(self, activity: Json) -> Answer:
        """Send any activity, and wait for the bot's answer."""
        return self._run(self._courier.ask(activity))

    def emit(self, activity: Json) -> None:
        """Send any activity, and do not wait."""
        self._courier.emit(activity)

    def repeat(self, id: str, copies: int = 1) -> None:
        """Send an activity again under the same id, all copies at once, as Teams sometimes does."""
        self._courier.repeat(id, copies)

    def wait_idle(self, seconds: float = 10.0) -> None:
        """Until every activity was answered or given up."""
        self.wait_for(lambda: not self._courier.pending, seconds)

    def token(
        self,
        *,
        alg: Literal["RS256", "HS256", "none"] = "RS256",
        signer: Signer = "own",
        kid: str | None = "",
        **claims: Any,
    ) -> str:
        """A token as Teams signs it, but for claims (None leaves one out), `kid`, `alg` and `signer`."""
        return self._identity.token(alg=alg, signer=signer, kid=kid, **claims)

    def forgeries(self) -> dict[str, str | None]:
        """Authorization headers that have to be refused, each under what is wrong with it; None is no header."""
        return self._identity.forgeries()

    def rotate_keys(self, *, keep_old: bool = True) -> None:
        """From now on Teams signs with another key; the old one stays published, or not."""
        with self.world.changed:
            self._identity.rotate(keep_old=keep_old)

    def revoke_tokens(self) -> None:
        """The tokens that the bot has got so far are answered with 401."""
        with self.world.changed:
            self._identity.revoke()

    def fail(
        self,
        operation: str = "*",
        times: int | None = 1,
        *,
        status: int | None = None,
        retry_after: int | None = None,
        code: str | None = None,
        cut: Literal["before", "after"] | None = None,
        slow: float = 0.0,
        where: str | None = None,
    ) -> None:
        """Order trouble for the next calls of an operation, or `*` for any of the connector; `times=None` is until
        `heal()`. `where` is a chat or channel, `code` another error code than the status has."""
        if operation not in {"*", *OPERATIONS}:
            raise LookupError(f"no operation {operation!r}; there are {sorted(OPERATIONS)}")
        if status == 429 and retry_after is None:
            retry_after = 1
        self._troubles.order(Trouble(operation, times, status, retry_after, code, cut, slow, where))

    def heal(self) -> None:
        """No more trouble."""
        self._troubles.heal()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nothing listens, and all connections are cut, while this lasts."""
        self._run(self._server.go_away())
        try:
            yield
        finally:
            self._run(self._server.come_back())

    def raw(
        self,
        body: Any = b"",
        headers: Mapping[str, str] | None = None,
        token: str | None = OWN,
        *,
        path: str = "/api/messages",
        method: str = "POST",
        withheld: int = 0,
        seconds: float = 10.0,
    ) -> RawAnswer:
        """Any request at all to the bot. A body that is no text is sent as JSON; `token` None sends no Authorization,
        which `headers` may bring; `withheld` says how many bytes are promised and never sent."""
        text = body if isinstance(body, bytes | str) else json.dumps(body)
        sent = text.encode() if isinstance(text, str) else text
        every = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(sent) + withheld)}
        if token is not None:
            every["Authorization"] = self._identity.header() if token == OWN else f"Bearer {token}"
        names = {name.lower() for name in headers or {}}
        every = {name: value for name, value in every.items() if name.lower() not in names} | dict(headers or {})
        address, began = urlsplit(self.bot_url), time.monotonic()
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in every.items():
                connection.putheader(name, value.encode("utf-8"))
            connection.endheaders(sent)
            response = connection.getresponse()
            shown = {name.lower(): value for name, value in response.getheaders()}
            answer = RawAnswer(response.status, shown, response.read())
        finally:
            connection.close()
        said = parsed(shown.get("content-type", ""), answer.body.decode(errors="replace"))
        reason = None if answer.status < 300 else "http_error"
        self._courier.note(body, Answer(reason, answer.status, said, time.monotonic() - began))
        return answer
