"""Every change of an escalation, each in one transaction with its line in the audit trail and what follows from it.

What follows (the next alert, a reminder) is enqueued in the same transaction, so that neither is ever there without
the other. The engine that runs the queue may be lost: the rows here are enough to go on from.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from adapters.database import audit
from adapters.database.tables import conversations, escalations, receipts, remarks
from adapters.database.vault import KeyMissing
from adapters.escalations.queue import Queue
from adapters.escalations.reading import Reading
from adapters.escalations.rows import (
    WITHDRAWN,
    changed_columns,
    escalation_of,
    first_columns,
    held_of,
    may_still_be_raised,
    memory_json,
    memory_of,
    row_of,
    told_of,
    unsealed,
)
from chatbot.about import excluded
from chatbot.escalation import (
    DONE,
    Acknowledge,
    Acted,
    Action,
    Close,
    HandOver,
    Held,
    Note,
    Opened,
    Refusal,
    Remark,
    Reopen,
    State,
    act,
)
from chatbot.model import Escalation, Memory, Outcome, Status, Turn
from chatbot.plan import Contact
from chatbot.ports import Clock
from chatbot.reply import Route

BOT = "chatbot"
"""The actor of what the bot does by itself."""

ReadWords = Callable[[str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Desk(Reading):
    """Keeps chatbot.ports.Ledger and Desk over the database. Methods without async are called in a thread."""

    queue: Queue
    clock: Clock
    words_of: ReadWords
    """The words of a text in standard spelling: to see whom a report is about."""
    reaches: Callable[[Contact], bool] = lambda _: True
    """Whether any means reaches this contact."""

    async def memory(self, conversation: str) -> Memory:
        """What the conversation knows; an empty Memory for a new one."""
        return await asyncio.to_thread(self._memory, conversation)

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        """Keep the outcome's memory and escalation in one transaction, before the reply is shown."""
        await asyncio.to_thread(self.record_now, turn, outcome)

    def _memory(self, conversation: str) -> Memory:
        with self.reading() as connection:
            row = connection.execute(sa.select(conversations).where(conversations.c.id == conversation)).one_or_none()
            if row is None:
                return Memory()
            reference = json.loads(row.memory)["pending"]
            pending = row_of(connection, reference) if reference else None
            waits = pending is not None and pending.state == State.POSSIBLE
            return memory_of(row.memory, escalation_of(pending, self.vault) if pending is not None and waits else None)

    def record_now(self, turn: Turn, outcome: Outcome) -> None:
        """As record(), in this thread."""
        try:
            self._record(turn, outcome)
        except sa.exc.IntegrityError:  # the same turn twice at once: the other was first, so now it is found
            self._record(turn, outcome)

    def _record(self, turn: Turn, outcome: Outcome) -> None:
        with self.engine.begin() as connection:
            kept = {"memory": memory_json(outcome.memory), "changed_at": turn.at}
            mine = conversations.c.id == turn.conversation
            if not connection.execute(conversations.update().where(mine).values(kept)).rowcount:
                connection.execute(conversations.insert().values(id=turn.conversation, **kept))
            if outcome.escalation is not None:
                self._keep(connection, outcome.escalation)

    def _keep(self, connection: sa.Connection, escalation: Escalation) -> None:
        row = row_of(connection, escalation.reference, lock=True)
        if row is None:
            self._insert(connection, escalation)
        elif row.turn != escalation.turn.id:
            raise ValueError(f"the reference {escalation.reference} is taken by another report; nothing was recorded")
        elif row.state == State.POSSIBLE and escalation.withdrawn:
            held = replace(held_of(row, self.vault), state=State.CLOSED, closed_at=self.clock.now(), outcome=WITHDRAWN)
            self.change(connection, replace(held, next_at=None), row.reporter, "withdrawn")
        elif escalation.concern.status is Status.RAISED and may_still_be_raised(row):
            held = replace(held_of(row, self.vault), closed_at=None, outcome="")
            self._raise(connection, held, row.reporter, "confirmed")

    def raise_drill(self, escalation: Escalation) -> None:
        """Keep a drill, unless it is there already."""
        with self.engine.begin() as connection:
            if row_of(connection, escalation.reference) is None:
                self._insert(connection, escalation, drill=True)

    def _insert(self, connection: sa.Connection, escalation: Escalation, *, drill: bool = False) -> None:
        turn, concern = escalation.turn, escalation.concern
        plan = self.plan_of(turn.school)
        possible = concern.status is Status.POSSIBLE
        now = self.clock.now()
        due = now + plan.timings.confirm if possible else now
        about = excluded(self.words_of(told_of(turn)), concern.route, plan, turn.speaker)
        connection.execute(escalations.insert().values(first_columns(escalation, due, about, self.vault, drill=drill)))
        what = "asked about" if possible else "drill" if drill else "raised"
        self.note(connection, BOT if drill else turn.speaker, what, escalation.reference, concern.route)
        work, stage = ("confirm", ()) if possible else ("tell", (0,))
        self.enqueue(connection, work, escalation.reference, 0, due, *stage)

    # What falls due: called by the durable engine

    def unconfirmed(self, reference: str) -> None:
        """The reporter has not answered in time: raise the report all the same."""
        with self.engine.begin() as connection:
            row = row_of(connection, reference, lock=True)
            if row is not None and row.state == State.POSSIBLE:
                held = replace(held_of(row, self.vault), unconfirmed=True)
                self._raise(connection, held, BOT, "raised unconfirmed")

    def _raise(self, connection: sa.Connection, held: Held, actor: str, what: str) -> None:
        now = self.clock.now()
        revision = self.change(connection, replace(held, state=State.RAISED, next_at=now), actor, what)
        self.enqueue(connection, "tell", held.reference, revision, now, held.stage)

    # What people do

    async def open(self, reference: str, contact: str) -> Opened | Refusal:
        """The escalation with its words. That `contact` opened it is recorded."""
        return await asyncio.to_thread(self.open_now, reference, contact)

    def open_now(self, reference: str, contact: str) -> Opened | Refusal:
        """As open(), in this thread."""
        with self.engine.begin() as connection:
            row = row_of(connection, reference, lock=True)
            held = self.visible(row, contact)
            if row is None or held is None:
                return Refusal.UNKNOWN
            if held.seen_by != contact:
                held = replace(held, seen_by=contact)
                self.change(connection, held, contact, "opened")
            else:
                self.note(connection, contact, "opened", reference)
            mine = sa.select(remarks).where(remarks.c.reference == reference)
            notes = connection.execute(mine.order_by(remarks.c.id))
            said = tuple(Remark(n.by, n.at, unsealed(n.words, self.vault) or "") for n in notes)
            try:
                words = None if row.words is None else self.vault.unseal(row.words)
            except KeyMissing:
                return Opened(held, None, said, audit.trail(connection, reference), unreadable=True)
            return Opened(held, words, said, audit.trail(connection, reference))

    async def act(self, reference: str, action: Action, contact: str) -> Acted | Refusal:
        """Do `action` in one transaction. Of two who press at once one changes it; the other is told what it became."""
        return await asyncio.to_thread(self.act_now, reference, action, contact)

    def act_now(self, reference: str, action: Action, contact: str) -> Acted | Refusal:
        """As act(), in this thread."""
        with self.engine.begin() as connection:
            row = row_of(connection, reference, lock=True)
            if row is None:
                return Refusal.UNKNOWN
            before, now = held_of(row, self.vault), self.clock.now()
            after = act(before, action, contact, self.plan_of(row.school), now)
            if isinstance(after, Refusal):
                return after
            if isinstance(action, Note):
                sealed = self.vault.seal(action.text)
                connection.execute(remarks.insert().values(reference=reference, by=contact, at=now, words=sealed))
            elif after == before:
                return Acted(before, changed=False)
            revision = self.change(connection, after, contact, DONE[type(action)], getattr(action, "to", ""))
            self._follow_up(connection, action, after, revision)
            return Acted(after, changed=True)

    def _follow_up(self, connection: sa.Connection, action: Action, held: Held, revision: int) -> None:
        """What an action leads to: alerts go on, a reminder is set, the messages sent before are brought up to date."""
        match action:
            case Acknowledge() if held.next_at is not None:
                self.enqueue(connection, "remind", held.reference, revision, held.next_at)
            case Close(record=record):
                sealed = self.vault.seal(record.strip())
                mine = escalations.c.reference == held.reference
                connection.execute(escalations.update().where(mine).values(record=sealed))
            case HandOver() | Reopen():
                self.enqueue(connection, "tell", held.reference, revision, self.clock.now(), held.stage)
            case _:
                pass
        if not isinstance(action, Note):
            self.enqueue(connection, "show", held.reference, revision, self.clock.now())

    # Shared by the parts of this package

    def unreachable(self, school: str) -> frozenset[Route]:
        """The routes on which nobody is named who could be told."""
        plan = self.plan_of(school)
        return frozenset(route for route in Route if not any(map(self.reaches, plan.chain(route))))

    def change(self, connection: sa.Connection, held: Held, actor: str, what: str, detail: str = "") -> int:
        """Write `held` with its line in the audit trail; its new revision."""
        mine = escalations.update().where(escalations.c.reference == held.reference)
        changed = mine.values(changed_columns(held, self.vault)).returning(escalations.c.revision)
        revision: int = connection.execute(changed).scalar_one()
        self.note(connection, actor, what, held.reference, detail)
        if connection.execute(sa.select(receipts.c.place).where(receipts.c.reference == held.reference)).first():
            self.enqueue(connection, "show", held.reference, revision, self.clock.now())
        return revision

    def note(self, connection: sa.Connection, actor: str, what: str, reference: str, detail: str = "") -> None:
        """Write a line in the audit trail without changing anything."""
        audit.append(connection, self.clock.now(), actor, what, reference, detail)

    def enqueue(
        self, connection: sa.Connection, work: str, reference: str, revision: int, at: datetime, *args: str | int
    ) -> None:
        """Have `work` done at `at`. A revision leads to one piece of each work, however often it is asked for."""
        delay = max(timedelta(), at - self.clock.now())
        self.queue.enqueue(connection, work, f"{work}-{reference}-{revision}", delay, reference, *args)
