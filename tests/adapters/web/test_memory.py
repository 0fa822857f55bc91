"""The demonstration's ledger."""

from __future__ import annotations

import gc
from dataclasses import replace
from datetime import UTC, datetime

from adapters.memory import LONGEST_KEPT, MemoryLedger, State
from chatbot.model import Concern, Escalation, Memory, Outcome, Route, Status, Turn
from tests.adapters.web.replies import possible


def _turn(number: int, text: str = "words") -> Turn:
    return Turn(f"t{number}", f"c{number}", "fact", "p", text, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def _outcome(turn: Turn, status: Status = Status.POSSIBLE) -> Outcome:
    return Outcome(possible(), Memory("an-intent"), Escalation(f"R-{turn.id}", turn, Concern(Route.DSL, status)))


async def test_what_a_conversation_knows_is_remembered_and_a_new_one_knows_nothing() -> None:
    ledger = MemoryLedger()
    await ledger.record(_turn(1), _outcome(_turn(1)))
    assert (await ledger.memory("c1")).intent == "an-intent"
    assert await ledger.memory("c2") == Memory()


async def test_an_escalation_is_one_record_by_its_reference_whatever_becomes_of_it() -> None:
    ledger, turn = MemoryLedger(), _turn(1)
    outcome = _outcome(turn)
    assert outcome.escalation
    states = []
    for escalation in (
        outcome.escalation,
        replace(outcome.escalation, concern=Concern(Route.DSL, Status.RAISED)),
        replace(outcome.escalation, withdrawn=True),
    ):
        await ledger.record(turn, replace(outcome, escalation=escalation))
        (kept,) = ledger.escalations("fact")
        states.append(kept.state)
        assert ledger.escalation("R-t1") == kept
    assert states == [State.POSSIBLE, State.RAISED, State.WITHDRAWN]


async def test_the_newest_escalation_is_first() -> None:
    ledger = MemoryLedger()
    for number in range(3):
        await ledger.record(_turn(number), _outcome(_turn(number)))
    assert [kept.escalation.reference for kept in ledger.escalations("fact")] == ["R-t2", "R-t1", "R-t0"]
    assert ledger.escalations("yeadon") == ()


async def test_past_the_limit_the_conversation_longest_unused_is_dropped() -> None:
    ledger = MemoryLedger(conversations=2, exchanges=2, escalations=2)
    for number in (1, 2, 1, 3):
        await ledger.record(_turn(number), _outcome(_turn(number)))
    assert await ledger.memory("c2") == Memory()
    assert (await ledger.memory("c1")).intent
    for _ in range(5):
        await ledger.record(_turn(1), _outcome(_turn(1)))
    assert len(ledger.exchanges("c1")) == 2
    assert len(ledger.escalations("fact")) == 2


async def test_a_long_message_is_cut_for_showing_but_a_report_is_kept_whole() -> None:
    ledger, turn = MemoryLedger(), _turn(1, "x" * 5_000)
    await ledger.record(turn, _outcome(turn))
    assert len(ledger.exchanges("c1")[0].turn.text) == LONGEST_KEPT
    assert len(ledger.escalations("fact")[0].escalation.turn.text) == 5_000


async def test_a_lock_lives_only_as_long_as_somebody_holds_it() -> None:
    ledger = MemoryLedger()
    lock = ledger.in_order("c1")
    assert ledger.in_order("c1") is lock
    del lock
    gc.collect()
    assert len(ledger._locks) == 0
