"""What the page remembers of its conversations."""

from __future__ import annotations

import gc
from datetime import UTC, datetime

from adapters.memory import LONGEST_KEPT, Exchanges
from chatbot.model import Turn
from tests.adapters.web.replies import possible


def _turn(number: int, text: str = "words") -> Turn:
    return Turn(f"t{number}", f"c{number}", "fact", "p", text, datetime(2026, 11, 21, 9, 30, tzinfo=UTC))


def test_what_was_said_is_kept_in_order_and_nothing_is_known_of_a_new_conversation() -> None:
    exchanges = Exchanges()
    for text in ("one", "two"):
        exchanges.add(_turn(1, text), possible())
    assert [said.turn.text for said in exchanges.of("c1")] == ["one", "two"]
    assert exchanges.of("c2") == ()


def test_past_the_limit_the_conversation_longest_unused_is_dropped() -> None:
    exchanges = Exchanges(conversations=2, exchanges=2)
    for number in (1, 2, 1, 3):
        exchanges.add(_turn(number), possible())
    assert exchanges.of("c2") == ()
    assert exchanges.of("c1") != ()
    for _ in range(5):
        exchanges.add(_turn(1), possible())
    assert len(exchanges.of("c1")) == 2


def test_a_long_message_is_cut_for_showing() -> None:
    exchanges = Exchanges()
    exchanges.add(_turn(1, "x" * 5_000), possible())
    assert len(exchanges.of("c1")[0].turn.text) == LONGEST_KEPT


def test_feedback_is_kept_with_its_exchange_and_refused_for_any_other() -> None:
    exchanges = Exchanges()
    exchanges.add(_turn(1), possible())
    assert exchanges.note_feedback("c1", "t1", right=True)
    assert exchanges.of("c1")[0].right is True
    assert not exchanges.note_feedback("c1", "t2", right=True)
    assert not exchanges.note_feedback("c2", "t1", right=True)


def test_a_forgotten_conversation_is_gone() -> None:
    exchanges = Exchanges()
    exchanges.add(_turn(1), possible())
    exchanges.forget("c1")
    exchanges.forget("c2")
    assert exchanges.of("c1") == ()


async def test_a_lock_lives_only_as_long_as_somebody_holds_it() -> None:
    exchanges = Exchanges()
    lock = exchanges.in_order("c1")
    assert exchanges.in_order("c1") is lock
    del lock
    gc.collect()
    assert len(exchanges._turnstile._locks) == 0
