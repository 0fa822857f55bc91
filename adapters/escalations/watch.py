"""The self-watch: a thread that beats, takes over from dead processes, and finds any escalation whose step is overdue.

It depends on nothing but our own tables: were every row of the durable engine lost, it would carry on from them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from adapters.database.tables import deliveries, escalations, remarks
from adapters.escalations.desk import BOT, Desk
from adapters.escalations.drill import drill_of
from adapters.escalations.durable import Durable
from adapters.escalations.stages import Stages
from chatbot.escalation import OPEN, State
from chatbot.reply import Route

log = logging.getLogger("chatbot.escalations")

GRACE = timedelta(seconds=60)
"""How late a step may be before it is done again under another name."""
LOOK = timedelta(seconds=60)
"""How often overdue steps are looked for."""
TIDY = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Health:
    """What /readyz and /metrics tell of escalations."""

    open: int
    oldest_unacknowledged: timedelta
    """Age of the oldest that nobody has taken on; zero where there is none."""
    undelivered: int
    """Open escalations of which no alert has got through."""
    lag: timedelta
    """How late the most overdue step is."""

    @property
    def well(self) -> bool:
        """Whether every step comes in time and every report reaches somebody."""
        return self.lag <= 2 * GRACE and self.undelivered == 0


class Watch:
    """Looks after the escalations of this process and, on PostgreSQL, of its neighbours."""

    def __init__(
        self, desk: Desk, stages: Stages, durable: Durable, *, grace: timedelta = GRACE, look: timedelta = LOOK
    ) -> None:
        self._desk, self._stages, self._durable = desk, stages, durable
        self._grace, self._look = grace, look
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop, and wait for what is under way."""
        self._stopped.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        due: dict[Callable[[], object], tuple[float, timedelta]] = {
            self._durable.beat: (0.0, self._durable.alive / 5),
            self._durable.take_over: (0.0, self._durable.alive / 5),
            self.rescue: (time.monotonic() + self._look.total_seconds(), self._look),
            self.erase: (0.0, TIDY),
            self.drill: (0.0, LOOK * 10),
            self.digest: (0.0, LOOK),
            self._durable.tidy: (0.0, TIDY),
            self._stages.telling.forget: (0.0, TIDY),
        }
        while not self._stopped.wait(0.5):
            for work, (at, pause) in due.items():
                if time.monotonic() >= at:
                    due[work] = (time.monotonic() + pause.total_seconds(), pause)
                    try:
                        work()
                    except Exception:  # the watch outlives a database that is away
                        log.exception("the watch could not %s; it will try again", work.__name__)

    def rescue(self) -> int:
        """Have every overdue step done again; how many there were."""
        late = self._stages.overdue(self._grace)
        for row in late:
            work = _DUE.get(State(row.state))
            log.critical("escalation %s at %s: its next step is overdue", row.reference, row.school)
            if work is None:
                continue
            self._have_done(
                work, f"{row.reference}-{row.revision}", row.reference, *([row.stage] if work == "tell" else [])
            )
        for work, message in self._stages.unsent(self._grace):
            log.critical("%s: a message by %s is overdue", work, message.means)
            self._have_done(work, f"{message.key}-{message.attempts}", message.key)
        return len(late)

    def _have_done(self, work: str, what: str, *args: str | int) -> None:
        """Enqueue `work` under another name than its own; once between two looks, however many processes look."""
        window = int(self._desk.clock.now().timestamp() // self._look.total_seconds())
        with self._desk.engine.begin() as connection:
            self._desk.queue.enqueue(connection, work, f"rescue-{work}-{what}-{window}", timedelta(), *args)

    def drill(self) -> int:
        """Raise this week's drill of each school whose day it is, once, in opening hours; how many were asked for."""
        asked = 0
        for school, plan in self._desk.plans.items():
            now = self._desk.clock.now().astimezone(ZoneInfo(plan.hours.zone))
            if plan.timings.drill_day == now.weekday() and plan.hours.is_open(now):
                year, week, _ = now.isocalendar()
                drill_of(self._desk, school, Route.DSL, now, f"drill/{school}/{year}-{week}")
                asked += 1
        return asked

    def digest(self) -> int:
        """Have the digest of each school made whose day is over; how many messages that were."""
        return sum(self._stages.digests.make(school) for school in self._desk.plans)

    def erase(self) -> int:
        """Erase the words of reports that were closed long enough ago; how many. Where the record lives stays."""
        erased, now = 0, self._desk.clock.now()
        noted = sa.select(remarks.c.reference).where(remarks.c.words.is_not(None))
        columns = (escalations.c.words, escalations.c.outcome)
        with self._desk.engine.begin() as connection:
            closed = (
                sa.select(escalations)
                .where(
                    escalations.c.state == State.CLOSED,
                    escalations.c.closed_at.is_not(None),
                    sa.or_(*(column.is_not(None) for column in columns), escalations.c.reference.in_(noted)),
                )
                .order_by(escalations.c.reference)
                .with_for_update()
            )  # all of them, in the order of bundles, before the head of the trail: no deadlock
            for row in connection.execute(closed).all():
                plan = self._desk.plans.get(row.school)
                if plan is None or row.closed_at + plan.timings.keep_words > now:
                    continue
                # A note written after closing is kept for as long after it was written.
                old = remarks.c.at <= now - plan.timings.keep_words
                notes = remarks.update().where(remarks.c.reference == row.reference, remarks.c.words.is_not(None), old)
                gone = connection.execute(notes.values(words=None)).rowcount
                if row.words is None and row.outcome is None and not gone:
                    continue
                mine = escalations.update().where(escalations.c.reference == row.reference)
                connection.execute(mine.values(words=None, outcome=None, erased_at=now))
                self._desk.note(connection, BOT, "words erased", row.reference)
                erased += 1
        return erased


_DUE = {State.POSSIBLE: "confirm", State.RAISED: "tell", State.DELIVERED: "tell", State.ACKNOWLEDGED: "remind"}


def health(engine: sa.Engine, now: datetime) -> Health:
    """How the escalations stand at `now`. Raises SQLAlchemyError where the database is away."""
    with engine.connect().execution_options(reading=True) as connection:
        held = connection.execute(sa.select(escalations).where(escalations.c.state != State.CLOSED)).all()
        sent = set(connection.execute(sa.select(deliveries.c.reference).where(deliveries.c.state == "sent")).scalars())
    waiting = [row for row in held if State(row.state) in OPEN]
    oldest = max((now - row.at for row in waiting), default=timedelta())
    lag = max((now - row.next_at for row in held if row.next_at is not None), default=timedelta())
    undelivered = sum(row.reference not in sent and now - row.at > GRACE for row in waiting)
    return Health(len(held), max(oldest, timedelta()), undelivered, max(lag, timedelta()))
