"""A school's policy as a readable document in which every clause can be linked to and highlighted."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from chatbot.knowledge import Clause, School

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_UNCOMPARED = re.compile(r"[\s*\\]")
"""White space and marks of markdown: left out when a clause is looked for."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents."""

    level: int
    title: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Document:
    """The policy as HTML, with its table of contents."""

    html: Markup
    contents: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A stretch of the policy from one character to another, and the element that will wrap it."""

    first: int
    last: int
    id: str
    css: str


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A run of plain text in the parsed policy: in which paragraph, how deep in emphasis."""

    paragraph: int
    token: Token


def read_policy(school: School, highlighted: Collection[str] = ()) -> Document:
    """The policy of `school`; the clauses named in `highlighted` stand out with the lines that introduce them."""
    tokens = _MARKDOWN.parse(school.policy)
    leaves = [
        _Leaf(number, child)
        for number, token in enumerate(tokens)
        for child in token.children or ()
        if child.type == "text"
    ]
    places = [
        (leaf, offset)
        for leaf, run in enumerate(leaves)
        for offset, character in enumerate(run.token.content)
        if not _UNCOMPARED.match(character)
    ]
    letters = "".join(leaves[leaf].token.content[offset] for leaf, offset in places)
    inserts: dict[int, list[tuple[int, str]]] = {}
    for mark in _marks(letters, tuple(school.clauses.values()), highlighted):
        _wrap(mark, places, leaves, inserts)
    for number, leaf in enumerate(leaves):
        leaf.token.meta["inserts"] = inserts.get(number, [])
    for token in tokens:
        if token.children:
            token.children = [piece for child in token.children for piece in _pieces(child)]
    contents = _contents(tokens)
    return Document(Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})), contents)  # noqa: S704  # rendered with html off


def _marks(letters: str, clauses: Sequence[Clause], highlighted: Collection[str]) -> list[_Mark]:
    """Where each clause and each line that introduces a list stands; clauses follow the order of the text."""
    marks: list[_Mark] = []
    leads: dict[int, tuple[int, bool]] = {}
    at = 0
    for clause in clauses:
        words = _UNCOMPARED.sub("", clause.text)
        first = letters.find(words, at)
        if first < 0:
            continue
        stands_out = clause.id in highlighted
        marks.append(_Mark(first, first + len(words), clause.id, "clause shown" if stands_out else "clause"))
        lead = _UNCOMPARED.sub("", clause.lead)
        start = letters.rfind(lead, 0, first) if lead else -1
        if start >= 0:
            leads[start] = (start + len(lead), stands_out or leads.get(start, (0, False))[1])
        at = first + len(words)
    marks.extend(_Mark(start, end, "", "lead shown" if on else "lead") for start, (end, on) in leads.items())
    return marks


def _wrap(
    mark: _Mark, places: list[tuple[int, int]], leaves: list[_Leaf], inserts: dict[int, list[tuple[int, str]]]
) -> None:
    """Note the tags around `mark`: one element, or one for each run where it crosses cells of a table."""
    (first, start), (last, end) = places[mark.first], places[mark.last - 1]
    one, other = leaves[first], leaves[last]
    if one.paragraph == other.paragraph and one.token.level == other.token.level:
        spans = [(first, start, last, end + 1)]
    else:
        spans = [
            (
                leaf,
                start if leaf == first else 0,
                leaf,
                end + 1 if leaf == last else len(leaves[leaf].token.content),
            )
            for leaf in range(first, last + 1)
        ]
    for number, (opens, at, closes, until) in enumerate(spans):
        anchor = f' id="{escape(mark.id)}"' if mark.id and number == 0 else ""
        inserts.setdefault(opens, []).append((at, f'<span{anchor} class="{mark.css}">'))
        inserts.setdefault(closes, []).append((until, "</span>"))


def _pieces(child: Token) -> list[Token]:
    """A run of text cut where tags go in."""
    if child.type != "text":
        return [child]
    pieces, done = [], 0
    for offset, tag in sorted(child.meta["inserts"], key=_closing_first):
        pieces.append(Token("text", "", 0, content=child.content[done:offset]))
        pieces.append(Token("html_inline", "", 0, content=tag))
        done = offset
    return [*pieces, Token("text", "", 0, content=child.content[done:])]


def _closing_first(insert: tuple[int, str]) -> tuple[int, bool]:
    return insert[0], not insert[1].startswith("</")


def _contents(tokens: list[Token]) -> tuple[Entry, ...]:
    """Gives each heading an anchor and a level below the page's own heading; the document's title is not listed."""
    contents: list[Entry] = []
    for number, token in enumerate(tokens):
        if token.type not in ("heading_open", "heading_close"):
            continue
        level = min(int(token.tag[1]) + 1, 6)
        token.tag = f"h{level}"
        if token.type == "heading_open":
            title = "".join(c.content for c in tokens[number + 1].children or () if c.type == "text")
            anchor = f"section-{len(contents) + 1}"
            token.attrSet("id", anchor)
            contents.append(Entry(level, title, anchor))
    return tuple(entry for entry in contents if entry.level > 2 and entry.title.casefold() != "social media policy")
