"""Questions and reports typed on Slack: heard once, recorded before Slack is told so, answered where it is safe to."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.chat.shapes import mapping_at, text_at
from adapters.memory import Turnstile
from adapters.slack.blocks import message_of
from adapters.slack.client import SlackFailed
from adapters.slack.forms import report_form
from adapters.slack.notices import choose_school, elsewhere, failed, stranger
from adapters.slack.pieces import Message
from adapters.slack.site import Arguments, Site, posted, shown
from adapters.slack.speaker import Call, Speaker
from adapters.slack.turns import COMMAND_PLACE, Said, Sender, Where, plain, said_in, sender_of, turn_of
from chatbot.model import Kind, Outcome, Reply, Turn

log = logging.getLogger("chatbot.slack")

MOST_SHAREABLE = 500
"""Answers to `/policy` that can still be shared; older ones are asked again."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes. `public`: others read there."""

    channel: str
    thread: str = ""
    public: bool = False


@dataclass(frozen=True, slots=True)
class Talk:
    """The listeners of what people type."""

    site: Site
    speaker: Speaker
    turnstile: Turnstile = field(default_factory=Turnstile)
    shareable: OrderedDict[str, tuple[Reply, str]] = field(default_factory=OrderedDict)

    async def message(self, body: Mapping[str, object], bot_user: str, *, again: bool) -> None:
        """A direct message, or one that was edited; `again` where Slack has sent it before."""
        event = _event(body)
        said, sender = said_in(event, bot_user), sender_of(body)
        if text_at(event, "channel_type") != "im" or said is None or sender is None:
            return
        await self._hear(said, sender, Place(said.channel, said.thread), bot_user, again=again)

    async def mention(self, body: Mapping[str, object], bot_user: str, *, again: bool) -> None:
        """The bot is named in a channel: it answers in the thread, and privately what may concern a child."""
        event = _event(body)
        said, sender = said_in(event, bot_user), sender_of(body)
        if said is None or sender is None:
            return
        said = replace(said, thread=said.thread or said.ts)
        await self._hear(said, sender, Place(said.channel, said.thread, public=True), bot_user, again=again)

    async def _hear(self, said: Said, sender: Sender, place: Place, bot_user: str, *, again: bool) -> None:
        """Deal with a message once. Whatever is not recorded raises, and Slack sends it again."""
        event = f"{sender.home}/{said.place}/{said.stamp}"
        try:
            if await asyncio.to_thread(self.site.outbox.knows, event):
                return
            words = plain(said.text, bot_user, self.site.people.names())
            school, able = await self.site.school_for(sender, words)
            if school:
                turn = turn_of(sender, Where(school, said.place), said.stamp, words, self.site.clock.now())
                calls = await self._calls(await self.handled(turn), turn, place)
            else:
                log.warning("a message from %s: %s", sender.home, "no school chosen" if able else "unknown workspace")
                calls = [post(place, choose_school() if able else stranger())]
            await self.speaker.tell(event, sender, calls)
        except Exception:
            if not again:  # Slack sends it again; until then its writer has to know
                await self._say_failed(sender, place)
            raise

    async def handled(self, turn: Turn) -> Outcome:
        """The outcome of a turn, recorded; the turns of one conversation one by one."""
        async with self.turnstile.at(turn.conversation):
            return await self.site.bot.handle(turn)

    async def _calls(self, outcome: Outcome, turn: Turn, place: Place) -> list[Call]:
        """How the reply is said: what may concern a child never where others read it."""
        reply, school = outcome.reply, self.site.school(turn.school)
        private = place.public and (reply.private or reply.kind is Kind.ESCALATE)
        message = message_of(reply, school, turn_id=turn.id, policy_url=self.site.policy_url, public=private)
        calls = [post(place, message)]
        if private:
            direct = Place(turn.speaker)
            calls = [_aside(place, turn.speaker, elsewhere()), post(direct, message)]
            place = direct
        return calls + await self.receipts(outcome, turn, place.channel)

    async def receipts(self, outcome: Outcome, turn: Turn, channel: str) -> list[Call]:
        """The message that goes on telling how a report stands, where this turn made one."""
        escalation = outcome.escalation
        if escalation is None or escalation.turn.id != turn.id:
            return []
        receipt = await self.speaker.receipt(turn.speaker, escalation.reference)
        if receipt is None:
            return []
        return [Call("chat.postMessage", {"channel": channel, **posted(receipt)}, escalation.reference)]

    async def command(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """`/policy`: answered at once, to the person alone."""
        sender = sender_of(body)
        if sender is None:
            await ack()
            return
        said = plain(text_at(body, "text"), names=self.site.people.names())
        first, _, rest = said.partition(" ")
        if first.lower() == "report" and not rest.strip():
            school, able = await self.site.people.school_of(sender)
            if able:
                await ack()
                await self.site.open_view(sender, body, report_form(self.site.schools(able), school))
            else:
                await ack(text=stranger().text, blocks=stranger().json, response_type="ephemeral")
            return
        declared = first.lower() == "report"
        words = rest.strip() if declared else {"": "help", "school": "which school am i in"}.get(said.lower(), said)
        try:
            message = await self._commanded(sender, words, body, declared=declared)
        except Exception as error:  # whatever breaks, the person reads plain words and whom to turn to
            log.error("a command failed: %s", type(error).__name__)
            message = failed(self.site.whom_to_turn_to(""))
        await ack(text=message.text, blocks=message.json, response_type="ephemeral")

    async def _commanded(self, sender: Sender, words: str, body: Mapping[str, object], *, declared: bool) -> Message:
        school, able = await self.site.school_for(sender, words)
        if declared and able:
            school = school or able[0]
        if words == "which school am i in" and len(able) > 1:
            return choose_school(self.site.school(school) if school else None)
        if not school:
            log.warning("a command from %s: %s", sender.home, "no school chosen" if able else "unknown workspace")
            return choose_school() if able else stranger()
        where = Where(school, COMMAND_PLACE)
        turn = turn_of(sender, where, text_at(body, "trigger_id"), words, self.site.clock.now(), declared=declared)
        outcome = await self.handled(turn)
        await self.tell_of_report(outcome, turn, sender)
        share = not text_at(body, "channel_id").startswith("D") and outcome.reply.kind is Kind.ANSWER
        message = message_of(
            outcome.reply, self.site.school(school), turn_id=turn.id, policy_url=self.site.policy_url, share=share
        )
        if share:
            self._remember(outcome.reply, turn)
        return message

    async def tell_of_report(self, outcome: Outcome, turn: Turn, sender: Sender) -> None:
        """Where a turn made a report elsewhere than in a direct message: how it stands is told in one."""
        calls = await self.receipts(outcome, turn, sender.user)
        if calls:
            await self.speaker.tell(f"{turn.id}/receipt", sender, calls)

    async def _say_failed(self, sender: Sender, place: Place) -> None:
        """That it did not work, and whom to turn to."""
        try:
            words = failed(self.site.whom_to_turn_to(""))
            call = _aside(place, sender.user, words) if place.public else post(place, words)
            await self.site.client.call(sender.home, call.method, **call.arguments)
        except SlackFailed as error:
            log.error("not even that it failed could be said: %s", error.kind)

    def _remember(self, reply: Reply, turn: Turn) -> None:
        """Keep an answer for sharing."""
        self.shareable[turn.id] = (reply, turn.school)
        while len(self.shareable) > MOST_SHAREABLE:
            self.shareable.popitem(last=False)


def post(place: Place, message: Message) -> Call:
    """The call that posts `message` there."""
    return Call("chat.postMessage", {"channel": place.channel, **_threaded(place), **posted(message)})


def _aside(place: Place, user: str, message: Message) -> Call:
    arguments = {"channel": place.channel, "user": user, **_threaded(place), **shown(message)}
    return Call("chat.postEphemeral", arguments)


def _threaded(place: Place) -> Arguments:
    return {"thread_ts": place.thread} if place.thread else {}


def _event(body: Mapping[str, object]) -> Mapping[str, object]:
    return mapping_at(body, "event")
