"""What the bot says on its own: kept before it is sent, in order, and kept up to date where it tells of a report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.chat.speaking import Speaking
from adapters.database.outbox import Payload
from adapters.escalations.standing import many, standing_of
from adapters.slack.client import SlackFailed
from adapters.slack.pieces import Message, message_from
from adapters.slack.site import Site, shown
from adapters.slack.standing import standing_piece
from adapters.slack.turns import Sender
from chatbot.escalation import Held

log = logging.getLogger("chatbot.slack")


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the Web API. `receipt`: the reference of the report that the message tells of."""

    method: str
    arguments: Mapping[str, object]
    receipt: str = ""

    def payload(self, sender: Sender) -> Payload:
        """What is kept until it has been made."""
        return {
            "home": sender.home, "method": self.method, "arguments": dict(self.arguments), "receipt": self.receipt,
            "reporter": sender.user,
        }  # fmt: skip


class Speaker(Speaking):
    """Makes the calls that were kept."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.outbox)
        self.site = site

    async def tell(self, event: str, sender: Sender, calls: Sequence[Call]) -> None:
        """Keep that `event` has been dealt with, and its calls; then make them, without waiting for that."""
        await self.keep(event, [call.payload(sender) for call in calls])

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
            await self._refreshed(receipt, str(payload.get("reporter")), place, str(arguments.get("text")))

    async def inform(self, held: Held, place: str) -> None:
        """Bring the message at `place`, which tells a reporter of their report, up to date. Raises SlackFailed."""
        await self._rewrite(place, receipt_of(held, await self.site.desk.reports_of(held.reporter), self.site))

    async def receipt(self, reporter: str, reference: str) -> Message | None:
        """How a report stands now, for its reporter; None where it is none of their latest."""
        mine = await self.site.desk.reports_of(reporter)
        held = next((one for one in mine if one.reference == reference), None)
        return None if held is None else receipt_of(held, mine, self.site)

    async def _refreshed(self, reference: str, reporter: str, place: str, said: str) -> None:
        """What changed while the message was on its way is shown at once."""
        receipt = await self.receipt(reporter, reference)
        if receipt is not None and receipt.text != said:
            try:
                await self._rewrite(place, receipt)
            except SlackFailed as error:
                log.warning("how %s stands was not brought up to date: %s", reference, error.kind)

    async def _rewrite(self, place: str, message: Message) -> None:
        home, channel, ts = place.split(" ")
        await self.site.client.call(home, "chat.update", channel=channel, ts=ts, **shown(message))


def receipt_of(held: Held, mine: Sequence[Held], site: Site) -> Message:
    """How a report stands, for its reporter; `mine` are all of theirs, newest first: the newest says so if many."""
    plan, now = site.plan(held.school), site.clock.now()
    standing = standing_of(held, plan, now)
    newest = bool(mine) and mine[0].reference == held.reference
    if newest and (said := many(mine, plan, now)):
        standing = replace(standing, text=f"{standing.text} {said}")
    return message_from([standing_piece(standing, named=True)])
