"""What staff send off in forms: a question, a concern, a message passed on, the choice of a school."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from adapters.chat.shapes import mapping_at, text_at
from adapters.slack.actions import (
    ASK_FORM,
    CHOSEN,
    IS_OK_FORM,
    RAISE_FORM,
    REPORT_FORM,
    SCHOOL_FIELD,
    TYPED,
    WORDS_FIELD,
    school_of,
)
from adapters.slack.forms import ask_form, is_ok_form, raise_form, report_form, school_form
from adapters.slack.homes import Homes
from adapters.slack.notices import chosen
from adapters.slack.site import Site, posted, typed, view_sent
from adapters.slack.talk import Talk
from adapters.slack.turns import MODAL_PLACE, Where, plain, sender_of, turn_of
from adapters.slack.views import failed_of, result_of

log = logging.getLogger("chatbot.slack")


@dataclass(frozen=True, slots=True)
class Submissions:
    """The listeners of forms."""

    site: Site
    talk: Talk
    homes: Homes

    async def open_form(self, body: Mapping[str, object], form: str) -> None:
        """Open a form of staff, by a shortcut or a button; within three seconds of the press."""
        sender = sender_of(body)
        if sender is None:
            return
        school, able = await self.site.people.school_of(sender)
        schools = self.site.schools(able)
        message = body.get("message")
        words = text_at(message, "text") if isinstance(message, Mapping) else ""
        words = plain(words, names=self.site.people.names())
        made: View
        if not schools:
            made = failed_of("This workspace is not connected with a school.", speak_to=self.site.whom_to_turn_to(""))
        elif form == REPORT_FORM:
            made = report_form(schools, school)
        elif form == RAISE_FORM:
            made = raise_form(schools, school, message=words)
        elif form == IS_OK_FORM:
            made = is_ok_form(schools, school, message=words)
        elif form == ASK_FORM:
            made = ask_form(schools, school)
        else:
            made = school_form(schools, school)
        await self.site.open_view(sender, body, made)

    async def submit(self, body: Mapping[str, object], ack: AsyncAck, *, declared: bool) -> None:
        """A question or a report was sent off: recorded, then answered in the same view."""
        sender = sender_of(body)
        if sender is None:
            await ack()
            return
        school, able = await self.site.people.school_of(sender)
        picked = school_of(typed(body, SCHOOL_FIELD, CHOSEN)) or school or (able[0] if len(able) == 1 else "")
        words = "\n\n".join(
            part for part in (_quoted(mapping_at(body, "view")), typed(body, WORDS_FIELD, TYPED).strip()) if part
        )
        if picked not in able:
            await ack(response_action="errors", errors={SCHOOL_FIELD: "Choose your school."})
            return
        if not words:
            await ack(response_action="errors", errors={WORDS_FIELD: "Write a few words."})
            return
        where = Where(picked, MODAL_PLACE)
        stamp = f"{text_at(mapping_at(body, 'view'), 'id')}-{text_at(mapping_at(body, 'view'), 'hash')}"
        turn = turn_of(sender, where, stamp, words, self.site.clock.now(), declared=declared)
        try:
            outcome = await self.talk.handled(turn)
            await self.talk.tell_of_report(outcome, turn, sender)
            shown = result_of(
                outcome.reply, self.site.school(picked), turn_id=turn.id, asked="" if declared else words,
                policy_url=self.site.policy_url,
            )  # fmt: skip
        except Exception as error:  # whatever breaks, nobody may believe that a report has been taken
            log.error("what was sent off could not be recorded: %s", type(error).__name__)
            shown = failed_of("It was not recorded.", speak_to=self.site.whom_to_turn_to(picked))
        await ack(response_action="update", view=view_sent(shown))

    async def choose_school(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A person has chosen their school."""
        sender, school = sender_of(body), school_of(typed(body, SCHOOL_FIELD, CHOSEN))
        if sender is None or school is None or not await self.site.people.choose(sender, school):
            await ack(response_action="errors", errors={SCHOOL_FIELD: "Choose one of these schools."})
            return
        await ack()
        said = posted(chosen(self.site.school(school)))
        await self.site.quietly(sender.home, "chat.postMessage", channel=sender.user, **said)
        await self.homes.publish(sender)


def _quoted(view: Mapping[str, object]) -> str:
    """The words of a message that the form passes on: those it shows as quotations."""
    found: list[str] = []
    blocks = view.get("blocks")
    for block in blocks if isinstance(blocks, list) else ():
        for part in block.get("elements", ()) if block.get("type") == "rich_text" else ():
            if part.get("type") == "rich_text_quote":
                found += [str(run.get("text", "")) for run in part.get("elements", ())]
    return "".join(found).strip()
