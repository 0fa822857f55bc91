"""A clause of the policy: where it can be read, and itself in its surroundings where there is no page for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from slack_sdk.models.blocks import Block, RichTextElement
from slack_sdk.models.views import View

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import one_line
from adapters.slack.actions import CLAUSE_VIEW, ClauseRef
from adapters.slack.elements import (
    LONGEST_TITLE,
    Run,
    bullets,
    emoji,
    header,
    line,
    link,
    note,
    own,
    paragraph,
    rich,
    said,
)
from adapters.slack.texts import bounded
from chatbot.knowledge import Clause, School
from chatbot.model import Citation

_AROUND = 6
"""Paragraphs and bullets shown before and after."""
_LONGEST_PARAGRAPH = 2_000
_MARK = "point_right"


def address_of(school_id: str, clauses: tuple[str, ...], policy_url: PolicyUrl | None) -> str:
    """Where these clauses can be read by everybody; nothing where there is no such page."""
    url = policy_url(school_id, clauses) if policy_url is not None else ""
    return url if url.startswith(("https://", "http://")) and len(url) <= 3_000 else ""


def quoted_clauses(citation: Citation, school: School) -> tuple[str, ...]:
    """The clauses whose words a quotation holds: neighbouring sentences are quoted as one."""
    if citation.clause not in school.clauses:
        return (citation.clause,)
    names = tuple(school.clauses)
    found = [citation.clause]
    rest = citation.text.removeprefix(school.clauses[citation.clause].shown).strip()
    for name in names[names.index(citation.clause) + 1 :]:
        text = school.clauses[name].text
        if not rest.startswith(text):
            break
        found.append(name)
        rest = rest.removeprefix(text).strip()
    return tuple(found)


def clause_of(school: School, ref: ClauseRef, policy_url: PolicyUrl | None = None) -> View:
    """The clauses of `ref` with the line that introduces their list and their neighbours."""
    cited = [school.clauses[name] for name in ref.clauses if name in school.clauses]
    if not cited:
        missing = "The policy has changed since: this clause is not in it any more. Ask again to see what holds now."
        return _view("In the policy", [paragraph("mag", "Not found.", missing)])
    names, marked = _named([clause.id for clause in cited]), "is" if len(cited) == 1 else "are"
    blocks: list[Block] = [
        header(cited[0].heading),
        note(f"{school.name}, social media policy. {names} {marked} marked with a hand and in bold."),
        rich(*_surroundings(cited, school)),
    ]
    url = address_of(school.id, ref.clauses, policy_url)
    if url:
        blocks.append(rich(line(link("Read the whole policy", url))))
    blocks.append(note(f"Updated {one_line(school.updated)}; due for review in {one_line(school.due_shown)}."))
    return _view(names, blocks)


def _view(title: str, blocks: Sequence[Block]) -> View:
    shown, close = own(title, LONGEST_TITLE), own("Close", LONGEST_TITLE)
    return View("modal", callback_id=CLAUSE_VIEW, title=shown, close=close, blocks=blocks)


def _named(names: Sequence[str]) -> str:
    return f"{'Clause' if len(names) == 1 else 'Clauses'} {' and '.join(names)}"


def _surroundings(cited: Sequence[Clause], school: School) -> Iterator[RichTextElement]:
    """The paragraphs around the clauses of one section; what is left out between them is shown as an ellipsis."""
    wanted = {clause.block for clause in cited}
    inside = _section(cited[0], school)
    leads = {number for number in inside for clause in cited if clause.lead and clause.lead == school.blocks[number]}
    near = {n for n in inside if any(abs(n - block) <= _AROUND for block in wanted)} | leads | wanted
    marks = {clause.id for clause in cited}
    rows: list[list[Run]] = []
    last, under = -1, False
    for number in sorted(near):
        gap = last >= 0 and number > last + 1
        last = number
        runs = list(_runs(number, marks, school))
        if _is_bullet(number, school) and not gap:
            rows.append(runs)
            continue
        if rows:
            yield bullets(rows)
        rows, under = ([runs], False) if _is_bullet(number, school) else ([], under and not rows)
        if gap:
            yield line(said("…"))
        if not rows:
            yield line(*([said("\n")] if under else []), *runs)
        under = not rows
    if rows:
        yield bullets(rows)


def _section(clause: Clause, school: School) -> range:
    """The numbers of the paragraphs under the heading that `clause` stands under."""
    same = [one.block for one in school.clauses.values() if one.section == clause.section]
    first = max((n for n in range(clause.block) if school.blocks[n] == clause.heading), default=min(same) - 1)
    return range(max(0, first + 1), max(same) + 1)


def _is_bullet(number: int, school: School) -> bool:
    return any(clause.block == number and clause.lead for clause in school.clauses.values())


def _runs(number: int, marks: Collection[str], school: School) -> Iterator[Run]:
    """One paragraph; the clauses in `marks` stand out by a hand and bold type."""
    text, at = school.blocks[number], 0
    for clause in sorted((c for c in school.clauses.values() if c.block == number and c.id in marks), key=_start):
        if clause.start > at:
            yield said(bounded(text[at : clause.start], _LONGEST_PARAGRAPH))
        yield emoji(_MARK)
        yield said(f" {bounded(clause.text, _LONGEST_PARAGRAPH)}", bold=True)
        at = clause.start + len(clause.text)
    if text[at:]:
        yield said(bounded(text[at:], _LONGEST_PARAGRAPH))


def _start(clause: Clause) -> int:
    return clause.start
