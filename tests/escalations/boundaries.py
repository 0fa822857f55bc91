"""The step boundaries of a process, at one of which it dies."""

from __future__ import annotations

import os
import threading
from typing import Any

import sqlalchemy as sa

from tests.escalations.orders import Orders, say


class Boundaries:
    """Counts step boundaries: before and after each commit that changed something, before and after each delivery.

    Also after each statement that makes or changes a table.
    """

    def __init__(self, orders: Orders) -> None:
        self.names: list[str] = []
        self.ours: sa.Engine | None = None
        self.counting = orders.counted_from == "start"
        self._orders = orders
        self._lock = threading.Lock()

    def listen(self) -> None:
        """On every engine of this process: ours and the durable one's."""
        sa.event.listen(sa.Engine, "after_cursor_execute", self._executed)
        sa.event.listen(sa.Engine, "commit", self._committing)
        sa.event.listen(sa.Engine, "rollback", self._undone)
        sa.event.listen(sa.pool.Pool, "checkin", self._returned)

    def passed(self, name: str) -> None:
        """Here is one."""
        with self._lock:
            if not self.counting or self._orders.only not in name:
                return
            self.names.append(name)
            if len(self.names) == self._orders.boundary:
                say(f"dies {name}")
                os.kill(os.getpid(), self._orders.signal)

    def _executed(self, connection: sa.Connection, cursor: Any, statement: str, *_: object) -> None:
        words = statement.split()
        word = words[0].upper()
        changed = cursor.rowcount != 0 or "RETURNING" in statement
        if word in {"INSERT", "UPDATE", "DELETE"} and changed:
            connection.info["wrote"] = f"{word.lower()} {words[1 if word == 'UPDATE' else 2]}"
        elif word in {"CREATE", "ALTER", "DROP"}:
            connection.info["wrote"] = " ".join(words[:3])
            self.passed(f"within a migration {' '.join(words[:3])}")

    def _committing(self, connection: sa.Connection) -> None:
        wrote = connection.info.pop("wrote", None)
        if wrote is not None:
            whose = "ours" if connection.engine is self.ours else "engine"
            self.passed(f"before commit {whose} {wrote}")
            connection.info["committed"] = f"{whose} {wrote}"

    def _undone(self, connection: sa.Connection) -> None:
        connection.info.pop("wrote", None)

    def _returned(self, _: object, record: sa.pool.ConnectionPoolEntry) -> None:
        committed = record.info.pop("committed", None)
        if committed is not None:
            self.passed(f"after commit {committed}")
