"""Measures 1,000 open escalations: how late next steps come, what the idle process costs, how long recording takes.

`python -m tests.escalations.measure [DATABASE-URL]`; a SQLite file in a temporary folder where none is given.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import threading
import time
from datetime import timedelta

import sqlalchemy as sa

from adapters.database.connect import open_database
from adapters.database.tables import audit, escalations
from adapters.database.vault import Vault, new_key
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable, EngineQueue, migrate_engine
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Watch
from chatbot.plan import Contact, Plan, Timings
from chatbot.ports import Alert, Digest
from chatbot.reply import Route
from tests.escalations.child import SCHOOL, Now, reported

REPORTS = int(os.environ.get("REPORTS", "1000"))
QUIET = 100
"""So many of them one by one, before the others."""
SPREAD = 60.0
"""Seconds over which the others come in; their next steps fall due over as many."""
WAITS = (timedelta(seconds=150), timedelta(minutes=30))
IDLE = 60.0


class Box:
    """A notifier that always gets through at once."""

    means = "inbox"

    def reaches(self, contact: Contact) -> bool:
        """Everybody."""
        return True

    def deliver(self, alert: Alert) -> str:
        """At once."""
        return alert.key

    def update(self, alert: Alert, message_id: str) -> None:
        """At once."""

    def bundle(self, alerts: tuple[Alert, ...]) -> str:
        """At once."""
        return alerts[0].key

    def update_bundle(self, alerts: tuple[Alert, ...], message_id: str) -> None:
        """At once."""

    def digest(self, digest: Digest) -> str:
        """None."""
        return ""


def main() -> None:
    """Report, wait for the second person to be told, then idle; print what it took."""
    with tempfile.TemporaryDirectory() as folder:
        measure(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{folder}/chatbot.sqlite")


def measure(url: str) -> None:
    """On an empty database."""
    migrate_engine(url)
    engine = open_database(url)
    people = tuple(Contact(name, name, wait) for name, wait in zip("ab", WAITS, strict=True))
    plan = Plan(SCHOOL, {Route.DSL: people}, timings=Timings(repeat_cap=timedelta(hours=1)))
    desk = Desk(engine, Vault([new_key()]), {SCHOOL: plan}, EngineQueue(engine), Now(), lambda t: tuple(t.split()))
    stages, durable = Stages(desk, {"inbox": Box()}), Durable(url, desk)
    durable.launch(stages)
    watch = Watch(desk, stages, durable)
    watch.start()
    say(f"{engine.dialect.name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    idle("empty", 20)
    show("recorded in (ms), one report every half second", record(desk, range(QUIET), 0.5))
    pause = SPREAD / (REPORTS - QUIET)
    show(f"recorded in (ms), {REPORTS - QUIET} reports in {SPREAD:.0f} s", record(desk, range(QUIET, REPORTS), pause))
    until_told(engine, 2)
    late = lateness(engine)
    show("first alert after the report (s)", late[0])
    show("next step late by (s)", late[1])
    time.sleep(5)
    idle(f"{REPORTS} open and waiting", IDLE)
    with engine.connect() as connection:
        open_ = connection.execute(sa.select(sa.func.count()).where(escalations.c.state == "delivered")).scalar_one()
    say(f"open: {open_}; threads: {threading.active_count()}; "
        f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")  # fmt: skip
    watch.stop()
    durable.stop()


def record(desk: Desk, numbers: range, pause: float) -> list[float]:
    """How long each report took, in milliseconds."""
    took, started = list[float](), time.monotonic()
    for number in numbers:
        turn, outcome = reported(f"raised-{number}")
        before = time.perf_counter()
        desk.record_now(turn, outcome)
        took.append((time.perf_counter() - before) * 1000)
        time.sleep(max(0.0, started + (number - numbers.start + 1) * pause - time.monotonic()))
    return took


def until_told(engine: sa.Engine, times: int) -> None:
    """Wait until so many people were told of each report, and the last has been alerted."""
    done = sa.select(sa.func.count()).where(audit.c.what == "delivered")
    while True:
        with engine.connect().execution_options(reading=True) as connection:
            if connection.execute(done).scalar_one() >= times * REPORTS:
                return
        time.sleep(1)


def lateness(engine: sa.Engine) -> tuple[list[float], list[float]]:
    """From the audit trail: report to first alert, and the second telling after it was due."""
    lines = sa.select(audit.c.reference, audit.c.what, audit.c.at).order_by(audit.c.number)
    at: dict[str, dict[str, list[float]]] = {}
    with engine.connect() as connection:
        for line in connection.execute(lines):
            at.setdefault(line.reference, {}).setdefault(line.what, []).append(line.at.timestamp())
    first = [whats["delivered"][0] - whats["raised"][0] for whats in at.values()]
    second = [whats["told"][1] - whats["told"][0] - WAITS[0].total_seconds() for whats in at.values()]
    return first, second


def idle(what: str, seconds: float) -> None:
    """What this process uses while nothing is to be done."""
    before, started = time.process_time(), time.monotonic()
    time.sleep(seconds)
    used = (time.process_time() - before) / (time.monotonic() - started)
    say(f"{what}: {used * 100:.2f} % of a core over {seconds:.0f} s")


def show(what: str, values: list[float]) -> None:
    """Median, p99 and the worst."""
    values = sorted(values)
    say(f"{what}: median {values[len(values) // 2]:.2f}, p99 {values[len(values) * 99 // 100]:.2f}, "
        f"worst {values[-1]:.2f}")  # fmt: skip


def say(line: str) -> None:
    """One line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
