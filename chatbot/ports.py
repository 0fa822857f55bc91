"""What the core needs from outside, as protocols. Adapters keep these promises."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chatbot.model import Memory, Outcome, Turn


class Semantics(Protocol):
    """Sentence meaning, where the extra is installed."""

    def intents(self, text: str) -> npt.NDArray[np.float32]:
        """How well `text` fits each intent, about 0 to 1, in the order of their ids (not a probability)."""
        ...

    def report(self, sentences: Sequence[str]) -> float:
        """How much neighbouring sentences read like a report of a concern: above 0 more than not, about -1 to 1."""
        ...


class Ledger(Protocol):
    """What survives between turns."""

    async def memory(self, conversation: str) -> Memory:
        """What the conversation knows; an empty Memory for a new one."""
        ...

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        """Keep the outcome's memory and escalation in one transaction, before the reply is shown."""
        ...


class Clock(Protocol):
    """The time now, with a time zone."""

    def now(self) -> datetime:
        """The present moment."""
        ...
