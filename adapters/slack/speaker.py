"""What the bot says on its own: kept before it is sent, in order, and kept up to date where it tells of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.chat.speaking import Speaking
from adapters.database.outbox import Payload
from adapters.escalations.standing import Standing
from adapters.slack.client import SlackFailed
from adapters.slack.pieces import Message, message_from
from adapters.slack.site import Site, shown
from adapters.slack.standing import standing_piece
from adapters.slack.turns import Sender


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


class Speaker(Speaking[Message]):
    """Makes the calls that were kept."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
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
            await self.receipt_sent(receipt, str(payload.get("reporter")), place, str(arguments.get("text")))

    async def rewrite(self, place: str, message: Message) -> None:
        """Another content for a message that was sent. Raises SlackFailed."""
        home, channel, ts = place.split(" ")
        await self.site.client.call(home, "chat.update", channel=channel, ts=ts, **shown(message))

    def standing_shown(self, standing: Standing) -> Message:
        """How one report stands, as a message of its own."""
        return message_from([standing_piece(standing, named=True)])
