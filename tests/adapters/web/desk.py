"""A desk in memory, made of chatbot.escalation alone, a ledger that records in it, and the people of two schools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from chatbot.about import excluded
from chatbot.escalation import (
    DONE,
    OPEN,
    Acted,
    Action,
    Entry,
    HandOver,
    Held,
    Note,
    Opened,
    Refusal,
    Remark,
    State,
    act,
    may_see,
    step,
    urgency,
)
from chatbot.model import Escalation, Memory, Outcome, Route, Status, Turn
from chatbot.plan import Contact, Plan
from chatbot.ports import Clock

MINUTES = timedelta(minutes=1)


def plan_of(school: str) -> Plan:
    """A. Lead, then B. Deputy; C. Head; D. Chair. Ids are the school's own."""
    lead = Contact(f"{school}-lead", "A. Lead", 5 * MINUTES, phone="01632 960001")
    deputy = Contact(f"{school}-deputy", "B. Deputy", 10 * MINUTES, phone="01632 960002")
    head = Contact(f"{school}-head", "C. Head", 15 * MINUTES)
    chair = Contact(f"{school}-chair", "D. Chair", 15 * MINUTES)
    people = {Route.DSL: (lead, deputy), Route.HEADTEACHER: (head,), Route.CHAIR_OF_GOVERNORS: (chair,)}
    return Plan(school, people, phones={"social_care": "01632 960100", "lado": "01632 960101"})


PLANS: Mapping[str, Plan] = {school: plan_of(school) for school in ("fact", "yeadon")}


