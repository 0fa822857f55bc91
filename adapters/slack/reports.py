"""What the people who are told do with a report. Who may is decided at every press."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.models.views import View

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
from adapters.slack.site import Site, first_action, mapping_at, posted, typed, value_of, view_sent
from adapters.slack.turns import Sender, sender_of, text_at
from chatbot.escalation import Acknowledge, Action, Close, HandOver, Held, Note, Refusal, Reopen

log = logging.getLogger("chatbot.slack")

UNKNOWN = "There is no such report, or it is not for you."


@dataclass(frozen=True, slots=True)
class Reports:
    """The listeners of the buttons under a report, and of the forms that they open."""

    site: Site
    presses: Presses
    homes: Homes

    async def press(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A button under a report: looked at, done, and shown as it then stands."""
        sender, reference = sender_of(body), reference_of(value_of(body))
        deed = text_at(first_action(body), "action_id")
        if sender is None or reference is None:
            await ack()
            return
        school, contact = await self._viewer(sender, reference)
        if not contact:
            await ack()
            await self.presses.whisper(body, sender, settled(UNKNOWN))
            return
        if deed in (TAKE, REOPEN):
            done = await self.site.desk.act(reference, Acknowledge() if deed == TAKE else Reopen(), contact)
            await ack()
            await self._show(body, sender, school, contact, reference, done if isinstance(done, Refusal) else None)
            return
        await ack()
        view = await self._view_for(deed, reference, school, contact)
        if view is None:
            await self.presses.whisper(body, sender, settled(UNKNOWN))
            return
        await self.site.open_view(sender, body, view)
        if deed == OPEN:
            await self._recard(body, sender, school, contact, reference)

    async def _view_for(self, deed: str, reference: str, school: str, contact: str) -> View | None:
        plan = self.site.plan(school)
        if deed == OPEN:
            return await self._opened(reference, school, contact)
        held = await self._held(reference, school, contact)
        if held is None:
            return None
        if deed == CLOSE:
            return close_form(held)
        return hand_over_form(held, plan, viewer=contact) if deed == HAND_OVER else note_form(held)

    async def finish(self, body: Mapping[str, object], ack: AsyncAck) -> None:
        """A form about a report was sent off."""
        sender, reference = sender_of(body), reference_of(text_at(mapping_at(body, "view"), "private_metadata"))
        form = text_at(mapping_at(body, "view"), "callback_id")
        if sender is None or reference is None:
            await ack()
            return
        school, contact = await self._viewer(sender, reference)
        problems, action = self._meant(form, body, school)
        if problems:
            await ack(response_action="errors", errors=problems)
            return
        done = await self.site.desk.act(reference, action, contact) if contact else Refusal.UNKNOWN
        refusal = done if isinstance(done, Refusal) else None
        held = await self._held(reference, school, contact) if contact else None
        if refusal is not None:
            why = UNKNOWN
            if held is not None:
                why = refused(refusal, held, self.site.plan(school), contact, self.site.clock.now())
            field = {CLOSE_FORM: RECORD_FIELD, HAND_OVER_FORM: PERSON_FIELD, NOTE_FORM: NOTE_FIELD}[form]
            await ack(response_action="errors", errors={field: why})
            return
        await ack(response_action="clear")
        await self.homes.publish(sender)

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

    async def _viewer(self, sender: Sender, reference: str) -> tuple[str, str]:
        """The report's school, and which contact the sender is there: "" where they are none."""
        school = await self.site.desk.school_of(reference)
        return school, (self.site.people.contact_of(sender, school) if school else "")

    async def _held(self, reference: str, school: str, contact: str) -> Held | None:
        """The report, where this contact may see it."""
        pile = await self.site.desk.pile(school, contact)
        return next((held for held in pile if held.reference == reference), None)

    async def _opened(self, reference: str, school: str, contact: str, refusal: Refusal | None = None) -> View | None:
        opened = await self.site.desk.open(reference, contact)
        if isinstance(opened, Refusal):
            return None
        plan, now = self.site.plan(school), self.site.clock.now()
        url = f"{self.site.inbox_url}/{reference}?school={school}" if self.site.inbox_url else ""
        return opened_of(
            opened, plan, self.site.school(school).name, now, viewer=contact,
            history=history_of(opened, plan, now), report_url=url,
            refusal=refused(refusal, opened.held, plan, contact, now) if refusal else "",
        )  # fmt: skip

    async def _show(
        self,
        body: Mapping[str, object],
        sender: Sender,
        school: str,
        contact: str,
        reference: str,
        refusal: Refusal | None,
    ) -> None:
        """The present state where the button was pressed; the other messages follow by the durable engine."""
        kind = text_at(mapping_at(body, "view"), "type")
        if kind == "modal":
            view = await self._opened(reference, school, contact, refusal)
            if view is not None:
                await self.site.quietly(
                    sender.home, "views.update", view_id=text_at(mapping_at(body, "view"), "id"), view=view_sent(view)
                )
        elif refusal is not None:
            held = await self._held(reference, school, contact)
            why = UNKNOWN
            if held is not None:
                why = refused(refusal, held, self.site.plan(school), contact, self.site.clock.now())
            await self.presses.whisper(body, sender, settled(why))
        if kind != "modal":
            await self._recard(body, sender, school, contact, reference)
        await self.homes.publish(sender)

    async def _recard(
        self, body: Mapping[str, object], sender: Sender, school: str, contact: str, reference: str
    ) -> None:
        """Bring the pressed card up to date at once."""
        container = body.get("container")
        if not isinstance(container, Mapping) or not text_at(container, "message_ts"):
            return
        held = await self._held(reference, school, contact)
        message = body.get("message")
        blocks = message.get("blocks") if isinstance(message, Mapping) else None
        several = isinstance(blocks, list) and sum(str(b.get("block_id", "")).startswith("report.") for b in blocks) > 1
        if held is None or several:  # a bundle is brought up to date by the durable engine
            return
        channel = text_at(container, "channel_id")
        viewer = contact if channel.startswith("D") else ""
        card = alert_of(
            held, self.site.plan(school), self.site.school(school).name, self.site.clock.now(), viewer=viewer
        )
        given = posted(card)
        await self.site.quietly(
            sender.home, "chat.update", channel=channel, ts=text_at(container, "message_ts"), text=given["text"],
            blocks=given["blocks"],
        )  # fmt: skip
