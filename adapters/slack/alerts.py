"""Cards for the people who are told: never a word of the report, and in the text of notifications nobody's name but
theirs who are told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block, RichTextElement

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
    reporter_name,
    sentences_of,
    title_of,
    warnings_of,
)
from adapters.escalations.lines import ROUTES, Line, line_of, was_withdrawn
from adapters.slack.actions import OPEN
from adapters.slack.deeds import buttons_of
from adapters.slack.elements import Run, actions, facts, header, line, link, note, paragraph, rich, said
from adapters.slack.pieces import Message, Piece, message_from
from adapters.slack.texts import bounded, defused, sentence
from chatbot.escalation import Held, State
from chatbot.plan import Plan

_MOST_IN_BUNDLE = 12
WARNINGS = {"Drill.": "test_tube", "Emergency.": "rotating_light", "Unconfirmed.": "question"}
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")


def alert_of(
    held: Held, plan: Plan, school_name: str, now: datetime, *, viewer: str = "", reminder: bool = False
) -> Message:
    """The card of a report as it stands: for its route's channel, or for the person `viewer`."""
    shown = line_of(held, plan, viewer, now)
    title = title_of(held, reminder=reminder)
    aloud = f"{title}, for {FOR[held.route]}, {school_name}, reported on {dated(held.at, plan)}"
    pieces = [Piece(0, sentence(aloud), (header(title, _icon(held)),))]
    pieces += [Piece(0, words, (paragraph(icon, words),)) for icon, _, words in warnings_before(held)]
    pieces += [
        Piece(0, sentence(_status(shown)), (status_block(shown),)),
        Piece(1, "", (facts(_facts(held, plan, school_name)),)),
        Piece(0, "", actions(buttons_of(held, deeds_of(held)), f"report.{held.reference}")),
        Piece(2, MARK, (note(f"Shown as it stood on {dated(now, plan)}. {MARK}"),)),
    ]
    return message_from(pieces)


def reminder_of(held: Held, plan: Plan, school_name: str, now: datetime) -> Message:
    """A few words under the card: that it still waits, and for whom."""
    shown = line_of(held, plan, "", now)
    title = title_of(held, reminder=True)
    pieces = [
        Piece(0, sentence(f"{title}, {school_name}"), (paragraph(_icon(held), f"{title}."),)),
        *(Piece(0, words, (paragraph(icon, words),)) for icon, _, words in warnings_before(held)),
        Piece(0, sentence(_status(shown)), (status_block(shown),)),
        Piece(0, "", actions(buttons_of(held, few_deeds_of(held)), f"report.{held.reference}")),
    ]
    return message_from(pieces)


def bundle_of(piles: Sequence[Pile], now: datetime, *, inbox_url: str = "") -> Message:
    """Many reports in one message, the most urgent first; of those beyond a dozen their number and where they are."""
    rows = by_urgency(piles)
    summary, lead = count_of(rows)
    icon = "rotating_light" if lead else "bell"
    pieces = [Piece(0, sentence(summary), (header(summary, icon),))]
    pieces += [Piece(0, lead, (paragraph("rotating_light", lead),))] if lead else []
    several = len({pile.plan.school for pile in piles}) > 1
    pieces += [report_piece(held, pile, now, several=several, brief=True) for held, pile in rows[:_MOST_IN_BUNDLE]]
    left = len(rows) - _MOST_IN_BUNDLE
    pieces += [more_piece(left, inbox_url)] if left > 0 else []
    return message_from([*pieces, Piece(2, MARK, (note(MARK),))])


def digest_of(pile: Pile, now: datetime, *, inbox_url: str = "") -> Message:
    """What reporters took back in the last day, for somebody to look over once."""
    rows = by_urgency([pile])
    count = plural(len(rows), "report was taken back", "reports were taken back")
    title = f"{pile.school_name}: {count if rows else 'nothing was taken back'} since the last digest"
    pieces = [Piece(0, sentence(title), (header(title, "leftwards_arrow_with_hook"),))]
    pieces += [Piece(0, TAKEN_BACK, (note(TAKEN_BACK),))] if rows else []
    for held, _ in rows[:_MOST_IN_BUNDLE]:
        told = f"{ROUTES[held.route]}. Reported on {dated(held.at, pile.plan)}."
        blocks = (rich(line(said(held.reference, bold=True), said(f" {told}"))), *_buttons(held, (OPEN,)))
        pieces.append(Piece(1, f"{held.reference}. {sentence(told)}", blocks))
    left = len(rows) - _MOST_IN_BUNDLE
    pieces += [more_piece(left, inbox_url)] if left > 0 else []
    return message_from(pieces)


def report_piece(held: Held, pile: Pile, now: datetime, *, several: bool, brief: bool = False) -> Piece:
    """One report among others: two blocks. `several`: they are of more than one school. `brief`: without details."""
    shown = line_of(held, pile.plan, pile.viewer, now)
    lead = " · ".join((held.reference, *(mark.capitalize() for mark in marks_of(held))))
    where = f"{shown.route}, {pile.school_name}" if several else shown.route
    status = sentences_of(shown)[0] if brief else _status(shown)
    told = bounded(f"Reported {shown.ago}. {where}.\n{status}", 1_000)
    words = line(said(lead, bold=True), said(f"\n{told}"))
    blocks = (rich(words), *_buttons(held, few_deeds_of(held)))
    return Piece(1, sentence(f"{lead.replace(' · ', ', ')}: {told}"), blocks)


def more_piece(left: int, inbox_url: str) -> Piece:
    """How many more there are, and where."""
    words = f"And {left} more."
    where: Run = link("Open the inbox", inbox_url) if inbox_url else said("They are in the inbox page.")
    return Piece(0, words, (rich(line(said(f"{words} "), where)),))


def warnings_before(held: Held) -> tuple[tuple[str, str, str], ...]:
    """What has to be read before all else: picture, word and sentence."""
    return tuple((WARNINGS[word], word, words) for word, words in warnings_of(held))


def status_block(shown: Line) -> Block:
    """How it stands: who has it in bold, then the rest."""
    first, *rest = sentences_of(shown)
    runs: list[RichTextElement] = [said(bounded(first, 500), bold=True)]
    return rich(line(*runs, *(said(f" {bounded(text, 500)}") for text in rest)))


def reporter_of(held: Held, plan: Plan) -> str:
    """Who reported, for mrkdwn: Slack names its own people, the plan those whom it knows. Never for the fallback."""
    if _SLACK_ID.fullmatch(held.reporter):
        return f"<@{held.reporter}>"
    return defused(bounded(one_line(reporter_name(held, plan)), 120))


def _facts(held: Held, plan: Plan, school_name: str) -> list[tuple[str, str]]:
    school = defused(bounded(one_line(school_name), 120))
    return list(facts_of(held, plan, school, reporter_of(held, plan)))


def _icon(held: Held) -> str:
    if held.drill:
        return "test_tube"
    match held.state:
        case State.POSSIBLE:
            return "question"
        case State.RAISED | State.DELIVERED:
            return "rotating_light" if held.emergency else "bell"
        case State.ACKNOWLEDGED:
            return "white_check_mark"
        case State.CLOSED:
            return "leftwards_arrow_with_hook" if was_withdrawn(held) else "lock"


def _status(shown: Line) -> str:
    return " ".join(sentences_of(shown))


def _buttons(held: Held, deeds: Sequence[str]) -> tuple[Block, ...]:
    return actions(buttons_of(held, deeds), f"report.{held.reference}")
