"""unguarded(): what a pattern looks for, without what it refuses around it."""

from __future__ import annotations

import re

_PIECE = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?<?!|.", re.DOTALL)
"""An escape, a set, the opening of a refusal, or any one character."""
_EDGES = ("^", "$", "\\A", "\\Z")


def unguarded(pattern: re.Pattern[str]) -> re.Pattern[str]:
    """`pattern` without refusals ("(?!", "(?<!") and edges ("^", "$").

    Where it is not found in a text, `pattern` is found in no run of that text's words: this needs one search, in place
    of one for each run.
    """
    kept: list[str] = []
    refused = 0  # how many groups deep inside a refusal
    for piece in _PIECE.findall(pattern.pattern):
        if refused:
            refused += piece[0] == "("
            refused -= piece == ")"
        elif piece in ("(?!", "(?<!"):
            refused = 1
        elif piece not in _EDGES:
            kept.append(piece)
    core = "".join(kept)
    return pattern if core == pattern.pattern else re.compile(core, pattern.flags)
