"""A process that takes reports, sends alerts and presses buttons over one database, and dies where it is told to.

What it did is in files of its folder, written line by line so that a kill leaves them whole: `<name>.log` what it
said, `outbox` what its notifier did and what the DSL pressed. It is told more through `<name>.orders`."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from adapters.database.connect import open_database
from adapters.database.vault import Vault
from adapters.escalations import durable as durable_module
from adapters.escalations.desk import Desk
from adapters.escalations.durable import Durable, EngineQueue, migrate_engine
from adapters.escalations.outgoing import Pace
from adapters.escalations.stages import Stages
from adapters.escalations.watch import Watch
from chatbot.model import Concern, Escalation, Memory, Outcome, Turn
from chatbot.plan import Contact, Plan, Timings
from chatbot.reply import Kind, Reply, Route, Status
from chatbot.respond import reference_of
from tests.escalations.boundaries import Boundaries
from tests.escalations.orders import Lines, Orders, lines_of, say
from tests.escalations.outside import Faulty, Person

SCHOOL = "fact"


class Now:
    """The time."""

    def now(self) -> datetime:
        """Now."""
        return datetime.now(UTC)


def work(orders: Orders) -> None:
    """Join everything, report, and do as told until told to stop."""
    log = os.open(orders.folder / f"{orders.name}.log", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(message)s")
    durable_module.POLL = 0.1
    boundaries, outbox = Boundaries(orders), Lines(orders.folder / "outbox")
    boundaries.listen()
    if orders.page_limit:
        sa.event.listen(sa.Engine, "connect", lambda c, _: c.execute(f"PRAGMA max_page_count={orders.page_limit}"))
    migrate_engine(orders.url)
    engine = boundaries.ours = open_database(orders.url)
    words = Vault([orders.key])
    desk = Desk(engine, words, {SCHOOL: plan(orders.wait)}, EngineQueue(engine), Now(), lambda t: tuple(t.split()))
    pace = Pace(timedelta(seconds=orders.lease), orders.bundle_at, timedelta(seconds=orders.gather))
    stages = Stages(desk, {"chat": Faulty(orders, outbox, boundaries)}, pace)
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
        lines = lines_of(path)
        yield from lines[read:]
        read = len(lines)
        time.sleep(0.05)


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
