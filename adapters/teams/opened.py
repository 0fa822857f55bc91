"""A report opened, for the person who opened it: its words, what came of it, notes and what has happened."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from adapters.chat.texts import is_blank, one_line, units
from adapters.chat.told import deeds_of, reporter_name
from adapters.escalations.history import Event
from adapters.escalations.lines import line_of, moment, name_of
from adapters.teams.actions import OPEN, TAKE
from adapters.teams.alerts import status_of, warnings_before
from adapters.teams.deeds import buttons_of
from adapters.teams.elements import Element, address, all_of, box, heading, line, linked, note, paragraph, said, words
from adapters.teams.pieces import LARGEST_CARD, Dialog, dialog_of
from adapters.teams.texts import bounded, inert, within
from chatbot.escalation import Held, Opened, Remark
from chatbot.plan import Plan

MARK = "This view is not the school’s safeguarding record: carry what matters into it."
TAKEN_HINT = "Whoever takes this on is the one who acts on it; the reporter and everybody told about it see the name."
_ROOM_FOR_OUTCOME, _ROOM_FOR_NOTES, _ROOM_FOR_HISTORY, _ROOM_FOR_FRAME = 1_500, 4_000, 3_000, 1_500
"""Bytes as JSON, of the 28,000 that a card may have; all the rest is for the words of the report."""
_MOST_NOTES = 8
_MOST_EVENTS = 12


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
    reporter: str = "",
) -> Dialog:
    """A report with its words, for the contact who opened it. `report_url` is its page in the inbox, if there is one.

    `refusal` says why what was just pressed was not done; `reporter` is the name of who reported, where Teams knows it.
    """
    held = opened.held
    shown = line_of(held, plan, viewer, now)
    deeds = tuple(deed for deed in deeds_of(held) if deed != OPEN)
    by = bounded(one_line(reporter or reporter_name(held, plan)), 120)
    told = f"{shown.route}. Reported {moment(held.at, now, plan)} by {by}. {bounded(one_line(school_name), 120)}."
    url = address(report_url)
    above = all_of(
        [box([paragraph("⚠️", "Not done:", bounded(one_line(refusal), 500))], "warning")] if refusal else [],
        warnings_before(held),
        status_of(shown),
        paragraph("", "", told, spacing="small"),
        buttons_of(held, deeds, dialog=True),
        [note(TAKEN_HINT, spacing="small")] if TAKE in deeds else [],
        heading("Words of the report", spacing="large"),
    )
    below = all_of(
        tuple(_outcome(opened, url)),
        heading("Notes", spacing="large"),
        tuple(_notes(opened.remarks, plan, now, url)),
        tuple(_history(history, url)),
        note(MARK, spacing="large"),
        linked("", "Open it in the inbox, to save it as PDF or CSV", url) if url else (),
    )
    room = LARGEST_CARD - len(json.dumps([*above, *below])) - _ROOM_FOR_FRAME
    return dialog_of(f"Report {held.reference}", above, tuple(_words(opened, url, room)), below, height=640)


def _words(opened: Opened, url: str, room: int) -> Iterator[Element]:
    """What was written, or plainly why it cannot be read."""
    record = f"The record lives in {opened.held.record}." if opened.held.record else ""
    if opened.unreadable:
        why = "The key that they were kept with is missing. Speak to the reporter, and have the key put back."
        yield paragraph("⚠️", "The words cannot be read here.", why)
    elif opened.words is None:
        yield paragraph("", "The words have been erased.", bounded(one_line(record), 250))
    elif is_blank(opened.words):
        yield note("(no words)")
    else:
        yield from _whole(opened.words, room, url, "the report")


def _outcome(opened: Opened, url: str) -> Iterator[Element]:
    held: Held = opened.held
    if held.outcome:
        yield heading("Outcome", spacing="large")
        yield from _whole(held.outcome, _ROOM_FOR_OUTCOME, url, "the outcome")
    if held.record and (opened.words is not None or opened.unreadable):  # else it is said where the words were
        yield paragraph("", "Record:", bounded(one_line(held.record), 250))


def _notes(remarks: Sequence[Remark], plan: Plan, now: datetime, url: str) -> Iterator[Element]:
    """The latest notes, oldest first."""
    shown = remarks[-_MOST_NOTES:]
    if not remarks:
        yield note("None so far.", spacing="small")
    if len(remarks) > len(shown):
        yield _elsewhere(f"{len(remarks) - len(shown)} earlier notes are not shown here.", url)
    for remark in shown:
        yield note(f"{bounded(name_of(plan, remark.by), 80)}, {moment(remark.at, now, plan)}")
        if is_blank(remark.text):
            yield note("(erased, or not readable here)", spacing="small")
        else:
            yield from _whole(remark.text, _ROOM_FOR_NOTES // len(shown), url, "this note")


def _history(history: Sequence[Event], url: str) -> Iterator[Element]:
    if not history:
        return
    yield heading("What has happened", spacing="large")
    shown = history[-_MOST_EVENTS:]
    if len(history) > len(shown):
        yield _elsewhere(f"{len(history) - len(shown)} earlier lines are not shown here.", url)
    room = _ROOM_FOR_HISTORY // len(shown)
    for event in shown:
        who, what = within(one_line(event.who), room // 3), one_line(f"{event.what}, {event.when}")
        yield line(said(f"{who}:", bold=True), said(f" {within(what, room * 2 // 3)}"), spacing="small")


def _whole(text: str, room: int, url: str, what: str) -> Iterator[Element]:
    """`text` set apart, as much of it as there is room for; what is beyond is said to be elsewhere."""
    text = inert(text.strip())
    shown = within(text, room)
    yield from words(shown, room, boxed=True)
    if shown != text:
        left = units(text) - units(shown) + 1
        yield _elsewhere(f"{left:,} more characters of {what} are not shown here.", url)


def _elsewhere(what: str, url: str) -> Element:
    """Where the rest is."""
    if url:
        return linked(what, "Read all of it in the inbox", url, spacing="small")
    rest = "All of it is in the inbox page and in its export; ask whoever runs the chatbot."
    return paragraph("", what, rest, spacing="small")
