"""The alerts of an escalation, step by step: each step is one transaction, or one message sent between two.

`tell` arms the next alert before this one is sent, so that whatever happens to this one, the next person is told in
time. `send` looks whether anybody has taken the matter on, sends, and writes down what came of it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.tables import deliveries, escalations
from adapters.escalations import bundles, digests, telling
from adapters.escalations.bundles import Bundles, Place
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.digests import Digests
from adapters.escalations.outgoing import HURRY, USUAL, Outgoing, Pace, delivered, hurry
from adapters.escalations.rows import Row, held_of, row_of
from adapters.escalations.telling import Telling
from chatbot.escalation import OPEN, Held, State, step
from chatbot.plan import Contact, Plan
from chatbot.ports import Alert, DeliveryFailed, Notifier, Speaker

log = logging.getLogger("chatbot.escalations")


@dataclass(frozen=True, slots=True)
class Stages:
    """What the durable engine calls. `notifiers` by their means."""

    desk: Desk
    notifiers: Mapping[str, Notifier]
    pace: Pace = USUAL
    speakers: Mapping[str, Speaker] = field(default_factory=dict)
    """The notifiers that are chat platforms, by their means."""

    @property
    def telling(self) -> Telling:
        """What tells reporters."""
        return Telling(self.desk, self.speakers)

    @property
    def bundles(self) -> Bundles:
        """What puts several alerts into one message."""
        return Bundles(self.desk, self.notifiers, self.pace)

    @property
    def digests(self) -> Digests:
        """What tells of possible reports that were taken back."""
        return Digests(self.desk, self.notifiers, self.pace)

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
            if not self._intents(connection, after, plan, due.contacts, revision) and due.contacts:
                log.critical("escalation %s: no means reaches anybody told at alert %d", reference, stage)
                hurry(self.desk, connection, reference, stage)

    def _intents(
        self, connection: sa.Connection, held: Held, plan: Plan, contacts: tuple[Contact, ...], revision: int
    ) -> int:
        """One row for each message to be sent: to each person by every means, and to the route's channels; how many.

        A channel may be read by whom it is about: then only persons are told. A chat's channel is reminded under its
        first message.
        """
        stage = held.stage - 1
        ways = self.notifiers.items()
        targets = [Place(means, c.id, "") for c in contacts for means, notifier in ways if notifier.reaches(c)]
        first = stage == 0 or held.emergency
        channels = {} if held.excluded else plan.channels.get(held.route, {})
        targets += [
            Place(means, "", channel)
            for means, channel in channels.items()
            if means in self.notifiers and (first or means in self.speakers)
        ]
        for place in targets:
            key = f"{held.reference}:{revision}:{place.means}:{place.contact or place.channel}"
            bundle = self.bundles.joined(connection, held, place, key)
            connection.execute(
                deliveries.insert().values(
                    key=key, reference=held.reference, stage=stage, means=place.means, contact=place.contact,
                    channel=place.channel, state="due", attempts=0, message="", failure="", at=self.desk.clock.now(),
                    bundle=bundle,
                )
            )  # fmt: skip
            if not bundle:
                self.desk.queue.enqueue(connection, "send", f"send-{key}-0", timedelta(), key)
        return len(targets)

    def send(self, key: str) -> None:
        """Send one message, unless it was sent or is no longer needed."""
        alert = self._taken(key)
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

    def _taken(self, key: str) -> Alert | None:
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None or row.bundle:
                return None
            about = row_of(connection, row.reference, lock=True)
            held = held_of(about, self.desk.vault) if about is not None else None
            if held is None or held.state not in OPEN or _is_overtaken(connection, row):
                self._outgoing.write(connection, key, state="dropped")
                return None
            if not self._outgoing.taken(connection, row):
                return None
            thread = "" if held.emergency else _first_message(connection, row)
            return Alert(key, held, self.desk.plan_of(held.school).contact(row.contact), row.channel, thread)

    def _sent(self, key: str, message: str) -> None:
        with self.desk.engine.begin() as connection:
            row = connection.execute(sa.select(deliveries).where(deliveries.c.key == key).with_for_update()).one()
            self._outgoing.sent(connection, key, message)
            delivered(self.desk, connection, row.reference, f"{row.means} {row.contact or 'channel'}")

    def _failed(self, key: str, error: DeliveryFailed) -> None:
        """Try again after a pause; where nobody has been reached, tell the next person without waiting."""
        with self.desk.engine.begin() as connection:
            row = self._outgoing.row(connection, key)
            if row is None:
                return  # another attempt got through
            row_of(connection, row.reference, lock=True)  # before the head of the trail, as everywhere: no deadlock
            self._outgoing.failed(connection, row, error)
            detail = f"{row.means} {row.contact or 'channel'} {error.kind}"
            self.desk.note(connection, BOT, "not delivered", row.reference, detail)
            if error.for_good or row.attempts >= HURRY:
                hurry(self.desk, connection, row.reference, row.stage)
        log.warning("delivery of %s by %s failed: %s", row.reference, row.means, error.kind)

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
        self.telling.inform(held)
        for one in sent:
            if one.bundle or (one.channel and one.stage and not held.emergency):
                continue  # shown with its bundle; or a reminder, which stays as it was
            try:
                self.notifiers[one.means].update(
                    Alert(one.key, held, plan.contact(one.contact), one.channel), one.message
                )
            except (DeliveryFailed, KeyError) as error:
                log.warning("message of %s by %s not brought up to date: %s", reference, one.means, error)
        if changed := dict.fromkeys(one.bundle for one in sent if one.bundle):
            self.bundles.show_soon(changed)

    def overdue(self, grace: timedelta) -> list[Row]:
        """Escalations whose next step should have come more than `grace` ago."""
        late = escalations.c.next_at < self.desk.clock.now() - grace
        with self.desk.engine.connect().execution_options(reading=True) as connection:
            return list(connection.execute(sa.select(escalations).where(late, escalations.c.state != State.CLOSED)))

    def unsent(self, grace: timedelta) -> list[tuple[str, Row]]:
        """Messages that should have been tried more than `grace` ago: their work was lost. Each with what to do."""
        needed = deliveries.c.reference.in_(sa.select(escalations.c.reference).where(escalations.c.state.in_(OPEN)))
        found = {
            "send": self._outgoing.late(grace, needed, deliveries.c.bundle == ""),
            bundles.WORK: self.bundles.late(grace),
            digests.WORK: self.digests.late(grace),
            telling.WORK: self.telling.late(grace),
        }
        return [(work, row) for work, rows in found.items() for row in rows]

    @property
    def _outgoing(self) -> Outgoing:
        return Outgoing(self.desk, deliveries, "send", self.pace.lease)


def _first_message(connection: sa.Connection, row: Row) -> str:
    """The message in the same channel that this one reminds of; "" where it is the first, or was one of a bundle."""
    if not row.channel or not row.stage:
        return ""
    same = (getattr(deliveries.c, name) == getattr(row, name) for name in ("reference", "means", "channel"))
    sent = sa.select(deliveries.c.message).where(*same, deliveries.c.state == "sent", deliveries.c.bundle == "")
    return str(connection.execute(sent.order_by(deliveries.c.at).limit(1)).scalar_one_or_none() or "")


def _is_overtaken(connection: sa.Connection, row: Row) -> bool:
    """Whether a later alert goes to the same place: after an outage one message comes through, not all of them."""
    same = (getattr(deliveries.c, name) == getattr(row, name) for name in ("reference", "means", "contact", "channel"))
    return connection.execute(sa.select(deliveries.c.key).where(*same, deliveries.c.at > row.at)).first() is not None
