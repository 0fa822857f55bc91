"""What is read of escalations, by whom they concern. Nothing is changed or recorded here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from adapters.database.tables import escalations
from adapters.database.vault import Vault
from adapters.escalations.rows import Row, held_of, row_of
from chatbot.escalation import Held, may_see, urgency
from chatbot.plan import Plan

MOST_REPORTS = 30
"""Of one reporter: how many are shown to them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The part of chatbot.ports.Desk that only reads. Methods without async are called in a thread."""

    engine: sa.Engine
    vault: Vault
    plans: Mapping[str, Plan]

    async def pile(self, school: str, contact: str) -> tuple[Held, ...]:
        """The escalations of a school that `contact` may see, the most urgent first, closed ones last."""
        return await asyncio.to_thread(self.pile_now, school, contact)

    def pile_now(self, school: str, contact: str) -> tuple[Held, ...]:
        """As pile(), in this thread."""
        plan = self.plan_of(school)
        with self.reading() as connection:
            rows = connection.execute(sa.select(escalations).where(escalations.c.school == school))
            held = [held_of(row, self.vault) for row in rows]
        return tuple(sorted((one for one in held if may_see(contact, one, plan)), key=urgency))

    async def look(self, reference: str, contact: str) -> Held | None:
        """One escalation as `contact` may see it, without its words; None where there is none or they may not."""
        return await asyncio.to_thread(self._look, reference, contact)

    def _look(self, reference: str, contact: str) -> Held | None:
        with self.reading() as connection:
            return self.visible(row_of(connection, reference), contact)

    async def school_of(self, reference: str) -> str:
        """The school of an escalation; "" where there is none. Tells nothing else."""
        return await asyncio.to_thread(self._school_of, reference)

    def _school_of(self, reference: str) -> str:
        with self.reading() as connection:
            row = row_of(connection, reference)
            return "" if row is None else str(row.school)

    async def reports_of(self, reporter: str) -> tuple[Held, ...]:
        """What became of the reports that `reporter` made anywhere, newest first."""
        return await asyncio.to_thread(self._reports_of, reporter)

    def _reports_of(self, reporter: str) -> tuple[Held, ...]:
        with self.reading() as connection:
            mine = sa.select(escalations).where(escalations.c.reporter == reporter).order_by(escalations.c.at.desc())
            return tuple(held_of(row, self.vault) for row in connection.execute(mine.limit(MOST_REPORTS)))

    async def standing(self, conversation: str) -> tuple[Held, ...]:
        """What became of the reports made in `conversation`, newest first: for the reporter."""
        return await asyncio.to_thread(self.standing_now, conversation)

    def standing_now(self, conversation: str) -> tuple[Held, ...]:
        """As standing(), in this thread."""
        with self.reading() as connection:
            mine = sa.select(escalations).where(escalations.c.conversation == conversation)
            return tuple(held_of(r, self.vault) for r in connection.execute(mine.order_by(escalations.c.at.desc())))

    # Shared by the parts of this package

    def plan_of(self, school: str) -> Plan:
        """The plan of a school; one that names nobody where it has none any more."""
        return self.plans.get(school) or Plan(school, {})

    def visible(self, row: Row | None, contact: str) -> Held | None:
        """What `row` holds, None where `contact` may not see it."""
        held = None if row is None else held_of(row, self.vault)
        return held if held is not None and may_see(contact, held, self.plan_of(held.school)) else None

    def reading(self) -> sa.Connection:
        """A connection that waits for no writer."""
        return self.engine.connect().execution_options(reading=True)
