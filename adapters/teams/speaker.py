"""What the bot says on its own in Teams: kept before it is sent, and kept up to date where it tells of a report."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adapters.chat.shapes import mapping_at, text_at
from adapters.chat.speaking import Speaking
from adapters.database.outbox import Payload
from adapters.escalations.standing import many, standing_of
from adapters.teams.answers import activity_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.pieces import Message
from adapters.teams.site import Site
from adapters.teams.standing import receipt_of
from adapters.teams.turns import Place, Sender
from adapters.teams.views import failed_message
from chatbot.escalation import Held

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


class Speaker(Speaking):
    """Sends what was kept."""

    def __init__(self, site: Site) -> None:
        super().__init__(site.outbox)
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

    async def inform(self, held: Held, place: str) -> None:
        """Bring the message at `place`, which tells a reporter of their report, up to date. Raises TeamsFailed."""
        await self.rewrite(place, told_of(held, await self.site.desk.reports_of(held.reporter), self.site))

    async def rewrite(self, place: str, message: Message) -> None:
        """Another content for a message that was sent. Raises TeamsFailed."""
        _, url, conversation, id_ = place.split(" ")
        await self.site.gateway.update({"service_url": url, "conversation": conversation}, id_, activity_of(message))

    async def receipt(self, reporter: str, reference: str) -> Message | None:
        """How a report stands now, for its reporter; None where it is none of their latest."""
        mine = await self.site.desk.reports_of(reporter)
        held = next((one for one in mine if one.reference == reference), None)
        return None if held is None else told_of(held, mine, self.site)

    async def _whisper(self, payload: Payload, activity: Mapping[str, object]) -> None:
        home, user, account, reference = (text_at(payload, key) for key in ("home", "user", "account", "receipt"))
        place = await self.to_person(home, user, account, activity)
        if reference:
            await asyncio.to_thread(self.site.outbox.note_receipt, reference, place)
            await self._refreshed(reference, user, place, text_at(activity, "summary"))

    async def _refreshed(self, reference: str, reporter: str, place: str, said: str) -> None:
        """What changed while the message was on its way is shown at once."""
        receipt = await self.receipt(reporter, reference)
        if receipt is not None and receipt.text != said:
            try:
                await self.rewrite(place, receipt)
            except TeamsFailed as error:
                log.warning("how %s stands was not brought up to date: %s", reference, error.kind)


def told_of(held: Held, mine: Sequence[Held], site: Site) -> Message:
    """How a report stands, for its reporter; `mine` are all of theirs, newest first: the newest says so if many."""
    plan, now = site.plan(held.school), site.clock.now()
    standing = standing_of(held, plan, now)
    newest = bool(mine) and mine[0].reference == held.reference
    if newest and (said := many(mine, plan, now)):
        standing = replace(standing, text=f"{standing.text} {said}")
    return receipt_of([standing])
