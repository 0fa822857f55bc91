"""Questions and reports typed in Teams: heard once, recorded before Teams is told so, answered where it is safe to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from adapters.chat.shapes import mapping_at, text_at
from adapters.escalations.standing import standing_of
from adapters.memory import Turnstile
from adapters.teams.actions import REPORT
from adapters.teams.answers import activity_of
from adapters.teams.cards import message_of
from adapters.teams.gateway import TeamsFailed
from adapters.teams.notices import elsewhere, nowhere_private, stranger
from adapters.teams.pieces import Message
from adapters.teams.site import Site
from adapters.teams.speaker import Post, Saying, Speaker, Whisper
from adapters.teams.standing import receipt_of
from adapters.teams.turns import Place, Sender, Where, place_of, sender_of, turn_of, words_of
from adapters.teams.views import failed_message, help_of, notice_of, welcome_of
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
            await self._say_failed(sender, place)
            raise
        finally:
            typing.cancel()

    async def _hear(self, activity: Mapping[str, object], sender: Sender, place: Place, stamp: str) -> None:
        event = f"{sender.tenant}/{place.conversation}/{stamp}"
        if await asyncio.to_thread(self.site.outbox.knows, event):
            return
        await self.site.addresses.heard(activity, sender, place)
        words = words_of(activity)
        school, able = await self.site.school_for(sender, words)
        shown = await self._without_a_turn(words.lower().rstrip("?!. "), sender, school, able)
        if shown is not None:
            await self.speaker.tell(event, sender, [Post(place, shown)])
            return
        turn = turn_of(sender, Where(school, place.name), stamp, words, self.site.clock.now())
        await self.speaker.tell(event, sender, await self.sayings(await self.handled(turn), turn, place))

    async def _without_a_turn(self, words: str, sender: Sender, school: str, able: tuple[str, ...]) -> Message | None:
        """What is said without asking the policy: to strangers, before a school is chosen, and to a few commands."""
        if not able:
            log.warning("a message from the tenant %s, which is no school's", sender.tenant)
            return stranger()
        if not school:
            return welcome_of(None, today=self.today(""), several=True)
        if words in SCHOOL_WORDS and len(able) > 1:
            return notice_of(f"You are asking about {self.site.school(school).name}.", button="Change school")
        if words == "help":
            return help_of(self.site.school(school), several=len(able) > 1, policy_url=self.site.policy_url)
        if words in REPORT_WORDS:
            text = "Write here what has happened, in your own words, and I pass it on. Or use the form."
            return notice_of(text, button="Report a concern", opener=REPORT)
        if words in MINE_WORDS:
            return await self.standings(sender)
        return None

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
            here, today=self.today(school), several=len(able) > 1, policy_url=self.site.policy_url,
            reviews=self.site.reviews(here, self.today(school)) if here is not None else (),
        )  # fmt: skip
        event = f"{sender.tenant}/install/{place.conversation}/{stamp}"
        await self.speaker.tell(event, sender, [Post(place, welcome)])

    def today(self, school: str) -> date:
        """The day at a school."""
        return self.site.clock.now().astimezone(ZoneInfo(self.site.plan(school).hours.zone)).date()

    async def _typing(self, place: Place) -> None:
        await asyncio.sleep(TYPING_AFTER)
        try:
            await self.site.gateway.send(place.reference, {"type": "typing"})
        except TeamsFailed as error:
            log.info("that the bot is typing was not shown: %s", error.kind)

    async def _say_failed(self, sender: Sender, place: Place) -> None:
        """That it did not work, and whom to turn to."""
        failed = failed_message("Nothing has been recorded.", speak_to=self.site.whom_to_turn_to(""))
        try:
            await self.site.gateway.send(place.reference, activity_of(failed))
        except TeamsFailed as error:
            log.error("not even that it failed could be said: %s", error.kind)


def is_private(outcome: Outcome, place: Place) -> bool:
    """Whether a reply is for its asker alone although it was asked where others read."""
    return place.public and (outcome.reply.private or outcome.reply.kind is Kind.ESCALATE)
