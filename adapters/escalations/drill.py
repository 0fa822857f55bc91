"""Drills: marked escalations that a named person has to take on, so that a school knows that its chain works."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from adapters.escalations.desk import Desk
from adapters.escalations.rows import row_of
from chatbot.errors import ChatbotError
from chatbot.model import Concern, Escalation, Turn
from chatbot.reply import Route, Status
from chatbot.respond import reference_of

WORDS = "This is a drill: no child is concerned. Please press “Take this on”, then close it with the outcome “drill”."


class NoSuchRoute(ChatbotError):
    """A drill was asked for on a route that there is not."""


def drill_of(desk: Desk, school: str, route: Route, now: datetime, turn_id: str) -> str:
    """Raise a drill and return its reference; the serving process sends it. The same `turn_id` twice is one drill."""
    turn = Turn(turn_id, f"drill/{school}/{route}", school, "drill", WORDS, now)
    reference = reference_of(turn_id)
    desk.raise_drill(Escalation(reference, turn, Concern(route, Status.RAISED)))
    return reference


def send_drill(desk: Desk, where: str, now: datetime) -> str:
    """Raise a drill on `where`, SCHOOL:ROUTE, and return its reference. Raises NoSuchRoute."""
    school, _, route = where.partition(":")
    if school not in desk.plans or route not in set(Route):
        wanted = f"one of {', '.join(desk.plans)}, a colon, and one of {', '.join(Route)}"
        raise NoSuchRoute(f"a drill needs {wanted}; got {where!r}")
    return drill_of(desk, school, Route(route), now, f"drill/{where}/{now.isoformat()}")


def taken_on(engine: sa.Engine, reference: str) -> str:
    """The contact who has taken the drill on; empty while nobody has."""
    with engine.connect() as connection:
        row = row_of(connection, reference)
    return str(row.acknowledged_by) if row is not None else ""
