"""Calls of the connector: the library's operations, over a wire of our own.

The library would send with `requests` in the event loop's few threads, where a slow Teams would starve the database of
them; ask for tokens in the event loop itself; repeat what it likes for as long as it likes; and drop from an activity
what its models do not know. So it makes the requests, and here they are signed, sent, timed and repeated.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from botframework.connector import AsyncBfPipeline  # type: ignore[import-untyped]  # no types
from botframework.connector.aio import ConnectorClient  # type: ignore[import-untyped]  # no types
from msrest.pipeline import Response, SansIOHTTPPolicy
from msrest.pipeline.async_abc import AsyncHTTPSender
from msrest.serialization import Model
from yarl import URL

from adapters.teams.tokens import TeamsFailed, Tokens

SECONDS = 10.0
"""All of one call: token, tries, and the waits between them that nobody asked for."""
LONGEST_WAIT = 8.0
"""Seconds that are waited in one call besides, where Teams asks for it: a Notifier has 20 in all."""
TRIES = 5
FIRST_WAIT = 0.5
"""Seconds between the first two tries; each further wait is twice as long."""
ADDRESSES = 32
"""How many services are remembered; Teams has one for each part of the world."""

_FOR_GOOD = frozenset({400, 403, 404, 410, 413})
_KINDS = {401: "unauthorized", 403: "forbidden", 404: "not_found", 429: "rate_limited"}
_PASSING = frozenset({"http_412", "rate_limited", "http_502", "http_503", "http_504", "no_connection", "unreadable"})
"""After these a message is sent again, even where it may have got through: better twice than never."""
_HARMLESS = _PASSING | {"http_408", "http_500"}
"""After these what does no harm if done twice is."""


class Connector:
    """The library's clients, one for each service. `session` is looked up at each call."""

    def __init__(self, tokens: Tokens, session: Callable[[], aiohttp.ClientSession]) -> None:
        logging.getLogger("msrest.serialization").setLevel(logging.ERROR)  # warns of each field that it does not know
        self._wire = _Wire(tokens, session)
        self._clients: dict[str, Any] = {}

    async def call(self, service_url: str, operation: str, *given: object, named: bool = True) -> dict[str, object]:
        """What an operation of the library's answers; has an id if that is what is `named`. Raises TeamsFailed."""
        client = self._clients.get(service_url)
        if client is None:
            if len(self._clients) >= ADDRESSES:
                self._clients.clear()
            # The policy is where the library would sign: the wire does.
            client = ConnectorClient(SansIOHTTPPolicy(), service_url, pipeline_type=AsyncBfPipeline, sender=self._wire)
            self._clients[service_url] = client
        try:
            answer = await getattr(client.conversations, operation)(*given, raw=True, named=named)
        except TeamsFailed:
            raise
        except Exception as error:  # whatever the library raises
            raise TeamsFailed(f"library_{type(error).__name__}") from error
        said: dict[str, object] = answer.response.said
        return said


class Whole(Model):
    """JSON as it is, in place of any of the library's models."""

    _attribute_map = {"additional_properties": {"key": "", "type": "{object}"}}  # noqa: RUF012  # as the library has it

    def __init__(self, said: Mapping[str, object]) -> None:
        super().__init__(additional_properties=dict(said))  # type: ignore[no-untyped-call]  # no types there


@dataclass
class _Answer:
    """What the library asks of an answer."""

    status_code: int
    said: dict[str, object]
    context: object = None

    @property
    def headers(self) -> Mapping[str, str]:
        return {"content-type": "application/json"}

    def text(self) -> str:
        return json.dumps(self.said)


class _Wire(AsyncHTTPSender[Any, Any]):
    """Sends what the library asks to be sent."""

    def __init__(self, tokens: Tokens, session: Callable[[], aiohttp.ClientSession]) -> None:
        self._tokens, self._session = tokens, session

    async def __aexit__(self, *_: object) -> None:
        """The session is closed by whoever opened it."""

    async def send(self, request: Any, *, named: bool = True, **_: object) -> Any:
        """The answer, after as many tries as may help. Raises TeamsFailed."""
        asked = request.http_request
        if not isinstance(asked.data, str | None):  # the library hands on what it cannot turn into JSON
            raise TeamsFailed("not_json", for_good=True)
        repeated = _PASSING if asked.method == "POST" else _HARMLESS
        loop, waited, tries = asyncio.get_running_loop(), 0.0, 0
        try:
            async with asyncio.timeout(SECONDS) as limit:
                while True:
                    try:
                        return Response(request, await self._signed(asked, named))
                    except TeamsFailed as failed:
                        tries += 1
                        if tries == TRIES or failed.kind.removeprefix("no_token_") not in repeated:
                            raise
                        wait = FIRST_WAIT * 2 ** (tries - 1)
                        if failed.retry_after is not None:
                            wait = failed.retry_after
                            waited += wait
                            limit.reschedule((limit.when() or 0.0) + wait)
                        wait *= random.uniform(1.0, 1.2)  # noqa: S311  # no secret: so that not all come back at once
                        if waited > LONGEST_WAIT or loop.time() + wait > (limit.when() or 0.0):
                            raise
                    await asyncio.sleep(wait)
        except TimeoutError as error:
            raise TeamsFailed("timeout") from error

    async def _signed(self, asked: Any, named: bool) -> _Answer:
        token = await self._tokens.get()
        try:
            return await self._sent(asked, named, token)
        except TeamsFailed as failed:
            if failed.kind != "unauthorized" or not token:
                raise
        return await self._sent(asked, named, await self._tokens.instead_of(token))

    async def _sent(self, asked: Any, named: bool, token: str) -> _Answer:
        headers = dict(asked.headers) | ({"Authorization": f"Bearer {token}"} if token else {})
        address = URL(asked.url, encoded=True)
        try:
            async with self._session().request(
                asked.method, address, data=asked.data, headers=headers, allow_redirects=False
            ) as response:
                text = await response.read()
        except aiohttp.ClientError as error:
            raise TeamsFailed("no_connection") from error
        if response.status >= 300:
            raise failure_of(response.status, response.headers.get("Retry-After", ""))
        return _Answer(response.status, _said(text, named and asked.method != "PUT" and response.status != 202))


def _said(text: bytes, named: bool) -> dict[str, object]:
    """The object in an answer. One that has to hold an id, and does not, is no answer."""
    try:
        found = json.loads(text) if text else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        found = {}
    if named and not isinstance(found.get("id"), str):
        raise TeamsFailed("unreadable")
    return found


def failure_of(status: int, retry_after: str) -> TeamsFailed:
    """What a refusal means: whether it may pass, and after how many seconds."""
    after = float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
    if after is None and status == 429:
        after = 1.0
    return TeamsFailed(_KINDS.get(status, f"http_{status}"), for_good=status in _FOR_GOOD, retry_after=after)
