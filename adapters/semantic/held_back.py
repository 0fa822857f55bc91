"""Which examples the encoder never sees in training: an honest tenth for setting thresholds."""

from __future__ import annotations

import hashlib

SHARE = 10
"""One example in so many is held back."""


def is_held_back(text: str) -> bool:
    """Whether `text` (in standard spelling) is held back; the same for the same text for ever."""
    return hashlib.sha256(text.encode()).digest()[0] % SHARE == 0
