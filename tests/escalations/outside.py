"""What is outside the process: a notifier on a bad day, and the people who are told."""

from __future__ import annotations

import json
import random
import time
import zlib
from dataclasses import dataclass, field

import sqlalchemy as sa

from adapters.escalations.desk import Desk
from chatbot.escalation import Acknowledge, Acted
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed, Digest
from tests.escalations.boundaries import Boundaries
from tests.escalations.orders import Lines, Orders, lines_of, say

FAULTS = ("error", "time-out", "429", "cut", "fault")


@dataclass
class Faulty:
    """A notifier like a chat platform on a bad day."""

    orders: Orders
    outbox: Lines
    boundaries: Boundaries
    means: str = "chat"
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.orders.seed)  # noqa: S311 -- a seeded test

    def reaches(self, contact: Contact) -> bool:
        """Everybody."""
        return True

    def deliver(self, alert: Alert) -> str:
        """Gets through, or fails in one of five ways; one of them after the message had gone out."""
        return self.bundle((alert,))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """As deliver()."""
        self.boundaries.passed("before delivery")
        fault = self._random.choice(FAULTS) if self._random.random() < self.orders.faults else None
        self._note(alerts, "try")
        time.sleep(self.orders.slow)
        if fault in (None, "cut"):
            self._note(alerts, "gone")
        if fault == "time-out":
            time.sleep(0.3)
        if fault is not None:
            self._note(alerts, fault)
        if fault == "fault":
            raise RuntimeError("the platform's library broke")
        if fault is not None:
            raise DeliveryFailed(fault, retry_after=1 if fault == "429" else None)
        self.boundaries.passed("after delivery")
        return f"m-{alerts[0].key}"

    def update(self, alert: Alert, message_id: str) -> None:
        """Fails as often."""
        self.update_bundle((alert,), message_id)

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """Fails as often."""
        if self._random.random() < self.orders.faults:
            raise DeliveryFailed("error")

    def digest(self, digest: Digest) -> str:
        """Of nothing: nobody here takes anything back."""
        return ""

    def _note(self, alerts: tuple[Alert, ...], event: str) -> None:
        lines = (
            {
                "run": self.orders.name, "event": event, "key": alert.key, "reference": alert.held.reference,
                "contact": alert.contact.id if alert.contact else "", "at": time.time(), "of": len(alerts),
            }
            for alert in alerts
        )  # fmt: skip
        self.outbox.add("\n".join(map(json.dumps, lines)))


class Person:
    """The DSL and the others: each acknowledges some time after an alert; some only what comes a second or third time.

    What was alerted is read from the outbox, so that a person survives the death of the process.
    """

    def __init__(self, orders: Orders, desk: Desk, outbox: Lines) -> None:
        self.keeps_waiting = True
        """Reports whose turn ends with `-kept` are left until this is no longer so."""
        self._orders, self._desk, self._outbox = orders, desk, outbox
        self._read, self._done = 0, set[str]()
        self._alerted: dict[str, dict[str, tuple[float, str]]] = {}

    def sit(self) -> None:
        """For ever."""
        while True:
            time.sleep(0.05)
            self._look()
            kept = set(lines_of(self._orders.folder / "kept")) if self.keeps_waiting else set()
            for reference, alerts in self._alerted.items():
                if reference in self._done or reference in kept:
                    continue
                chance = zlib.crc32(reference.encode())
                at, contact = list(alerts.values())[-1]
                if len(alerts) > chance % self._orders.patience and time.time() > at + (chance // 3 % 8) / 10:
                    self._press(reference, contact)

    def _look(self) -> None:
        with (self._orders.folder / "outbox").open() as file:
            file.seek(self._read)
            for text in iter(file.readline, ""):
                if not text.endswith("\n"):
                    break
                self._read += len(text)
                line = json.loads(text)
                if line["event"] == "gone":
                    alerts = self._alerted.setdefault(line["reference"], {})
                    alerts.setdefault(line["key"], (line["at"], line["contact"]))
                elif line["event"] == "acknowledged":
                    self._done.add(line["reference"])

    def _press(self, reference: str, contact: str) -> None:
        try:
            came = self._desk.act_now(reference, Acknowledge(), contact)
        except sa.exc.SQLAlchemyError as error:
            say(f"not pressed {reference} {type(error).__name__}")
            return
        event = "acknowledged" if isinstance(came, Acted) or came == "taken" else str(came)
        self._done.add(reference)
        line = {"run": self._orders.name, "event": event, "reference": reference, "contact": contact, "at": time.time()}
        self._outbox.add(json.dumps(line))
