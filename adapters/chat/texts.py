"""Text on its way to any platform: what can be seen of it, how it is read aloud, and where it is cut."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

JOINER = "\N{WORD JOINER}"
"""Nothing to see, and nothing that a client recognizes a mark, an address or a name across."""
ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
"""Marks of bold, code and the like, and what only looks like them."""
UNMARKED = str.maketrans({"<": "\u2039", ">": "\u203a", "*": "", "`": "", "~": "", "_": " "})
"""The same for the ear."""
_HIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for line breaks, and halves of a character."""
_LINES = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_DOMAIN = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2})")
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)


def visible(text: str) -> str:
    """`text` as it can be shown: one kind of line break, and no control characters or halves of a character."""
    return _HIDDEN.sub("\N{REPLACEMENT CHARACTER}", _LINES.sub("\n", text).replace("\t", " "))


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in `text`."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Mn", "Cc") for c in text)


def one_line(text: str) -> str:
    """`text` on one line, for titles, labels and buttons."""
    return " ".join(visible(text).split())


def unlinked(text: str) -> str:
    """`text` in which nothing is taken for an address."""
    return _DOMAIN.sub(f"{JOINER}.", text.replace("://", f":{JOINER}//"))


def aloud(text: str, marks: Mapping[int, str]) -> str:
    """`text` for the ear: on one line, without addresses, and with what `marks` says in place of its marks."""
    text = re.sub(r"\s*&\s*", " and ", _SCHEME.sub("", visible(text)))
    return " ".join(text.translate(marks).split())


def ended(text: str) -> str:
    """`text` with an end that is heard."""
    return text if not text or text.rstrip('”’")')[-1:] in (".", "?", "!", ":", "…") else f"{text}."


def units(text: str) -> int:
    """How long `text` is in UTF-16, in which the platforms count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int, count: Callable[[str], int]) -> str:
    """`text` within `limit` as `count` counts: cut after a word, with an ellipsis."""
    if count(text) <= limit:
        return text
    fits = fitting(text, limit - count("…"), count)
    word = max(text.rfind(" ", 0, fits), text.rfind("\n", 0, fits))
    if not text[fits].isspace() and word > fits // 2:
        fits = word
    return text[:fits].rstrip().rstrip("\u200d,;:") + "…"


def fitting(text: str, limit: int, count: Callable[[str], int]) -> int:
    """How many characters of `text` are within `limit`; each counts one at least."""
    if count(text) <= limit:
        return len(text)
    fits, over = 0, min(len(text), max(0, limit) + 1)  # so many characters fit, so many do not
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if count(text[:middle]) <= limit else (fits, middle)
    return fits
