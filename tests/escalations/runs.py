"""A database, the processes that live and die over it, and the judgement of what they left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.database import audit
from adapters.database.connect import psycopg_url
from adapters.database.tables import audit as lines_of_trail
from adapters.database.tables import deliveries, escalations
from tests.escalations.child import Orders, work

_CONTEXT = multiprocessing.get_context("forkserver")
# The server has imported what a child needs: a child is there in a tenth of the time.
_CONTEXT.set_forkserver_preload(["tests.escalations.child", "pytest", "alembic.command", "psycopg"])


class Child:
    """One process."""

    def __init__(self, orders: Orders) -> None:
        self.name, self._folder = orders.name, orders.folder
        self._process = _CONTEXT.Process(target=work, args=(orders,), daemon=True)
        self._process.start()

    def order(self, line: str) -> None:
        """Tell it something."""
        with (self._folder / f"{self.name}.orders").open("a") as file:
            file.write(f"{line}\n")

    def said(self, beginning: str) -> list[str]:
        """What it said that began so."""
        log = self._folder / f"{self.name}.log"
        return [line for line in log.read_text().splitlines() if line.startswith(beginning)] if log.exists() else []

    def wait_for(self, beginning: str, seconds: float = 30, times: int = 1) -> list[str]:
        """What it said that began so; fails where it does not say so in time."""
        until(lambda: len(self.said(beginning)) >= times, seconds, f"{self.name} says {beginning!r} {times}×")
        return self.said(beginning)

    def kill(self) -> None:
        """SIGKILL, and gone."""
        self._process.kill()
        self._process.join()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def died(self, seconds: float) -> bool:
        """Whether it was killed within so long."""
        self._process.join(seconds)
        return self._process.exitcode == -signal.SIGKILL

    @property
    def frozen(self) -> bool:
        """Whether it stopped itself."""
        return Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"

    def stop(self) -> None:
        """In good order; fails where it does not end."""
        self.order("stop")
        self._process.join(30)
        assert self._process.exitcode == 0, f"{self.name} did not stop: {self._process.exitcode}"

    def end(self) -> None:
        """However it stands."""
        if self._process.is_alive():
            self.kill()

    def _signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the database, the outbox and the logs say together. Empty but for `reports`, `alerts` and `explained`."""

    reports: int
    alerts: int
    """Messages that went out, the same one twice counted twice."""
    explained: int
    """Messages sent again because a connection was cut or a process killed between sending and recording."""
    lost: tuple[str, ...]
    doubled: tuple[str, ...]
    stuck: tuple[str, ...]
    acknowledged_oddly: tuple[str, ...]
    never_alerted: tuple[str, ...]
    unexplained: tuple[str, ...]
    trail: tuple[str, ...]
    failed_work: tuple[str, ...]
    """Work that the durable engine gave up."""
    deadlocks: tuple[str, ...]

    @property
    def faults(self) -> dict[str, tuple[str, ...]]:
        """What is wrong, by kind."""
        kinds = ("lost", "doubled", "stuck", "acknowledged_oddly", "never_alerted", "unexplained", "trail",
                 "failed_work", "deadlocks")  # fmt: skip
        return {kind: getattr(self, kind) for kind in kinds if getattr(self, kind)}


