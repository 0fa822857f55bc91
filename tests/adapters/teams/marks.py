"""What text does where marks mean something: read by a parser that knows more of them than Teams does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

PHONE = re.compile(r"tel:\+?[0-9]{3,20}")
_PLAIN = {"paragraph_open", "paragraph_close", "inline", "text"}
_PARSER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])


def mark_problems(text: str, own: re.Pattern[str]) -> Iterator[str]:
    """Everything in `text` but words and links to `own` addresses and to phones."""
    if not text.strip():
        yield "no words"
    for token in _flat(_PARSER.parse(text)):
        if token.type == "link_open":
            href = str(token.attrs.get("href", ""))
            if not (own.fullmatch(href) or PHONE.fullmatch(href)):
                yield f"a link to {href[:80]!r}"
        elif token.type not in _PLAIN | {"link_close"}:
            yield f"{token.type} in {text[:80]!r}"
    words = _PARSER.renderInline(text)
    bare = re.sub(r"<[^>]*>", "", words)
    if re.search(r"://|\bwww\.\w|&lt;/?at\b|\{\{(DATE|TIME)\(", bare, re.IGNORECASE):
        yield f"an address or a mention in {text[:80]!r}"


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])