class MemoryDesk:
    """Keeps chatbot.ports.Desk. Whatever is due by the clock is done before anything is answered."""

    def __init__(self, plans: Mapping[str, Plan], clock: Clock) -> None:
        """Nothing is on the desk."""
        self.plans, self.clock = plans, clock
        self.held: dict[str, Held] = {}
        self.reaching = True
        """Whether alerts get through."""
        self._turns: dict[str, Turn] = {}
        self._remarks: dict[str, tuple[Remark, ...]] = {}
        self._trail: list[Entry] = []
        self.words_kept = True

    async def pile(self, school: str, contact: str) -> tuple[Held, ...]:
        """All of the school that the contact may see."""
        self._do_what_is_due()
        mine = [h for h in self.held.values() if h.school == school and may_see(contact, h, self.plans[school])]
        return tuple(sorted(mine, key=urgency))

    async def look(self, reference: str, contact: str) -> Held | None:
        """Without its words."""
        self._do_what_is_due()
        held = self.held.get(reference)
        return held if held is not None and may_see(contact, held, self.plans[held.school]) else None

    async def open(self, reference: str, contact: str) -> Opened | Refusal:
        """With its words."""
        self._do_what_is_due()
        held = self.held.get(reference)
        if held is None or not may_see(contact, held, self.plans[held.school]):
            return Refusal.UNKNOWN
        held = self._change(replace(held, seen_by=contact), contact, "opened")
        words = self._turns[reference].text if self.words_kept else None
        return Opened(held, words, self._remarks.get(reference, ()), self.trail(reference))

    async def act(self, reference: str, action: Action, contact: str) -> Acted | Refusal:
        """As chatbot.escalation.act() says."""
        self._do_what_is_due()
        held, now = self.held.get(reference), self.clock.now()
        if held is None:
            return Refusal.UNKNOWN
        after = act(held, action, contact, self.plans[held.school], now)
        if isinstance(after, Refusal):
            return after
        if isinstance(action, Note):
            self._remarks[reference] = (*self._remarks.get(reference, ()), Remark(contact, now, action.text))
        elif after == held:
            return Acted(held, changed=False)
        detail = action.to if isinstance(action, HandOver) else ""
        return Acted(self._change(after, contact, DONE[type(action)], detail), changed=True)

    async def standing(self, conversation: str) -> tuple[Held, ...]:
        """For the reporter."""
        self._do_what_is_due()
        mine = [held for held in self.held.values() if self._turns[held.reference].conversation == conversation]
        return tuple(reversed(mine))

    async def school_of(self, reference: str) -> str:
        """Whose it is."""
        return self.held[reference].school if reference in self.held else ""

    async def reports_of(self, reporter: str) -> tuple[Held, ...]:
        """For the reporter, wherever they reported."""
        return tuple(reversed([held for held in self.held.values() if held.reporter == reporter]))

    def keep(self, escalation: Escalation) -> None:
        """What a turn has led to."""
        turn, concern, now = escalation.turn, escalation.concern, self.clock.now()
        known = self.held.get(escalation.reference)
        if known is None:
            plan = self.plans.get(turn.school, Plan(turn.school, {}))
            possible = concern.status is Status.POSSIBLE
            words = re.findall(r"[a-z']+", turn.text.lower())
            self._turns[escalation.reference] = turn
            due = now + plan.timings.confirm if possible else now
            held = Held(
                escalation.reference, turn.school, concern.route, State.POSSIBLE if possible else State.RAISED,
                concern.emergency, False, turn.speaker, turn.at, next_at=due,
                excluded=excluded(words, concern.route, plan, turn.speaker),
            )  # fmt: skip
            self._change(held, turn.speaker, "asked about" if possible else "raised", concern.route)
        elif known.state is State.POSSIBLE and escalation.withdrawn:
            self._change(replace(known, state=State.CLOSED, closed_at=now, next_at=None), turn.speaker, "withdrawn")
        elif known.state is State.POSSIBLE:
            self._change(replace(known, state=State.RAISED, next_at=now), turn.speaker, "confirmed")

    def trail(self, reference: str) -> tuple[Entry, ...]:
        """What has happened to it."""
        return tuple(entry for entry in self._trail if entry.reference == reference)

    def _do_what_is_due(self) -> None:
        for reference in tuple(self.held):
            while (held := self.held[reference]).next_at is not None and held.next_at <= self.clock.now():
                if held.state is State.POSSIBLE:
                    after = replace(held, state=State.RAISED, unconfirmed=True)
                    self._change(after, "chatbot", "raised unconfirmed")
                elif held.state in OPEN:
                    self._tell(held, held.next_at)
                else:
                    break

    def _tell(self, held: Held, at: datetime) -> None:
        due = step(held, self.plans[held.school], at)
        told = ",".join(contact.id for contact in due.contacts)
        state = State.DELIVERED if told and self.reaching else held.state
        failing = not (told and self.reaching) and held.state is State.RAISED
        after = replace(
            held, state=state, stage=held.stage + 1, next_at=due.next_at, handed_to="", told=told, failing=failing
        )
        self._change(after, "chatbot", "told", told)

    def _change(self, held: Held, actor: str, what: str, detail: str = "") -> Held:
        self.held[held.reference] = held
        self._trail.append(Entry(len(self._trail) + 1, self.clock.now(), actor, what, held.reference, detail))
        return held


class RecordingLedger:
    """Keeps chatbot.ports.Ledger: memories here, escalations on the desk, all turns for the tests to look at."""

    def __init__(self, desk: MemoryDesk) -> None:
        """Nothing is known yet."""
        self.desk = desk
        self.turns: list[Turn] = []
        self.memories: dict[str, Memory] = {}

    async def memory(self, conversation: str) -> Memory:
        """A pending report that is no longer possible waits for no answer."""
        memory = self.memories.get(conversation, Memory())
        pending = memory.pending
        waits = pending is not None and self.desk.held[pending.reference].state is State.POSSIBLE
        return memory if waits else replace(memory, pending=None)

    def unreachable(self, school: str) -> frozenset[Route]:
        """Routes without a contact."""
        plan = self.desk.plans.get(school, Plan(school, {}))
        return frozenset(route for route in Route if not plan.chain(route))

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        """Memory and escalation."""
        self.turns.append(turn)
        self.memories[turn.conversation] = outcome.memory
        if outcome.escalation is not None:
            self.desk.keep(outcome.escalation)
