"""Cards for the people who are told: never a word of the report, and in the text of notifications nobody's name but
theirs who are told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from slack_sdk.models.blocks import Block, RichTextElement

from adapters.chat.texts import one_line
from adapters.escalations.lines import ROUTES, Line, line_of, was_withdrawn
from adapters.slack.actions import CLOSE, OPEN, TAKE
from adapters.slack.deeds import buttons_of, deeds_of
from adapters.slack.elements import Run, actions, facts, header, line, link, note, paragraph, rich, said
from adapters.slack.pieces import Message, Piece, message_from
from adapters.slack.texts import bounded, defused, sentence
from chatbot.escalation import OPEN as UNTAKEN
from chatbot.escalation import Held, State, urgency
from chatbot.plan import Plan

MARK = "This is not the school’s safeguarding record: carry the report into it."
EMERGENCY = "If anybody is in danger, call 999 now."
DRILL = "This is a test, no child is at risk."
UNCONFIRMED = "Whoever wrote it has not said whether it is a report."
_MOST_IN_BUNDLE = 12
_SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
_FOR = {route: words.removeprefix("For ") for route, words in ROUTES.items()}


@dataclass(frozen=True, slots=True)
class Pile:
    """Reports of one school, for one reader: a contact's id, or nothing for a channel."""

    plan: Plan
    school_name: str
    held: tuple[Held, ...]
    viewer: str = ""


def alert_of(
    held: Held, plan: Plan, school_name: str, now: datetime, *, viewer: str = "", reminder: bool = False
) -> Message:
    """The card of a report as it stands: for its route's channel, or for the person `viewer`."""
    shown = line_of(held, plan, viewer, now)
    title = _title(held, reminder=reminder)
    aloud = f"{title}, for {_FOR[held.route]}, {school_name}, reported on {_dated(held.at, plan)}"
    pieces = [Piece(0, sentence(aloud), (header(title, _icon(held)),))]
    pieces += [Piece(0, words, (paragraph(icon, words),)) for icon, _, words in warnings_of(held)]
    pieces += [
        Piece(0, sentence(_status(shown)), (status_block(shown),)),
        Piece(1, "", (facts(_facts(held, plan, school_name)),)),
        Piece(0, "", actions(buttons_of(held, deeds_of(held)), f"report.{held.reference}")),
        Piece(2, MARK, (note(f"Shown as it stood on {_dated(now, plan)}. {MARK}"),)),
    ]
    return message_from(pieces)


def reminder_of(held: Held, plan: Plan, school_name: str, now: datetime) -> Message:
    """A few words under the card: that it still waits, and for whom."""
    shown = line_of(held, plan, "", now)
    title = _title(held, reminder=True)
    deeds = {True: (OPEN, TAKE), False: (OPEN, CLOSE) if held.state is State.ACKNOWLEDGED else (OPEN,)}
    pieces = [
        Piece(0, sentence(f"{title}, {school_name}"), (paragraph(_icon(held), f"{title}."),)),
        *(Piece(0, words, (paragraph(icon, words),)) for icon, _, words in warnings_of(held)),
        Piece(0, sentence(_status(shown)), (status_block(shown),)),
        Piece(0, "", actions(buttons_of(held, deeds[held.state in UNTAKEN]), f"report.{held.reference}")),
    ]
    return message_from(pieces)


def bundle_of(piles: Sequence[Pile], now: datetime, *, inbox_url: str = "") -> Message:
    """Many reports in one message, the most urgent first; of those beyond a dozen their number and where they are."""
    rows = by_urgency(piles)
    count = f"{len(rows)} safeguarding {'report' if len(rows) == 1 else 'reports'}"
    waiting = sum(held.state in UNTAKEN for held, _ in rows)
    emergencies = sum(held.emergency and held.state in UNTAKEN for held, _ in rows)
    lead = f"{_plural(emergencies, 'emergency', 'emergencies')} among them. {EMERGENCY}" if emergencies else ""
    summary = f"{count}, {_taken(waiting, len(rows))}"
    icon = "rotating_light" if emergencies else "bell"
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
    count = _plural(len(rows), "report was taken back", "reports were taken back")
    title = f"{pile.school_name}: {count if rows else 'nothing was taken back'} since the last digest"
    words = "Their reporters said that they were only asking. Nobody was alerted; the records stay."
    pieces = [Piece(0, sentence(title), (header(title, "leftwards_arrow_with_hook"),))]
    pieces += [Piece(0, words, (note(words),))] if rows else []
    for held, _ in rows[:_MOST_IN_BUNDLE]:
        told = f"{ROUTES[held.route]}. Reported on {_dated(held.at, pile.plan)}."
        blocks = (rich(line(said(held.reference, bold=True), said(f" {told}"))), *_buttons(held, (OPEN,)))
        pieces.append(Piece(1, f"{held.reference}. {sentence(told)}", blocks))
    left = len(rows) - _MOST_IN_BUNDLE
    pieces += [more_piece(left, inbox_url)] if left > 0 else []
    return message_from(pieces)


def by_urgency(piles: Iterable[Pile]) -> list[tuple[Held, Pile]]:
    """All reports of all piles, the most urgent first."""
    return sorted(((held, pile) for pile in piles for held in pile.held), key=lambda row: urgency(row[0]))


