"""Telling the bot: activities are posted with a signed token, once; every answer is kept, and how long it took.

Teams does not send a message again that was not taken: it is lost, and `given_up` has its id. It may deliver any
activity twice all the same (`repeat`). An invoke that fails is shown to the person as an error.
"""

from __future__ import annotations

import asyncio
import copy
import json
import time
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout

from tests.e2e.fakes.teams_identity import Identity
from tests.e2e.fakes.teams_state import Delivery, Json, World

ANSWER_SECONDS, EXTENSION_SECONDS = 15.0, 5.0
AGENT = "Microsoft-SkypeBotApi (Microsoft-BotFramework/3.0)"


@dataclass(frozen=True)
class Answer:
    """What the bot answered. `reason` says why it does not count; `shown` is the card or text that a person sees."""

    reason: str | None = None
    status: int | None = None
    body: Any = None
    seconds: float = 0.0
    shown: Any = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the bot took it in time, and answered as is fit."""
        return self.reason is None


class Courier:
    """Brings everything to the bot, and keeps a record of each answer."""

    def __init__(self, world: World, identity: Identity, answer_seconds: float | None) -> None:
        self.world, self.identity, self.answer_seconds = world, identity, answer_seconds
        self.url, self.pending = "", 0
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

    def emit(self, activity: Json) -> None:
        """Send an activity whose answer nobody waits for."""
        self._sent[str(activity["id"])] = copy.deepcopy(activity)
        self.repeat(str(activity["id"]))

    def repeat(self, id: str, copies: int = 1) -> None:
        """Send what was last sent under this id, as often as said, all at once."""
        if id not in self._sent:
            raise LookupError(f"no activity {id} was sent")
        if self._loop is None:
            return
        for _ in range(copies):
            with self.world.changed:
                self.pending += 1
            self._loop.call_soon_threadsafe(self._begin, self._sent[id])

    def _begin(self, activity: Json) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(activity))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _deliver(self, activity: Json) -> None:
        answer = await self.ask(activity)
        if not answer.ok:
            with self.world.changed:
                self.world.given_up.append(str(activity["id"]))

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        with self.world.changed:
            self.pending -= 1
            self.world.changed.notify_all()

    async def ask(self, activity: Json) -> Answer:
        """Send an activity, and wait for its answer."""
        self._sent[str(activity["id"])] = copy.deepcopy(activity)
        began = time.monotonic()
        answer = replace(await self._post(activity), seconds=time.monotonic() - began)
        self.note(activity, answer)
        return answer

    def note(self, activity: Any, answer: Answer) -> None:
        """Keep an answer, also one to a raw request."""
        said = activity if isinstance(activity, dict) else {}
        type, name, id = (str(said.get(each) or "") for each in ("type", "name", "id"))
        took = round(answer.seconds, 4)
        with self.world.changed:
            self.world.deliveries.append(Delivery(type, name, id, answer.reason, answer.status, answer.body, took))
            self.world.changed.notify_all()

    def _limit(self, activity: Json) -> float:
        if self.answer_seconds is not None:
            return self.answer_seconds
        extension = str(activity.get("name", "")).startswith("composeExtension/")
        return EXTENSION_SECONDS if extension else ANSWER_SECONDS

    async def _post(self, activity: Json) -> Answer:
        if self._session is None or not self.url:
            return Answer("connection_failed")
        headers = {
            "Authorization": self.identity.header(),
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": AGENT,
            "x-ms-conversation-id": str(activity["conversation"]["id"]),
            "x-ms-tenant-id": self.world.tenant,
        }
        body = json.dumps(activity, ensure_ascii=False).encode("utf-8", "replace")
        address = f"{self.url.rstrip('/')}/api/messages"
        try:
            async with asyncio.timeout(self._limit(activity)):
                async with self._session.post(address, data=body, headers=headers, allow_redirects=False) as response:
                    text = await response.text(errors="replace")
        except TimeoutError:
            return Answer("timeout")
        except (ClientError, OSError):
            return Answer("connection_failed")
        taken = 200 <= response.status < 300
        return Answer(None if taken else "http_error", response.status, parsed(response.content_type, text))


def parsed(content_type: str, text: str) -> Any:
    """A body as JSON where it is JSON; None where it is empty."""
    if not text:
        return None
    if content_type.startswith("application/json"):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
