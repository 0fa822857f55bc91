"""What the people who are told do with a report. Who may is decided at every press."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from adapters.chat.cases import UNKNOWN, Case, case_of, held_of, why_not
from adapters.chat.told import sentences_of
from adapters.escalations.history import history_of, refused
from adapters.escalations.lines import line_of
from adapters.teams.actions import (
    CLOSE,
    CLOSE_FORM,
    HAND_OVER,
    HAND_OVER_FORM,
    NOTE,
    NOTE_FIELD,
    NOTE_FORM,
    OPEN,
    OUTCOME_FIELD,
    PERSON_FIELD,
    RECORD_FIELD,
    TAKE,
    Deed,
    Sent,
)
from adapters.teams.alerts import alert_of
from adapters.teams.deed_forms import (
    close_form,
    hand_over_form,
    note_form,
    person_chosen,
    problems_of_close,
    problems_of_note,
    reopen_form,
)
from adapters.teams.opened import opened_of
from adapters.teams.pieces import Dialog, Message
from adapters.teams.presses import Press
from adapters.teams.site import Site
from adapters.teams.turns import Sender
from adapters.teams.views import notice_dialog
from chatbot.escalation import Acknowledge, Action, Close, HandOver, Held, Note, Refusal, Reopen


@dataclass(frozen=True, slots=True)
class Reports:
    """What is done with the buttons under a report, and with the forms that they open."""

    site: Site

    async def press(self, deed: Deed, press: Press) -> Message | str:
        """A button that is carried out where it stands: the card as the report then stands, or why it was not done."""
        case = await case_of(self.site, press.sender, deed.reference)
        if case is None:
            return UNKNOWN
        held = await self._carried_out(deed, case)
        if isinstance(held, str):
            return held
        return await self.card(held, viewer="" if press.place.public else case.contact)

    async def press_by_old_client(self, deed: Deed, press: Press) -> str:
        """The same where no card can be given back: how the report then stands, in words. Its cards follow anyway."""
        case = await case_of(self.site, press.sender, deed.reference)
        if case is None:
            return UNKNOWN
        held = await self._carried_out(deed, case)
        if isinstance(held, str):
            return held
        viewer = "" if press.place.public else case.contact
        shown = line_of(held, self.site.plan(case.school), viewer, self.site.clock.now())
        return f"Report {case.reference}: {' '.join(sentences_of(shown))}"

    async def opens(self, deed: Deed, press: Press) -> Dialog:
        """A button that opens a dialog, or stands in one: the report, or the form for what is to be done."""
        case = await case_of(self.site, press.sender, deed.reference)
        if case is None:
            return _unknown()
        if deed.deed == OPEN:
            return await self._opened(case) or _unknown()
        if deed.deed == TAKE:
            done = await self.site.desk.act(case.reference, Acknowledge(), case.contact)
            return await self._opened(case, done if isinstance(done, Refusal) else None) or _unknown()
        held = await held_of(self.site, case)
        return self._form(deed.deed, held, case) if held is not None else _unknown()

    async def finish(self, sent: Sent, press: Press) -> Dialog | str:
        """A form about a report was sent off: what is said when it is done, or the form once more and why."""
        case = await case_of(self.site, press.sender, sent.reference)
        if case is None:
            return _unknown()
        action, problem = self._meant(sent, case)
        if not problem and not await self._first(press):
            return await self._opened(case) or _unknown()
        if not problem:
            done = await self.site.desk.act(case.reference, action, case.contact)
            if not isinstance(done, Refusal):
                return await self._done(action, case)
            problem = await why_not(self.site, done, case)
        held = await held_of(self.site, case)
        return self._form(sent.form, held, case, sent, problem) if held is not None else _unknown()

    async def card(self, held: Held, *, viewer: str, reminder: bool = False) -> Message:
        """The card of a report as it stands."""
        site = self.site
        plan, homes = site.plan(held.school), site.people.homes_of(held.school)
        names = [await site.addresses.name_of(home, held.reporter) for home in homes]
        told = [contact.teams.lower() for contact in plan.chain(held.route) if contact.teams]
        accounts: dict[str, str] = {}
        for home in homes:
            accounts |= await site.addresses.accounts_of(home, [one for one in told if one not in accounts])
        return alert_of(
            held, plan, site.school(held.school).name, site.clock.now(), viewer=viewer,
            reporter=next(filter(None, names), ""), reminder=reminder, accounts=accounts,
        )  # fmt: skip

    async def _carried_out(self, deed: Deed, case: Case[Sender]) -> Held | str:
        """The report after what was pressed, or why it was not done."""
        if deed.deed == TAKE:
            done = await self.site.desk.act(case.reference, Acknowledge(), case.contact)
            if isinstance(done, Refusal):
                return await why_not(self.site, done, case)
        return await held_of(self.site, case) or UNKNOWN

    def _form(self, deed: str, held: Held, case: Case[Sender], sent: Sent | None = None, refusal: str = "") -> Dialog:
        typed = sent.typed if sent is not None else lambda _: ""
        if deed in (CLOSE, CLOSE_FORM):
            return close_form(held, outcome=typed(OUTCOME_FIELD), record=typed(RECORD_FIELD), refusal=refusal)
        if deed in (HAND_OVER, HAND_OVER_FORM):
            return hand_over_form(held, self.site.plan(case.school), viewer=case.contact, refusal=refusal)
        if deed in (NOTE, NOTE_FORM):
            return note_form(held, typed=typed(NOTE_FIELD), refusal=refusal)
        return reopen_form(held, refusal=refusal)

    def _meant(self, sent: Sent, case: Case[Sender]) -> tuple[Action, str]:
        """What a form asks for, and what is wrong with it."""
        if sent.form == CLOSE_FORM:
            outcome, record = sent.typed(OUTCOME_FIELD), sent.typed(RECORD_FIELD)
            return Close(outcome, record), " ".join(problems_of_close(outcome, record).values())
        if sent.form == NOTE_FORM:
            text = sent.typed(NOTE_FIELD)
            return Note(text), " ".join(problems_of_note(text).values())
        if sent.form == HAND_OVER_FORM:
            chosen = person_chosen(sent.typed(PERSON_FIELD), self.site.plan(case.school))
            return HandOver(chosen.id if chosen else ""), "" if chosen else "Choose a person."
        return Reopen(), ""

    async def _done(self, action: Action, case: Case[Sender]) -> Dialog | str:
        if isinstance(action, Note):
            return await self._opened(case) or _unknown()
        if isinstance(action, HandOver):
            to = self.site.plan(case.school).contact(action.to)
            return f"{case.reference} is handed over to {to.name if to is not None else 'them'}, who is told now."
        return f"{case.reference} is {'closed' if isinstance(action, Close) else 'open again'}."

    async def _first(self, press: Press) -> bool:
        """Whether a form has come for the first time, and not once more under the same id."""
        event = f"{press.sender.tenant}/form/{press.stamp}"
        return await asyncio.to_thread(self.site.outbox.keep_all, event, [None])

    async def _opened(self, case: Case[Sender], refusal: Refusal | None = None) -> Dialog | None:
        opened = await self.site.desk.open(case.reference, case.contact)
        if isinstance(opened, Refusal):
            return None
        site, plan, now = self.site, self.site.plan(case.school), self.site.clock.now()
        return opened_of(
            opened, plan, site.school(case.school).name, now, viewer=case.contact,
            history=history_of(opened, plan, now), report_url=site.report_url(case.reference, case.school),
            refusal=refused(refusal, opened.held, plan, case.contact, now) if refusal else "",
            reporter=await site.addresses.name_of(case.sender.tenant, opened.held.reporter),
        )  # fmt: skip


def _unknown() -> Dialog:
    return notice_dialog("Not found", UNKNOWN)
