"""What the bot says on its own: kept before it is sent, in order, and kept up to date where it tells of a report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from adapters.database.outbox import Payload
from adapters.escalations.standing import many, standing_of
from adapters.slack.client import SlackFailed
from adapters.slack.pieces import Message, message_from
from adapters.slack.site import Arguments, Site, posted
from adapters.slack.standing import standing_piece
from chatbot.escalation import Held

log = logging.getLogger("chatbot.slack")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API. `receipt`: the reference of the report that the message tells of."""

    method: str
    arguments: Mapping[str, object]
    receipt: str = ""

    def payload(self, home: str, conversation: str) -> Payload:
        """What is kept until it has been made."""
        return {
            "home": home, "method": self.method, "arguments": dict(self.arguments), "receipt": self.receipt,
            "conversation": conversation,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Speaker:
    """Sends what was kept. A process that dies in between leaves it to the watch, which has it sent again."""

    site: Site
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)

    async def keep(self, event: str, home: str, conversation: str, calls: Sequence[Call]) -> bool:
        """Keep that `event` has been dealt with, and its calls; False where somebody else was first."""
        outbox = self.site.outbox
        rows: list[Payload | None] = [call.payload(home, conversation) for call in calls]
        return await asyncio.to_thread(outbox.keep_all, event, rows or [None])

    def send_soon(self, event: str, home: str, conversation: str, calls: Sequence[Call]) -> None:
        """Send what keep() kept, without waiting for it."""
        self.hold(asyncio.create_task(self._send_all(event, home, conversation, calls)))

    def hold(self, task: asyncio.Task[None]) -> None:
        """Keep a task from being lost before it is done."""
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def settle(self) -> None:
        """Wait for what is under way."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def _send_all(self, event: str, home: str, conversation: str, calls: Sequence[Call]) -> None:
        for number, call in enumerate(calls):
            try:
                await self.say(call.payload(home, conversation))
                await asyncio.to_thread(self.site.outbox.sent, event, number)
            except SlackFailed as error:
                log.warning("a reply by %s did not get through: %s", call.method, error.kind)
                if error.for_good:
                    await asyncio.to_thread(self.site.outbox.sent, event, number)
            except Exception as error:  # the watch has it sent again
                log.error("a reply by %s is left to the watch: %s", call.method, type(error).__name__)
                return

    async def say(self, payload: Payload) -> None:
        """Make one call that was kept. Raises SlackFailed."""
        home, method = str(payload["home"]), str(payload["method"])
        arguments = payload["arguments"]
        if not isinstance(arguments, Mapping):
            raise SlackFailed("unreadable", for_good=True)
        answer = await self.site.client.patiently(home, method, **arguments)
        receipt = str(payload.get("receipt") or "")
        if receipt:
            place = f"{home} {answer.get('channel')} {answer.get('ts')}"
            await asyncio.to_thread(self.site.outbox.note_receipt, receipt, place)
            await self._refreshed(receipt, str(payload.get("conversation")), place, str(arguments.get("text")))

    async def inform(self, held: Held, place: str) -> None:
        """Bring the message at `place`, which tells a reporter of their report, up to date. Raises SlackFailed."""
        home, channel, ts = place.split(" ")
        message = receipt_of(held, self.site)
        await self.site.client.call(home, "chat.update", channel=channel, ts=ts, **_updated(message))

    async def _refreshed(self, reference: str, conversation: str, place: str, said: str) -> None:
        """What changed while the message was on its way is shown at once."""
        held = await standing_held(self.site, conversation, reference)
        if held is not None and receipt_of(held, self.site).text != said:
            try:
                await self.inform(held, place)
            except SlackFailed as error:
                log.warning("how %s stands was not brought up to date: %s", reference, error.kind)


def receipt_of(held: Held, site: Site, mine: Sequence[Held] = ()) -> Message:
    """How a report stands, for its reporter, who has made those of `mine` as well."""
    plan, now = site.plan(held.school), site.clock.now()
    standing = standing_of(held, plan, now)
    if said := many(mine, plan, now):
        standing = replace(standing, text=f"{standing.text} {said}")
    return message_from([standing_piece(standing, named=True)])


async def standing_held(site: Site, conversation: str, reference: str) -> Held | None:
    """The report as it stands now."""
    found = await site.desk.standing(conversation)
    return next((held for held in found if held.reference == reference), None)


def _updated(message: Message) -> Arguments:
    given = posted(message)
    return {"text": given["text"], "blocks": given["blocks"]}
