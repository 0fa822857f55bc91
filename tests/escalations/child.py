"""A process that takes reports, sends alerts and presses buttons over one database, and dies where it is told to.

What it did is in files of its folder, written line by line so that a kill leaves them whole: `<name>.log` what it
said, `outbox` what its notifier did and what the DSL pressed. It is told more through `<name>.orders`.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import sys
import threading
import time
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa

from adapters.database.connect import open_database
from adapters.database.vault import Vault
from adapters.escalations import durable as durable_module
from adapters.escalations import stages as stages_module
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable, EngineQueue, migrate_engine
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Watch
from chatbot.escalation import Acknowledge, Acted
from chatbot.model import Concern, Escalation, Memory, Outcome, Turn
from chatbot.plan import Contact, Plan, Timings
from chatbot.ports import Alert, DeliveryFailed
from chatbot.reply import Kind, Reply, Route, Status
from chatbot.respond import reference_of

SCHOOL = "fact"
CHAINS = {Route.DSL: ("a", "b", "c"), Route.HEADTEACHER: ("c", "d")}
"""Whom a report on each route may reach."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is to do. Waits are short, so that a life takes seconds."""

    url: str
    folder: Path
    name: str
    key: str
    seed: int
    turns: tuple[str, ...] = ()
    """Ids of the turns to report at once. What stands before the first `-` says which kind of report it is."""
    boundary: int = 0
    """The step boundary at which it signals itself; 0 for none."""
    counted_from: Literal["start", "report"] = "report"
    only: str = ""
    """Only boundaries whose name holds this are counted."""
    signal: int = signal.SIGKILL
    faults: float = 0.2
    """The part of deliveries that fail."""
    slow: float = 0.0
    """Seconds that a delivery takes."""
    press: bool = True
    """Whether a DSL sits here."""
    patience: int = 3
    """Some press at the first alert, some only at the one of this number."""
    wait: float = 0.6
    alive: float = 2.0
    grace: float = 3.0
    look: float = 1.0
    lease: float = 2.0
    page_limit: int = 0
    """Pages that a SQLite file may have at most: a disk that is full."""


class Lines:
    """A file that several processes append whole lines to."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)

    def add(self, line: str) -> None:
        """In one write."""
        os.write(self._file, f"{line}\n".encode())


class Boundaries:
    """Counts step boundaries: before and after each commit that changed something, before and after each delivery.

    Also after each statement that makes or changes a table.
    """

    def __init__(self, orders: Orders) -> None:
        self.names: list[str] = []
        self.ours: sa.Engine | None = None
        self.counting = orders.counted_from == "start"
        self._orders = orders
        self._lock = threading.Lock()

    def listen(self) -> None:
        """On every engine of this process: ours and the durable one's."""
        sa.event.listen(sa.Engine, "after_cursor_execute", self._executed)
        sa.event.listen(sa.Engine, "commit", self._committing)
        sa.event.listen(sa.Engine, "rollback", self._undone)
        sa.event.listen(sa.pool.Pool, "checkin", self._returned)

    def passed(self, name: str) -> None:
        """Here is one."""
        with self._lock:
            if not self.counting or self._orders.only not in name:
                return
            self.names.append(name)
            if len(self.names) == self._orders.boundary:
                say(f"dies {name}")
                os.kill(os.getpid(), self._orders.signal)

    def _executed(self, connection: sa.Connection, cursor: Any, statement: str, *_: object) -> None:
        words = statement.split()
        word = words[0].upper()
        changed = cursor.rowcount != 0 or "RETURNING" in statement
        if word in {"INSERT", "UPDATE", "DELETE"} and changed:
            connection.info["wrote"] = f"{word.lower()} {words[1 if word == 'UPDATE' else 2]}"
        elif word in {"CREATE", "ALTER", "DROP"}:
            connection.info["wrote"] = " ".join(words[:3])
            self.passed(f"within a migration {' '.join(words[:3])}")

    def _committing(self, connection: sa.Connection) -> None:
        wrote = connection.info.pop("wrote", None)
        if wrote is not None:
            whose = "ours" if connection.engine is self.ours else "engine"
            self.passed(f"before commit {whose} {wrote}")
            connection.info["committed"] = f"{whose} {wrote}"

    def _undone(self, connection: sa.Connection) -> None:
        connection.info.pop("wrote", None)

    def _returned(self, _: object, record: sa.pool.ConnectionPoolEntry) -> None:
        committed = record.info.pop("committed", None)
        if committed is not None:
            self.passed(f"after commit {committed}")


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
        self.boundaries.passed("before delivery")
        fault = self._random.choice(FAULTS) if self._random.random() < self.orders.faults else None
        self._note(alert, "try")
        time.sleep(self.orders.slow)
        if fault in (None, "cut"):
            self._note(alert, "gone")
        if fault == "time-out":
            time.sleep(0.3)
        if fault is not None:
            self._note(alert, fault)
        if fault == "fault":
            raise RuntimeError("the platform's library broke")
        if fault is not None:
            raise DeliveryFailed(fault, retry_after=1 if fault == "429" else None)
        self.boundaries.passed("after delivery")
        return f"m-{alert.key}"

    def update(self, alert: Alert, message_id: str) -> None:
        """Fails as often."""
        if self._random.random() < self.orders.faults:
            raise DeliveryFailed("error")

    def _note(self, alert: Alert, event: str) -> None:
        line = {
            "run": self.orders.name, "event": event, "key": alert.key, "reference": alert.held.reference,
            "contact": alert.contact.id if alert.contact else "", "at": time.time(),
        }  # fmt: skip
        self.outbox.add(json.dumps(line))