@dataclass
class House:
    """A database and the files of its processes."""

    url: str
    folder: Path
    key: str
    findings: list[str]
    children: list[Child] = field(default_factory=list)
    settled: dict[str, frozenset[str]] = field(default_factory=dict)
    """For each process that was killed, the keys of the messages that were recorded as sent when it died."""
    sent_before: frozenset[str] = frozenset()
    """Keys of messages that went out before the first of these processes."""
    frozen: set[str] = field(default_factory=set)
    """Processes that were frozen and woken: others did their work meanwhile, and they end theirs."""

    @property
    def kind(self) -> str:
        """sqlite or postgresql."""
        return sa.make_url(self.url).get_backend_name()

    def start(self, name: str, turns: tuple[str, ...] = (), seed: int = 1, **more: Any) -> Child:
        """A process that begins with these reports."""
        orders = Orders(self.url, self.folder, name, self.key, seed, turns, **more)
        self.children.append(Child(orders))
        return self.children[-1]

    def dead(self, child: Child) -> None:
        """Note what was recorded as sent when this process had been killed."""
        try:
            self.settled[child.name] = frozenset(row.key for row in self.deliveries() if row.state == "sent")
        except sa.exc.DBAPIError:  # killed before there were tables
            self.settled[child.name] = frozenset()

    def clear(self) -> None:
        """End every process."""
        for child in self.children:
            child.end()

    def recorded(self) -> set[str]:
        """References of which a reporter was told that they are recorded."""
        logs = [path.read_text() for path in self.folder.glob("*.log")]
        return {line.split()[1] for log in logs for line in log.splitlines() if line.startswith("recorded ")}

    def outbox(self, event: str = "") -> list[dict[str, Any]]:
        """What notifiers and people did."""
        path = self.folder / "outbox"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        return [line for line in lines if event in ("", line["event"])]

    def acknowledged(self) -> set[str]:
        """References that a person took on."""
        return {line["reference"] for line in self.outbox("acknowledged")}

    def rows(self) -> dict[str, sa.Row[Any]]:
        """Every escalation."""
        return {row.reference: row for row in self.read(sa.select(escalations))}

    def deliveries(self) -> list[sa.Row[Any]]:
        """Every message."""
        return self.read(sa.select(deliveries))

    def read(self, statement: sa.Select[Any] | sa.TextClause) -> list[sa.Row[Any]]:
        """The rows of any statement."""
        with self.engine().connect() as connection:
            return list(connection.execute(statement))

    def do(self, *statements: str) -> None:
        """Statements of sabotage, in one transaction."""
        with self.engine().begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))

    def engine(self) -> sa.Engine:
        """A connection of the test's own, closed after use."""
        made = sa.make_url(self.url)
        if self.kind == "sqlite":
            return sa.create_engine(made, poolclass=sa.NullPool, connect_args={"timeout": 30})
        return sa.create_engine(psycopg_url(made), poolclass=sa.NullPool)

    @property
    def schema(self) -> str:
        """What stands before the names of the durable engine's tables."""
        return "" if self.kind == "sqlite" else "dbos."

    def finish(self, child: Child, seconds: float = 60) -> float:
        """Until every report is acknowledged; those that are kept open, once each of their alerts has gone out.

        How long it took until the last was acknowledged.
        """
        started = time.monotonic()
        until(lambda: not self.waiting(), seconds, "every alert has gone out", show=self.waiting)
        child.order("press")
        until(lambda: not self.open(), seconds, "all is acknowledged", fail=False)
        took = time.monotonic() - started
        until(lambda: not self._under_way(), 20, "nothing is under way", fail=False)
        return took

    def open(self) -> set[str]:
        """References of the reports that nobody has taken on."""
        return {ref for ref, row in self.rows().items() if row.state in ("possible", "raised", "delivered")}

    def waiting(self) -> list[str]:
        """Keys of the messages about open reports that were to go out and have not."""
        open_ = self.open()
        return [row.key for row in self.deliveries() if row.state == "due" and row.reference in open_]

    def _under_way(self) -> bool:
        status = sa.text(f"SELECT status FROM {self.schema}workflow_status WHERE status IN ('PENDING', 'ENQUEUED')")  # noqa: S608 -- our own name
        return bool(self.read(status))

    def judge(self) -> Judgement:
        """Look at everything."""
        rows, told, gone = self.rows(), self.recorded(), self.outbox("gone")
        with self.engine().connect() as connection:
            verified = audit.verify(connection)
        entries = Counter((line.reference, line.what) for line in self.read(sa.select(lines_of_trail)))
        begun = {ref: entries[ref, "raised"] + entries[ref, "asked about"] for ref in rows}
        explained, unexplained = self._repeats(gone)
        keys = {line["key"] for line in gone} | self.sent_before
        failed = sa.text(f"SELECT workflow_uuid, status FROM {self.schema}workflow_status WHERE status NOT IN "  # noqa: S608 -- our own name
                         "('SUCCESS', 'DELAYED', 'ENQUEUED', 'PENDING')")  # fmt: skip
        return Judgement(
            reports=len(rows),
            alerts=len(gone),
            explained=explained,
            lost=tuple(sorted(told - rows.keys())),
            doubled=tuple(ref for ref, times in begun.items() if times != 1),
            stuck=tuple(f"{ref} {row.state}" for ref, row in rows.items() if row.state != "acknowledged"),
            acknowledged_oddly=tuple(ref for ref in rows if entries[ref, "acknowledged"] != 1),
            never_alerted=tuple(row.key for row in self.deliveries() if row.state == "sent" and row.key not in keys),
            unexplained=unexplained,
            trail=verified.faults,
            failed_work=tuple(" ".join(row) for row in self.read(failed)),
            deadlocks=self._deadlocks(),
        )

    def _deadlocks(self) -> tuple[str, ...]:
        if self.kind == "sqlite":
            return ()
        counted = sa.text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        (row,) = self.read(counted)
        return (f"{row.deadlocks} transactions were sacrificed",) if row.deadlocks else ()

    def _repeats(self, gone: list[dict[str, Any]]) -> tuple[int, tuple[str, ...]]:
        """How many messages went out again for a reason, and those without one."""
        cut = Counter((line["run"], line["key"]) for line in self.outbox("cut"))
        explained, unexplained = 0, list[str]()
        latest: dict[str, dict[str, Any]] = {}
        for line in gone:
            before = latest.get(line["key"])
            latest[line["key"]] = line
            if before is None:
                continue
            if cut[before["run"], line["key"]]:
                cut[before["run"], line["key"]] -= 1
                explained += 1
            elif self.frozen & {before["run"], line["run"]} or line["key"] not in self.settled.get(
                before["run"], {line["key"]}
            ):
                explained += 1
            else:
                unexplained.append(f"{line['key']} by {before['run']}, then by {line['run']}")
        return explained, tuple(unexplained)


def until(
    holds: Callable[[], bool], seconds: float, what: str, *, fail: bool = True, show: Callable[[], object] = str
) -> float:
    """Wait until something holds; how long it took. A failure shows `show`."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            assert not fail, f"waited {seconds} s in vain until {what}: {show()}"
            break
        time.sleep(0.15)
    return time.monotonic() - started
