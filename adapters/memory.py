"""Exchanges: what was said in the conversations of the web page, in memory and bounded; gone when the program ends."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from chatbot.model import Reply, Turn

LONGEST_KEPT = 2_000
"""Characters of a message that are kept to be shown again; the ledger keeps a report whole."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message, its reply, and whether the person found it right."""

    turn: Turn
    reply: Reply
    right: bool | None = None


class Turnstile:
    """Lets the turns of one conversation through one by one, in one event loop."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def at(self, conversation: str) -> asyncio.Lock:
        """The lock to hold while one turn of `conversation` is handled. Lives as long as somebody waits for it."""
        lock = self._locks.get(conversation)
        if lock is None:
            lock = self._locks[conversation] = asyncio.Lock()
        return lock


class Exchanges:
    """For one event loop. Past a limit the conversation longest unused is dropped, and so on."""

    def __init__(self, *, conversations: int = 500, exchanges: int = 100) -> None:
        """The limits: conversations in all, exchanges in each of them."""
        self._limits = (conversations, exchanges)
        self._conversations: OrderedDict[str, deque[Exchange]] = OrderedDict()
        self._turnstile = Turnstile()

    def in_order(self, conversation: str) -> asyncio.Lock:
        """The lock to hold while one turn of `conversation` is handled."""
        return self._turnstile.at(conversation)

    def add(self, turn: Turn, reply: Reply) -> None:
        """Keep what was said, to be shown again."""
        most, longest = self._limits
        said = self._conversations.setdefault(turn.conversation, deque())
        self._conversations.move_to_end(turn.conversation)
        said.append(Exchange(replace(turn, text=turn.text[:LONGEST_KEPT]), reply))
        while len(said) > longest:
            said.popleft()
        while len(self._conversations) > most:
            self._conversations.popitem(last=False)

    def of(self, conversation: str) -> tuple[Exchange, ...]:
        """What has been said in `conversation`, oldest first."""
        return tuple(self._conversations.get(conversation, ()))

    def note_feedback(self, conversation: str, turn_id: str, *, right: bool) -> bool:
        """Keep whether a reply was right; False where no such turn is known."""
        said = self._conversations.get(conversation, deque())
        for number, exchange in enumerate(said):
            if exchange.turn.id == turn_id:
                said[number] = replace(exchange, right=right)
                return True
        return False

    def forget(self, conversation: str) -> None:
        """Drop what was said in `conversation`."""
        self._conversations.pop(conversation, None)