FAULTS = ("error", "time-out", "429", "cut", "fault")


class Now:
    """The time."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


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
            kept = set(_lines(self._orders.folder / "kept")) if self.keeps_waiting else set()
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


def say(line: str) -> None:
    """On the log, in one write."""
    os.write(1, f"{line}\n".encode())


def work(orders: Orders) -> None:
    """Join everything, report, and do as told until told to stop."""
    log = os.open(orders.folder / f"{orders.name}.log", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(message)s")
    stages_module.LEASE = timedelta(seconds=orders.lease)
    durable_module.POLL = 0.1
    boundaries, outbox = Boundaries(orders), Lines(orders.folder / "outbox")
    boundaries.listen()
    if orders.page_limit:
        sa.event.listen(sa.Engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={orders.page_limit}"))
    migrate_engine(orders.url)
    engine = boundaries.ours = open_database(orders.url)
    words = Vault([orders.key])
    desk = Desk(engine, words, {SCHOOL: plan(orders.wait)}, EngineQueue(engine), Now(), lambda t: tuple(t.split()))
    stages = Stages(desk, {"chat": Faulty(orders, outbox, boundaries)})
    durable = Durable(orders.url, desk, alive=timedelta(seconds=orders.alive))
    durable.launch(stages)
    watch = Watch(desk, stages, durable, grace=timedelta(seconds=orders.grace), look=timedelta(seconds=orders.look))
    watch.start()
    person = Person(orders, desk, outbox)
    if orders.press:
        threading.Thread(target=person.sit, daemon=True).start()
    say(f"ready {time.time()}")
    boundaries.counting = True
    for turn in orders.turns:
        report(desk, orders, turn)
    for order in told(orders):
        match order.split():
            case ["report", turn]:
                report(desk, orders, turn)
            case ["press"]:
                person.keeps_waiting = False
            case ["stop"]:
                break
            case unknown:
                say(f"unknown {unknown}")
    watch.stop()
    durable.stop()
    for name in boundaries.names:
        say(f"boundary {name}")
    say("stopped")
    os._exit(0)


def told(orders: Orders) -> Any:
    """Each order, as it comes."""
    path, read = orders.folder / f"{orders.name}.orders", 0
    while True:
        lines = _lines(path)
        yield from lines[read:]
        read = len(lines)
        time.sleep(0.05)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def plan(wait: float) -> Plan:
    """Four people, each with a little longer than the one before."""
    a, b, c, d = (Contact(id_, id_.upper(), timedelta(seconds=wait * (1 + n / 3))) for n, id_ in enumerate("abcd"))
    timings = Timings(
        confirm=timedelta(seconds=1), repeat_cap=timedelta(seconds=30), emergency_repeat=timedelta(seconds=1)
    )
    people = {Route.DSL: (a, b), Route.HEADTEACHER: (c,), Route.CHAIR_OF_GOVERNORS: (d,)}
    return Plan(SCHOOL, people, timings=timings)


def report(desk: Desk, orders: Orders, turn_id: str) -> None:
    """Until it is recorded: as a platform sends an event again that was not acknowledged to it."""
    turn, outcome = reported(turn_id)
    if turn_id.endswith("-kept"):
        Lines(orders.folder / "kept").add(reference_of(turn_id))
    while True:
        started = time.monotonic()
        try:
            desk.record_now(turn, outcome)
        except Exception as error:  # whatever it is, the reporter is told
            say(f"refused {reference_of(turn_id)} {time.monotonic() - started:.3f} {type(error).__name__}")
            time.sleep(0.3)
        else:
            say(f"recorded {reference_of(turn_id)} {time.monotonic() - started:.3f}")
            return


def reported(turn_id: str) -> tuple[Turn, Outcome]:
    """The turn of that id, and what the bot makes of it."""
    kind = turn_id.split("-")[0]
    turn = Turn(turn_id, f"c-{turn_id}", SCHOOL, "reporter", "she has bruises", datetime.now(UTC))
    concern = Concern(
        Route.HEADTEACHER if kind == "head" else Route.DSL,
        Status.POSSIBLE if kind == "possible" else Status.RAISED,
        kind == "emergency",
    )
    escalation = Escalation(reference_of(turn_id), turn, concern)
    memory = Memory(pending=escalation) if kind == "possible" else Memory()
    return turn, Outcome(Reply(Kind.ESCALATE, ()), memory, escalation)
