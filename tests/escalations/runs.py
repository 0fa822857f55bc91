"""A database, and the judgement of what the processes over it left behind."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.database import audit
from adapters.database.connect import psycopg_url
from adapters.database.tables import audit as lines_of_trail
from adapters.database.tables import deliveries, escalations
from tests.escalations.orders import Orders
from tests.escalations.processes import Child, until

Told = tuple[str, str]
"""The key of a message and the reference of a report that it told of: a bundle tells of several."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the database, the outbox and the logs say together. Empty but for the numbers."""

    reports: int
    alerts: int
    """Alerts that went out, the same one twice counted twice."""
    bundled: int
    """Those of them that went out with others in one message."""
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
    settled: dict[str, frozenset[Told]] = field(default_factory=dict)
    """For each process that was killed, what was recorded as sent when it died."""
    sent_before: frozenset[Told] = frozenset()
    """What went out before the first of these processes."""
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
            self.settled[child.name] = self.sent()
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

    def sent(self) -> frozenset[Told]:
        """What is recorded as sent."""
        return frozenset((row.bundle or row.key, row.reference) for row in self.deliveries() if row.state == "sent")

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
        keys = {told_of(line) for line in gone} | self.sent_before
        failed = sa.text(f"SELECT workflow_uuid, status FROM {self.schema}workflow_status WHERE status NOT IN "  # noqa: S608 -- our own name
                         "('SUCCESS', 'DELAYED', 'ENQUEUED', 'PENDING')")  # fmt: skip
        return Judgement(
            reports=len(rows),
            alerts=len(gone),
            bundled=sum(line["of"] > 1 for line in gone),
            explained=explained,
            lost=tuple(sorted(told - rows.keys())),
            doubled=tuple(ref for ref, times in begun.items() if times != 1),
            stuck=tuple(f"{ref} {row.state}" for ref, row in rows.items() if row.state != "acknowledged"),
            acknowledged_oddly=tuple(ref for ref in rows if entries[ref, "acknowledged"] != 1),
            never_alerted=tuple(" ".join(one) for one in self.sent() - keys),
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
        cut = Counter((line["run"], told_of(line)) for line in self.outbox("cut"))
        explained, unexplained = 0, list[str]()
        latest: dict[Told, dict[str, Any]] = {}
        for line in gone:
            told = told_of(line)
            before = latest.get(told)
            latest[told] = line
            if before is None:
                continue
            if cut[before["run"], told]:
                cut[before["run"], told] -= 1
                explained += 1
            elif self.frozen & {before["run"], line["run"]} or told not in self.settled.get(before["run"], {told}):
                explained += 1
            else:
                unexplained.append(f"{line['key']} by {before['run']}, then by {line['run']}")
        return explained, tuple(unexplained)


def told_of(line: dict[str, Any]) -> Told:
    """What a line of the outbox is about."""
    return line["key"], line["reference"]
