"""Two processes over one PostgreSQL database: what one leaves behind, the other carries on."""

from __future__ import annotations

import signal
import time
from typing import Any

from tests.escalations.conftest import Build
from tests.escalations.processes import Child, until
from tests.escalations.runs import House

WITHIN = 60
"""Seconds after which the escalations of a dead process go on elsewhere."""
QUICK = {"alive": 4, "lease": 6, "wait": 1.5}
EVERYDAY = {"alive": 15, "lease": 30, "grace": 60, "look": 60, "wait": 120}
"""As the product has them."""
TURNS = ("raised-0", "possible-1", "raised-2-kept", "emergency-3", "head-4", "raised-5", "raised-6", "raised-7-kept")


def test_what_a_dead_process_had_under_way_goes_on_elsewhere(build: Build, soak: bool) -> None:
    house = build("postgresql")
    doomed, other = _two(house, **EVERYDAY if soak else QUICK, patience=1)
    doomed.kill()
    died = time.monotonic()
    house.dead(doomed)
    under_way = set(house.waiting())
    until(lambda: not under_way & set(house.waiting()), WITHIN, "what was under way has gone out", show=house.waiting)
    sent = time.monotonic() - died
    house.finish(other, WITHIN)
    house.findings.append(
        f"replica killed for good: {len(under_way)} alerts under way sent by the other {sent:.1f} s later, all of "
        f"{len(TURNS)} acknowledged {time.monotonic() - died:.1f} s later ({'' if soak else 'not '}with everyday times)"
    )
    other.stop()
    assert under_way
    assert house.judge().faults == {}


def test_a_frozen_process_that_wakes_does_no_harm(build: Build) -> None:
    house = build("postgresql")
    sleeper, other = _two(house, **QUICK)
    sleeper.freeze()
    house.frozen.add(sleeper.name)
    frozen = time.monotonic()
    house.finish(other, WITHIN)
    took = time.monotonic() - frozen
    sleeper.wake()
    sleeper.order("report raised-8")
    sleeper.wait_for("recorded", times=len(TURNS) + 1)
    house.finish(other, WITHIN)
    sleeper.stop()
    other.stop()
    house.findings.append(f"replica frozen: all acknowledged {took:.1f} s later; woken: no harm")
    assert house.judge().faults == {}


def test_a_process_frozen_in_the_middle_of_a_transaction_does_not_hold_up_the_others(build: Build) -> None:
    """The locks that it holds are given back: the audit trail has one head."""
    house = build("postgresql")
    other = house.start("other", alive=4, wait=2)
    other.wait_for("ready")
    sleeper = house.start("sleeper", ("raised-0",), press=False, alive=4, wait=2, boundary=1, signal=signal.SIGSTOP,
                          only="before commit ours", counted_from="report")  # fmt: skip
    sleeper.wait_for("dies")
    until(lambda: sleeper.frozen, 10, "it is frozen")
    house.frozen.add(sleeper.name)
    frozen = time.monotonic()
    other.order("report raised-1")
    other.wait_for("recorded", seconds=WITHIN)
    took = time.monotonic() - frozen
    house.finish(other, WITHIN)
    sleeper.wake()
    sleeper.wait_for("recorded")
    house.finish(other, WITHIN)
    sleeper.stop()
    other.stop()
    house.findings.append(f"replica frozen while it held the trail's lock: the other's report recorded in {took:.1f} s")
    assert house.judge().faults == {}
    assert took < 15


def test_replicas_may_start_together_on_an_empty_database(build: Build) -> None:
    house = build("postgresql")
    both = [house.start(f"replica{n}", (f"raised-{n}",)) for n in range(3)]
    for child in both:
        child.wait_for("recorded")
    house.finish(both[0])
    for child in both:
        child.stop()
    assert house.judge().faults == {}


def test_failing_deliveries_and_people_who_press_do_not_deadlock(build: Build) -> None:
    """Everything that changes one escalation takes its locks in the same order."""
    house = build("postgresql")
    both = [
        house.start(f"replica{n}", tuple(f"emergency-{n}-{m}" for m in range(12)), seed=n, faults=0.6, wait=0.3)
        for n in range(2)
    ]
    for child in both:
        child.wait_for("recorded", times=12)
    house.finish(both[0])
    for child in both:
        child.stop()
    assert house.judge().faults == {}


def test_bundles_that_fail_and_people_who_press_do_not_deadlock(build: Build) -> None:
    """A bundle changes many escalations in one transaction; others change some of them at the same time."""
    house = build("postgresql")
    both = [
        house.start(f"replica{n}", tuple(f"raised-{n}-{m}" for m in range(16)), seed=n, faults=0.5, bundle_at=1)
        for n in range(2)
    ]
    for child in both:
        child.wait_for("recorded", times=16)
    house.finish(both[0])
    for child in both:
        child.stop()
    came = house.judge()
    house.findings.append(f"two replicas: {came.alerts} alerts, {came.bundled} of them in bundles")
    assert came.faults == {}
    assert came.bundled


def _two(house: House, **more: Any) -> tuple[Child, Child]:
    """One with reports under way and waiting, in whose place nobody sits; and another."""
    first = house.start("first", TURNS, press=False, slow=4, **more)
    first.wait_for("recorded", times=len(TURNS))
    until(lambda: len(house.outbox("try")) >= len(TURNS) // 2, 20, "deliveries are under way")
    second = house.start("second", **more)
    second.wait_for("ready")
    return first, second
