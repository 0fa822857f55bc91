"""Views for the people who are told: a report opened, and what can be done with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.chat.texts import is_blank, one_line, visible
from adapters.chat.told import deeds_of
from adapters.escalations.history import Event
from adapters.escalations.lines import line_of, moment, name_of, role_of
from adapters.slack.actions import (
    CLOSE_FORM,
    HAND_OVER_FORM,
    LONGEST_INPUT,
    NOTE_FIELD,
    NOTE_FORM,
    OPEN,
    OPENED_VIEW,
    OUTCOME_FIELD,
    PERSON_FIELD,
    RECORD_FIELD,
    TAKE,
)
from adapters.slack.alerts import reporter_of, status_block, warnings_before
from adapters.slack.deeds import buttons_of
from adapters.slack.elements import (
    LONGEST_TITLE,
    actions,
    all_of,
    bullets,
    choice_of,
    field,
    header,
    line,
    link,
    marked,
    note,
    own,
    paragraph,
    quotation,
    rich,
    said,
)
from adapters.slack.texts import bounded, defused, split
from chatbot.escalation import Held, Opened, Remark
from chatbot.plan import Contact, Plan

MARK = "This view is not the school’s safeguarding record: carry what matters into it."
TAKEN_HINT = "Whoever takes this on is the one who acts on it; the reporter and everybody told about it see the name."
_ROOM_FOR_WORDS, _ROOM_FOR_OUTCOME, _ROOM_FOR_NOTES = 64_000, 20_000, 45_000
"""Bytes as JSON: a view may have 250,000 in all."""
_MOST_BLOCKS = 40
"""Blocks of one text, of the hundred that a view may have."""
_MOST_NOTES = 12
_MOST_EVENTS = 30
_LONGEST_EVENT = 300


def opened_of(
    opened: Opened,
    plan: Plan,
    school_name: str,
    now: datetime,
    *,
    viewer: str,
    history: Sequence[Event] = (),
    report_url: str = "",
    refusal: str = "",
) -> View:
    """A report with its words, for the contact who opened it. `report_url` is its page in the inbox, if there is one.

    `refusal` says why what was just pressed was not done.
    """
    held = opened.held
    shown = line_of(held, plan, viewer, now)
    deeds = tuple(deed for deed in deeds_of(held) if deed != OPEN)
    by = f"Reported {moment(held.at, now, plan)} by {reporter_of(held, plan)}. {defused(one_line(school_name))}."
    blocks = all_of(
        [paragraph("warning", "Not done:", bounded(one_line(refusal), 900))] if refusal else [],
        [paragraph(icon, lead, text) for icon, lead, text in warnings_before(held)],
        status_block(shown),
        marked(f"{defused(shown.route)}. {by}"),
        actions(buttons_of(held, deeds), f"report.{held.reference}"),
        [note(TAKEN_HINT)] if TAKE in deeds else [],
        header("Words of the report"),
        _words(opened, report_url),
        _outcome(opened, report_url),
        header("Notes"),
        _notes(opened.remarks, plan, now, report_url),
        _history(history, report_url),
        note(MARK),
        [rich(line(link("Open it in the inbox, to save it as PDF or CSV", report_url)))] if report_url else [],
    )
    return View(
        "modal",
        callback_id=OPENED_VIEW,
        title=own(f"Report {held.reference}", LONGEST_TITLE),
        close=own("Close", LONGEST_TITLE),
        blocks=blocks,
        private_metadata=held.reference,
    )


def hand_over_form(held: Held, plan: Plan, *, viewer: str) -> View:
    """To whom it goes: those who may have it, without the one who asks."""
    able = [c for c in plan.chain(held.route) if c.id not in held.excluded and c.id != viewer]
    if not able:
        nobody = "There is nobody else on this route who may be given this report."
        return _form("Hand over", "", HAND_OVER_FORM, held, (paragraph("warning", "Nobody to hand over to.", nobody),))
    options = [(person_key(contact.id), _named(contact, plan)) for contact in able]
    hint = "They are told at once. Until they take it on, nobody has it."
    label = f"Hand over report {held.reference} to"
    chosen = choice_of(label, PERSON_FIELD, options, hint=hint, placeholder="Choose a person")
    return _form("Hand over", "Hand it over", HAND_OVER_FORM, held, (chosen,))


def close_form(held: Held, *, outcome: str = "", record: str = "") -> View:
    """What came of it, and where the record is kept."""
    hint = "For example CPOMS, MyConcern or a file. The words here are erased some time after closing."
    blocks = (
        field("What came of it", OUTCOME_FIELD, typed=outcome),
        field("Where the record is kept", RECORD_FIELD, hint=hint, typed=record, lines=False),
    )
    return _form("Close with an outcome", "Close it", CLOSE_FORM, held, blocks)


def note_form(held: Held, *, typed: str = "") -> View:
    """A remark for whoever works on it."""
    hint = "For whoever works on it; the reporter does not see it."
    return _form("Add a note", "Add the note", NOTE_FORM, held, (field("Note", NOTE_FIELD, hint=hint, typed=typed),))


def problems_of_close(outcome: str, record: str) -> dict[str, str]:
    """What is missing before a report can be closed, by the field that it is missing from."""
    problems = {OUTCOME_FIELD: _problem(outcome, "Say what came of it. It is needed to close.")}
    problems[RECORD_FIELD] = _problem(record, "Say where the record is kept. It is needed to close.")
    return {block: problem for block, problem in problems.items() if problem}


def problems_of_note(text: str) -> dict[str, str]:
    """What is wrong with a note, by field."""
    problem = _problem(text, "There are no words in the note.")
    return {NOTE_FIELD: problem} if problem else {}


def person_key(contact_id: str) -> str:
    """What stands for a contact in a list of people: Slack takes 150 characters there."""
    return contact_id if 0 < len(contact_id) <= 100 else f"#{hashlib.sha256(contact_id.encode()).hexdigest()[:32]}"


def person_chosen(key: object, plan: Plan) -> Contact | None:
    """The contact whom a key stands for; None where there is none."""
    return next((contact for contact in plan.contacts if person_key(contact.id) == key), None)


def _problem(text: str, missing: str) -> str:
    if is_blank(text):
        return missing
    return "That is too long: 3,000 characters at most." if len(text) > LONGEST_INPUT else ""


def _form(title: str, submit: str, callback_id: str, held: Held, blocks: Sequence[Block]) -> View:
    return View(
        "modal",
        callback_id=callback_id,
        title=own(title, LONGEST_TITLE),
        submit=own(submit, LONGEST_TITLE) if submit else None,
        close=own("Cancel" if submit else "Close", LONGEST_TITLE),
        blocks=blocks,
        private_metadata=held.reference,
    )


def _named(contact: Contact, plan: Plan) -> str:
    role = role_of(plan, contact)
    return f"{contact.name} ({role})" if role else contact.name


def _words(opened: Opened, report_url: str) -> Iterator[Block]:
    """What was written, or plainly why it cannot be read."""
    record = f"The record lives in {opened.held.record}." if opened.held.record else ""
    if opened.unreadable:
        why = "The key that they were kept with is missing. Speak to the reporter, and have the key put back."
        yield paragraph("warning", "The words cannot be read here.", why)
    elif opened.words is None:
        yield paragraph("", "The words have been erased.", bounded(one_line(record), 900))
    elif is_blank(opened.words):
        yield note("(no words)")
    else:
        yield from _whole(opened.words, _ROOM_FOR_WORDS, report_url, "the report")


def _outcome(opened: Opened, report_url: str) -> Iterator[Block]:
    held = opened.held
    if held.outcome:
        yield header("Outcome")
        yield from _whole(held.outcome, _ROOM_FOR_OUTCOME // 2, report_url, "the outcome")
    if held.record and (opened.words is not None or opened.unreadable):  # else it is said where the words were
        yield paragraph("", "Record:", bounded(one_line(held.record), LONGEST_INPUT // 2))


def _notes(remarks: Sequence[Remark], plan: Plan, now: datetime, report_url: str) -> Iterator[Block]:
    """The latest notes, oldest first."""
    if not remarks:
        yield note("None so far.")
    if len(remarks) > _MOST_NOTES:
        yield _elsewhere(f"{len(remarks) - _MOST_NOTES} earlier notes are not shown here.", report_url)
    for remark in remarks[-_MOST_NOTES:]:
        yield note(f"{name_of(plan, remark.by)}, {moment(remark.at, now, plan)}")
        if is_blank(remark.text):
            yield note("(erased, or not readable here)")
        else:
            yield from _whole(remark.text, _ROOM_FOR_NOTES // _MOST_NOTES, report_url, "this note")


def _history(history: Sequence[Event], report_url: str) -> Iterator[Block]:
    if not history:
        return
    yield header("What has happened")
    if len(history) > _MOST_EVENTS:
        yield _elsewhere(f"{len(history) - _MOST_EVENTS} earlier lines are not shown here.", report_url)
    rows = [
        [said(f"{bounded(one_line(event.who), 100)}:", bold=True), said(f" {bounded(_line(event), _LONGEST_EVENT)}")]
        for event in history[-_MOST_EVENTS:]
    ]
    yield rich(bullets(rows))


def _line(event: Event) -> str:
    return one_line(f"{event.what}, {event.when}")


def _whole(text: str, room: int, report_url: str, what: str) -> Iterator[Block]:
    """`text` in as many blocks as it needs; what is beyond the room is said to be elsewhere."""
    pieces = split(visible(text))
    shown: list[str] = []
    for piece in pieces:
        room -= len(json.dumps(piece))
        if room < 0 or len(shown) == _MOST_BLOCKS:
            break
        shown.append(piece)
    if pieces and not shown:  # not even the first: as much of it as there is room for, were each character the longest
        shown = [bounded(pieces[0], 250)]
    for piece in shown:
        yield from quotation(piece)
    if "".join(shown) != "".join(pieces):
        left = sum(map(len, pieces)) - sum(map(len, shown))
        yield _elsewhere(f"{left:,} more characters of {what} are not shown here.", report_url)


def _elsewhere(what: str, report_url: str) -> Block:
    """Where the rest is."""
    if report_url:
        return rich(line(said(f"{what} "), link("Read all of it in the inbox", report_url)))
    rest = "All of it is in the inbox page and in its export; ask whoever runs the chatbot."
    return paragraph("", what, rest)
