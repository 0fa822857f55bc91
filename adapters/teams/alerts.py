"""Cards for the people who are told: never a word of the report, and in the text of notifications nobody's name but
theirs who are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.chat.texts import one_line
from adapters.chat.told import (
    FOR,
    MARK,
    TAKEN_BACK,
    Pile,
    by_urgency,
    count_of,
    dated,
    deeds_of,
    facts_of,
    few_deeds_of,
    marks_of,
    plural,
    sentences_of,
    title_of,
    warnings_of,
)
from adapters.escalations.lines import ROUTES, Line, line_of, was_withdrawn
from adapters.teams.actions import OPEN
from adapters.teams.deeds import buttons_of, refresh_of
from adapters.teams.elements import Element, address, apart, box, facts, heading, line, linked, note, paragraph, said
from adapters.teams.pieces import Message, Piece, message_from
from adapters.teams.texts import bounded, sentence
from chatbot.escalation import OPEN as UNTAKEN
from chatbot.escalation import Held, State
from chatbot.plan import Plan

WARNINGS = {"Drill.": "🧪", "Emergency.": "🚨", "Unconfirmed.": "❓"}
_MOST_IN_BUNDLE = 12


def alert_of(
    held: Held, plan: Plan, school_name: str, now: datetime, *, viewer: str = "", reminder: bool = False,
    reporter: str = "", accounts: Mapping[str, str] | None = None,
) -> Message:  # fmt: skip
    """The card of a report as it stands: for its route's channel, or for the person `viewer`.

    `reporter` is the name of who reported, where Teams knows it. Whoever is told sees the card brought up to date, by
    the `accounts` that they have for this app.
    """
    shown = line_of(held, plan, viewer, now)
    title = title_of(held, reminder=reminder)
    aloud = f"{title}, for {FOR[held.route]}, {school_name}, reported on {dated(held.at, plan)}"
    pieces = [
        Piece(0, sentence(aloud), (_head(held, title, shown),)),
        *(Piece(0, words, ()) for _, words in warnings_of(held)),
        Piece(0, sentence(_status(shown)), ()),
        Piece(1, "", (facts(_bounded(facts_of(held, plan, school_name, reporter))),)),
        Piece(0, "", buttons_of(held, deeds_of(held))),
        Piece(2, MARK, (note(f"Shown as it stood on {dated(now, plan)}. {MARK}"),)),
    ]
    return message_from(pieces, refresh=refresh_of(held, plan, viewer, accounts))


def reminder_of(held: Held, plan: Plan, school_name: str, now: datetime, *, viewer: str = "") -> Message:
    """A few words under the card: that it still waits, and for whom."""
    shown = line_of(held, plan, viewer, now)
    title = title_of(held, reminder=True)
    pieces = [
        Piece(0, sentence(f"{title}, {school_name}"), (_head(held, f"{title}.", shown),)),
        *(Piece(0, words, ()) for _, words in warnings_of(held)),
        Piece(0, sentence(_status(shown)), ()),
        Piece(0, "", buttons_of(held, few_deeds_of(held))),
    ]
    return message_from(pieces)


def bundle_of(piles: Sequence[Pile], now: datetime, *, inbox_url: str = "") -> Message:
    """Many reports in one message, the most urgent first; of those beyond a dozen their number and where they are."""
    rows = by_urgency(piles)
    summary, lead = count_of(rows)
    warned: tuple[Element, ...] = (paragraph("🚨", lead, spacing="small"),) if lead else ()
    style = "attention" if lead else "warning" if any(held.state in UNTAKEN for held, _ in rows) else "good"
    pieces = [
        Piece(0, sentence(summary), (box((heading(summary, "🚨" if lead else "🔔"), *warned), style, bleed=True),))
    ]
    pieces += [Piece(0, lead, ())] if lead else []
    several = len({pile.plan.school for pile in piles}) > 1
    pieces += [report_piece(held, pile, now, several=several) for held, pile in rows[:_MOST_IN_BUNDLE]]
    pieces += _more(len(rows) - _MOST_IN_BUNDLE, inbox_url)
    return message_from([*pieces, Piece(2, MARK, (note(MARK),))])


def digest_of(pile: Pile, now: datetime, *, inbox_url: str = "") -> Message:
    """What reporters took back in the last day, for somebody to look over once."""
    rows = by_urgency([pile])
    count = plural(len(rows), "report was taken back", "reports were taken back")
    title = f"{pile.school_name}: {count if rows else 'nothing was taken back'} since the last digest"
    pieces = [Piece(0, sentence(title), (heading(title, "↩️"),))]
    pieces += [Piece(0, TAKEN_BACK, (note(TAKEN_BACK, spacing="small"),))] if rows else []
    for held, _ in rows[:_MOST_IN_BUNDLE]:
        told = f"{ROUTES[held.route]}. Reported on {dated(held.at, pile.plan)}."
        words = apart(paragraph("", held.reference, told))
        pieces.append(Piece(1, f"{held.reference}. {sentence(told)}", (words, *buttons_of(held, (OPEN,)))))
    return message_from([*pieces, *_more(len(rows) - _MOST_IN_BUNDLE, inbox_url)])


def report_piece(held: Held, pile: Pile, now: datetime, *, several: bool) -> Piece:
    """One report among others. `several`: they are of more than one school."""
    shown = line_of(held, pile.plan, pile.viewer, now)
    lead = " · ".join((held.reference, *(mark.capitalize() for mark in marks_of(held))))
    where = f"{shown.route}, {pile.school_name}" if several else shown.route
    told = bounded(f"Reported {shown.ago}. {where}. {sentences_of(shown)[0]}", 1_000)
    words = apart(paragraph(_icon(held), lead, told))
    aloud = sentence(f"{lead.replace(' · ', ', ')}: {told}")
    return Piece(1, aloud, (words, *buttons_of(held, few_deeds_of(held))))


def status_of(shown: Line) -> Element:
    """How it stands: who has it in bold, then the rest."""
    first, *rest = sentences_of(shown)
    return line(said(bounded(first, 500), bold=True), *(said(f" {bounded(text, 500)}") for text in rest))


def warnings_before(held: Held) -> tuple[Element, ...]:
    """What has to be read before all else."""
    return tuple(paragraph(WARNINGS[lead], lead, words, spacing="small") for lead, words in warnings_of(held))


def _head(held: Held, title: str, shown: Line) -> Element:
    """The title, what has to be read first and how it stands, on the ground of its state."""
    items = (heading(title, _icon(held)), *warnings_before(held), status_of(shown))
    return box(items, _style(held), bleed=True)


def _style(held: Held) -> str:
    match held.state:
        case State.POSSIBLE:
            return "accent"
        case State.RAISED | State.DELIVERED:
            return "attention" if held.emergency and not held.drill else "warning"
        case State.ACKNOWLEDGED:
            return "good"
        case State.CLOSED:
            return "emphasis"


def _icon(held: Held) -> str:
    if held.drill:
        return "🧪"
    match held.state:
        case State.POSSIBLE:
            return "❓"
        case State.RAISED | State.DELIVERED:
            return "🚨" if held.emergency else "🔔"
        case State.ACKNOWLEDGED:
            return "✅"
        case State.CLOSED:
            return "↩️" if was_withdrawn(held) else "🔒"


def _status(shown: Line) -> str:
    return " ".join(sentences_of(shown))


def _bounded(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, bounded(one_line(value), 120)) for name, value in rows]


def _more(left: int, inbox_url: str) -> list[Piece]:
    """How many more there are, and where."""
    if left <= 0:
        return []
    words, url = f"And {left} more.", address(inbox_url)
    where = linked(words, "Open the inbox", url) if url else paragraph("", words, "They are in the inbox page.")
    return [Piece(0, words, (where,))]
