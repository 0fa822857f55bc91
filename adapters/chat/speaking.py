"""What a bot says on its own: kept before it is sent, and sent in order. What is not sent is left to the watch."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence

from adapters.database.outbox import Outbox, Payload
from chatbot.ports import DeliveryFailed

log = logging.getLogger("chatbot.chat")


class Speaking(ABC):
    """Sends what was kept. A process that dies in between leaves it to the watch, which has it sent again."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._under_way: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def say(self, payload: Payload) -> None:
        """Send one thing that was kept. Raises DeliveryFailed."""

    async def keep(self, event: str, payloads: Sequence[Payload]) -> bool:
        """Keep that `event` has been dealt with, and what is to be said; then say it, without waiting for that.

        Nothing is done where somebody else was first: then it is False.
        """
        first = await asyncio.to_thread(self._outbox.keep_all, event, list(payloads) or [None])
        if first:
            self.hold(asyncio.create_task(self._send_all(event, payloads)))
        return first

    def hold(self, task: asyncio.Task[None]) -> None:
        """Keep a task from being lost before it is done."""
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait for what is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _send_all(self, event: str, payloads: Sequence[Payload]) -> None:
        for number, payload in enumerate(payloads):
            try:
                await self.say(payload)
                await asyncio.to_thread(self._outbox.sent, event, number)
            except DeliveryFailed as error:
                log.warning("a reply did not get through: %s", error.kind)
                if error.for_good:
                    await asyncio.to_thread(self._outbox.sent, event, number)
            except Exception as error:  # the watch has it sent again
                log.error("a reply is left to the watch: %s", type(error).__name__)
                return
