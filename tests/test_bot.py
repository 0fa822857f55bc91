"""Bot: nothing is shown as recorded before it is."""

from __future__ import annotations

import pytest

from chatbot.bot import Bot
from chatbot.model import Kind, Memory, Outcome, Route, Status, Turn
from chatbot.respond import Engine
from tests.talk import turn

DISK_FULL = (28, "disk full")
REPORT = "a boy told me his dad hits him with a belt"


class ListLedger:
    """A ledger in a list; `broken` refuses to record, as a full disk would."""

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.recorded: list[tuple[Turn, Outcome]] = []

    async def memory(self, conversation: str) -> Memory:
        known = [outcome.memory for turn, outcome in self.recorded if turn.conversation == conversation]
        return known[-1] if known else Memory()

    def unreachable(self, school: str) -> frozenset[Route]:
        return frozenset()

    async def record(self, turn: Turn, outcome: Outcome) -> None:
        if self.broken:
            raise OSError(*DISK_FULL)
        self.recorded.append((turn, outcome))


async def test_a_turn_is_recorded_with_its_outcome(lexical_engine: Engine) -> None:
    ledger = ListLedger()
    outcome = await Bot(lexical_engine, ledger).handle(turn("can i share the school's post on my own page"))
    assert ledger.recorded == [(turn("can i share the school's post on my own page"), outcome)]
    assert outcome.reply.kind is Kind.ANSWER


async def test_a_report_is_recorded_with_the_reference_that_is_shown(lexical_engine: Engine) -> None:
    ledger = ListLedger()
    outcome = await Bot(lexical_engine, ledger).handle(turn(REPORT))
    escalation = ledger.recorded[0][1].escalation
    assert escalation is not None
    assert escalation.concern.status is Status.RAISED
    assert outcome.reply.reference == escalation.reference
    assert escalation.reference in outcome.reply.text


async def test_a_report_that_cannot_be_recorded_is_an_error_and_not_a_reply(lexical_engine: Engine) -> None:
    with pytest.raises(OSError, match="disk full"):
        await Bot(lexical_engine, ListLedger(broken=True)).handle(turn(REPORT))


async def test_a_conversation_remembers_what_was_said_and_another_does_not(lexical_engine: Engine) -> None:
    ledger = ListLedger()
    bot = Bot(lexical_engine, ledger)
    await bot.handle(turn("can i accept a friend request from a former pupil", "fact"))
    same = await bot.handle(turn("she's 15", "fact", 1))
    other = await bot.handle(Turn("t2", "another", "fact", "speaker", "she's 15", turn("").at))
    assert same.why is not None
    assert other.why is not None
    assert same.why.match.follow_up
    assert not other.why.match.follow_up