def report_piece(held: Held, pile: Pile, now: datetime, *, several: bool, brief: bool = False) -> Piece:
    """One report among others: two blocks. `several`: they are of more than one school. `brief`: without details."""
    shown = line_of(held, pile.plan, pile.viewer, now)
    lead = " · ".join((held.reference, *(mark.capitalize() for mark in _marks(held))))
    where = f"{shown.route}, {pile.school_name}" if several else shown.route
    status = _sentences(shown)[0] if brief else _status(shown)
    told = bounded(f"Reported {shown.ago}. {where}.\n{status}", 1_000)
    deeds = (OPEN, TAKE) if held.state in UNTAKEN else (OPEN, CLOSE) if held.state is State.ACKNOWLEDGED else (OPEN,)
    words = line(said(lead, bold=True), said(f"\n{told}"))
    return Piece(1, sentence(f"{lead.replace(' · ', ', ')}: {told}"), (rich(words), *_buttons(held, deeds)))


def more_piece(left: int, inbox_url: str) -> Piece:
    """How many more there are, and where."""
    words = f"And {left} more."
    where: Run = link("Open the inbox", inbox_url) if inbox_url else said("They are in the inbox page.")
    return Piece(0, words, (rich(line(said(f"{words} "), where)),))


def warnings_of(held: Held) -> tuple[tuple[str, str, str], ...]:
    """What has to be read before all else: picture, word and sentence."""
    lines = (
        (("test_tube", "Drill.", DRILL), held.drill),
        (("rotating_light", "Emergency.", EMERGENCY), held.emergency and not held.drill and not _is_over(held)),
        (("question", "Unconfirmed.", UNCONFIRMED), held.unconfirmed and not _is_over(held)),
    )
    return tuple(words for words, there in lines if there)


def status_block(shown: Line) -> Block:
    """How it stands: who has it in bold, then the rest."""
    first, *rest = _sentences(shown)
    runs: list[RichTextElement] = [said(bounded(first, 500), bold=True)]
    return rich(line(*runs, *(said(f" {bounded(text, 500)}") for text in rest)))


def reporter_of(held: Held, plan: Plan) -> str:
    """Who reported, for mrkdwn: Slack names its own people, the plan those whom it knows. Never for the fallback."""
    if _SLACK_ID.fullmatch(held.reporter):
        return f"<@{held.reporter}>"
    return defused(reporter_name(held, plan))


def reporter_name(held: Held, plan: Plan) -> str:
    """Who reported, as far as the plan names them; else as their platform does."""
    known = (c.name for c in plan.contacts if held.reporter in (c.id, c.slack, c.teams, c.email))
    return bounded(one_line(next(known, held.reporter)), 120) or "not known"


def _facts(held: Held, plan: Plan, school_name: str) -> list[tuple[str, str]]:
    return [
        ("Severity", "Emergency" if held.emergency else "Concern"),
        ("For", f"{_FOR[held.route][0].upper()}{_FOR[held.route][1:]}"),
        ("School", defused(bounded(one_line(school_name), 120))),
        ("Reported", _dated(held.at, plan)),
        ("Reported by", reporter_of(held, plan)),
    ]


def _title(held: Held, *, reminder: bool) -> str:
    marks = ("reminder" if reminder else "", *_marks(held), _state(held, reminder=reminder))
    lead = ", ".join(mark for mark in marks if mark)
    words = f"safeguarding report {bounded(one_line(held.reference), 40)}"
    return f"{lead.capitalize()}: {words}" if lead else f"{words[0].upper()}{words[1:]}"


def _state(held: Held, *, reminder: bool) -> str:
    match held.state:
        case State.POSSIBLE:
            return "not confirmed yet"
        case State.ACKNOWLEDGED:
            return "no outcome yet" if reminder else "taken on"
        case State.CLOSED:
            return "taken back" if was_withdrawn(held) else "closed"
        case State.RAISED | State.DELIVERED:
            return ""


def _marks(held: Held) -> tuple[str, ...]:
    over = _is_over(held)
    marks = {
        "drill": held.drill,
        "emergency": held.emergency and not over,
        "unconfirmed": held.unconfirmed and not over,
    }
    return tuple(mark for mark, there in marks.items() if there)


def _is_over(held: Held) -> bool:
    return held.state is State.CLOSED


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


def _sentences(shown: Line) -> list[str]:
    """Who has it first, where anybody could; then where it stands and what comes next."""
    match shown.held.state:
        case State.CLOSED:
            rows = (shown.state, shown.who, shown.next)
        case State.ACKNOWLEDGED:
            rows = (shown.who, "" if shown.who else shown.state, shown.next)
        case State.POSSIBLE | State.RAISED | State.DELIVERED:
            rows = (shown.who, shown.state, shown.next)
    return [text for text in rows if text]


def _status(shown: Line) -> str:
    return " ".join(_sentences(shown))


def _dated(at: datetime, plan: Plan) -> str:
    """A moment on the school's clock, in full: a card is read days later too."""
    local = at.astimezone(ZoneInfo(plan.hours.zone))
    return f"{local:%A} {local.day} {local:%B %Y} at {local:%H:%M}"


def _buttons(held: Held, deeds: Sequence[str]) -> tuple[Block, ...]:
    return actions(buttons_of(held, deeds), f"report.{held.reference}")


def _taken(waiting: int, count: int) -> str:
    if waiting in (0, count):
        return "all taken on or closed" if not waiting else "not taken on by anybody yet"
    return f"{waiting} of them not taken on by anybody yet"


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
