"""Which school a person chose on a chat platform where several share a workspace or tenant."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from adapters.database.tables import chosen_schools
from chatbot.ports import Clock


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
