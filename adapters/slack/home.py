"""The Home tab: what staff can do here, how their reports stand, and above it what waits for those who are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from slack_sdk.models.blocks import Block, DividerBlock
from slack_sdk.models.views import View

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import is_blank, one_line
from adapters.chat.told import Pile, by_urgency
from adapters.escalations.lines import groups_of
from adapters.escalations.standing import Standing
from adapters.slack.actions import ASK, HOME_VIEW, LINK, REPORT, SCHOOL, SUGGESTION
from adapters.slack.alerts import more_piece, report_piece
from adapters.slack.clauses import address_of
from adapters.slack.elements import actions, all_of, button, header, note, paragraph, sections
from adapters.slack.standing import standing_piece
from chatbot.escalation import Held
from chatbot.knowledge import School

MOST_REPORTS = 25
"""Reports shown to those who are told: two blocks each, of the hundred that a view may have."""
_MOST_STANDINGS = 8
_MOST_SUGGESTIONS = 5
_LONGEST_QUESTION = 1_000
_TITLES = {
    "emergency": "Emergencies that nobody has taken on",
    "alone": "Nobody has taken these on",
    "taken": "Taken on, without an outcome yet",
    "waiting": "Waiting for the reporter’s answer",
    "digest": "Taken back in the last day: “only asking”",
}
_ICONS = {"emergency": "rotating_light", "alone": "bell", "taken": "white_check_mark", "waiting": "question"}


def home_of(
    school: School | None,
    *,
    today: date,
    now: datetime,
    several: bool = False,
    reports: Sequence[Standing] = (),
    piles: Sequence[Pile] | None = None,
    reviews: Sequence[str] = (),
    policy_url: PolicyUrl | None = None,
    inbox_url: str = "",
) -> View:
    """The Home tab of one person at `school`, None where it is not known yet.

    `several`: the workspace has more than one. `piles` are the reports that they may see, None for those who are told
    of none. `reviews` say what is out of date about the policy.
    """
    blocks = all_of(
        _desk(piles, now, inbox_url) if piles is not None else (),
        _school(school, today, reviews, several, policy_url) if school is not None else _nowhere(several),
        _reports(reports) if school is not None or reports else (),
    )
    return View("home", callback_id=HOME_VIEW, blocks=blocks)


def _desk(piles: Sequence[Pile], now: datetime, inbox_url: str) -> Iterator[Block]:
    """What waits, the most urgent first."""
    groups = _groups(piles, now)
    count = sum(len(rows) for group, rows in groups if group in ("emergency", "alone"))
    reports = f"{count} {'report' if count == 1 else 'reports'}"
    yield header(f"Inbox: {reports} that nobody has taken on" if count else "Inbox: nothing waits to be taken on")
    if not groups:
        yield note("Nothing here for you. A report shows by itself; nobody sees one that is about them.")
    several = len({pile.plan.school for pile in piles}) > 1
    room = MOST_REPORTS
    for group, rows in groups:
        if room > 0:
            yield paragraph(_ICONS.get(group, "leftwards_arrow_with_hook"), f"{_TITLES[group]} ({len(rows)})")
        for held, pile in rows[: max(0, room)]:
            yield from report_piece(held, pile, now, several=several).blocks
        room -= len(rows)
    if room < 0:
        yield from more_piece(-room, inbox_url).blocks
    elif inbox_url:
        opens = button("Open the inbox page", LINK, url=inbox_url, says="Open the inbox page, with closed reports too")
        yield from actions([opens], "inbox")
    yield DividerBlock()


def _groups(piles: Sequence[Pile], now: datetime) -> list[tuple[str, list[tuple[Held, Pile]]]]:
    """All that is open, of all schools, by urgency; what is closed is left to the inbox page."""
    group_of = {
        (pile.plan.school, shown.held.reference): group.id
        for pile in piles
        for group in groups_of(pile.held, pile.plan, pile.viewer, now)
        for shown in group.lines
    }
    rows = by_urgency(piles)
    found = [
        (group, [row for row in rows if group_of.get((row[1].plan.school, row[0].reference)) == group])
        for group in _TITLES
    ]
    return [(group, rows) for group, rows in found if rows]


def _school(
    school: School, today: date, reviews: Sequence[str], several: bool, policy_url: PolicyUrl | None
) -> Iterator[Block]:
    """What it does, the policy, and what to ask."""
    name = one_line(school.name)
    yield header(f"{name}: ask about the social media policy")
    yield from sections(
        f"Ask in your own words, here or in a message to me. The answer is what {name}’s policy says, with the clause, "
        "or that it does not say. I also pass safeguarding concerns on to a person. I am a program, not a person, and "
        "no language model."
    )
    ask = button("Ask the policy", ASK, style="primary")
    report = button("Report a concern", REPORT)
    url = address_of(school.id, (), policy_url)
    read = [button("Read the policy", LINK, url=url, says="Read the policy in the browser")] if url else []
    yield from actions([ask, report, *read], "start")
    yield note("If anybody is in immediate danger, call 999 first.", "warning")
    yield from _review(school, today, reviews)
    questions = [text for text in school.suggestions if not is_blank(text)][:_MOST_SUGGESTIONS]
    if questions:
        yield paragraph("", "For example")
        for number, text in enumerate(questions):
            asks = button(text, f"{SUGGESTION}.{number}", text[:_LONGEST_QUESTION], says=f"Ask: {text}")
            yield from actions([asks], f"{SUGGESTION}.{number}")
    if several:
        change = button("Change school", SCHOOL, says=f"Change school; it is {name} now")
        yield from actions([change], "school")


def _review(school: School, today: date, reviews: Sequence[str]) -> Iterator[Block]:
    if today > school.due:
        since = f"The policy was due for review in {one_line(school.due_shown)}."
        yield paragraph("hourglass", "Review overdue.", "" if reviews else since)
    else:
        yield paragraph("", "In date.", f"The next review is due in {one_line(school.due_shown)}.")
    for words in [text for text in reviews if not is_blank(text)][:3]:
        yield note(words, "hourglass")


def _nowhere(several: bool) -> Iterator[Block]:
    """Nobody knows yet which school this person works at."""
    if several:
        yield header("Choose your school first")
        yield from sections("Several schools share this workspace. Answers come from your own school’s policy.")
        yield from actions([button("Choose your school", SCHOOL, style="primary")], "school")
    else:
        yield header("No school is set up here yet")
        yield from sections(
            "This workspace is not connected with a school. Ask whoever runs the chatbot for your school."
        )
    danger = "If a child may be at risk, speak to the designated safeguarding lead now; in an emergency call 999."
    yield note(danger, "warning")


def _reports(reports: Sequence[Standing]) -> Iterator[Block]:
    """What this person has reported, and how it stands."""
    yield header("Your reports")
    if not reports:
        yield note("You have reported nothing here. What you report, and how it stands, shows in this place.")
    for number, standing in enumerate(reports[:_MOST_STANDINGS]):
        yield from standing_piece(standing, named=True, number=number).blocks
    if len(reports) > _MOST_STANDINGS:
        yield note(f"And {len(reports) - _MOST_STANDINGS} earlier ones.")
