"""Two processes over one PostgreSQL database: what one leaves behind, the other carries on."""

from __future__ import annotations

import signal
import time

from tests.escalations.conftest import Build
from tests.escalations.runs import Child, House, until

WITHIN = 60
"""Seconds after which the escalations of a dead process go on elsewhere."""
TURNS = ("raised-0", "possible-1", "raised-2-kept", "emergency-3", "head-4", "raised-5", "raised-6", "raised-7-kept")


def test_what_a_dead_process_had_under_way_goes_on_elsewhere(build: Build, soak: bool) -> None:
    house = build("postgresql")
    alive = 15.0 if soak else 5.0
    doomed, other = _two(house, alive)
    doomed.kill()
    died = time.time()
    house.dead(doomed)
    house.finish(other, WITHIN)
    last = max(line["at"] for line in house.outbox("acknowledged"))
    other.stop()
    house.findings.append(f"replica killed for good (taken for dead after {alive:.0f} s): all acknowledged "
                          f"{last - died:.1f} s later, {len(TURNS)} reports")  # fmt: skip
    assert house.judge().faults == {}
    assert last - died < WITHIN


def test_a_frozen_process_that_wakes_does_no_harm(build: Build) -> None:
    house = build("postgresql")
    sleeper, other = _two(house, alive=4)
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


def _two(house: House, alive: float) -> tuple[Child, Child]:
    """One with reports under way and waiting, in whose place nobody sits; and another."""
    first = house.start("first", TURNS, press=False, slow=4, lease=6, wait=1.5, alive=alive)
    first.wait_for("recorded", times=len(TURNS))
    second = house.start("second", alive=alive, wait=1.5, lease=6)
    second.wait_for("ready")
    until(lambda: bool(house.outbox("try")), 20, "a delivery is under way")
    return first, second
