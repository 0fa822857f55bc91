"""Trouble that a test orders: too many requests, broken pages, cut lines, slowness."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

BROKEN_PAGE = "<!DOCTYPE html><html><head><title>Slack</title></head><body><h1>Server Error</h1></body></html>"


@dataclass
class Trouble:
    """What happens to the next `times` calls of a method; `*` is any of them, `None` times is until healed."""

    method: str
    times: int | None
    status: int | None = None
    retry_after: int | None = None
    error: str | None = None
    cut: Literal["before", "after"] | None = None
    slow: float = 0.0


class Troubles:
    """All that is ordered and has not happened yet."""

    def __init__(self) -> None:
        self._ordered: list[Trouble] = []
        self._lock = threading.Lock()

    def order(self, trouble: Trouble) -> None:
        """One more."""
        with self._lock:
            self._ordered.append(trouble)

    def heal(self) -> None:
        """No more."""
        with self._lock:
            self._ordered.clear()

    def take(self, method: str) -> Trouble | None:
        """What is to happen to this call."""
        with self._lock:
            for trouble in self._ordered:
                if trouble.method in ("*", method) and trouble.times != 0:
                    if trouble.times is not None:
                        trouble.times -= 1
                    return trouble
        return None
