"""Replies that did not get through at once, and the messages that tell reporters how their reports stand."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.outbox import KEPT, payload_of
from adapters.database.tables import receipts, sayings
from adapters.escalations.desk import Desk
from adapters.escalations.rows import Row
from chatbot.escalation import Held
from chatbot.ports import DeliveryFailed, Speaker

log = logging.getLogger("chatbot.escalations")

WORK = "say"


@dataclass(frozen=True, slots=True)
class Telling:
    """What the durable engine has said once more. `speakers` by their means."""

    desk: Desk
    speakers: Mapping[str, Speaker]

    def say(self, id_: str) -> None:
        """Send one reply that was kept, unless it is out; a failure waits for the watch's next look."""
        with self.desk.engine.begin() as connection:
            row = connection.execute(sa.select(sayings).where(sayings.c.id == id_).with_for_update()).one_or_none()
            if row is None or row.payload is None:
                return
            mine = sayings.update().where(sayings.c.id == id_)
            connection.execute(mine.values(attempts=row.attempts + 1))
        speaker, payload = self.speakers.get(row.means), payload_of(row.payload, self.desk.vault)
        if speaker is None or payload is None:
            log.error("a reply by %s cannot be sent: %s", row.means, "its key is missing" if speaker else "it is off")
            return
        try:
            speaker.say(payload)
        except DeliveryFailed as error:
            log.warning("a reply by %s did not get through: %s", row.means, error.kind)
            if not error.for_good:
                return
        with self.desk.engine.begin() as connection:
            connection.execute(mine.values(payload=None, sent_at=self.desk.clock.now()))

    def inform(self, held: Held) -> None:
        """Bring what its reporter was told up to date."""
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            mine = sa.select(receipts).where(receipts.c.reference == held.reference)
            places = [(row.means, row.place) for row in connection.execute(mine)]
        for means, place in places:
            try:
                self.speakers[means].inform(held, place)
            except (DeliveryFailed, KeyError) as error:
                log.warning("the reporter of %s was not told by %s how it stands: %s", held.reference, means, error)

    def late(self, grace: timedelta) -> list[Row]:
        """Replies that should have been out more than `grace` ago."""
        waiting = sa.select(sayings.c.id.label("key"), sayings.c.means, sayings.c.attempts).where(
            sayings.c.payload.is_not(None), sayings.c.at < self.desk.clock.now() - grace
        )
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(waiting))

    def forget(self) -> None:
        """Drop what was dealt with long ago."""
        with self.desk.engine.begin() as connection:
            connection.execute(sayings.delete().where(sayings.c.at < self.desk.clock.now() - KEPT))
