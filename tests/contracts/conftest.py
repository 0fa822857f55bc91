"""A school's desk over a SQLite file: a clock that tests move, a queue in a table, notifiers that write down."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.database import audit
from adapters.database.connect import open_database
from adapters.database.tables import deliveries, escalations
from adapters.database.vault import Vault, new_key
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable
from adapters.escalations.rows import Row
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Watch
from chatbot.escalation import Held, Opened, Refusal
from chatbot.model import Concern, Escalation, Kind, Memory, Outcome, Reply, Turn
from chatbot.plan import Contact, Plan
from chatbot.ports import Alert, DeliveryFailed, Notifier
from chatbot.reply import Route, Status
from chatbot.respond import reference_of
from tests.talk import NOW

MINUTE = timedelta(minutes=1)
LEAD = Contact("lead", "Anna Patel", 5 * MINUTE, slack="U0LEAD", email="lead@example.org")
DEPUTY = Contact("deputy", "Beth O’Brien", 10 * MINUTE, email="deputy@example.org")
HEAD = Contact("head", "Carl Small", 15 * MINUTE, email="head@example.org")
CHAIR = Contact("chair", "Dina Church", 15 * MINUTE, email="chair@example.org")
EVERYONE = (LEAD, DEPUTY, HEAD, CHAIR)
PEOPLE = {Route.DSL: (LEAD, DEPUTY), Route.HEADTEACHER: (HEAD,), Route.CHAIR_OF_GOVERNORS: (CHAIR,)}
PLAN = Plan("fact", PEOPLE)
STRANGER = Contact("stranger", "Eve Elsewhere", MINUTE)
PLANS: Mapping[str, Plan] = {"fact": PLAN, "other": Plan("other", {Route.DSL: (STRANGER,)})}

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
    tried: int = 0
    meanwhile: Callable[[], object] | None = None
    """Done once, in the middle of a delivery."""

    def reaches(self, contact: Contact) -> bool:
        return contact.id not in self.unreached

    def deliver(self, alert: Alert) -> str:
        self.tried += 1
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        fault = self.faults.pop(0) if self.faults else self.down(alert)
        if fault is not None:
            raise fault
        self.delivered.append(alert)
        return f"message-{len(self.delivered)}"

    def update(self, alert: Alert, message_id: str) -> None:
        self.updated.append((alert, message_id))

    @property
    def told(self) -> list[str]:
        """Who got a message, in order: ids of contacts, or the channel."""
        return [alert.contact.id if alert.contact else alert.channel for alert in self.delivered]


def says(text: str) -> tuple[str, ...]:
    """The words of `text`, as the reader would have them."""
    return tuple(text.lower().replace("’", "'").replace(".", " .").split())


class World:
    """A desk with everything around it."""

    def __init__(self, path: Path, plans: Mapping[str, Plan] = PLANS, notifiers: tuple[Notifier, ...] = ()) -> None:
        self.path, self.clock = path, Hands()
        self.key = new_key()
        self.engine = open_database(f"sqlite:///{path}")
        sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        self.engine.dispose()  # from here on every connection is one that does not wait for the disk
        with self.engine.begin() as connection:
            jobs.create(connection, checkfirst=True)
        self.box = Letterbox()
        boxes = notifiers or (self.box,)
        self.queue = TableQueue(self.clock)
        self.desk = Desk(self.engine, Vault([self.key]), plans, self.queue, self.clock, says)
        self.stages = Stages(self.desk, {box.means: box for box in boxes})
        durable = Durable(f"sqlite:///{path}", self.desk)  # never launched: rescue() and erase() do without it
        self.watch = Watch(self.desk, self.stages, durable, grace=MINUTE, look=MINUTE)
        self._turns = 0

    # What a reporter does

    def turn(self, text: str = "a girl has bruises on her arm", **other: str) -> Turn:
        """A new turn; `other` are its id, conversation, school and speaker."""
        self._turns += 1
        said = {"id": f"t{self._turns}", "conversation": f"c{self._turns}", "school": "fact", "speaker": "reporter"}
        said |= other
        return Turn(said["id"], said["conversation"], said["school"], said["speaker"], text, self.clock.now())

    def record(
        self, turn: Turn, route: Route = Route.DSL, status: Status = Status.RAISED, *,
        emergency: bool = False, withdrawn: bool = False,
    ) -> str:  # fmt: skip
        """The turn recorded as a report; its reference."""
        outcome = outcome_of(turn, route, status, emergency=emergency, withdrawn=withdrawn)
        self.desk.record_now(turn, outcome)
        assert outcome.escalation is not None
        return outcome.escalation.reference

    def report(
        self, text: str = "a girl has bruises on her arm", route: Route = Route.DSL, *, emergency: bool = False,
        speaker: str = "reporter",
    ) -> str:  # fmt: skip
        """A clear report; its reference."""
        return self.record(self.turn(text, speaker=speaker), route, emergency=emergency)

    # What the durable engine does

    def waiting(self, work: str | None = None) -> list[Job]:
        """What the queue still holds, the earliest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(jobs).where(~jobs.c.done).order_by(jobs.c.due, jobs.c.id)).all()
        zone = self.clock.now().tzinfo
        found = [Job(r.id, r.work, datetime.fromtimestamp(r.due, zone), tuple(json.loads(r.args))) for r in rows]
        return [job for job in found if work in (None, job.work)]

    def carry_out(self, job: Job) -> None:
        """Do one piece of work, moving the clock to when it is due."""
        self.clock.at = max(self.clock.at, job.due)
        with self.engine.begin() as connection:
            connection.execute(jobs.update().where(jobs.c.id == job.id).values(done=True))
        match job.work, job.args:
            case "tell", (str(reference), int(stage)):
                self.stages.tell(reference, stage)
            case "send", (str(key),):
                self.stages.send(key)
            case "remind", (str(reference),):
                self.stages.remind(reference)
            case "nudge", (str(key),):
                self.stages.nudge(key)
            case "show", (str(reference),):
                self.stages.show(reference)
            case "confirm", (str(reference),):
                self.desk.unconfirmed(reference)
            case unknown:
                raise AssertionError(unknown)

    def pass_time(self, by: timedelta = timedelta(), most: int = 300) -> int:
        """Do everything that falls due while `by` passes; how much that was."""
        until, done = self.clock.now() + by, 0
        while (due := self.waiting()) and due[0].due <= until:
            self.carry_out(due[0])
            done += 1
            assert done <= most, f"still not at rest after {most} pieces of work: {self.waiting()[:3]}"
        self.clock.at = max(self.clock.at, until)
        return done

    def lose_queue(self) -> None:
        """The durable engine's rows are gone."""
        with self.engine.begin() as connection:
            connection.execute(jobs.delete())

    # What is there

    def row(self, reference: str) -> Row:
        """The escalation as it stands in the table."""
        with self.engine.connect() as connection:
            return connection.execute(sa.select(escalations).where(escalations.c.reference == reference)).one()

    def rows(self) -> list[Row]:
        """All escalations."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(escalations).order_by(escalations.c.reference)))

    def deliveries(self) -> list[Row]:
        """All deliveries, in the order they were made."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(deliveries).order_by(deliveries.c.at, deliveries.c.key)))

    def held(self, reference: str, contact: Contact = LEAD) -> Held:
        """The escalation as `contact` has it in their pile."""
        school = self.row(reference).school
        return next(held for held in self.desk.pile_now(school, contact.id) if held.reference == reference)

    def opened(self, reference: str, contact: Contact = LEAD) -> Opened:
        """The escalation as `contact` opens it."""
        opened = self.desk.open_now(reference, contact.id)
        assert not isinstance(opened, Refusal)
        return opened

    def history(self, reference: str) -> list[tuple[str, str]]:
        """Who did what, without anybody opening it."""
        with self.engine.connect() as connection:
            return [(entry.actor, entry.what) for entry in audit.trail(connection, reference)]

    def bytes_on_disk(self) -> bytes:
        """All that the database has in its files."""
        files = sorted(self.path.parent.glob(f"{self.path.name}*"))
        return b"".join(file.read_bytes() for file in files)

    def close(self) -> None:
        self.engine.dispose()


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


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables: copied, since making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    open_database(f"sqlite:///{path}").dispose()
    return path


@pytest.fixture
def make_world(tmp_path: Path, empty_file: Path) -> Iterator[Callable[..., World]]:
    """Makes worlds, with other plans or notifiers where a test wants them."""
    made: list[World] = []

    def make(plans: Mapping[str, Plan] = PLANS, *notifiers: Notifier) -> World:
        path = tmp_path / f"{len(made)}.db"
        shutil.copyfile(empty_file, path)
        made.append(World(path, plans, notifiers))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """One school with a lead, a deputy, a head and a chair; and another school."""
    return make_world()
