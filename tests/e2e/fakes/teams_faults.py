"""Trouble that a test orders: too many requests, errors, cut lines, slowness, for any call or for one chat's."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal

IDENTITY = ("token", "openid", "keys")
CODES = {
    400: ("BadArgument", "Unknown error."),
    403: ("BotNotInConversationRoster", "The bot is not part of the conversation roster."),
    404: ("ConversationNotFound", "Conversation not found."),
    412: ("PreconditionFailed", "Precondition failed, please try again."),
    413: ("MessageSizeTooBig", "Message size too large."),
    429: ("Throttled", "Too many requests."),
    500: ("ServiceError", "Unknown error."),
    502: ("ServiceError", "Unknown error."),
}


@dataclass
class Trouble:
    """What happens to the next `times` calls; `*` is any of the connector's, `None` times is until healed."""

    operation: str
    times: int | None
    status: int | None = None
    retry_after: int | None = None
    code: str | None = None
    cut: Literal["before", "after"] | None = None
    slow: float = 0.0
    room: str | None = None

    def meets(self, operation: str, room: str) -> bool:
        """Whether it is meant for this call."""
        wide = self.operation == "*" and operation not in IDENTITY
        return (wide or self.operation == operation) and self.room in (None, room) and self.times != 0


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

    def take(self, operation: str, room: str) -> Trouble | None:
        """What is to happen to this call."""
        with self._lock:
            for trouble in self._ordered:
                if trouble.meets(operation, room):
                    if trouble.times is not None:
                        trouble.times -= 1
                    return trouble
        return None
