"""Questions and reports typed in Teams: heard once, recorded before Teams is told so, answered where it is safe to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.chat.shapes import mapping_at, text_at
from adapters.escalations.standing import standing_of
from adapters.memory import Turnstile
from adapters.teams.cards import message_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.notices import elsewhere, how_to_report, mine_elsewhere, nowhere_private, stranger
from adapters.teams.pieces import Message
from adapters.teams.site import Site
from adapters.teams.speaker import Post, Saying, Speaker, Whisper
from adapters.teams.standing import receipt_of
from adapters.teams.turns import Place, Sender, Where, place_of, sender_of, turn_of, words_of
from adapters.teams.views import help_of, notice_of, welcome_of
from chatbot.model import Kind, Outcome, Turn

log = logging.getLogger("chatbot.teams")

TYPING_AFTER = 0.5
"""Seconds of work after which the bot shows once that it is typing."""
SCHOOL_WORDS = frozenset({"school", "change school", "which school", "which school am i in", "choose school"})
REPORT_WORDS = frozenset({"report", "report a concern", "raise a concern"})
MINE_WORDS = frozenset({"my reports", "reports", "show my reports"})


@dataclass(frozen=True, slots=True)
class Talk:
    """What is done with what people type, and with the app's coming and going."""

    site: Site
    speaker: Speaker
    turnstile: Turnstile = field(default_factory=Turnstile)

    async def message(self, activity: Mapping[str, object], *, edited: bool = False) -> None:
        """A message, or one that was edited in a personal chat. Raises what the database raises: nothing is recorded.

        Whoever wrote it is told where it failed.
        """
        sender, place = sender_of(activity), place_of(activity)
        if sender is None or (edited and place.public):
            return
        stamp = text_at(activity, "id")
        if edited:
            stamp = f"{stamp}-{text_at(activity, 'timestamp')}"
        typing = asyncio.create_task(self._typing(place))
        try:
            await self._hear(activity, sender, place, stamp)
        except Exception:
            await self.speaker.say_failed(place)
            raise
        finally:
            typing.cancel()

    async def _hear(self, activity: Mapping[str, object], sender: Sender, place: Place, stamp: str) -> None:
        """The same message twice, even at once, is heard once."""
        event = f"{sender.tenant}/{place.conversation}/{stamp}"
        async with self.turnstile.at(event):
            if not await self.knows(event):
                await self.site.addresses.heard(activity, sender, place)
                await self._answer(words_of(activity), sender, place, event, stamp)

    async def knows(self, event: str) -> bool:
        """Whether it has been dealt with."""
        return await asyncio.to_thread(self.site.outbox.knows, event)

    async def _answer(self, words: str, sender: Sender, place: Place, event: str, stamp: str) -> None:
        school, able = await self.site.school_for(sender, words)
        shown = await self._without_a_turn(words, sender, place, school, able)
        if shown is not None:
            await self.speaker.tell(event, sender, [Post(place, shown)])
            return
        turn = turn_of(sender, Where(school, place.name), stamp, words, self.site.clock.now())
        await self.speaker.tell(event, sender, await self.sayings(await self.handled(turn), turn, place))

    async def _without_a_turn(
        self, words: str, sender: Sender, place: Place, school: str, able: tuple[str, ...]
    ) -> Message | None:
        """What is said without asking the policy: to strangers, before a school is chosen, and to a few commands."""
        command = words.lower().rstrip("?!. ")
        if not able:
            log.warning("a message from the tenant %s, which is no school's", sender.tenant)
            return stranger()
        if command in REPORT_WORDS:
            return how_to_report(public=place.public)
        if command in MINE_WORDS:
            return mine_elsewhere() if place.public else await self.standings(sender)
        if not school:
            return self.unchosen("" if command in SCHOOL_WORDS else words, place)
        if command in SCHOOL_WORDS and len(able) > 1:
            return notice_of(f"You are asking about {self.site.school(school).name}.", button="Change school")
        if command == "help":
            return help_of(self.site.school(school), several=len(able) > 1, policy_url=self.site.policy_url)
        return None

    def unchosen(self, words: str, place: Place) -> Message:
        """That a school is to be chosen first; in their own chat the question waits for that."""
        asked = "" if place.public else words
        return welcome_of(None, today=self.site.today(""), several=True, asked=asked)

    async def standings(self, sender: Sender) -> Message:
        """How the sender's own reports stand."""
        able, now = await self.site.people.schools_of(sender), self.site.clock.now()
        mine = [held for held in await self.site.desk.reports_of(sender.user) if held.school in able]
        return receipt_of([standing_of(held, self.site.plan(held.school), now) for held in mine])

    async def handled(self, turn: Turn) -> Outcome:
        """The outcome of a turn, recorded; the turns of one conversation one by one."""
        async with self.turnstile.at(turn.conversation):
            return await self.site.bot.handle(turn)

    async def sayings(
        self, outcome: Outcome, turn: Turn, place: Place, *, lead: str = "", replaces: str = ""
    ) -> list[Saying]:
        """How the reply is said: what may concern a child never where others read it."""
        message = self.shown(outcome, turn, place, lead=lead)
        if not is_private(outcome, place):
            return [Post(place, message, replaces), *await self.receipts(outcome, turn)]
        whispered = Whisper(message, place=place, went=elsewhere(), impossible=nowhere_private())
        return [whispered, *await self.receipts(outcome, turn)]

    def shown(self, outcome: Outcome, turn: Turn, place: Place, *, lead: str = "") -> Message:
        """The reply as a message."""
        return message_of(
            outcome.reply, self.site.school(turn.school), turn_id=turn.id, policy_url=self.site.policy_url,
            public=is_private(outcome, place), lead=lead,
        )  # fmt: skip

    async def receipts(self, outcome: Outcome, turn: Turn) -> list[Saying]:
        """The message that goes on telling how a report stands, where this turn made one."""
        escalation = outcome.escalation
        if escalation is None or escalation.turn.id != turn.id:
            return []
        receipt = await self.speaker.receipt(turn.speaker, escalation.reference)
        return [] if receipt is None else [Whisper(receipt, escalation.reference)]

    async def installed(self, activity: Mapping[str, object]) -> None:
        """The app has come, or goes: once for each time it is welcomed or forgotten."""
        sender, place, action = sender_of(activity), place_of(activity), text_at(activity, "action")
        if sender is None:
            return
        if action.startswith("remove"):
            await self.site.addresses.gone(activity, sender, place)
            return
        await self.site.addresses.heard(activity, sender, place)
        if action != "add":
            return
        stamp = text_at(activity, "id") or text_at(activity, "timestamp")
        selected = mapping_at(mapping_at(mapping_at(activity, "channelData"), "settings"), "selectedChannel")
        channel = text_at(selected, "id")
        if channel:
            place = Place(place.service_url, channel, public=True)
        school, able = await self.site.people.school_of(sender)
        here = self.site.school(school) if school else None
        welcome = welcome_of(
            here, today=self.site.today(school), several=len(able) > 1, policy_url=self.site.policy_url,
            reviews=self.site.reviews(here, self.site.today(school)) if here is not None else (),
        )  # fmt: skip
        event = f"{sender.tenant}/install/{place.conversation}/{stamp}"
        await self.speaker.tell(event, sender, [Post(place, welcome)])

    async def _typing(self, place: Place) -> None:
        await asyncio.sleep(TYPING_AFTER)
        try:
            await self.site.gateway.send(place.reference, {"type": "typing"})
        except TeamsFailed as error:
            log.info("that the bot is typing was not shown: %s", error.kind)


def is_private(outcome: Outcome, place: Place) -> bool:
    """Whether a reply is for its asker alone although it was asked where others read."""
    return place.public and (outcome.reply.private or outcome.reply.kind is Kind.ESCALATE)
