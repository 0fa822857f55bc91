"""What the reporter is told about their report as it stands: never that somebody knows before somebody does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.escalations.lines import moment, name_of, named, was_withdrawn
from adapters.memory import Exchange
from chatbot.escalation import OPEN, Held, State, step
from chatbot.plan import Contact, Plan
from chatbot.reply import Kind, Route

_OUTSIDE = {"social_care": "Children’s social care", "lado": "Local authority designated officer (LADO)"}
_MOST_PEOPLE = 3
MANY, LATELY = 10, timedelta(minutes=10)
"""Whoever makes more reports than these within that time is told that speaking is quicker."""


@dataclass(frozen=True, slots=True)
class Number:
    """Somebody to phone."""

    name: str
    number: str

    @property
    def href(self) -> str:
        """The number as a link."""
        return "tel:" + re.sub(r"[^0-9+]", "", self.number)


@dataclass(frozen=True, slots=True)
class Standing:
    """One report as it stands. `tone`: alone (nobody has taken it on), waiting, taken or closed."""

    reference: str
    tone: str
    text: str
    numbers: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Standings:
    """The reports of one conversation: each under the latest turn that speaks of it, and those without such a turn."""

    by_turn: Mapping[str, Standing]
    others: tuple[Standing, ...]


def standings(exchanges: Sequence[Exchange], held: Sequence[Held] | None, plan: Plan, now: datetime) -> Standings:
    """How all reports stand. `held` is None where the desk could not be asked."""
    spoken_of = {e.reply.reference: e for e in exchanges if e.reply.kind is Kind.ESCALATE and e.reply.reference}
    known = {one.reference: standing_of(one, plan, now) for one in held or ()}
    if said := many(held or (), plan, now):
        newest = max(held or (), key=lambda one: one.at).reference
        known[newest] = replace(known[newest], text=f"{known[newest].text} {said}")
    by_turn = {e.turn.id: known.get(ref) or unknown_standing(e, ref, plan) for ref, e in spoken_of.items()}
    rest = (one for one in held or () if one.reference not in spoken_of and one.state is not State.CLOSED)
    return Standings(by_turn, tuple(known[one.reference] for one in rest))


def many(held: Sequence[Held], plan: Plan, now: datetime) -> str:
    """What somebody who has just made many reports is told beside how the newest stands; empty for everybody else."""
    lately = sorted((one for one in held if now - one.at <= LATELY), key=lambda one: one.at)
    if len(lately) <= MANY or lately[-1].state not in OPEN:
        return ""
    people = _people(lately[-1], plan)
    whom = people[0].name if people else "somebody"
    return f"All {len(lately)} of your reports are recorded. Speaking to {whom} now is quicker than writing."


def standing_of(held: Held, plan: Plan, now: datetime) -> Standing:
    """What the reporter of `held` is told now."""
    match held.state:
        case State.POSSIBLE:
            return Standing(held.reference, "waiting", _waiting(held, plan, now))
        case State.RAISED | State.DELIVERED:
            lead = "Without your answer it was passed on as unconfirmed. " if held.unconfirmed else ""
            return Standing(held.reference, "alone", lead + _alone(held, plan, now), _numbers(held, plan))
        case State.ACKNOWLEDGED:
            when = f" {moment(held.acknowledged_at, now, plan)}" if held.acknowledged_at else ""
            return Standing(held.reference, "taken", f"{name_of(plan, held.acknowledged_by)} has taken this on{when}.")
        case State.CLOSED:
            return Standing(held.reference, "closed", _closed(held, plan, now))


def unknown_standing(exchange: Exchange, reference: str, plan: Plan) -> Standing:
    """What is said while the desk cannot be asked. A report about an adult names nobody: it may be about them."""
    route = exchange.reply.route or Route.DSL
    people = [c for c in plan.chain(route) if c.id != exchange.turn.speaker and route is Route.DSL]
    speak = f"Speak to {people[0].name if people else 'a person'} now."
    text = f"How this stands cannot be shown at the moment. {speak}"
    return Standing(reference, "alone", text, (*_phones(people), *_outside(route, plan)))


def _waiting(held: Held, plan: Plan, now: datetime) -> str:
    due = held.next_at or held.at + plan.timings.confirm
    if due <= now:
        return "No answer came, so it is being passed on as unconfirmed."
    return f"Waiting for your answer; {moment(due, now, plan)} it is passed on as unconfirmed."


def _alone(held: Held, plan: Plan, now: datetime) -> str:
    people = _people(held, plan)
    speak = f"speak to {people[0].name} now" if people else "phone somebody now"
    if held.failing or not people:
        return f"Nobody has seen this, and it could not be sent to anybody so far: {speak}."
    if held.handed_to:
        return f"It is being handed over to {name_of(plan, held.handed_to)}, who has not taken it on yet."
    if held.seen_by:
        return f"{name_of(plan, held.seen_by)} has opened it. Nobody has taken it on yet.{_next(held, plan, now)}"
    if held.state is State.RAISED:
        return f"Nobody has seen this yet: {speak}."
    told = [contact for contact in plan.contacts if contact.id in held.told.split(",")]
    first = held.stage == 1 and len(told) == 1
    # what has got through so far need not be the latest alert
    sent = f"Sent to {named(told)}" if first else f"Sent; the latest alert is for {named(told)}" if told else "Sent"
    return f"{sent}; nobody has seen it yet: {speak}.{_next(held, plan, now)}"


def _next(held: Held, plan: Plan, now: datetime) -> str:
    """Who is told next, where that is somebody else and still to come."""
    if held.next_at is None or held.next_at <= now:
        return ""
    people = [c for c in step(held, plan, held.next_at).contacts if c.id != held.told]
    if not people or held.emergency:
        return ""
    return f" If nobody takes it on, {named(people)} is told {moment(held.next_at, now, plan)}."


def _closed(held: Held, plan: Plan, now: datetime) -> str:
    if was_withdrawn(held):
        return "You said that you were only asking. Nobody was alerted; the record stays."
    when = f" {moment(held.closed_at, now, plan)}" if held.closed_at else ""
    return f"{name_of(plan, held.acknowledged_by)} took this on, and it was closed{when}."


def _people(held: Held, plan: Plan) -> list[Contact]:
    """Whom the reporter can turn to, in order: on the route, not whom it may be about, not themselves."""
    return [c for c in plan.chain(held.route) if c.id not in held.excluded and c.id != held.reporter]


def _numbers(held: Held, plan: Plan) -> tuple[Number, ...]:
    return (*_phones(_people(held, plan)), *_outside(held.route, plan))


def _phones(people: Iterable[Contact]) -> tuple[Number, ...]:
    return tuple(Number(c.name, c.phone) for c in people if c.phone)[:_MOST_PEOPLE]


def _outside(route: Route, plan: Plan) -> tuple[Number, ...]:
    """Numbers outside the school; the LADO is for concerns about adults."""
    wanted: Iterable[str] = ("social_care",) if route is Route.DSL else ("lado", "social_care")
    return tuple(Number(_OUTSIDE[key], plan.phones[key]) for key in wanted if plan.phones.get(key))
