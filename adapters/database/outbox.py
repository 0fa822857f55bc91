"""What was heard and what is to be said on a chat platform, durably: each event has one effect, and no reply is lost.

A row is written once an event has been dealt with. Its payload, sealed, stays until the reply has been sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.tables import receipts, sayings
from adapters.database.vault import KeyMissing, Vault
from chatbot.ports import Clock

KEPT = timedelta(days=1)
"""How long an event is remembered: far longer than any platform sends it again."""

Payload = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Outbox:
    """The rows of one platform. Methods are called in a thread and raise SQLAlchemyError where the database is away."""

    engine: sa.Engine
    vault: Vault
    clock: Clock
    means: str

    def knows(self, event: str) -> bool:
        """Whether this event has been dealt with."""
        with self.engine.connect().execution_options(reading=True) as connection:
            mine = sa.select(sayings.c.id).where(sayings.c.id == self._id(event))
            return connection.execute(mine).first() is not None

    def keep_all(self, event: str, payloads: Sequence[Payload | None]) -> bool:
        """Note that `event` has been dealt with, and what is to be said, in order. False where somebody else was first.

        None: nothing is to be said.
        """
        now = self.clock.now()
        rows = [
            {
                "id": self._id(event, number), "means": self.means, "at": now, "attempts": 0,
                "payload": None if payload is None else self.vault.seal(json.dumps(payload)),
                "sent_at": now if payload is None else None,
            }
            for number, payload in enumerate(payloads)
        ]  # fmt: skip
        try:
            with self.engine.begin() as connection:
                connection.execute(sayings.insert(), rows)
        except sa.exc.IntegrityError:
            return False
        return True

    def sent(self, event: str, number: int = 0) -> None:
        """The reply of that number is out: nothing of it is kept."""
        with self.engine.begin() as connection:
            mine = sayings.update().where(sayings.c.id == self._id(event, number))
            connection.execute(mine.values(payload=None, sent_at=self.clock.now()))

    def note_receipt(self, reference: str, place: str) -> None:
        """Where the message lies that tells a reporter how their report stands."""
        row = {"reference": reference, "means": self.means, "place": place}
        try:
            with self.engine.begin() as connection:
                connection.execute(receipts.insert().values(**row))
        except sa.exc.IntegrityError:
            return  # noted before

    def _id(self, event: str, number: int = 0) -> str:
        return f"{self.means}/{event}{f'#{number}' if number else ''}"


def payload_of(sealed: bytes, vault: Vault) -> Payload | None:
    """What a row has to say; None where its key is missing."""
    try:
        found = json.loads(vault.unseal(sealed))
    except KeyMissing:
        return None
    return found if isinstance(found, dict) else None
