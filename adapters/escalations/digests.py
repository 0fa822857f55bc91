"""The daily digest: possible reports that their reporters took back, told to the people of the DSL's route.

Once a school day, when the school closes on its own clocks, and only where there is something since the last one. What
a digest holds is looked up when it is sent; one that never got through is made up for by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from adapters.database.tables import escalations, messages
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.outgoing import USUAL, Outgoing, Pace
from adapters.escalations.rows import Row, held_of
from chatbot.escalation import Held, State, may_see
from chatbot.plan import Contact
from chatbot.ports import DeliveryFailed, Digest, Notifier
from chatbot.reply import Route

log = logging.getLogger("chatbot.escalations")

WORK = "digest"
PAUSES = (60.0, 300.0, 900.0, 3600.0)
"""Seconds before an attempt is made again; the last is the cap."""


@dataclass(frozen=True, slots=True)
class Digests:
    """What the watch and the durable engine call. `notifiers` by their means."""

    desk: Desk
    notifiers: Mapping[str, Notifier]
    pace: Pace = USUAL

    def make(self, school: str) -> int:
        """Make the digests of the school's latest day that is over, unless they were made before; how many."""
        until = self.desk.plan_of(school).hours.last_end(self.desk.clock.now())
        if until is None:
            return 0
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            due = list(self._due(connection, school, until))
        if not due:
            return 0
        try:
            with self.desk.engine.begin() as connection:
                for key, means, contact in due:
                    self._insert(connection, key, school, means, contact, until)
        except sa.exc.IntegrityError:
            return 0  # another process was first
        return len(due)

    def send(self, key: str) -> None:
        """Send one digest, unless it was sent or holds nothing any more."""
        digest, means = self._taken(key)
        if digest is None:
            return
        try:
            message = self.notifiers[means].digest(digest)
        except DeliveryFailed as error:
            self._failed(key, error)
        except Exception as error:  # a notifier's own fault is a failed delivery
            log.error("digest by %s: the notifier failed with %s", means, type(error).__name__)
            self._failed(key, DeliveryFailed("fault"))
        else:
            self._sent(key, digest, means, message)

    def late(self, grace: timedelta) -> list[Row]:
        """Digests that should have been tried more than `grace` ago."""
        return self._outgoing.late(grace, messages.c.kind == WORK)

    @property
    def _outgoing(self) -> Outgoing:
        return Outgoing(self.desk, messages, WORK, self.pace.lease, PAUSES)

    def _due(self, connection: sa.Connection, school: str, until: datetime) -> Iterator[tuple[str, str, Contact]]:
        """Key, means and person of each digest up to `until` that is to be made."""
        plan = self.desk.plan_of(school)
        made = sa.select(messages.c.key).where(messages.c.kind == WORK, messages.c.school == school)
        known = set(connection.execute(made.where(messages.c.until == until)).scalars())
        for contact in plan.people.get(Route.DSL, ()):
            for means, notifier in self.notifiers.items():
                key = f"{WORK}:{school}:{until:%Y-%m-%d}:{means}:{contact.id}"
                reached = key not in known and notifier.reaches(contact)
                if reached and self._taken_back(connection, school, means, contact, until):
                    yield key, means, contact

    def _insert(
        self, connection: sa.Connection, key: str, school: str, means: str, contact: Contact, until: datetime
    ) -> None:
        """The digest, in place of any before it that never got through."""
        mine = (messages.c.kind == WORK, messages.c.school == school, *_to(means, contact.id))
        connection.execute(messages.update().where(*mine, messages.c.state == "due").values(state="dropped"))
        connection.execute(
            messages.insert().values(
                key=key, kind=WORK, school=school, means=means, contact=contact.id, channel="", until=until,
                state="due", attempts=0, message="", failure="", at=self.desk.clock.now(),
            )
        )  # fmt: skip
        self.desk.queue.enqueue(connection, WORK, f"{WORK}-{key}-0", timedelta(), key)

    def _taken_back(
        self, connection: sa.Connection, school: str, means: str, contact: Contact, until: datetime
    ) -> tuple[Held, ...]:
        """What was taken back up to `until` and this person may see, since what they were last sent; oldest first."""
        sent = sa.select(sa.func.max(messages.c.until)).where(
            messages.c.kind == WORK, messages.c.school == school, *_to(means, contact.id), messages.c.state == "sent"
        )
        since = connection.execute(sent).scalar_one_or_none()
        back = sa.select(escalations).where(
            escalations.c.school == school, escalations.c.state == State.CLOSED, escalations.c.acknowledged_by == "",
            escalations.c.erased_at.is_(None), escalations.c.closed_at <= until,
        )  # fmt: skip
        if since is not None:
            back = back.where(escalations.c.closed_at > since)
        plan = self.desk.plan_of(school)
        found = (held_of(row, None) for row in connection.execute(back.order_by(escalations.c.closed_at)))
        return tuple(held for held in found if may_see(contact.id, held, plan))

    def _taken(self, key: str) -> tuple[Digest | None, str]:
        """The digest to send now, and by which means."""
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None:
                return None, ""
            contact = self.desk.plan_of(row.school).contact(row.contact)
            held = self._taken_back(connection, row.school, row.means, contact, row.until) if contact else ()
            if contact is None or not held:
                self._outgoing.write(connection, key, state="dropped")
                return None, ""
            if not self._outgoing.taken(connection, row):
                return None, ""
            return Digest(key, row.school, contact, held), row.means

    def _sent(self, key: str, digest: Digest, means: str, message: str) -> None:
        with self.desk.engine.begin() as connection:
            if self._outgoing.row(connection, key) is None:
                return  # another attempt got through, or the next digest holds it too
            self._outgoing.sent(connection, key, message)
            for held in digest.held if message else ():
                self.desk.note(connection, BOT, "told in the digest", held.reference, f"{means} {digest.contact.id}")

    def _failed(self, key: str, error: DeliveryFailed) -> None:
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None:
                return
            self._outgoing.failed(connection, row, error)
        log.warning("the digest of %s by %s failed: %s", row.school, row.means, error.kind)


def _to(means: str, contact: str) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    return messages.c.means == means, messages.c.contact == contact
