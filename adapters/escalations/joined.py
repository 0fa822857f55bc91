"""Desk, stages, durable engine and watch, joined: what a process that serves has running."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout

from adapters.database.connect import DatabaseUnusable, open_database
from adapters.database.vault import Vault
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable, EngineQueue, migrate_engine
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Health, Watch, health
from chatbot.plan import Plan
from chatbot.ports import Clock, Notifier, Speaker


@dataclass(frozen=True, slots=True)
class Escalations:
    """Everything that escalations need, running from start() to stop()."""

    engine: sa.Engine
    desk: Desk
    stages: Stages
    durable: Durable
    watch: Watch
    lock: FileLock | None

    def start(self) -> None:
        """Work off what is due, and watch. Raises DatabaseUnusable."""
        try:
            self.durable.launch(self.stages)
        except Exception as error:  # whatever the engine raises, the process must not run without it
            raise DatabaseUnusable(f"the escalation engine cannot start: {error}") from error
        self.watch.start()

    def health(self) -> Health:
        """How the escalations stand now. Raises SQLAlchemyError where the database is away."""
        return health(self.engine, self.desk.clock.now())

    def stop(self) -> None:
        """Stop; whatever is under way goes on at the next start."""
        self.watch.stop()
        self.durable.stop()
        self.engine.dispose()
        if self.lock is not None:
            self.lock.release()


def join(
    url: str,
    keys: Sequence[str],
    plans: Mapping[str, Plan],
    notifiers: Sequence[Notifier],
    clock: Clock,
    words_of: Callable[[str], tuple[str, ...]],
) -> Escalations:
    """Escalations over the database at `url`, not started yet. Raises DatabaseUnusable."""
    lock = _held(url)
    try:
        engine = open_database(url)
        migrate_engine(url)
    except DatabaseUnusable:
        raise
    except Exception as error:  # the engine's own tables, by whatever it raises
        raise DatabaseUnusable(f"the tables of the escalation engine cannot be made: {error}") from error
    return _joined(url, keys, plans, notifiers, clock, words_of, engine, lock)


def _joined(
    url: str,
    keys: Sequence[str],
    plans: Mapping[str, Plan],
    notifiers: Sequence[Notifier],
    clock: Clock,
    words_of: Callable[[str], tuple[str, ...]],
    engine: sa.Engine,
    lock: FileLock | None,
) -> Escalations:
    desk = Desk(
        engine,
        Vault(keys),
        plans,
        EngineQueue(engine),
        clock,
        words_of,
        lambda contact: any(notifier.reaches(contact) for notifier in notifiers),
    )
    stages = Stages(
        desk,
        {notifier.means: notifier for notifier in notifiers},
        speakers={one.means: one for one in notifiers if isinstance(one, Speaker)},
    )
    durable = Durable(url, desk)
    return Escalations(engine, desk, stages, durable, Watch(desk, stages, durable), lock)


def _held(url: str) -> FileLock | None:
    """The lock of a SQLite file: one process only. PostgreSQL needs none."""
    made = sa.make_url(url)
    if made.get_backend_name() != "sqlite" or not made.database:
        return None
    path = Path(made.database).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(f"{path}.lock", timeout=0, thread_local=False)  # taken in one thread, given back in another
    try:
        lock.acquire()
    except Timeout as error:
        message = f"{path} is in use by another process; a SQLite file serves one (several need PostgreSQL)"
        raise DatabaseUnusable(message) from error
    return lock


def looked_at(url: str, keys: Sequence[str], plans: Mapping[str, Plan], notifiers: Sequence[Notifier]) -> Escalations:
    """The escalations of a database that another process may be serving: to look at, and to enqueue for that process.

    Neither engine nor watch may be started. Raises DatabaseUnusable.
    """
    engine = open_database(url)
    migrate_engine(url)
    return _joined(url, keys, plans, notifiers, _Now(), lambda text: tuple(text.lower().split()), engine, None)


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)
