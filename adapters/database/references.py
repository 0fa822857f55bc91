"""Where a chat platform can be written to without having been asked: addresses of people and channels, sealed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from adapters.database.tables import conversation_references as rows
from adapters.database.vault import KeyMissing, Vault
from chatbot.ports import Clock

Reference = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class References:
    """The rows of one platform. Called in a thread; raises SQLAlchemyError where the database is away."""

    engine: sa.Engine
    vault: Vault
    clock: Clock
    means: str

    def of(self, home: str, whom: str) -> Reference | None:
        """The address of a person or channel; None where it is not known, or its key is missing."""
        wanted = sa.select(rows.c.sealed).where(*self._mine(home, whom))
        with self.engine.connect().execution_options(reading=True) as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            found = json.loads(self.vault.unseal(sealed))
        except KeyMissing:
            return None
        return found if isinstance(found, dict) else None

    def keep(self, home: str, whom: str, reference: Reference) -> bool:
        """Note an address in place of an earlier one; whether it is new."""
        sealed = self.vault.seal(json.dumps(reference))
        try:
            return self._keep(home, whom, sealed)
        except sa.exc.IntegrityError:  # the same twice at once: the other was first, so now it is found
            return self._keep(home, whom, sealed)

    def _keep(self, home: str, whom: str, sealed: bytes) -> bool:
        now = self.clock.now()
        with self.engine.begin() as connection:
            changed = rows.update().where(*self._mine(home, whom)).values(sealed=sealed, at=now)
            if connection.execute(changed).rowcount:
                return False
            connection.execute(rows.insert().values(means=self.means, home=home, whom=whom, sealed=sealed, at=now))
        return True

    def drop(self, home: str, whom: str) -> None:
        """The app has been removed there."""
        with self.engine.begin() as connection:
            connection.execute(rows.delete().where(*self._mine(home, whom)))

    def known(self, home: str) -> frozenset[str]:
        """Whose addresses are known."""
        wanted = sa.select(rows.c.whom).where(rows.c.means == self.means, rows.c.home == home)
        with self.engine.connect().execution_options(reading=True) as connection:
            return frozenset(connection.execute(wanted).scalars())

    def _mine(self, home: str, whom: str) -> tuple[sa.ColumnElement[bool], ...]:
        return rows.c.means == self.means, rows.c.home == home, rows.c.whom == whom
