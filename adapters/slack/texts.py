"""Text on its way to Slack: nothing that a person typed or a document says becomes a mention, a link or markup."""

from __future__ import annotations

import re

from adapters.chat.texts import ALIKE, JOINER, UNMARKED, aloud, cut, ended, fitting, units, unlinked, visible

LONGEST_SECTION = 3_000
LONGEST_SPOKEN = 3_900
"""Characters of the text beside blocks; Slack takes 4,000 when a message is changed."""

_MENTION = re.compile(r"([@#])(?=\w)")
_EMOJI = re.compile(r":(?=[\w+'-]{1,60}:)")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str) -> str:
    """`text` for mrkdwn: it names nobody, calls no channel and links to nothing. Bold and the like still work."""
    return _inert(visible(text)).translate(_ENTITIES)


def defused(text: str) -> str:
    """`text` for mrkdwn as plain words: `escaped`, and the marks of bold, code and quotations only look alike."""
    return re.sub(r"^(\s*)(&gt;)", rf"\1{JOINER}\2", escaped(text).translate(ALIKE), flags=re.MULTILINE)


def spoken(text: str) -> str:
    """`text` for a screen reader or the banner of a phone: on one line, without marks, addresses or emoji codes."""
    return _inert(aloud(text, UNMARKED))


def sentence(text: str) -> str:
    """`text` as it is read aloud, with an end that is heard."""
    return ended(spoken(text))


def length(text: str) -> int:
    """How long `text` is at most by any way of counting: in UTF-16, with its special characters escaped."""
    return units(text) + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def bounded(text: str, limit: int) -> str:
    """`text` within `limit`: cut after a word, with an ellipsis."""
    return cut(text, limit, length)


def split(text: str, limit: int = LONGEST_SECTION) -> tuple[str, ...]:
    """`text` in pieces within `limit`, each ending where a paragraph, a line, a sentence or a word does."""
    pieces, rest = [], text.strip()
    while (fits := fitting(rest, limit, length)) < len(rest):
        at = _break(rest, fits)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return tuple(piece for piece in (*pieces, rest) if piece)


def _inert(text: str) -> str:
    """`text` with something invisible wherever Slack would see a name, an address or an emoji."""
    return unlinked(_MENTION.sub(rf"\1{JOINER}", _EMOJI.sub(f":{JOINER}", text)))


def _break(text: str, fits: int) -> int:
    """Where to part `text` so that not more than `fits` characters stand before it."""
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, 1, fits)
        if at > fits // 2:
            return at + len(mark)
    return max(1, fits)
