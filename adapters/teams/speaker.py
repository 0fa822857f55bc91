"""What the bot says on its own in Teams: kept before it is sent, and kept up to date where it tells of a report."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.chat.shapes import mapping_at, text_at
from adapters.chat.speaking import Speaking
from adapters.database.outbox import Payload
from adapters.escalations.standing import Standing
from adapters.teams.answers import activity_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.pieces import Message
from adapters.teams.site import Site
from adapters.teams.standing import receipt_of
from adapters.teams.turns import Place, Sender
from adapters.teams.views import failed_message

log = logging.getLogger("chatbot.teams")


@dataclass(frozen=True, slots=True)
class Post:
    """A message that goes to a place. `replaces` is the id of a message there that it takes the place of."""

    place: Place
    message: Message
    replaces: str = ""

    def payload(self, sender: Sender) -> Payload:
        """What is kept until it is out."""
        to, posted = self.place.reference, activity_of(self.message)
        return {"do": "post", "home": sender.tenant, "to": to, "replaces": self.replaces, "activity": posted}


@dataclass(frozen=True, slots=True)
class Whisper:
    """A message for the sender alone, in their own chat. Afterwards others read where it was asked that it `went`
    there, or that it was not `possible`. `receipt`: the reference of the report that the message tells of.
    """

    message: Message
    receipt: str = ""
    place: Place | None = None
    went: Message | None = None
    impossible: Message | None = None

    def payload(self, sender: Sender) -> Payload:
        """What is kept until it is out."""
        after = {
            "to": self.place.reference,
            "went": activity_of(self.went),
            "impossible": activity_of(self.impossible),
        } if self.place is not None and self.went is not None and self.impossible is not None else None  # fmt: skip
        return {
            "do": "whisper", "home": sender.tenant, "user": sender.user, "account": sender.account,
            "activity": activity_of(self.message), "receipt": self.receipt, "after": after,
        }  # fmt: skip


Saying = Post | Whisper


class Speaker(Speaking[Message]):
    """Sends what was kept."""

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.site = site

    async def tell(self, event: str, sender: Sender, sayings: Sequence[Saying]) -> None:
        """Keep that `event` has been dealt with, and what is to be said; then say it, without waiting for that."""
        await self.keep(event, [saying.payload(sender) for saying in sayings])

    async def say(self, payload: Payload) -> None:
        """Send one thing that was kept. Raises TeamsFailed."""
        activity = mapping_at(payload, "activity")
        if payload.get("do") == "post":
            to, replaces = mapping_at(payload, "to"), text_at(payload, "replaces")
            if replaces:
                await self.site.gateway.update(to, replaces, activity)
            else:
                await self.site.gateway.send(to, activity)
            return
        after = payload.get("after")
        try:
            await self._whisper(payload, activity)
        except TeamsFailed as error:
            if error.for_good and isinstance(after, Mapping):
                log.warning("somebody cannot be answered in private: %s", error.kind)
                await self.site.gateway.send(mapping_at(after, "to"), mapping_at(after, "impossible"))
                return
            raise
        if isinstance(after, Mapping):
            try:
                await self.site.gateway.send(mapping_at(after, "to"), mapping_at(after, "went"))
            except TeamsFailed as error:  # what matters is out, and is not said twice for this
                log.warning("that somebody was answered in private was not said: %s", error.kind)

    async def say_failed(self, place: Place) -> None:
        """That nothing was recorded, and whom to turn to: said at once, for it cannot be kept."""
        failed = failed_message("Nothing has been recorded.", speak_to=self.site.whom_to_turn_to(""))
        try:
            await self.site.gateway.send(place.reference, activity_of(failed))
        except TeamsFailed as error:
            log.error("not even that it failed could be said: %s", error.kind)

    async def to_person(self, home: str, user: str, account: str, activity: Mapping[str, object]) -> str:
        """Send to a person's own chat, a new one where that is gone; where the message lies. Raises TeamsFailed."""
        to = await self.site.addresses.chat_with(home, user, account)
        try:
            id_ = await self.site.gateway.send(to, activity)
        except TeamsFailed as error:
            if error.kind != "not_found":
                raise
            to = await self.site.addresses.chat_anew(home, user, account)
            id_ = await self.site.gateway.send(to, activity)
        return f"{home} {to['service_url']} {to['conversation']} {id_}"

    async def rewrite(self, place: str, message: Message) -> None:
        """Another content for a message that was sent. Raises TeamsFailed."""
        _, url, conversation, id_ = place.split(" ")
        await self.site.gateway.update({"service_url": url, "conversation": conversation}, id_, activity_of(message))

    def standing_shown(self, standing: Standing) -> Message:
        """How one report stands, as a message of its own."""
        return receipt_of([standing])

    async def _whisper(self, payload: Payload, activity: Mapping[str, object]) -> None:
        home, user, account, reference = (text_at(payload, key) for key in ("home", "user", "account", "receipt"))
        place = await self.to_person(home, user, account, activity)
        if reference:
            await self.receipt_sent(reference, user, place, text_at(activity, "summary"))
