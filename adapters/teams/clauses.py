"""A clause of the policy: where it can be read, and itself in its surroundings where there is no page for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import one_line
from adapters.teams.actions import ClauseRef
from adapters.teams.elements import Element, address, all_of, heading, line, linked, note, paragraph, said
from adapters.teams.pieces import LARGEST_CARD, Dialog, dialog_of
from adapters.teams.surroundings import Row, surroundings
from adapters.teams.texts import inert, within
from chatbot.knowledge import Clause, School

_ROOM = LARGEST_CARD - 4_000
_SIZES = ((6, 6_000), (3, 4_000), (1, 3_000), (0, 1_500))
"""How many paragraphs are shown before and after, and how many bytes of each, from plenty to little."""
_MARK = "👉"


def address_of(school_id: str, clauses: tuple[str, ...], policy_url: PolicyUrl | None) -> str:
    """Where these clauses can be read by everybody; nothing where there is no such page."""
    return address(policy_url(school_id, clauses)) if policy_url is not None else ""


def clause_of(school: School, ref: ClauseRef, policy_url: PolicyUrl | None = None) -> Dialog:
    """The clauses of `ref` with the line that introduces their list and their neighbours."""
    cited = [school.clauses[name] for name in ref.clauses if name in school.clauses]
    if not cited:
        missing = "The policy has changed since: this clause is not in it any more. Ask again to see what holds now."
        return dialog_of("In the policy", paragraph("🔍", "Not found.", missing), height=200)
    names = f"{'Clause' if len(cited) == 1 else 'Clauses'} {' and '.join(clause.id for clause in cited)}"
    url = address_of(school.id, ref.clauses, policy_url)
    marked = "is" if len(cited) == 1 else "are"
    return dialog_of(
        names,
        heading(cited[0].heading),
        note(f"{school.name}, social media policy. {names} {marked} marked with a hand and in bold.", spacing="small"),
        _shown(cited, school),
        linked("", "Read the whole policy", url) if url else (),
        note(f"Updated {one_line(school.updated)}; due for review in {one_line(school.due_shown)}."),
    )


def _shown(cited: Sequence[Clause], school: School) -> tuple[Element, ...]:
    """As much of the surroundings as fits into a card."""
    made: tuple[Element, ...] = ()
    for around, room in _SIZES:
        made = all_of(*(_row(row, room) for row in surroundings(cited, school, around)))
        if len(json.dumps(made)) <= _ROOM:
            break
    return made


def _row(row: Row, room: int) -> Iterator[Element]:
    if row.gap:
        yield line(said("…"))
    runs = [said("• ")] if row.bullet else []
    for text, meant in row.runs:
        runs += [said(f"{_MARK} ")] if meant else []
        runs.append(said(within(inert(text), room), bold=meant))
    yield line(*runs, spacing="small" if row.bullet else "")
