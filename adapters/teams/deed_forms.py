"""Dialogs of those who work on a report: hand it over, close it, add a note, reopen it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from adapters.chat.texts import is_blank, visible
from adapters.escalations.lines import role_of
from adapters.teams.actions import (
    CLOSE_FORM,
    HAND_OVER_FORM,
    LONGEST_INPUT,
    NOTE_FIELD,
    NOTE_FORM,
    OUTCOME_FIELD,
    PERSON_FIELD,
    RECORD_FIELD,
    REOPEN_FORM,
    Sent,
)
from adapters.teams.elements import all_of, choice_of, field, note, paragraph
from adapters.teams.forms import form_of
from adapters.teams.pieces import Dialog
from adapters.teams.texts import within
from chatbot.escalation import Held
from chatbot.plan import Contact, Plan

_ROOM_FOR_TYPED = 8_000


def hand_over_form(held: Held, plan: Plan, *, viewer: str, refusal: str = "") -> Dialog:
    """To whom it goes: those who may have it, without the one who asks."""
    sent = Sent(HAND_OVER_FORM, held.reference)
    able = [c for c in plan.chain(held.route) if c.id not in held.excluded and c.id != viewer]
    if not able:
        nobody = "There is nobody else on this route who may be given this report."
        return form_of("Hand over", "", sent, (paragraph("⚠️", "Nobody to hand over to.", nobody),), height=200)
    options = [(person_key(contact.id), _named(contact, plan)) for contact in able]
    label = f"Hand over report {held.reference} to"
    body = choice_of(label, PERSON_FIELD, options, error="Choose a person.", placeholder="Choose a person")
    hint = note("They are told at once. Until they take it on, nobody has it.", spacing="small")
    return form_of("Hand over", "Hand it over", sent, (*body, hint), refusal=refusal)


def close_form(held: Held, *, outcome: str = "", record: str = "", refusal: str = "") -> Dialog:
    """What came of it, and where the record is kept."""
    hint = "For example CPOMS, MyConcern or a file. The words here are erased some time after closing."
    problems = problems_of_close("", "")
    body = all_of(
        field("What came of it", OUTCOME_FIELD, error=problems[OUTCOME_FIELD], typed=_fitting(outcome)),
        field(
            "Where the record is kept", RECORD_FIELD, error=problems[RECORD_FIELD], hint=hint, typed=_fitting(record),
            lines=False,
        ),
    )  # fmt: skip
    sent = Sent(CLOSE_FORM, held.reference)
    return form_of("Close with an outcome", "Close it", sent, body, refusal=refusal, height=420)


def note_form(held: Held, *, typed: str = "", refusal: str = "") -> Dialog:
    """A remark for whoever works on it."""
    hint, error = "For whoever works on it; the reporter does not see it.", problems_of_note("")[NOTE_FIELD]
    body = field("Note", NOTE_FIELD, error=error, hint=hint, typed=_fitting(typed))
    return form_of("Add a note", "Add the note", Sent(NOTE_FORM, held.reference), body, refusal=refusal)


def reopen_form(held: Held, *, refusal: str = "") -> Dialog:
    """Asks once more before a closed report is raised again."""
    words = "It is then raised again from the first person on."
    body = (paragraph("", f"Reopen report {held.reference}?", words),)
    return form_of(
        "Reopen this report?", "Reopen", Sent(REOPEN_FORM, held.reference), body, refusal=refusal, height=220
    )


def problems_of_close(outcome: str, record: str) -> Mapping[str, str]:
    """What is missing before a report can be closed, by the field that it is missing from."""
    problems = {OUTCOME_FIELD: _problem(outcome, "Say what came of it. It is needed to close.")}
    problems[RECORD_FIELD] = _problem(record, "Say where the record is kept. It is needed to close.")
    return {name: problem for name, problem in problems.items() if problem}


def problems_of_note(text: str) -> Mapping[str, str]:
    """What is wrong with a note, by field."""
    problem = _problem(text, "There are no words in the note.")
    return {NOTE_FIELD: problem} if problem else {}


def person_key(contact_id: str) -> str:
    """What stands for a contact in a list of people: short, and without what separates values in a list."""
    plain = 0 < len(contact_id) <= 100 and "," not in contact_id
    return contact_id if plain else f"#{hashlib.sha256(contact_id.encode()).hexdigest()[:32]}"


def person_chosen(key: object, plan: Plan) -> Contact | None:
    """The contact whom a key stands for; None where there is none."""
    return next((contact for contact in plan.contacts if person_key(contact.id) == key), None)


def _problem(text: str, missing: str) -> str:
    if is_blank(text):
        return missing
    return "That is too long: 3,000 characters at most." if len(text) > LONGEST_INPUT else ""


def _named(contact: Contact, plan: Plan) -> str:
    role = role_of(plan, contact)
    return f"{contact.name} ({role})" if role else contact.name


def _fitting(typed: str) -> str:
    return within(visible(typed), _ROOM_FOR_TYPED)
