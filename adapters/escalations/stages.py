"""The alerts of an escalation, step by step: each step is one transaction, or one message sent between two.

`tell` arms the next alert before this one is sent, so that whatever happens to this one, the next person is told in
time. `send` looks whether anybody has taken the matter on, sends, and writes down what came of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.tables import deliveries, escalations
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.rows import Row, held_of, row_of
from chatbot.escalation import OPEN, Held, State, step
from chatbot.plan import Contact, Plan
from chatbot.ports import Alert, DeliveryFailed, Notifier

log = logging.getLogger("chatbot.escalations")

LEASE = timedelta(seconds=30)
"""How long one attempt has; a notifier gives up sooner."""
PAUSES = (2, 4, 8, 15)
"""Seconds before an attempt is made again; the last is the cap."""
HURRY = 2
"""Attempts after which the next person is told without waiting, where nobody has been reached."""


@dataclass(frozen=True, slots=True)
class Stages:
    """What the durable engine calls. `notifiers` by their means."""

    desk: Desk
    notifiers: Mapping[str, Notifier]

    def tell(self, reference: str, stage: int) -> None:
        """Alert number `stage`: arm the next, then have this one sent."""
        with self.desk.engine.begin() as connection:
            row = row_of(connection, reference, lock=True)
            if row is None or row.stage != stage or State(row.state) not in OPEN:
                return  # done before, or no longer needed
            held, now = held_of(row, self.desk.vault), self.desk.clock.now()
            plan = self.desk.plan_of(held.school)
            due = step(held, plan, now)
            told = ",".join(contact.id for contact in due.contacts)
            after = replace(held, stage=stage + 1, next_at=due.next_at, handed_to="", told=told)
            if not due.contacts:
                log.critical("escalation %s at %s: nobody is named who could be told", reference, held.school)
                after = replace(after, failing=True)
            revision = self.desk.change(connection, after, BOT, "told" if told else "nobody to tell", told)
            self.desk.enqueue(connection, "tell", reference, revision, due.next_at, stage + 1)
            keys = self._intents(connection, after, plan, due.contacts, revision)
            for key in keys:
                self.desk.queue.enqueue(connection, "send", f"send-{key}-0", timedelta(), key)
            if due.contacts and not keys:
                log.critical("escalation %s: no means reaches anybody told at alert %d", reference, stage)
                self._hurry(connection, reference, stage)

    def _intents(
        self, connection: sa.Connection, held: Held, plan: Plan, contacts: tuple[Contact, ...], revision: int
    ) -> list[str]:
        """One row for each message to be sent: to each person by every means, and to the route's channels.

        A channel may be read by whom it is about: then only persons are told.
        """
        stage = held.stage - 1
        targets = [
            (means, contact.id, "") for contact in contacts for means, n in self.notifiers.items() if n.reaches(contact)
        ]
        first = (stage == 0 or held.emergency) and not held.excluded
        channels = plan.channels.get(held.route, {}) if first else {}
        targets += [(means, "", channel) for means, channel in channels.items() if means in self.notifiers]
        keys = []
        for means, contact_id, channel in targets:
            keys.append(f"{held.reference}:{revision}:{means}:{contact_id or channel}")
            connection.execute(
                deliveries.insert().values(
                    key=keys[-1], reference=held.reference, stage=stage, means=means, contact=contact_id,
                    channel=channel, state="due", attempts=0, message="", failure="", at=self.desk.clock.now(),
                )
            )  # fmt: skip
        return keys

    def send(self, key: str) -> None:
        """Send one message, unless it was sent or is no longer needed."""
        alert = self._leased(key)
        if alert is None:
            return
        notifier = self.notifiers[key.split(":", 3)[2]]
        try:
            message = notifier.deliver(alert)
        except DeliveryFailed as error:
            self._failed(key, error)
        except Exception as error:  # a notifier's own fault is a failed delivery: the report goes on
            log.error("delivery %s: the notifier failed with %s", key.split(":", 3)[:3], type(error).__name__)
            self._failed(key, DeliveryFailed("fault"))
        else:
            self._sent(key, message)

    def _leased(self, key: str) -> Alert | None:
        now = self.desk.clock.now()
        with self.desk.engine.begin() as connection:
            row = _delivery(connection, key)
            if row is None or row.state != "due":
                return None
            about = row_of(connection, row.reference, lock=True)
            held = held_of(about, self.desk.vault) if about is not None else None
            if held is None or held.state not in OPEN or _is_overtaken(connection, row):
                _write(connection, key, state="dropped")
                return None
            if row.leased_until is not None and row.leased_until > now:
                self._again(connection, key, row.attempts, (row.leased_until - now).total_seconds() + 1)
                return None
            _write(connection, key, attempts=row.attempts + 1, leased_until=now + LEASE)
            plan = self.desk.plan_of(held.school)
            return Alert(key, held, plan.contact(row.contact), row.channel)

    def _sent(self, key: str, message: str) -> None:
        now = self.desk.clock.now()
        with self.desk.engine.begin() as connection:
            row = _delivery(connection, key)
            assert row is not None  # it was leased
            _write(connection, key, state="sent", message=message, sent_at=now, leased_until=None)
            about = row_of(connection, row.reference, lock=True)
            assert about is not None  # deliveries belong to one
            held = held_of(about, self.desk.vault)
            if held.state is State.RAISED or held.failing:
                state = State.DELIVERED if held.state is State.RAISED else held.state
                held = replace(held, state=state, failing=False)
                self.desk.change(connection, held, BOT, "delivered", f"{row.means} {row.contact or 'channel'}")
            else:
                self.desk.note(connection, BOT, "delivered", row.reference, f"{row.means} {row.contact or 'channel'}")

    def _failed(self, key: str, error: DeliveryFailed) -> None:
        """Try again after a pause; where nobody has been reached, tell the next person without waiting."""
        with self.desk.engine.begin() as connection:
            row = _delivery(connection, key)
            assert row is not None  # it was leased
            if row.state != "due":
                return  # another attempt got through
            row_of(connection, row.reference, lock=True)  # before the head of the trail, as everywhere: no deadlock
            state, now = "failed" if error.for_good else "due", self.desk.clock.now()
            pause = max(PAUSES[min(row.attempts - 1, len(PAUSES) - 1)], error.retry_after or 0)
            again_at = None if error.for_good else now + timedelta(seconds=pause)
            _write(connection, key, state=state, failure=error.kind, leased_until=again_at)
            detail = f"{row.means} {row.contact or 'channel'} {error.kind}"
            self.desk.note(connection, BOT, "not delivered", row.reference, detail)
            if not error.for_good:
                self._again(connection, key, row.attempts, pause)
            if error.for_good or row.attempts >= HURRY:
                self._hurry(connection, row.reference, row.stage)
        log.warning("delivery of %s by %s failed: %s", row.reference, row.means, error.kind)

    def _hurry(self, connection: sa.Connection, reference: str, stage: int) -> None:
        row = row_of(connection, reference, lock=True)
        if row is None or State(row.state) is not State.RAISED or row.stage != stage + 1:
            return  # one got through since it was raised or handed over, or the next was told already
        others = sa.select(deliveries).where(deliveries.c.reference == reference, deliveries.c.state == "due")
        if any(other.attempts < HURRY for other in connection.execute(others)):
            return
        plan = self.desk.plan_of(row.school)
        held = held_of(row, self.desk.vault)
        now = self.desk.clock.now()
        next_at = now if held.stage < len(plan.chain(held.route)) else held.next_at
        if held.failing and next_at == held.next_at:
            return
        log.critical("escalation %s at %s: nobody has been reached", held.reference, held.school)
        held = replace(held, failing=True, next_at=next_at)
        revision = self.desk.change(connection, held, BOT, "nobody reached")
        if next_at is not None:
            self.desk.enqueue(connection, "tell", held.reference, revision, next_at, held.stage)

    def _again(self, connection: sa.Connection, key: str, attempt: int, seconds: float) -> None:
        id_ = f"send-{key}-{attempt + 1}-{int(self.desk.clock.now().timestamp())}"
        self.desk.queue.enqueue(connection, "send", id_, timedelta(seconds=seconds), key)

    def remind(self, reference: str) -> None:
        """Taken on, but no outcome by the end of the next school day: remind, and again the day after."""
        with self.desk.engine.begin() as connection:
            row = row_of(connection, reference, lock=True)
            if row is None or row.state != State.ACKNOWLEDGED or row.next_at is None:
                return
            held, now = held_of(row, self.desk.vault), self.desk.clock.now()
            if row.next_at > now + timedelta(seconds=1):
                return
            plan = self.desk.plan_of(held.school)
            after = replace(held, next_at=plan.hours.end_of_next_day(now))
            revision = self.desk.change(connection, after, BOT, "reminded", held.acknowledged_by)
            assert after.next_at is not None
            self.desk.enqueue(connection, "remind", reference, revision, after.next_at)
            able = [contact for contact in plan.chain(held.route) if contact.id not in held.excluded]
            its = [contact for contact in able if contact.id == held.acknowledged_by]
            for contact in its or able:  # whoever has left the plan cannot see to it any more
                for means, notifier in self.notifiers.items():
                    if notifier.reaches(contact):
                        key = f"{reference}:r{revision}:{means}:{contact.id}"
                        self.desk.queue.enqueue(connection, "nudge", f"nudge-{key}", timedelta(), key)

    def nudge(self, key: str) -> None:
        """Send one reminder; a failure waits for the next day's."""
        reference, _, means, contact_id = key.split(":", 3)
        with self.desk.engine.connect() as connection:
            row = row_of(connection, reference)
        if row is None or row.state != State.ACKNOWLEDGED:
            return
        held = held_of(row, self.desk.vault)
        plan = self.desk.plan_of(held.school)
        try:
            self.notifiers[means].deliver(Alert(key, held, plan.contact(contact_id)))
        except DeliveryFailed as error:
            log.warning("reminder of %s by %s failed: %s", reference, means, error.kind)

    def show(self, reference: str) -> None:
        """Bring the messages sent before up to date."""
        with self.desk.engine.connect() as connection:
            row = row_of(connection, reference)
            mine = sa.select(deliveries).where(deliveries.c.reference == reference, deliveries.c.state == "sent")
            sent = list(connection.execute(mine))
        if row is None:
            return
        held = held_of(row, self.desk.vault)
        plan = self.desk.plan_of(held.school)
        for one in sent:
            try:
                self.notifiers[one.means].update(
                    Alert(one.key, held, plan.contact(one.contact), one.channel), one.message
                )
            except (DeliveryFailed, KeyError) as error:
                log.warning("message of %s by %s not brought up to date: %s", reference, one.means, error)

    def overdue(self, grace: timedelta) -> list[Row]:
        """Escalations whose next step should have come more than `grace` ago."""
        late = escalations.c.next_at < self.desk.clock.now() - grace
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(sa.select(escalations).where(late, escalations.c.state != State.CLOSED)))

    def unsent(self, grace: timedelta) -> list[Row]:
        """Messages that are still needed and should have been tried more than `grace` ago: their work was lost."""
        late = sa.func.coalesce(deliveries.c.leased_until, deliveries.c.at) < self.desk.clock.now() - grace
        needed = deliveries.c.reference.in_(sa.select(escalations.c.reference).where(escalations.c.state.in_(OPEN)))
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(sa.select(deliveries).where(deliveries.c.state == "due", late, needed)))


def _delivery(connection: sa.Connection, key: str) -> Row | None:
    return connection.execute(sa.select(deliveries).where(deliveries.c.key == key).with_for_update()).one_or_none()


def _is_overtaken(connection: sa.Connection, row: Row) -> bool:
    """Whether a later alert goes to the same place: after an outage one message comes through, not all of them."""
    same = (getattr(deliveries.c, name) == getattr(row, name) for name in ("reference", "means", "contact", "channel"))
    return connection.execute(sa.select(deliveries.c.key).where(*same, deliveries.c.at > row.at)).first() is not None


def _write(connection: sa.Connection, key: str, **values: object) -> None:
    connection.execute(deliveries.update().where(deliveries.c.key == key).values(**values))
