"""Text on its way to Teams: nothing that a person typed or a document says becomes markup, a link or a mention."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable

_JOINER = "\N{WORD JOINER}"
"""Nothing to see, and nothing that a client recognizes a mark, an address or a name across."""
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for line breaks, and halves of a character."""
_LINES = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_WEB = re.compile(r"\b(www)\.(?=\S)", re.IGNORECASE)
_DOMAIN = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2})")
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
_CALL = re.compile(r"\b(mailto|tel|sip|callto|im|javascript|data):(?=\S)", re.IGNORECASE)
_OPENING = re.compile(r"(<(?=[\w/!?])|[{$](?=\{))")
"""Where a tag, a mention, or a date that clients fill in would begin."""
_MARK = re.compile(r"(\\|\](?=[(:\[])|&(?=#?\w)|!(?=\[))")
_LIST = re.compile(r"^(?=[-+#>=|]|\d{1,9}[.)])")
_ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
_SPOKEN = str.maketrans(
    {"<": "\u2039", ">": "\u203a", "[": "(", "]": ")", "\\": "/", "*": "", "`": "", "~": "", "_": " "}
)


def visible(text: str) -> str:
    """`text` as it can be shown: one kind of line break, and no control characters or halves of a character."""
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", _LINES.sub("\n", text).replace("\t", " "))


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in `text`."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Mn", "Cc") for c in text)


def one_line(text: str) -> str:
    """`text` on one line, for titles, labels and buttons."""
    return " ".join(visible(text).split())


def inert(text: str) -> str:
    """`text` for a run, a title or a label, where marks mean nothing: it links nowhere and names nobody."""
    text = _CALL.sub(rf"\1{_JOINER}:", visible(text)).replace("://", f":{_JOINER}//")
    text = _DOMAIN.sub(f"{_JOINER}.", _WEB.sub(rf"\1{_JOINER}.", text))
    return _OPENING.sub(rf"\1{_JOINER}", text)


def defused(text: str) -> str:
    """`text` on one line for a block in which marks mean something: there they only look alike."""
    text = _MARK.sub(rf"\1{_JOINER}", inert(one_line(text)).translate(_ALIKE))
    return _LIST.sub(_JOINER, text)


def spoken(text: str) -> str:
    """`text` for a screen reader or the banner of a phone: on one line, without marks or addresses."""
    text = re.sub(r"\s*&\s*", " and ", _SCHEME.sub("", visible(text)))
    return _LIST.sub(_JOINER, inert(" ".join(text.translate(_SPOKEN).split())))


def sentence(text: str) -> str:
    """`text` as it is read aloud, with an end that is heard."""
    text = spoken(text)
    return text if not text or text.rstrip('”’")')[-1:] in (".", "?", "!", ":", "…") else f"{text}."


def bounded(text: str, limit: int) -> str:
    """`text` within `limit` units of UTF-16: cut after a word, with an ellipsis."""
    return _cut(text, limit, units)


def within(text: str, room: int) -> str:
    """`text` within `room` bytes of JSON: cut after a word, with an ellipsis."""
    return _cut(text, room, weight)


def units(text: str) -> int:
    """How long `text` is in UTF-16, in which Teams counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def weight(text: str) -> int:
    """How many bytes `text` takes in JSON as it is sent: beyond ASCII each character is an escape."""
    return len(json.dumps(text)) - 2


def _cut(text: str, limit: int, count: Callable[[str], int]) -> str:
    if count(text) <= limit:
        return text
    fits, over = 0, len(text)  # so many characters fit with an ellipsis, so many do not
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if count(text[:middle]) + count("…") <= limit else (fits, middle)
    word = max(text.rfind(" ", 0, fits), text.rfind("\n", 0, fits))
    if not text[fits].isspace() and word > fits // 2:
        fits = word
    return text[:fits].rstrip().rstrip("\u200d,;:") + "…"
