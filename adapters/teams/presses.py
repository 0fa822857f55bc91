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
from adapters.teams.notices import ELSEWHERE, NOT_YOURS, stranger
from adapters.teams.pieces import Dialog, Message
from adapters.teams.site import Site
from adapters.teams.speaker import Post
from adapters.teams.talk import Talk, is_private
from adapters.teams.turns import Place, Sender, Where, conversation, turn_of, where_of
from adapters.teams.views import notice_dialog, notice_of, result_of
from chatbot.compose import MEANT
from chatbot.model import Memory, Outcome, Turn

log = logging.getLogger("chatbot.teams")

BELOW, ANSWERED = "Answered below.", "This has been answered."


@dataclass(frozen=True, slots=True)
class Press:
    """A press: who pressed, where, in which message, and what tells it from all others."""

    sender: Sender
    place: Place
    stamp: str
    message: str = ""
    """The id of the message in which it was pressed."""

    @property
    def event(self) -> str:
        """Its name among all that is dealt with once."""
        return f"{self.sender.tenant}/press/{self.stamp}"


@dataclass(frozen=True, slots=True)
class Presses:
    """What is done with buttons under replies."""

    site: Site
    talk: Talk

    async def choose(self, chosen: Chosen, press: Press) -> Json:
        """An answer to a reply was pressed in a message: the new reply takes its place.

        In a channel it does so only for whoever had been replied to; for others it stands below.
        """
        async with self.talk.turnstile.at(press.event):
            if await self.talk.knows(press.event):
                return answers.says(ANSWERED)
            return await self._choose(chosen, press)

    async def _choose(self, chosen: Chosen, press: Press) -> Json:
        found = await self._chosen(chosen, press)
        if found is None:
            return answers.says(NOT_YOURS)
        outcome, turn, before = found
        lead = f"You chose: {chosen.label or chosen.value}"
        replaces = "" if press.place.public and before == Memory() else press.message
        sayings = await self.talk.sayings(outcome, turn, press.place, lead=lead, replaces=replaces)
        await self.talk.speaker.tell(press.event, press.sender, sayings)
        if is_private(outcome, press.place):
            return answers.says(ELSEWHERE)
        if not replaces:
            return answers.says(BELOW)
        return answers.shows(self.talk.shown(outcome, turn, press.place, lead=lead))

    async def choose_in_dialog(self, chosen: Chosen, press: Press) -> Dialog:
        """The same inside a dialog, which goes on showing the new reply."""
        found = await self._chosen(chosen, press)
        if found is None:
            return notice_dialog("Not yours to answer", NOT_YOURS)
        outcome, turn, _ = found
        return await self.in_dialog(outcome, turn, press, chosen.label or chosen.value)

    async def suggest(self, suggestion: Suggestion, press: Press) -> Json:
        """A suggested question was pressed: it is answered below, or below stands what is missing."""
        school, able = await self.site.people.school_of(press.sender)
        if school:
            await self.ask(suggestion.question, school, press)
        else:
            missing = self.talk.unchosen(suggestion.question, press.place) if able else stranger()
            await self.say(missing, press)
        return answers.says(BELOW)

    async def ask(self, question: str, school: str, press: Press) -> None:
        """A question that a press brings along, answered where it was pressed, as if it had been typed."""
        where = Where(school, press.place.name)
        turn = turn_of(press.sender, where, press.stamp, question, self.site.clock.now())
        outcome = await self.talk.handled(turn)
        sayings = await self.talk.sayings(outcome, turn, press.place, lead=f"You asked: {question}")
        await self.talk.speaker.tell(press.event, press.sender, sayings)

    async def below(self, carried: Chosen | Suggestion, press: Press) -> None:
        """The same for a client that shows nothing for a moment: that it is not theirs is said in a message."""
        if isinstance(carried, Suggestion):
            await self.suggest(carried, press)
        elif (await self.choose(carried, press)) == answers.says(NOT_YOURS):
            await self.say(notice_of(NOT_YOURS), press)

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

    async def _chosen(self, chosen: Chosen, press: Press) -> tuple[Outcome, Turn, Memory] | None:
        """What came of a choice, and what was known before; None where it is not the sender's to make."""
        where = where_of(chosen.turn)
        if where is None or where.school not in await self.site.people.schools_of(press.sender):
            return None
        before = await self.site.bot.ledger.memory(conversation(press.sender, where))
        if not self._is_asked(chosen, before, press.place):
            return None
        turn = turn_of(press.sender, where, press.stamp, chosen.value, self.site.clock.now())
        return await self.talk.handled(turn), turn, before

    def _is_asked(self, chosen: Chosen, before: Memory, place: Place) -> bool:
        """Whether it is still asked of this very person: anybody in a channel can press a button there.

        A fact is asked once; which reading was meant, of whoever wrote it. Whatever else stands on a button (a
        suggested question) anybody may ask at any time.
        """
        if chosen.value.startswith(MEANT):
            return not place.public or before != Memory()
        return before.asked is not None or not self.site.is_fact(chosen.value)

    async def say(self, message: Message, press: Press) -> None:
        """A message where something was pressed, once for each press: what a newer client would show for a moment."""
        await self.talk.speaker.tell(press.event, press.sender, [Post(press.place, message)])
