"""What people press under a reply: an answer, a suggestion, a clause, a thumb. Who may is decided here."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chat.shapes import text_at
from adapters.teams import answers
from adapters.teams.actions import Chosen, ClauseRef, Suggestion, liked
from adapters.teams.answers import Json
from adapters.teams.clauses import clause_of
from adapters.teams.notices import ELSEWHERE, NOT_YOURS, STRANGER
from adapters.teams.pieces import Dialog
from adapters.teams.site import Site
from adapters.teams.talk import Talk, is_private
from adapters.teams.turns import Place, Sender, Where, conversation, turn_of, where_of
from adapters.teams.views import notice_dialog, result_of
from chatbot.model import Outcome, Turn

log = logging.getLogger("chatbot.teams")


@dataclass(frozen=True, slots=True)
class Press:
    """A press: who pressed, where, in which message, and what tells it from all others."""

    sender: Sender
    place: Place
    stamp: str
    message: str = ""
    """The id of the message in which it was pressed."""


@dataclass(frozen=True, slots=True)
class Presses:
    """What is done with buttons under replies."""

    site: Site
    talk: Talk

    async def choose(self, chosen: Chosen, press: Press) -> Json:
        """An answer to a reply was pressed in a message: the new reply takes its place."""
        found = await self._chosen(chosen, press)
        if found is None:
            return answers.says(NOT_YOURS)
        outcome, turn = found
        lead = f"You chose: {chosen.label or chosen.value}"
        sayings = await self.talk.sayings(outcome, turn, press.place, lead=lead, replaces=press.message)
        await self.talk.speaker.tell(turn.id, press.sender, sayings)
        if is_private(outcome, press.place):
            return answers.says(ELSEWHERE)
        return answers.shows(self.talk.shown(outcome, turn, press.place, lead=lead))

    async def choose_in_dialog(self, chosen: Chosen, press: Press) -> Dialog:
        """The same inside a dialog, which goes on showing the new reply."""
        found = await self._chosen(chosen, press)
        if found is None:
            return notice_dialog("Not yours to answer", NOT_YOURS)
        return await self.in_dialog(*found, press, f"{chosen.label or chosen.value}")

    async def suggest(self, suggestion: Suggestion, press: Press) -> Json:
        """A suggested question was pressed: it is answered below, as if it had been typed."""
        school, able = await self.site.people.school_of(press.sender)
        if not able:
            return answers.says(STRANGER)
        if not school:
            return answers.says("Choose your school first.")
        turn = turn_of(
            press.sender, Where(school, press.place.name), press.stamp, suggestion.question, self.site.clock.now()
        )
        outcome = await self.talk.handled(turn)
        lead = f"You asked: {suggestion.question}"
        await self.talk.speaker.tell(
            turn.id, press.sender, await self.talk.sayings(outcome, turn, press.place, lead=lead)
        )
        return answers.says("Answered below.")

    async def read_clause(self, ref: ClauseRef, press: Press) -> Dialog:
        """The clause in its surroundings, where there is no public page."""
        if ref.school not in await self.site.people.schools_of(press.sender):
            return notice_dialog("Not your school", "This is the policy of a school that is not yours.")
        return clause_of(self.site.school(ref.school), ref, self.site.policy_url)

    def rate(self, activity: Mapping[str, object]) -> None:
        """Whether a reply was right: counted, without the words."""
        right = liked(activity.get("value"))
        if right is not None:
            message = text_at(activity, "replyToId")[:60]
            log.info("the reply %s was rated %s", message, "right" if right else "not right")

    async def in_dialog(self, outcome: Outcome, turn: Turn, press: Press, asked: str) -> Dialog:
        """A reply inside a dialog; how its report stands goes on being told in the person's own chat."""
        receipts = await self.talk.receipts(outcome, turn)
        await self.talk.speaker.tell(turn.id, press.sender, receipts)
        school = self.site.school(turn.school)
        return result_of(outcome.reply, school, turn_id=turn.id, asked=asked, policy_url=self.site.policy_url)

    async def _chosen(self, chosen: Chosen, press: Press) -> tuple[Outcome, Turn] | None:
        where = where_of(chosen.turn)
        if where is None or where.school not in await self.site.people.schools_of(press.sender):
            return None
        if not await self._is_asked(chosen, press.sender, where):
            return None
        turn = turn_of(press.sender, where, press.stamp, chosen.value, self.site.clock.now())
        return await self.talk.handled(turn), turn

    async def _is_asked(self, chosen: Chosen, sender: Sender, where: Where) -> bool:
        """Whether a fact is still asked of this very person: anybody in a channel can press a button there.

        Whatever else stands on a button (a suggested question, another reading) anybody may ask at any time.
        """
        facts = (value.label for kind in self.site.knowledge.slots.values() for value in kind.values)
        if chosen.value not in facts:
            return True
        memory = await self.site.bot.ledger.memory(conversation(sender, where))
        return memory.asked is not None
