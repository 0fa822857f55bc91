"""What is around a desk: a clock that tests move, a queue in a table, a notifier that writes down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from chatbot.model import Concern, Escalation, Kind, Memory, Outcome, Reply, Turn
from chatbot.plan import Contact
from chatbot.ports import Alert, DeliveryFailed, Digest
from chatbot.reply import Route, Status
from chatbot.respond import reference_of
from tests.talk import NOW

jobs = sa.Table(
    "test_jobs",
    sa.MetaData(),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("work", sa.Text, nullable=False),
    sa.Column("due", sa.Float, nullable=False),
    sa.Column("args", sa.Text, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
)


@dataclass
class Hands:
    """A clock that stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True)
class Job:
    """One piece of work in the queue."""

    id: str
    work: str
    due: datetime
    args: tuple[str | int, ...]


@dataclass
class TableQueue:
    """A queue as the durable engine's: rows of the same database, so that a rollback takes them away too."""

    clock: Hands

    def enqueue(self, connection: sa.Connection, work: str, id_: str, delay: timedelta, *args: str | int) -> None:
        assert delay >= timedelta()
        if connection.execute(sa.select(jobs.c.id).where(jobs.c.id == id_)).first() is None:
            due = (self.clock.now() + delay).timestamp()
            row = {"id": id_, "work": work, "due": due, "args": json.dumps(args), "done": False}
            connection.execute(jobs.insert().values(row))


@dataclass
class Letterbox:
    """A notifier that writes down what it delivers. `faults` fail first, one delivery each; `down` fails for all."""

    means: str = "inbox"
    faults: list[Exception] = field(default_factory=list)
    down: Callable[[Alert], Exception | None] = lambda _: None
    unreached: frozenset[str] = frozenset()
    delivered: list[Alert] = field(default_factory=list)
    updated: list[tuple[Alert, str]] = field(default_factory=list)
    bundled: list[tuple[Alert, ...]] = field(default_factory=list)
    updated_bundles: list[tuple[tuple[Alert, ...], str]] = field(default_factory=list)
    digests: list[Digest] = field(default_factory=list)
    tried: int = 0
    meanwhile: Callable[[], object] | None = None
    """Done once, in the middle of a delivery."""

    def reaches(self, contact: Contact) -> bool:
        return contact.id not in self.unreached

    def deliver(self, alert: Alert) -> str:
        self._attempt(alert)
        self.delivered.append(alert)
        return f"message-{len(self.delivered)}"

    def update(self, alert: Alert, message_id: str) -> None:
        self.updated.append((alert, message_id))

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        self._attempt(alerts[0])
        self.bundled.append(alerts)
        return f"bundle-{len(self.bundled)}"

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        self.updated_bundles.append((alerts, message_id))

    def digest(self, digest: Digest) -> str:
        self._attempt(Alert(digest.key, digest.held[0], digest.contact))
        self.digests.append(digest)
        return f"digest-{len(self.digests)}"

    def _attempt(self, alert: Alert) -> None:
        self.tried += 1
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        fault = self.faults.pop(0) if self.faults else self.down(alert)
        if fault is not None:
            raise fault

    @property
    def came(self) -> list[Alert]:
        """Every alert, by itself or in a bundle."""
        return [*self.delivered, *(alert for alerts in self.bundled for alert in alerts)]

    @property
    def told(self) -> list[str]:
        """Who got a message, in order: ids of contacts, or the channel."""
        return [alert.contact.id if alert.contact else alert.channel for alert in self.delivered]


def says(text: str) -> tuple[str, ...]:
    """The words of `text`, as the reader would have them."""
    return tuple(text.lower().replace("’", "'").replace(".", " .").split())


def outcome_of(
    turn: Turn, route: Route = Route.DSL, status: Status = Status.RAISED, *,
    emergency: bool = False, withdrawn: bool = False,
) -> Outcome:  # fmt: skip
    """What the bot makes of a turn with a concern in it."""
    escalation = Escalation(reference_of(turn.id), turn, Concern(route, status, emergency), withdrawn)
    pending = escalation if status is Status.POSSIBLE and not withdrawn else None
    return Outcome(Reply(Kind.ESCALATE, ()), Memory(pending=pending), escalation)


def at_once(work: Callable[[int], object], people: int) -> list[object]:
    """What comes of `people` doing `work` at the same moment, each in a thread; what they raise is among it."""
    gate, came = threading.Barrier(people), [object()] * people

    def run(number: int) -> None:
        gate.wait()
        try:
            came[number] = work(number)
        except Exception as error:
            came[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def failed(kind: str = "timeout", *, for_good: bool = False, retry_after: float | None = None) -> DeliveryFailed:
    """A delivery that does not get through."""
    return DeliveryFailed(kind, for_good=for_good, retry_after=retry_after)
