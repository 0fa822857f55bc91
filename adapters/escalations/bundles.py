"""Many alerts to one place within a minute go together as one message, with all that holds for a single one.

An alert joins a bundle in the transaction that makes it; the bundle closes with its first attempt. The alerts stay rows
of their own: each is dropped by itself once somebody takes it on, and each counts as delivered when the bundle is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.tables import deliveries, escalations, messages
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.outgoing import HURRY, USUAL, Outgoing, Pace, delivered, hurry
from adapters.escalations.rows import Row, held_of
from chatbot.escalation import OPEN, Held, State, urgency
from chatbot.ports import Alert, DeliveryFailed, Notifier

log = logging.getLogger("chatbot.escalations")

WORK, SHOW = "bundle", "show-bundle"
WINDOW = timedelta(minutes=1)
"""What is counted to see whether a place gets many alerts."""
SHOWN = timedelta(seconds=10)
"""How long a bundle that was sent waits for further changes before it shows them."""
SOME = 50
"""Alerts settled in one transaction: a report that comes in meanwhile does not wait for hundreds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert goes: a means, and a contact or a channel."""

    means: str
    contact: str
    channel: str

    def among(self, table: sa.FromClause) -> tuple[sa.ColumnElement[bool], ...]:
        """The rows of `table` that go there."""
        return (table.c.means == self.means, table.c.contact == self.contact, table.c.channel == self.channel)


@dataclass(frozen=True, slots=True)
class Bundles:
    """What the stages and the durable engine call. `notifiers` by their means."""

    desk: Desk
    notifiers: Mapping[str, Notifier]
    pace: Pace = USUAL

    def joined(self, connection: sa.Connection, held: Held, place: Place, key: str) -> str:
        """The key of the bundle that the alert `key` is to go with; empty where it goes by itself.

        Alerts are made one after the other, under the lock of the trail's head: none is counted twice or left out.
        """
        now = self.desk.clock.now()
        recent = sa.select(sa.func.count()).where(*place.among(deliveries), deliveries.c.at > now - WINDOW)
        if held.emergency or connection.execute(recent).scalar_one() <= self.pace.bundle_at:
            return ""
        gathering = sa.select(messages.c.key).where(
            *place.among(messages), messages.c.kind == WORK, messages.c.school == held.school,
            messages.c.state == "due", messages.c.attempts == 0, messages.c.at > now,
        )  # fmt: skip
        # One that somebody has locked is being sent: it is not waited for, while the trail's head is held.
        found = connection.execute(gathering.limit(1).with_for_update(skip_locked=True)).scalar_one_or_none()
        if found is not None:
            return str(found)
        made = f"{WORK}:{key}"
        connection.execute(
            messages.insert().values(
                key=made, kind=WORK, school=held.school, means=place.means, contact=place.contact,
                channel=place.channel, state="due", attempts=0, message="", failure="", at=now + self.pace.gather,
            )
        )  # fmt: skip
        self.desk.queue.enqueue(connection, WORK, f"{WORK}-{made}-0", self.pace.gather, made)
        return made

    def send(self, key: str) -> None:
        """Send one bundle of what nobody has taken on meanwhile; one alert that is left goes as it would by itself."""
        alerts, means = self._taken(key)
        if not alerts:
            return
        try:
            notifier = self.notifiers[means]
            message = notifier.bundle(alerts) if len(alerts) > 1 else notifier.deliver(alerts[0])
        except DeliveryFailed as error:
            self._failed(key, error)
        except Exception as error:  # a notifier's own fault is a failed delivery: the reports go on
            log.error("bundle by %s: the notifier failed with %s", means, type(error).__name__)
            self._failed(key, DeliveryFailed("fault"))
        else:
            self._sent(key, message)

    def show_soon(self, keys: Iterable[str]) -> None:
        """Have bundles brought up to date once within SHOWN, however many of their alerts change in that time."""
        now, length = self.desk.clock.now().timestamp(), SHOWN.total_seconds()
        window = int(now // length) + 1
        delay = timedelta(seconds=window * length - now)
        for key in keys:
            with self.desk.engine.begin() as connection:  # one at a time: two who name the same do not wait in a ring
                self.desk.queue.enqueue(connection, SHOW, f"{SHOW}-{key}-{window}", delay, key)

    def show(self, key: str) -> None:
        """Bring a bundle that was sent up to date."""
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            row = connection.execute(sa.select(messages).where(messages.c.key == key)).one()
            alerts = self._alerts(row, connection.execute(_members(key, "sent")).all())
        try:
            notifier = self.notifiers[row.means]
            if len(alerts) > 1:
                notifier.update_bundle(alerts, row.message)
            else:
                notifier.update(alerts[0], row.message)
        except (DeliveryFailed, KeyError) as error:
            log.warning("bundle by %s not brought up to date: %s", row.means, error)

    def late(self, grace: timedelta) -> list[Row]:
        """Bundles that should have been tried more than `grace` ago."""
        return self._outgoing.late(grace, messages.c.kind == WORK)

    @property
    def _outgoing(self) -> Outgoing:
        return Outgoing(self.desk, messages, WORK, self.pace.lease)

    def _taken(self, key: str) -> tuple[tuple[Alert, ...], str]:
        """The alerts to send now, and by which means."""
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None:
                return (), ""
            needed, gone = list[Row](), list[str]()
            for one in connection.execute(_members(key, "due")):
                if State(one.state) in OPEN and not one.overtaken:
                    needed.append(one)
                else:
                    gone.append(one.delivery)
            connection.execute(deliveries.update().where(deliveries.c.key.in_(gone)).values(state="dropped"))
            if not needed:
                self._outgoing.write(connection, key, state="dropped")
                return (), ""
            if not self._outgoing.taken(connection, row):
                return (), ""
            mine = deliveries.update().where(deliveries.c.bundle == key, deliveries.c.state == "due")
            connection.execute(mine.values(attempts=row.attempts + 1))
            return self._alerts(row, needed), row.means

    def _alerts(self, row: Row, members: Sequence[Row]) -> tuple[Alert, ...]:
        """The most urgent first. What came of the closed ones stays sealed."""
        contact = self.desk.plan_of(row.school).contact(row.contact)
        held = sorted((held_of(one, None) for one in members), key=urgency)
        return tuple(Alert(row.key, one, contact, row.channel) for one in held)

    def _sent(self, key: str, message: str) -> None:
        """Each of its alerts got through. What a death in between leaves is sent again, under the same key."""
        done = False
        while not done:
            with self.desk.engine.begin() as connection:
                row = self._outgoing.row(connection, key)
                if row is None:
                    return  # another attempt got through
                some = connection.execute(_on_their_way(key).limit(SOME)).all()
                _lock(connection, some)
                got = deliveries.update().where(deliveries.c.key.in_([one.key for one in some]))
                connection.execute(got.values(state="sent", message=message, sent_at=self.desk.clock.now()))
                for one in some:
                    delivered(self.desk, connection, one.reference, f"{row.means} {row.contact or 'channel'} bundled")
                done = len(some) < SOME
                if done:
                    self._outgoing.sent(connection, key, message)

    def _failed(self, key: str, error: DeliveryFailed) -> None:
        """As with a single alert. It is noted once for each kind of failure: there may be hundreds of alerts."""
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None:
                return  # another attempt got through
            members = connection.execute(_on_their_way(key)).all()
            self._outgoing.failed(connection, row, error)
            values = {"failure": error.kind, "state": "failed" if error.for_good else "due"}
            mine = deliveries.update().where(deliveries.c.bundle == key, deliveries.c.state == "due")
            connection.execute(mine.values(values))
        log.warning("delivery of a bundle of %d by %s failed: %s", len(members), row.means, error.kind)
        for start in range(0, len(members), SOME):
            some = members[start : start + SOME]
            with self.desk.engine.begin() as connection:
                _lock(connection, some)
                for one in some:
                    if row.failure != error.kind:
                        detail = f"{row.means} {row.contact or 'channel'} {error.kind} bundled"
                        self.desk.note(connection, BOT, "not delivered", one.reference, detail)
                    if error.for_good or row.attempts >= HURRY:
                        hurry(self.desk, connection, one.reference, one.stage)


def _members(key: str, state: str) -> sa.Select[tuple[object, ...]]:
    """The escalations of a bundle whose alerts stand so; `overtaken` where a later alert goes to the same place."""
    later = deliveries.alias()
    same = (later.c[name] == deliveries.c[name] for name in ("reference", "means", "contact", "channel"))
    overtaken = sa.exists().where(*same, later.c.at > deliveries.c.at)
    return (
        sa.select(escalations, deliveries.c.key.label("delivery"), overtaken.label("overtaken"))
        .join(deliveries, deliveries.c.reference == escalations.c.reference)
        .where(deliveries.c.bundle == key, deliveries.c.state == state)
    )


def _on_their_way(key: str) -> sa.Select[tuple[object, ...]]:
    """The alerts of a bundle that have not got through."""
    mine = sa.select(deliveries).where(deliveries.c.bundle == key, deliveries.c.state == "due")
    return mine.order_by(deliveries.c.reference)


def _lock(connection: sa.Connection, alerts: Sequence[Row]) -> None:
    """Nobody else changes their escalations until the transaction ends. Always in the same order: no deadlock."""
    about = escalations.c.reference.in_([one.reference for one in alerts])
    found = sa.select(escalations.c.reference).where(about).order_by(escalations.c.reference)
    connection.execute(found.with_for_update())
