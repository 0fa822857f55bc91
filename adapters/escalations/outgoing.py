"""What goes out: how long one attempt has, when it is made again, and what follows where nobody is reached.

The same for an alert by itself (a row of `deliveries`) and for a message about several (a row of `messages`).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.tables import deliveries, escalations
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.rows import Row, held_of, row_of
from chatbot.escalation import State
from chatbot.ports import DeliveryFailed

log = logging.getLogger("chatbot.escalations")

LEASE = timedelta(seconds=30)
"""How long one attempt has; a notifier gives up sooner."""
PAUSES = (2, 4, 8, 15)
"""Seconds before an attempt is made again; the last is the cap."""
HURRY = 2
"""Attempts after which the next person is told without waiting, where nobody has been reached."""
BUNDLE_AT = 5
"""After more alerts than these to one place within a minute, the next wait for each other and go as one."""
GATHER = timedelta(seconds=30)
"""How long they wait."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast messages follow each other."""

    lease: timedelta = LEASE
    bundle_at: int = BUNDLE_AT
    gather: timedelta = GATHER


USUAL = Pace()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The rows of one table that `work` of the durable engine sends, each in its own transactions."""

    desk: Desk
    table: sa.Table
    work: str
    lease: timedelta = LEASE
    pauses: tuple[float, ...] = PAUSES

    def row(self, connection: sa.Connection, key: str) -> Row | None:
        """The message that is still to be sent; nobody else changes it until the transaction ends."""
        mine = sa.select(self.table).where(self.table.c.key == key)
        row = connection.execute(mine.with_for_update()).one_or_none()
        return row if row is not None and row.state == "due" else None

    def taken(self, connection: sa.Connection, row: Row) -> bool:
        """Whether it is ours for one attempt. Where another is under way it is looked at again after that."""
        now = self.desk.clock.now()
        if row.leased_until is not None and row.leased_until > now:
            self._again(connection, row, row.attempts, (row.leased_until - now).total_seconds() + 1)
            return False
        self.write(connection, row.key, attempts=row.attempts + 1, leased_until=now + self.lease)
        return True

    def sent(self, connection: sa.Connection, key: str, message: str) -> None:
        """It got through."""
        self.write(
            connection, key, state="sent", message=message, sent_at=self.desk.clock.now(), leased_until=None
        )  # fmt: skip

    def failed(self, connection: sa.Connection, row: Row, error: DeliveryFailed) -> None:
        """It did not: another attempt follows after a pause, unless it is for good."""
        if error.for_good:
            self.write(connection, row.key, state="failed", failure=error.kind, leased_until=None)
            return
        pause = max(self.pauses[min(row.attempts, len(self.pauses)) - 1], error.retry_after or 0)
        again_at = self.desk.clock.now() + timedelta(seconds=pause)
        self.write(connection, row.key, failure=error.kind, leased_until=again_at)
        self._again(connection, row, row.attempts, pause)

    def write(self, connection: sa.Connection, key: str, **values: object) -> None:
        """Change the row."""
        connection.execute(self.table.update().where(self.table.c.key == key).values(**values))

    def late(self, grace: timedelta, *where: sa.ColumnElement[bool]) -> list[Row]:
        """Those that should have been tried more than `grace` ago: their work was lost."""
        since = sa.func.coalesce(self.table.c.leased_until, self.table.c.at)
        due = sa.select(self.table).where(self.table.c.state == "due", since < self.desk.clock.now() - grace, *where)
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(due))

    def _again(self, connection: sa.Connection, row: Row, attempt: int, seconds: float) -> None:
        id_ = f"{self.work}-{row.key}-{attempt + 1}-{int(self.desk.clock.now().timestamp())}"
        self.desk.queue.enqueue(connection, self.work, id_, timedelta(seconds=seconds), row.key)


def delivered(desk: Desk, connection: sa.Connection, reference: str, how: str) -> None:
    """An alert about `reference` got through; `how` is its detail in the audit trail."""
    row = connection.execute(sa.select(escalations).where(escalations.c.reference == reference).with_for_update()).one()
    held = held_of(row, desk.vault)
    if held.state is State.RAISED or held.failing:
        state = State.DELIVERED if held.state is State.RAISED else held.state
        desk.change(connection, replace(held, state=state, failing=False), BOT, "delivered", how)
    else:
        desk.note(connection, BOT, "delivered", reference, how)


def hurry(desk: Desk, connection: sa.Connection, reference: str, stage: int) -> None:
    """Alert `stage` does not get through: where nobody has been reached, tell the next person without waiting."""
    row = row_of(connection, reference, lock=True)
    if row is None or State(row.state) is not State.RAISED or row.stage != stage + 1:
        return  # one got through since it was raised or handed over, or the next was told already
    others = sa.select(deliveries).where(deliveries.c.reference == reference, deliveries.c.state == "due")
    if any(other.attempts < HURRY for other in connection.execute(others)):
        return
    plan = desk.plan_of(row.school)
    held = held_of(row, desk.vault)
    now = desk.clock.now()
    next_at = now if held.stage < len(plan.chain(held.route)) else held.next_at
    if held.failing and next_at == held.next_at:
        return
    log.critical("escalation %s at %s: nobody has been reached", held.reference, held.school)
    held = replace(held, failing=True, next_at=next_at)
    revision = desk.change(connection, held, BOT, "nobody reached")
    if next_at is not None:
        desk.enqueue(connection, "tell", held.reference, revision, next_at, held.stage)
