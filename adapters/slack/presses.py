"""What people press under a reply: an answer to a question, a thumb, a clause, sharing. Who may is decided here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck

from adapters.chat.shapes import mapping_at, text_at
from adapters.slack.actions import Chosen, ClauseRef, Feedback, question_of
from adapters.slack.actions import turn_of as turn_in
from adapters.slack.blocks import message_of, noted_of
from adapters.slack.clauses import clause_of
from adapters.slack.client import SlackFailed
from adapters.slack.notices import not_yours, too_old
from adapters.slack.pieces import Message
from adapters.slack.settled import settled_block, settled_in
from adapters.slack.site import Site, as_sent, first_action, posted, shown, value_of, view_sent
from adapters.slack.speaker import Call
from adapters.slack.talk import Place, Talk, post
from adapters.slack.turns import MODAL_PLACE, Sender, Where, conversation, sender_of, turn_of, where_of
from adapters.slack.views import result_of
from chatbot.model import Outcome, Turn

log = logging.getLogger("chatbot.slack")


@dataclass(frozen=True, slots=True)
class Presses:
    """The listeners of buttons under replies."""

    site: Site
    talk: Talk

    async def choose(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A button that answers a reply was pressed."""
        chosen, sender = Chosen.parse(value_of(body)), sender_of(body)
        where = where_of(chosen.turn) if chosen is not None else None
        if chosen is None or sender is None or where is None:
            await ack()
            return
        if where.school not in await self.site.people.schools_of(sender) or not await self._is_asked(
            chosen, sender, where
        ):
            await ack()
            await self.whisper(body, sender, not_yours())
            return
        stamp = text_at(first_action(body), "action_ts")
        turn = turn_of(sender, where, stamp, chosen.value, self.site.clock.now())
        outcome = await self.talk.handled(turn)  # recorded before Slack is told that the press has come
        await ack()
        try:
            await self._show_choice(body, chosen, outcome, turn, sender)
        except SlackFailed as error:
            log.warning("the reply to a press did not get through: %s", error.kind)

    async def _is_asked(self, chosen: Chosen, sender: Sender, where: Where) -> bool:
        """Whether a fact is still asked of this very person: anybody in a channel can press a button there.

        Whatever else stands on a button (a suggested question, another reading) anybody may ask at any time.
        """
        if not self.site.is_fact(chosen.value):
            return True
        memory = await self.site.bot.ledger.memory(conversation(sender, where))
        return memory.asked is not None

    async def _show_choice(
        self, body: Mapping[str, object], chosen: Chosen, outcome: Outcome, turn: Turn, sender: Sender
    ) -> None:
        view = body.get("view")
        school = self.site.school(turn.school)
        if isinstance(view, Mapping):
            shown = result_of(
                outcome.reply, school, turn_id=turn.id, asked=chosen.label, policy_url=self.site.policy_url
            )
            await self.site.client.call(sender.home, "views.update", view_id=text_at(view, "id"), view=view_sent(shown))
            return
        message = message_of(outcome.reply, school, turn_id=turn.id, policy_url=self.site.policy_url)
        container, old = mapping_at(body, "container"), mapping_at(body, "message")
        if container.get("is_ephemeral") or not old:
            blocks = as_sent((settled_block(chosen.label), *message.blocks))
            await self.site.client.respond(
                text_at(body, "response_url"), replace_original=True, text=message.text, blocks=blocks
            )
            return
        channel, ts = text_at(container, "channel_id"), text_at(container, "message_ts")
        raw = old.get("blocks")
        settled = settled_in([b for b in raw if isinstance(b, dict)] if isinstance(raw, list) else [], chosen.label)
        calls = [
            Call(
                "chat.update",
                {"channel": channel, "ts": ts, "text": text_at(old, "text"), "blocks": as_sent(settled)},
            ),
            post(Place(channel, text_at(old, "thread_ts")), message),
        ]
        await self.talk.speaker.tell(turn.id, sender, calls)

    async def suggest(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A question of the Home tab: answered in a view."""
        question, sender = question_of(value_of(body)), sender_of(body)
        await ack()
        if question is None or sender is None:
            return
        school, _ = await self.site.people.school_of(sender)
        if not school:
            return
        trigger = text_at(body, "trigger_id")
        turn = turn_of(sender, Where(school, MODAL_PLACE), trigger, question, self.site.clock.now())
        outcome = await self.talk.handled(turn)
        view = result_of(
            outcome.reply, self.site.school(school), turn_id=turn.id, asked=question, policy_url=self.site.policy_url
        )
        await self.site.open_view(sender, body, view)

    async def read_clause(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """The clause in its surroundings, where there is no public page."""
        await ack()
        ref, sender = ClauseRef.parse(value_of(body)), sender_of(body)
        if ref is None or sender is None or ref.school not in await self.site.people.schools_of(sender):
            return
        await self.site.open_view(sender, body, clause_of(self.site.school(ref.school), ref, self.site.policy_url))

    async def rate(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """Whether a reply was right: counted, without the words."""
        await ack()
        rating, sender = Feedback.parse(value_of(body)), sender_of(body)
        if rating is None or sender is None:
            return
        log.info("turn %s was rated %s", rating.turn, "right" if rating.right else "not right")
        await self.whisper(body, sender, noted_of(right=rating.right))

    async def share(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """Show an answer that only its asker saw to the channel."""
        await ack()
        turn_id, sender = turn_in(value_of(body)), sender_of(body)
        if turn_id is None or sender is None:
            return
        known, url = self.talk.shareable.get(turn_id), text_at(body, "response_url")
        if known is None:
            await self.site.client.respond(url, replace_original=False, **posted(too_old()))
            return
        reply, school = known[0], self.site.school(known[1])
        message = message_of(reply, school, turn_id=turn_id, policy_url=self.site.policy_url, feedback=False)
        await self.site.client.respond(
            url, response_type="in_channel", replace_original=False, delete_original=False, **posted(message)
        )

    async def whisper(self, body: Mapping[str, object], sender: Sender, message: Message) -> None:
        """A few words to the person who pressed something, where they pressed it; from a view, in a direct message."""
        container = mapping_at(body, "container")
        channel = text_at(container, "channel_id")
        if not channel:
            await self.site.quietly(sender.home, "chat.postMessage", channel=sender.user, **posted(message))
            return
        thread = text_at(mapping_at(body, "message"), "thread_ts") or None
        words = {"user": sender.user, "thread_ts": thread, **shown(message)}
        await self.site.quietly(sender.home, "chat.postEphemeral", channel=channel, **words)
