"""MemoryLedger: what the demonstration remembers, in memory and bounded; gone when the program ends."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from weakref import WeakValueDictionary

from chatbot.model import Escalation, Memory, Outcome, Reply, Status, Turn

LONGEST_KEPT = 2_000
"""Characters of a message that are kept to be shown again; an escalation keeps them all."""

UNCONFIRMED_AFTER = timedelta(minutes=10)
"""How long a possible report waits for its reporter's yes or no before it counts as unconfirmed."""


class State(StrEnum):
    """Where an escalation stands."""

    POSSIBLE = "possible"
    RAISED = "raised"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An escalation as the ledger holds it; `at` is when its message was sent."""

    escalation: Escalation
    state: State

    @property
    def at(self) -> datetime:
        """When the message was sent."""
        return self.escalation.turn.at

    def overdue(self, now: datetime) -> bool:
        """Whether the reporter has been waited for long enough."""
        return self.state is State.POSSIBLE and now - self.at >= UNCONFIRMED_AFTER


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message, its reply, and whether the person found it right."""

    turn: Turn
    reply: Reply
    right: bool | None = None


@dataclass(slots=True)
class _Conversation:
    memory: Memory = field(default_factory=Memory)
    exchanges: deque[Exchange] = field(default_factory=deque)


class MemoryLedger:
    """A Ledger for one event loop. Past a limit the conversation longest unused is dropped, and so on."""

    def __init__(self, *, conversations: int = 500, exchanges: int = 100, escalations: int = 1_000) -> None:
        """The limits: conversations in all, exchanges in each of them, escalations in all."""
        self._limits = (conversations, exchanges, escalations)
        self._conversations: OrderedDict[str, _Conversation] = OrderedDict()
        self._escalations: OrderedDict[str, Recorded] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def in_order(self, conversation: str) -> asyncio.Lock:
        """The lock to hold while one turn of `conversation` is handled. Lives as long as somebody waits for it."""
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        return lock

    async def memory(self, conversation: str) -> Memory:
        """What the conversation knows; an empty Memory for a new one."""
        known = self._conversations.get(conversation)
        return known.memory if known else Memory()

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        """Keep the outcome's memory, escalation and exchange."""
        most, longest, reports = self._limits
        conversation = self._conversations.setdefault(turn.conversation, _Conversation())
        self._conversations.move_to_end(turn.conversation)
        conversation.memory = outcome.memory
        conversation.exchanges.append(Exchange(replace(turn, text=turn.text[:LONGEST_KEPT]), outcome.reply))
        while len(conversation.exchanges) > longest:
            conversation.exchanges.popleft()
        if outcome.escalation is not None:
            self._escalations[outcome.escalation.reference] = Recorded(outcome.escalation, _state(outcome.escalation))
        while len(self._conversations) > most:
            self._conversations.popitem(last=False)
        while len(self._escalations) > reports:
            self._escalations.popitem(last=False)

    def exchanges(self, conversation: str) -> tuple[Exchange, ...]:
        """What has been said in `conversation`, oldest first."""
        known = self._conversations.get(conversation)
        return tuple(known.exchanges) if known else ()

    def escalations(self, school_id: str) -> tuple[Recorded, ...]:
        """The escalations of one school, newest first."""
        return tuple(kept for kept in self._newest_first() if kept.escalation.turn.school == school_id)

    def escalation(self, reference: str) -> Recorded | None:
        """The escalation of that reference, or None."""
        return self._escalations.get(reference)

    def note_feedback(self, conversation: str, turn_id: str, *, right: bool) -> bool:
        """Keep whether a reply was right; False where no such turn is known."""
        known = self._conversations.get(conversation)
        for number, exchange in enumerate(known.exchanges if known else ()):
            if known and exchange.turn.id == turn_id:
                known.exchanges[number] = replace(exchange, right=right)
                return True
        return False

    def forget(self, conversation: str) -> None:
        """Drop what was said and known in `conversation`; its escalations stay."""
        self._conversations.pop(conversation, None)

    def _newest_first(self) -> Iterator[Recorded]:
        return reversed(self._escalations.values())


def _state(escalation: Escalation) -> State:
    if escalation.withdrawn:
        return State.WITHDRAWN
    return State.POSSIBLE if escalation.concern.status is Status.POSSIBLE else State.RAISED
