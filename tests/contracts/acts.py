"""What tests do at a desk, and what they look for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from adapters.database import audit
from adapters.escalations.outgoing import BUNDLE_AT
from chatbot.escalation import Acknowledge, Acted, Action, Close, Refusal
from chatbot.plan import Contact
from tests.contracts.around import Job
from tests.contracts.world import LEAD, World

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MakeWorld = Callable[..., World]
DONE = Close("Referred to social care", "CPOMS 4711")
WORD = "zebrafinch"
"""A word that must stand in no file."""
ALONE = BUNDLE_AT + 1
"""So many alerts to one place go by themselves before the next are bundled."""


def works(world: World) -> list[str]:
    return [job.work for job in world.waiting()]


def due(world: World, work: str) -> Job:
    """The one piece of such work that waits."""
    (job,) = world.waiting(work)
    return job


def faults(world: World) -> tuple[str, ...]:
    with world.engine.connect() as connection:
        return audit.verify(connection).faults


def acted(world: World, reference: str, action: Action, contact: Contact = LEAD) -> Acted:
    after = world.desk.act_now(reference, action, contact.id)
    assert isinstance(after, Acted)
    return after


def press(world: World, reference: str, people: Sequence[Contact], number: int) -> Acted | Refusal:
    """One of `people` takes it on."""
    return world.desk.act_now(reference, Acknowledge(), people[number].id)


def flood(world: World, number: int, **of_turn: str) -> list[str]:
    """So many reports one right after the other, each told; their references. Those that go by themselves are sent."""
    references = []
    for _ in range(number):
        references.append(world.record(world.turn(**of_turn)))
        world.pass_time(timedelta(milliseconds=1))
    return references


def in_bundles(world: World) -> list[list[str]]:
    """The references of each bundle that came, in its order."""
    return [[alert.held.reference for alert in alerts] for alerts in world.box.bundled]
