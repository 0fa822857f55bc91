"""Text on its way to Slack: nothing that a person typed or a document says becomes a mention, a link or markup."""

from __future__ import annotations

import re
import unicodedata

LONGEST_SECTION = 3_000
LONGEST_SPOKEN = 3_900
"""Characters of the text beside blocks; Slack takes 4,000 when a message is changed."""

_JOINER = "\N{WORD JOINER}"
"""Nothing to see, and nothing that Slack recognizes an address, a name or an emoji across."""
_HIDDEN = {"Cc", "Cs"}
_LINES = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_MENTION = re.compile(r"([@#])(?=\w)")
_DOMAIN = re.compile(r"(?<=[\w-])\.(?=[^\W\d_]{2})")
_EMOJI = re.compile(r":(?=[\w+'-]{1,60}:)")
_SCHEME = re.compile(r"\b[a-z][a-z0-9+.-]{0,20}://", re.IGNORECASE)
_ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_SPOKEN = str.maketrans({"<": "\u2039", ">": "\u203a", "*": "", "`": "", "~": "", "_": " "})


def visible(text: str) -> str:
    """`text` as it can be shown: one kind of line break, and no control characters or halves of a character."""
    text = _LINES.sub("\n", text).replace("\t", " ")
    return "".join(
        c if c == "\n" or unicodedata.category(c) not in _HIDDEN else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in `text`."""
    return all(c.isspace() or unicodedata.category(c) in ("Cf", "Mn", "Cc") for c in text)


def one_line(text: str) -> str:
    """`text` on one line, for titles, labels and buttons."""
    return " ".join(visible(text).split())


def escaped(text: str) -> str:
    """`text` for mrkdwn: it names nobody, calls no channel and links to nothing. Bold and the like still work."""
    return _inert(visible(text)).translate(_ENTITIES)


def defused(text: str) -> str:
    """`text` for mrkdwn as plain words: `escaped`, and the marks of bold, code and quotations only look alike."""
    return re.sub(r"^(\s*)(&gt;)", rf"\1{_JOINER}\2", escaped(text).translate(_ALIKE), flags=re.MULTILINE)


def spoken(text: str) -> str:
    """`text` for a screen reader or the banner of a phone: on one line, without marks, addresses or emoji codes."""
    text = re.sub(r"\s*&\s*", " and ", _SCHEME.sub("", visible(text)))
    return _inert(" ".join(text.translate(_SPOKEN).split()))


def sentence(text: str) -> str:
    """`text` as it is read aloud, with an end that is heard."""
    text = spoken(text)
    return text if not text or text.rstrip('”’")')[-1:] in (".", "?", "!", ":", "…") else f"{text}."


def length(text: str) -> int:
    """How long `text` is at most by any way of counting: in UTF-16, with its special characters escaped."""
    units = len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
    return units + 4 * text.count("&") + 3 * (text.count("<") + text.count(">"))


def bounded(text: str, limit: int) -> str:
    """`text` within `limit`: cut after a word, with an ellipsis."""
    if _fitting(text, limit) == len(text):
        return text
    fits = _fitting(text, limit - 1)
    cut = text[:fits]
    word = max(cut.rfind(" "), cut.rfind("\n"))
    if not text[fits].isspace() and word > fits // 2:
        cut = cut[:word]
    return cut.rstrip().rstrip("\u200d,;:") + "…"


def split(text: str, limit: int = LONGEST_SECTION) -> tuple[str, ...]:
    """`text` in pieces within `limit`, each ending where a paragraph, a line, a sentence or a word does."""
    pieces, rest = [], text.strip()
    while (fits := _fitting(rest, limit)) < len(rest):
        at = _break(rest, fits)
        pieces.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    return tuple(piece for piece in (*pieces, rest) if piece)


def _inert(text: str) -> str:
    """`text` with something invisible wherever Slack would see a name, an address or an emoji."""
    text = _EMOJI.sub(f":{_JOINER}", text).replace("://", f":{_JOINER}//")
    return _DOMAIN.sub(f"{_JOINER}.", _MENTION.sub(rf"\1{_JOINER}", text))


def _break(text: str, fits: int) -> int:
    """Where to part `text` so that not more than `fits` characters stand before it."""
    for mark in ("\n\n", "\n", ". ", " "):
        at = text.rfind(mark, 1, fits)
        if at > fits // 2:
            return at + len(mark)
    return max(1, fits)


def _fitting(text: str, limit: int) -> int:
    """How many characters of `text` are within `limit`."""
    if length(text) <= limit:
        return len(text)
    count = 0
    for char in text[: max(0, limit)]:
        limit -= _weight(char)
        if limit < 0:
            break
        count += 1
    return count


def _weight(char: str) -> int:
    return {"&": 5, "<": 4, ">": 4}.get(char) or (2 if ord(char) > 0xFFFF else 1)
