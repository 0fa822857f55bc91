"""What a bot says on its own: kept before it is sent, sent in order, and kept up to date where it tells of a report.

What is not sent is left to the watch.
"""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from adapters.chat.site import ChatSite
from adapters.database.outbox import Payload
from adapters.escalations.standing import Standing, many, standing_of
from chatbot.escalation import Held
from chatbot.ports import DeliveryFailed

log = logging.getLogger("chatbot.chat")


class Spoken(Protocol):
    """A message of a platform."""

    @property
    def text(self) -> str:
        """What is read out of it."""
        ...


Shown = TypeVar("Shown", bound=Spoken)


class Speaking(ABC, Generic[Shown]):
    """Sends what was kept. A process that dies in between leaves it to the watch, which has it sent again."""

    def __init__(self, site: ChatSite) -> None:
        self._chat, self._outbox = site, site.outbox
        self._under_way: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def say(self, payload: Payload) -> None:
        """Send one thing that was kept. Raises DeliveryFailed."""

    @abstractmethod
    async def rewrite(self, place: str, message: Shown) -> None:
        """Another content for a message that was sent. Raises DeliveryFailed."""

    @abstractmethod
    def standing_shown(self, standing: Standing) -> Shown:
        """How one report stands, as a message of its own."""

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

    async def inform(self, held: Held, place: str) -> None:
        """Bring the message at `place`, which tells a reporter of their report, up to date. Raises DeliveryFailed."""
        await self.rewrite(place, self._told(held, await self._chat.desk.reports_of(held.reporter)))

    async def receipt(self, reporter: str, reference: str) -> Shown | None:
        """How a report stands now, for its reporter; None where it is none of their latest."""
        mine = await self._chat.desk.reports_of(reporter)
        held = next((one for one in mine if one.reference == reference), None)
        return None if held is None else self._told(held, mine)

    async def receipt_sent(self, reference: str, reporter: str, place: str, said: str) -> None:
        """Note where the message lies that tells of a report, and show at once what changed while it was on its way."""
        await asyncio.to_thread(self._outbox.note_receipt, reference, place)
        receipt = await self.receipt(reporter, reference)
        if receipt is not None and receipt.text != said:
            try:
                await self.rewrite(place, receipt)
            except DeliveryFailed as error:
                log.warning("how %s stands was not brought up to date: %s", reference, error.kind)

    def _told(self, held: Held, mine: Sequence[Held]) -> Shown:
        """How a report stands; `mine` are all of its reporter's, newest first: the newest says so if they are many."""
        plan, now = self._chat.plan(held.school), self._chat.clock.now()
        standing = standing_of(held, plan, now)
        newest = bool(mine) and mine[0].reference == held.reference
        if newest and (said := many(mine, plan, now)):
            standing = replace(standing, text=f"{standing.text} {said}")
        return self.standing_shown(standing)
