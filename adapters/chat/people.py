"""Who is who on a chat platform: a person’s school, and which contact they are. Decided at each request."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa

from adapters.config import Directory
from adapters.database.tables import chosen_schools
from chatbot.plan import Contact, Plan
from chatbot.ports import Clock


class Sender(Protocol):
    """Who sent something."""

    @property
    def user(self) -> str:
        """Their id, as chatbot.yaml names them."""
        ...

    @property
    def homes(self) -> tuple[str, ...]:
        """Where they wrote from, the narrowest first: workspace and grid, or tenant."""
        ...


@dataclass(frozen=True, slots=True)
class ChosenSchools:
    """The choices of one platform's people. Called in a thread; raises SQLAlchemyError where the database is away."""

    engine: sa.Engine
    means: str
    clock: Clock

    def of(self, home: str, person: str) -> str:
        """The school that `person` chose; "" where they have not."""
        wanted = sa.select(chosen_schools.c.school).where(*self._mine(home, person))
        with self.engine.connect().execution_options(reading=True) as connection:
            return str(connection.execute(wanted).scalar_one_or_none() or "")

    def choose(self, home: str, person: str, school: str) -> None:
        """Note the choice, in place of an earlier one."""
        now = self.clock.now()
        with self.engine.begin() as connection:
            changed = chosen_schools.update().where(*self._mine(home, person)).values(school=school, at=now)
            if not connection.execute(changed).rowcount:
                row = {"means": self.means, "home": home, "person": person, "school": school, "at": now}
                connection.execute(chosen_schools.insert().values(row))

    def _mine(self, home: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
        columns = chosen_schools.c
        return columns.means == self.means, columns.home == home, columns.person == person


@dataclass(frozen=True, slots=True)
class Roll:
    """Resolves senders. `directory` says which workspace or tenant is whose, `plans` name the contacts."""

    directory: Directory
    plans: Mapping[str, Plan]
    chosen: ChosenSchools

    async def groups_of(self, sender: Sender) -> Sequence[str]:
        """Those of the directory's groups that the sender is in."""
        return ()

    def id_of(self, contact: Contact) -> str:
        """A contact's id on this platform; "" where they have none."""
        return str(getattr(contact, self.chosen.means))

    async def schools_of(self, sender: Sender) -> tuple[str, ...]:
        """The schools that the sender may ask for: none for a stranger's workspace."""
        if len(self.directory.schools_of(sender.homes)) <= 1 and not self.directory.groups:
            return self.directory.schools_of(sender.homes)
        return self.directory.schools_of(sender.homes, await self.groups_of(sender))

    async def school_of(self, sender: Sender) -> tuple[str, tuple[str, ...]]:
        """The sender's school and those they may choose from; the first is "" while they have to choose."""
        able = await self.schools_of(sender)
        if len(able) <= 1:
            return "".join(able), able
        chosen = await asyncio.to_thread(self.chosen.of, sender.homes[-1], sender.user)
        return (chosen if chosen in able else ""), able

    async def choose(self, sender: Sender, school: str) -> bool:
        """Note the sender's choice; False where that school is none of theirs."""
        if school not in await self.schools_of(sender):
            return False
        await asyncio.to_thread(self.chosen.choose, sender.homes[-1], sender.user, school)
        return True

    def contact_of(self, sender: Sender, school: str) -> str:
        """The id of the contact that the sender is at a school, "" where they are none.

        They must write from a workspace or tenant of that very school.
        """
        plan = self.plans.get(school)
        at_home = any(school in self.directory.homes.get(home, ()) for home in sender.homes)
        if plan is None or not at_home:
            return ""
        return next((contact.id for contact in plan.contacts if self._is(contact, sender)), "")

    def desks_of(self, sender: Sender) -> tuple[tuple[str, str], ...]:
        """Every school at which the sender is a contact, with the contact's id."""
        found = ((school, self.contact_of(sender, school)) for school in self.plans)
        return tuple((school, contact) for school, contact in found if contact)

    def names(self) -> dict[str, str]:
        """The names of all contacts by their id on this platform."""
        every = (contact for plan in self.plans.values() for contact in plan.contacts)
        return {self.id_of(contact): contact.name for contact in every if self.id_of(contact)}

    def homes_of(self, school: str) -> tuple[str, ...]:
        """The workspaces or tenants of a school."""
        return tuple(home for home, schools in self.directory.homes.items() if school in schools)

    def _is(self, contact: Contact, sender: Sender) -> bool:
        id_ = self.id_of(contact)
        return bool(id_) and id_.lower() == sender.user.lower()
