"""Text on its way to Teams: nothing that a person typed or a document says becomes markup, a link or a mention."""

from __future__ import annotations

import json
import re

from adapters.chat.texts import ALIKE, JOINER, UNMARKED, aloud, cut, ended, one_line, units, unlinked, visible

_WEB = re.compile(r"\b(www)\.(?=\S)", re.IGNORECASE)
_CALL = re.compile(r"\b(mailto|tel|sip|callto|im|javascript|data):(?=\S)", re.IGNORECASE)
_OPENING = re.compile(r"(<(?=[\w/!?])|[{$](?=\{))")
"""Where a tag, a mention, or a date that clients fill in would begin."""
_MARK = re.compile(r"(\\|\](?=[(:\[])|&(?=#?\w)|!(?=\[))")
_LIST = re.compile(r"^(?=[-+#>=|]|\d{1,9}[.)])")
_SPOKEN = {**UNMARKED, **str.maketrans({"[": "(", "]": ")", "\\": "/"})}


def inert(text: str) -> str:
    """`text` for a run, a title or a label, where marks mean nothing: it links nowhere and names nobody."""
    text = unlinked(_WEB.sub(rf"\1{JOINER}.", _CALL.sub(rf"\1{JOINER}:", visible(text))))
    return _OPENING.sub(rf"\1{JOINER}", text)


def defused(text: str) -> str:
    """`text` on one line for a block in which marks mean something: there they only look alike."""
    text = _MARK.sub(rf"\1{JOINER}", inert(one_line(text)).translate(ALIKE))
    return _LIST.sub(JOINER, text)


def spoken(text: str) -> str:
    """`text` for a screen reader or the banner of a phone: on one line, without marks or addresses."""
    return _LIST.sub(JOINER, inert(aloud(text, _SPOKEN)))


def sentence(text: str) -> str:
    """`text` as it is read aloud, with an end that is heard."""
    return ended(spoken(text))


def bounded(text: str, limit: int) -> str:
    """`text` within `limit` units of UTF-16: cut after a word, with an ellipsis."""
    return cut(text, limit, units)


def within(text: str, room: int) -> str:
    """`text` within `room` bytes of JSON: cut after a word, with an ellipsis."""
    return cut(text, room, weight)


def weight(text: str) -> int:
    """How many bytes `text` takes in JSON as it is sent: beyond ASCII each character is an escape."""
    return len(json.dumps(text)) - 2
