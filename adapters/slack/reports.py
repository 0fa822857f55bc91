"""What the people who are told do with a report. Who may is decided at every press."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

from adapters.chat.cases import UNKNOWN, Case, case_of, held_of, why_not
from adapters.chat.shapes import mapping_at, text_at
from adapters.escalations.history import history_of, refused
from adapters.slack.actions import (
    CHOSEN,
    CLOSE,
    CLOSE_FORM,
    HAND_OVER,
    HAND_OVER_FORM,
    NOTE_FIELD,
    NOTE_FORM,
    OPEN,
    OUTCOME_FIELD,
    PERSON_FIELD,
    RECORD_FIELD,
    REOPEN,
    TAKE,
    TYPED,
    reference_of,
)
from adapters.slack.alerts import alert_of
from adapters.slack.homes import Homes
from adapters.slack.modals import (
    close_form,
    hand_over_form,
    note_form,
    opened_of,
    person_chosen,
    problems_of_close,
    problems_of_note,
)
from adapters.slack.notices import settled
from adapters.slack.presses import Presses
from adapters.slack.site import Site, first_action, shown, typed, value_of, view_sent
from adapters.slack.turns import Sender, sender_of
from chatbot.escalation import Acknowledge, Action, Close, HandOver, Note, Refusal, Reopen


@dataclass(frozen=True, slots=True)
class Reports:
    """The listeners of the buttons under a report, and of the forms that they open."""

    site: Site
    presses: Presses
    homes: Homes

    async def press(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A button under a report: looked at, done, and shown as it then stands."""
        case = await self._case(body, value_of(body))
        deed = text_at(first_action(body), "action_id")
        if case is None:
            await ack()
            await self._say(body, UNKNOWN)
            return
        if deed in (TAKE, REOPEN):
            done = await self.site.desk.act(case.reference, Acknowledge() if deed == TAKE else Reopen(), case.contact)
            await ack()
            await self._show(body, case, done if isinstance(done, Refusal) else None)
            return
        await ack()
        view = await self._view_for(deed, case)
        if view is None:
            await self._say(body, UNKNOWN)
            return
        await self.site.open_view(case.sender, body, view)
        if deed == OPEN:
            await self._recard(body, case)

    async def _view_for(self, deed: str, case: Case[Sender]) -> View | None:
        if deed == OPEN:
            return await self._opened(case)
        held = await held_of(self.site, case)
        if held is None:
            return None
        if deed == CLOSE:
            return close_form(held)
        plan = self.site.plan(case.school)
        return hand_over_form(held, plan, viewer=case.contact) if deed == HAND_OVER else note_form(held)

    async def finish(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A form about a report was sent off."""
        view = mapping_at(body, "view")
        form, case = text_at(view, "callback_id"), await self._case(body, text_at(view, "private_metadata"))
        problems, action = self._meant(form, body, case.school if case is not None else "")
        if not problems:
            done = await self.site.desk.act(case.reference, action, case.contact) if case else Refusal.UNKNOWN
            if isinstance(done, Refusal):
                field = {CLOSE_FORM: RECORD_FIELD, HAND_OVER_FORM: PERSON_FIELD, NOTE_FORM: NOTE_FIELD}[form]
                problems = {field: await why_not(self.site, done, case)}
        if problems or case is None:
            await ack(response_action="errors", errors=problems)
            return
        await ack(response_action="clear")
        await self.homes.publish(case.sender)

    def _meant(self, form: str, body: Mapping[str, object], school: str) -> tuple[dict[str, str], Action]:
        """What is wrong with a form, by its fields, and what it asks for."""
        if form == CLOSE_FORM:
            outcome, record = typed(body, OUTCOME_FIELD, TYPED), typed(body, RECORD_FIELD, TYPED)
            return problems_of_close(outcome, record), Close(outcome, record)
        if form == NOTE_FORM:
            text = typed(body, NOTE_FIELD, TYPED)
            return problems_of_note(text), Note(text)
        chosen = person_chosen(typed(body, PERSON_FIELD, CHOSEN), self.site.plan(school))
        return ({} if chosen else {PERSON_FIELD: "Choose a person."}), HandOver(chosen.id if chosen else "")

    async def _case(self, body: Mapping[str, object], raw: object) -> Case[Sender] | None:
        """The report that a button or form names, for whoever pressed it."""
        return await case_of(self.site, sender_of(body), reference_of(raw))

    async def _say(self, body: Mapping[str, object], words: str) -> None:
        sender = sender_of(body)
        if sender is not None:
            await self.presses.whisper(body, sender, settled(words))

    async def _opened(self, case: Case[Sender], refusal: Refusal | None = None) -> View | None:
        opened = await self.site.desk.open(case.reference, case.contact)
        if isinstance(opened, Refusal):
            return None
        plan, now = self.site.plan(case.school), self.site.clock.now()
        url = self.site.report_url(case.reference, case.school)
        return opened_of(
            opened, plan, self.site.school(case.school).name, now, viewer=case.contact,
            history=history_of(opened, plan, now), report_url=url,
            refusal=refused(refusal, opened.held, plan, case.contact, now) if refusal else "",
        )  # fmt: skip

    async def _show(self, body: Mapping[str, object], case: Case[Sender], refusal: Refusal | None) -> None:
        """The present state where the button was pressed; the other messages follow by the durable engine."""
        pressed_in = mapping_at(body, "view")
        if text_at(pressed_in, "type") == "modal":
            view = await self._opened(case, refusal)
            if view is not None:
                shows = {"view_id": text_at(pressed_in, "id"), "view": view_sent(view)}
                await self.site.quietly(case.sender.home, "views.update", **shows)
        else:
            if refusal is not None:
                await self._say(body, await why_not(self.site, refusal, case))
            await self._recard(body, case)
        await self.homes.publish(case.sender)

    async def _recard(self, body: Mapping[str, object], case: Case[Sender]) -> None:
        """Bring the pressed card up to date at once."""
        container = mapping_at(body, "container")
        blocks = mapping_at(body, "message").get("blocks")
        several = isinstance(blocks, list) and sum(str(b.get("block_id", "")).startswith("report.") for b in blocks) > 1
        if not text_at(container, "message_ts") or several:  # a bundle is brought up to date by the durable engine
            return
        held = await held_of(self.site, case)
        if held is None:
            return
        channel, site = text_at(container, "channel_id"), self.site
        viewer = case.contact if channel.startswith("D") else ""
        card = alert_of(held, site.plan(case.school), site.school(case.school).name, site.clock.now(), viewer=viewer)
        await site.quietly(
            case.sender.home, "chat.update", channel=channel, ts=text_at(container, "message_ts"), **shown(card)
        )
