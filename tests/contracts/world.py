"""A school's desk with its people and everything around it, over a SQLite file or on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from adapters.database import audit
from adapters.database.connect import open_database
from adapters.database.tables import deliveries, escalations, messages
from adapters.database.vault import Vault, new_key
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable
from adapters.escalations.rows import Row
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Watch
from chatbot.escalation import Held, Opened, Refusal
from chatbot.model import Turn
from chatbot.plan import Contact, Plan
from chatbot.ports import Notifier
from chatbot.reply import Route, Status
from tests.contracts.around import Hands, Job, Letterbox, TableQueue, jobs, outcome_of, says

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


class World:
    """A desk with everything around it."""

    def __init__(self, url: str, plans: Mapping[str, Plan] = PLANS, notifiers: tuple[Notifier, ...] = ()) -> None:
        self.url, self.clock = sa.make_url(url), Hands()
        self.key = new_key()
        self.engine = open_database(url)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
            self.engine.dispose()  # from here on every connection is one that does not wait for the disk
        with self.engine.begin() as connection:
            jobs.create(connection, checkfirst=True)
        self.box = Letterbox()
        boxes = notifiers or (self.box,)
        self.queue = TableQueue(self.clock)
        self.desk = Desk(self.engine, Vault([self.key]), plans, self.queue, self.clock, says)
        self.stages = Stages(self.desk, {box.means: box for box in boxes})
        durable = Durable(url, self.desk)  # never launched: rescue() and erase() do without it
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
        return [job for job in self._jobs() if work in (None, job.work)]

    def _jobs(self, most: int | None = None) -> list[Job]:
        first = sa.select(jobs).where(~jobs.c.done).order_by(jobs.c.due, jobs.c.id).limit(most)
        with self.engine.connect() as connection:
            rows = connection.execute(first).all()
        zone = self.clock.now().tzinfo
        return [Job(r.id, r.work, datetime.fromtimestamp(r.due, zone), tuple(json.loads(r.args))) for r in rows]

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
            case "bundle", (str(key),):
                self.stages.bundles.send(key)
            case "show-bundle", (str(key),):
                self.stages.bundles.show(key)
            case "digest", (str(key),):
                self.stages.digests.send(key)
            case unknown:
                raise AssertionError(unknown)

    def pass_time(self, by: timedelta = timedelta(), most: int = 300) -> int:
        """Do everything that falls due while `by` passes; how much that was."""
        until, done = self.clock.now() + by, 0
        while (due := self._jobs(1)) and due[0].due <= until:
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

    def messages(self) -> list[Row]:
        """All bundles and digests, in the order they were made."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(messages).order_by(messages.c.at, messages.c.key)))

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
        path = Path(self.url.database or "")
        files = sorted(path.parent.glob(f"{path.name}*"))
        return b"".join(file.read_bytes() for file in files)

    def close(self) -> None:
        self.engine.dispose()
