"""WordPiece: text to the token ids that MiniLM was trained on (bert-base-uncased).

Gives the same ids as the `tokenizers` library, without its fifteen packages.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

_UNKNOWN, _START, _END = 100, 101, 102
_LONGEST_WORD = 100
LONGEST = 128
"""Tokens of a text that are looked at."""


class WordPiece:
    """Tokenizes with the vocabulary in `path`, one token a line."""

    def __init__(self, path: Path) -> None:
        lines = path.read_text(encoding="utf-8").splitlines()
        self._ids = {token: i for i, token in enumerate(lines)}
        self._word = lru_cache(maxsize=20_000)(self._pieces)

    def ids(self, text: str, longest: int = LONGEST) -> list[int]:
        """Token ids of `text` between start and end marks, at most `longest` of them."""
        inner = [i for word in _words(text) for i in self._word(word)]
        return [_START, *inner[: longest - 2], _END]

    def _pieces(self, word: str) -> tuple[int, ...]:
        if len(word) > _LONGEST_WORD:
            return (_UNKNOWN,)
        pieces, start = [], 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = word[start:end] if start == 0 else f"##{word[start:end]}"
                if piece in self._ids:
                    pieces.append(self._ids[piece])
                    start = end
                    break
            else:
                return (_UNKNOWN,)
        return tuple(pieces)


def _words(text: str) -> list[str]:
    text = unicodedata.normalize("NFD", text.lower())
    out: list[str] = []
    for c in text:
        category = unicodedata.category(c)
        if category == "Mn" or c in "\x00\ufffd":
            continue
        if category.startswith("Z") or c in "\t\n\r":
            out.append(" ")
        elif category[0] in "PS" or _is_han(c):
            out.append(f" {c} ")
        elif category[0] != "C":
            out.append(c)
    return "".join(out).split()


def _is_han(c: str) -> bool:
    return 0x4E00 <= ord(c) <= 0x9FFF or 0x3400 <= ord(c) <= 0x4DBF or 0xF900 <= ord(c) <= 0xFAFF
