"""Whom the demonstration tells, after how long: four invented people, and minutes shortened to seconds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from chatbot.plan import Contact, Plan, Timings
from chatbot.reply import Route

WAIT = timedelta(seconds=30)
"""What takes minutes in a school."""

_DSL = Contact("nair", "Priya Nair", WAIT, email="p.nair@demo.invalid", phone="01632 960001")
_DEPUTY = Contact("okafor", "Tom Okafor", WAIT, email="t.okafor@demo.invalid", phone="01632 960002")
_HEAD = Contact("marsh", "Helen Marsh", WAIT, email="h.marsh@demo.invalid", phone="01632 960003")
_CHAIR = Contact("whitlock", "George Whitlock", WAIT, email="g.whitlock@demo.invalid", phone="01632 960004")


def demonstration_plans(schools: Iterable[str]) -> dict[str, Plan]:
    """One plan for each school, with the same four people."""
    people = {Route.DSL: (_DSL, _DEPUTY), Route.HEADTEACHER: (_HEAD,), Route.CHAIR_OF_GOVERNORS: (_CHAIR,)}
    phones = {"social_care": "01632 960100", "lado": "01632 960101"}
    timings = Timings(confirm=WAIT, repeat_cap=4 * WAIT, emergency_repeat=WAIT)
    return {school: Plan(school, people, phones=phones, timings=timings) for school in schools}
