"""Processes killed at every step, one after the other over one database: nothing is lost, nothing is stuck.

`SOAK=1` kills at every step boundary of a report's life and at 200 random moments; the seed is printed, `SEED=…`
repeats it.
"""

from __future__ import annotations

import itertools
import os
import random
import time
from collections.abc import Iterator

from chatbot.respond import reference_of
from tests.escalations.conftest import Build
from tests.escalations.processes import until
from tests.escalations.runs import House

KILLS = {"sqlite": (16, 9), "postgresql": (7, 5)}
"""Kills at step boundaries and at random moments in the normal run."""
SOAK_MOMENTS = 200
FIRST_STARTS = 3
LIVE_THROUGH_ALL = 60
BUNDLE_AT = (1, 1_000)
"""A process that bundles most alerts, and one that bundles none."""
KINDS = ("raised", "possible", "emergency", "head", "raised")
LONGEST = 2.5
"""Seconds after which a process that did not come as far as its boundary is killed where it is."""


def test_a_report_survives_whatever_the_process_dies_of(house: House, soak: bool) -> None:
    seed = int(os.environ.get("SEED", random.randrange(10**6)))  # noqa: S311 -- printed, to repeat
    started, chance = time.monotonic(), random.Random(seed)  # noqa: S311 -- a seeded test
    names = _one_life(house)
    at_boundaries, at_moments = (len(names), SOAK_MOMENTS) if soak else KILLS[house.kind]
    deaths = [1 + round(n * (len(names) - 1) / (at_boundaries - 1)) for n in range(at_boundaries)] + [0] * at_moments
    chance.shuffle(deaths)
    turns = _Turns(house)
    hit = 0
    for number, boundary in enumerate(deaths):
        child = house.start(f"run{number}", turns.next(chance), chance.randrange(10**6), boundary=boundary,
                            counted_from="start", bundle_at=chance.choice(BUNDLE_AT))  # fmt: skip
        if not child.died(LONGEST if boundary else chance.uniform(0, 1.5)):
            child.kill()
        hit += bool(child.said("dies"))
        house.dead(child)
    last = house.start("last", turns.unsure(), seed)
    until(lambda: not turns.unsure(), 60, "all is recorded")
    house.finish(last, 120)
    last.stop()
    came = house.judge()
    house.findings.append(
        f"{house.kind}: {len(deaths)} kills (seed {seed}), {hit} of them at step boundaries (a life has {len(names)}); "
        f"{came.reports} reports, {came.alerts} alerts, {came.bundled} of them in bundles, "
        f"{came.explained} again after a cut or a kill, "
        f"{len(came.lost)} lost, {len(came.stuck)} stuck, {time.monotonic() - started:.0f} s"
    )
    assert came.faults == {}, f"seed {seed}, files in {house.folder}"


def test_a_first_start_may_die_anywhere(database: str, build: Build, soak: bool) -> None:
    """Half-made tables would keep every later process from starting."""
    whole = build(database).start("whole", counted_from="start")
    whole.wait_for("ready")
    whole.stop()
    number = len(whole.said("boundary"))
    deaths = range(1, number + 1) if soak else [1 + round(n * (number - 1) / FIRST_STARTS) for n in range(FIRST_STARTS)]
    for boundary in deaths:
        house = build(database)
        assert house.start("first", counted_from="start", boundary=boundary).died(30), f"boundary {boundary}"
        second = house.start("second", ("raised-0",))
        second.wait_for("recorded")
        second.kill()
    build(database).findings.append(f"{database}: {len(deaths)} first starts killed at {number} step boundaries")


def _one_life(house: House) -> list[str]:
    """The step boundaries of a process that takes one report and sees it acknowledged."""
    house.start("first", faults=0.0).stop()  # the tables are there
    child = house.start("count", ("possible-count",), faults=0.0, counted_from="start")
    child.wait_for("recorded")
    house.finish(child)
    child.stop()
    return child.said("boundary")


class _Turns:
    """The turns that each process reports: new ones, and those that a reporter was never told to be recorded."""

    def __init__(self, house: House) -> None:
        self._house, self._made = house, list[str]()
        self._new = self._ids()

    def _ids(self) -> Iterator[str]:
        for number in itertools.count():
            kept = number % 7 == 5 and number < LIVE_THROUGH_ALL  # alerted again and again until the last run
            yield f"{KINDS[number % len(KINDS)]}-{number}{'-kept' if kept else ''}"

    def next(self, chance: random.Random) -> tuple[str, ...]:
        """For the next process; platforms send some again that were recorded."""
        unsure = self.unsure()
        again = tuple(chance.sample(self._made, min(1, len(self._made))))
        new = tuple(itertools.islice(self._new, chance.randint(1, 2)))
        self._made.extend(new)
        turns = [*unsure, *again, *new]
        chance.shuffle(turns)
        return tuple(turns)

    def unsure(self) -> tuple[str, ...]:
        """Those not known to be recorded."""
        recorded = self._house.recorded()
        return tuple(turn for turn in self._made if reference_of(turn) not in recorded)
