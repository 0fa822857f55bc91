"""The durable engine: DBOS runs what the desk enqueues, on SQLite or PostgreSQL. The only user of dbos.

Every workflow is one short step that can be repeated; nothing waits in memory. Rows of the engine carry ids only.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer, EnqueueOptions

from adapters.database.connect import psycopg_url
from adapters.database.tables import beats
from adapters.escalations import bundles, digests, telling
from adapters.escalations.desk import Desk
from adapters.escalations.stages import Stages

log = logging.getLogger("chatbot.escalations")

VERSION = "1"
"""Never changed: rows of another version would wait for ever. Workflows stay able to do what was enqueued before."""
QUEUE = "escalations"
POLL = 0.5
"""Seconds between two looks into the queue."""
ALIVE = timedelta(seconds=15)
"""A process without a heartbeat for so long is taken for dead, and its work goes on elsewhere."""
KEPT = timedelta(days=2)
"""How long the engine's finished rows are kept."""


class EngineQueue:
    """Keeps adapters.escalations.desk.Queue: enqueues in the caller's own transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=engine, serializer=DBOSPortableJSONSerializer(), lazy=True,
            retry_connection_errors=False, application_name="chatbot",
        )  # fmt: skip

    def enqueue(self, connection: sa.Connection, work: str, id_: str, delay: timedelta, *args: str | int) -> None:
        """In the transaction of `connection`. The same id twice is one piece of work."""
        options: EnqueueOptions = {
            "workflow_name": work, "queue_name": QUEUE, "workflow_id": id_, "app_version": VERSION,
        }  # fmt: skip
        if delay > timedelta():  # even a delay of nothing waits for the engine's next round through what is delayed
            options["delay_seconds"] = delay.total_seconds()
        self._client.enqueue_in_transaction(connection, options, *args)


class Durable:
    """The engine of this process. There is one at a time: DBOS keeps its own in the module."""

    def __init__(self, url: str, desk: Desk, *, alive: timedelta = ALIVE) -> None:
        self.executor = uuid.uuid4().hex
        self.alive = alive
        self._desk = desk
        self._config: DBOSConfig = {
            "name": "chatbot",
            "system_database_url": engine_url(url),
            "application_version": VERSION,
            "executor_id": self.executor,
            "serializer": DBOSPortableJSONSerializer(),
            "max_executor_threads": 12,
            "enable_otlp": False,
            "log_level": "ERROR",
        }

    def launch(self, stages: Stages) -> None:
        """Start working off the queue. Raises where the database cannot be reached."""
        self.beat()
        DBOS(config=self._config)
        _register("tell", stages.tell)
        _register("send", stages.send)
        _register("remind", stages.remind)
        _register("nudge", stages.nudge)
        _register("show", stages.show)
        _register("confirm", self._desk.unconfirmed)
        _register(bundles.WORK, stages.bundles.send)
        _register(bundles.SHOW, stages.bundles.show)
        _register(digests.WORK, stages.digests.send)
        _register(telling.WORK, stages.telling.say)
        DBOS.launch()
        DBOS.register_queue(QUEUE, polling_interval_sec=POLL)

    def stop(self) -> None:
        """Stop; what is under way is taken up again by whoever starts next."""
        DBOS.destroy(destroy_registry=True)

    def beat(self) -> None:
        """Say that this process is alive."""
        now = self._desk.clock.now()
        with self._desk.engine.begin() as connection:
            mine = beats.c.executor == self.executor
            if not connection.execute(beats.update().where(mine).values(at=now)).rowcount:
                connection.execute(beats.insert().values(executor=self.executor, at=now))

    def take_over(self) -> int:
        """Take up what dead processes left under way; how many pieces of work that were."""
        if DBOS.retrieve_queue(QUEUE) is None:  # without its row the engine would never look again
            DBOS.register_queue(QUEUE, polling_interval_sec=POLL, on_conflict="always_update")
        with self._desk.engine.begin() as connection:
            since = self._desk.clock.now() - self.alive
            living = set(connection.execute(sa.select(beats.c.executor).where(beats.c.at >= since)).scalars())
            connection.execute(beats.delete().where(beats.c.at < since - timedelta(days=1)))
        left = [
            w
            for w in DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            if w.executor_id not in living
        ]
        for work in left:
            DBOS.resume_workflow(work.workflow_id, queue_name=QUEUE)
        return len(left)

    def tidy(self) -> None:
        """Delete the engine's rows of work that was done long ago."""
        before = (self._desk.clock.now() - KEPT).isoformat()
        done = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=1000,
            load_input=False,
            load_output=False,
        )
        if done:
            DBOS.delete_workflows([work.workflow_id for work in done])


def engine_url(url: str) -> str:
    """The address as the durable engine wants it."""
    made = sa.make_url(url)
    return url if made.get_backend_name() == "sqlite" else psycopg_url(made).render_as_string(hide_password=False)


def migrate_engine(url: str) -> None:
    """Create or bring up to date the engine's own tables; before anything is enqueued."""
    DBOS.migrate(system_database_url=engine_url(url))


def _register(name: str, work: Callable[..., None]) -> None:
    """One workflow of one step. Only a database that is away raises out of `work`: then it is tried again."""

    def once(*args: str | int) -> None:
        work(*args)

    step = DBOS.step(
        name=f"{name}-once", retries_allowed=True, interval_seconds=0.5, max_attempts=10, backoff_rate=1.6
    )(once)

    def run(*args: str | int) -> None:
        step(*args)

    DBOS.workflow(name=name, max_recovery_attempts=1_000_000)(run)
