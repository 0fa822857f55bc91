"""What staff send off in dialogs: a question, a concern, a message passed on, the choice of a school."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from adapters.chat.shapes import mapping_at, text_at
from adapters.chat.texts import is_blank
from adapters.teams.actions import (
    ASK,
    ASK_COMMAND,
    ASK_FORM,
    IS_OK_COMMAND,
    IS_OK_FORM,
    MINE,
    RAISE_COMMAND,
    RAISE_FORM,
    REPORT,
    REPORT_COMMAND,
    REPORT_FORM,
    SCHOOL_FIELD,
    WORDS_FIELD,
    Opening,
    Sent,
    school_of,
)
from adapters.teams.forms import ask_form, is_ok_form, raise_form, report_form, school_form
from adapters.teams.notices import STRANGER
from adapters.teams.pieces import Dialog
from adapters.teams.presses import Press, Presses
from adapters.teams.site import Site
from adapters.teams.talk import Talk
from adapters.teams.turns import DIALOG, Sender, Where, plain, turn_of
from adapters.teams.views import failed_of, notice_dialog

log = logging.getLogger("chatbot.teams")

DECLARED = frozenset({REPORT_FORM, RAISE_FORM})
"""Forms that are sent off as a report, whatever is in them."""
OF_COMMAND = {
    ASK_COMMAND: ASK_FORM, REPORT_COMMAND: REPORT_FORM, IS_OK_COMMAND: IS_OK_FORM, RAISE_COMMAND: RAISE_FORM,
}  # fmt: skip
"""The form that a command of the extension opens."""
PICK, WRITE = "Choose your school.", "Write a few words."


@dataclass(frozen=True, slots=True)
class Submissions:
    """The forms of staff."""

    site: Site
    talk: Talk
    presses: Presses

    async def opened(self, opening: Opening, sender: Sender) -> Dialog:
        """What a button opens."""
        if opening.opener == MINE:
            return Dialog("Your reports", (await self.talk.standings(sender)).card)
        form = {ASK: ASK_FORM, REPORT: REPORT_FORM}.get(opening.opener, "")
        return await self.form(form, sender, context=opening.context)

    async def form(
        self, form: str, sender: Sender, message: str = "", sent: Sent | None = None, context: str = ""
    ) -> Dialog:
        """A form of staff. `message`: the words of the one it is about. `sent`: what came back, with something missing.

        `context`: the question that waits for a school to be chosen.
        """
        chosen, able = await self.site.people.school_of(sender)
        schools = self.site.schools(able)
        if not schools:
            return notice_dialog("Not connected", STRANGER)
        typed = sent.typed(WORDS_FIELD) if sent is not None else ""
        picked = school_of(sent.typed(SCHOOL_FIELD)) if sent is not None else None
        school = picked if picked in able and picked is not None else chosen
        refusal = "" if sent is None else WRITE if school or len(schools) == 1 else PICK
        if form == REPORT_FORM:
            return report_form(schools, school, typed=typed, refusal=refusal)
        if form == RAISE_FORM:
            return raise_form(schools, school, message=message, typed=typed, refusal=refusal)
        if form == IS_OK_FORM:
            return is_ok_form(schools, school, message=typed or message, refusal=refusal)
        if form == ASK_FORM:
            return ask_form(schools, school, typed=typed, refusal=refusal)
        return school_form(schools, school, context=context, refusal=PICK if sent is not None else "")

    async def submit(self, sent: Sent, press: Press, payload: Mapping[str, object]) -> Dialog:
        """A question or a report was sent off: recorded, then answered in the same dialog.

        `payload` is the message that it is about, where it is about one.
        """
        sender = press.sender
        school, able = await self.site.people.school_of(sender)
        picked = school_of(sent.typed(SCHOOL_FIELD)) or school or (able[0] if len(able) == 1 else "")
        message = message_in(payload) if sent.form in (RAISE_FORM, IS_OK_FORM) else ""
        quoted = message if sent.form == RAISE_FORM else ""
        words = "\n\n".join(part for part in (quoted, sent.typed(WORDS_FIELD).strip()) if part)
        if picked not in able or is_blank(words):
            return await self.form(sent.form, sender, message, sent)
        declared = sent.form in DECLARED
        turn = turn_of(sender, Where(picked, DIALOG), press.stamp, words, self.site.clock.now(), declared=declared)
        turn = replace(turn, author=author_of(payload) if quoted else "")
        try:
            outcome = await self.talk.handled(turn)
            return await self.presses.in_dialog(outcome, turn, press, "" if declared else words)
        except Exception as error:  # whatever breaks, nobody may believe that a report has been taken
            log.error("what was sent off could not be recorded: %s", type(error).__name__)
            return failed_of("It was not recorded.", speak_to=self.site.whom_to_turn_to(picked))

    async def choose_school(self, sent: Sent, press: Press) -> Dialog | str:
        """A person has chosen their school: what is said, or the form once more. A question that waited is answered."""
        school = school_of(sent.typed(SCHOOL_FIELD))
        if school is None or not await self.site.people.choose(press.sender, school):
            return await self.form(sent.form, press.sender, sent=sent, context=sent.context)
        chosen = f"You are asking about {self.site.school(school).name}’s social media policy now."
        if is_blank(sent.context):
            return chosen
        await self.presses.ask(sent.context, school, press)
        return f"{chosen} Your question is answered below."


def message_in(payload: Mapping[str, object]) -> str:
    """The words of the message that an action was called on."""
    body = mapping_at(payload, "body")
    content = text_at(body, "content")
    return plain(content) if text_at(body, "contentType") != "text" else content.strip()


def author_of(payload: Mapping[str, object]) -> str:
    """Whose message it is; "" where Teams does not say."""
    return " ".join(text_at(mapping_at(mapping_at(payload, "from"), "user"), "displayName").split())[:100]
