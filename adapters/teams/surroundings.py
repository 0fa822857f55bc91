"""A clause among its neighbours, and the clauses that a quotation holds. No platform's own words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from chatbot.knowledge import Clause, School
from chatbot.model import Citation


@dataclass(frozen=True, slots=True)
class Row:
    """A paragraph or bullet of a policy: its words, and which of them are meant. `gap`: some are left out before."""

    runs: tuple[tuple[str, bool], ...]
    bullet: bool = False
    gap: bool = False


def quoted_clauses(citation: Citation, school: School) -> tuple[str, ...]:
    """The clauses whose words a quotation holds: neighbouring sentences are quoted as one."""
    if citation.clause not in school.clauses:
        return (citation.clause,)
    names = list(school.clauses)
    rest = citation.text.removeprefix(school.clauses[citation.clause].shown).strip()
    found = [citation.clause]
    for name in names[names.index(citation.clause) + 1 :]:
        if not rest.startswith(school.clauses[name].text):
            break
        found.append(name)
        rest = rest.removeprefix(school.clauses[name].text).strip()
    return tuple(found)


def surroundings(cited: Sequence[Clause], school: School, around: int) -> tuple[Row, ...]:
    """The clauses of one section with the line that leads their list and as many paragraphs before and after."""
    wanted = {clause.block for clause in cited}
    inside = _section(cited[0], school)
    leads = {number for number in inside for clause in cited if clause.lead and clause.lead == school.blocks[number]}
    near = {number for number in inside if any(abs(number - block) <= around for block in wanted)} | leads | wanted
    marks = {clause.id for clause in cited}
    rows, last = [], -1
    for number in sorted(near):
        runs, gap = tuple(_runs(number, marks, school)), last >= 0 and number > last + 1
        rows.append(Row(runs, _is_bullet(number, school), gap))
        last = number
    return tuple(rows)


def _section(clause: Clause, school: School) -> range:
    """The numbers of the paragraphs under the heading that `clause` stands under."""
    same = [one.block for one in school.clauses.values() if one.section == clause.section]
    first = max((n for n in range(clause.block) if school.blocks[n] == clause.heading), default=min(same) - 1)
    return range(max(0, first + 1), max(same) + 1)


def _is_bullet(number: int, school: School) -> bool:
    return any(clause.block == number and clause.lead for clause in school.clauses.values())


def _runs(number: int, marks: Collection[str], school: School) -> Iterator[tuple[str, bool]]:
    """The words of one paragraph, those of the clauses in `marks` apart."""
    text, at = school.blocks[number], 0
    meant = [clause for clause in school.clauses.values() if clause.block == number and clause.id in marks]
    for start, words in sorted((clause.start, clause.text) for clause in meant):
        if start > at:
            yield text[at:start], False
        yield words, True
        at = start + len(words)
    if text[at:]:
        yield text[at:], False
