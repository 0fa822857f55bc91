"""Bot: loads what a conversation knows, responds, records, and only then lets the reply go out."""

from __future__ import annotations

from dataclasses import dataclass

from chatbot.model import Outcome, Turn
from chatbot.ports import Ledger
from chatbot.respond import Engine, respond


@dataclass(frozen=True, slots=True)
class Bot:
    """The core as an adapter uses it."""

    engine: Engine
    ledger: Ledger

    async def handle(self, turn: Turn) -> Outcome:
        """The outcome of `turn`, recorded. Raises what the ledger raises: then nothing may be shown as recorded."""
        memory = await self.ledger.memory(turn.conversation)
        outcome = respond(turn, memory, self.engine, recorded=True, unreachable=self.ledger.unreachable(turn.school))
        await self.ledger.record(turn, outcome)
        return outcome
