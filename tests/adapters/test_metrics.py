"""/metrics: every reply counted and timed, how escalations stand, and never what anybody typed."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from adapters.app import demo_app
from adapters.escalations.watch import Health
from adapters.metrics import CountedBot, Metrics
from chatbot.respond import Engine
from tests.talk import turn
from tests.test_bot import REPORT, ListLedger

WELL = Health(open=2, oldest_unacknowledged=timedelta(minutes=3), undelivered=1, lag=timedelta(seconds=4))


def shown(metrics: Metrics) -> dict[str, float]:
    """Each sample by its name and labels."""
    lines = (line for line in metrics.text().decode().splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_every_reply_is_counted_by_school_and_kind_and_timed(
    lexical_engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    metrics = Metrics(lambda: WELL)
    bot = CountedBot(lexical_engine, ListLedger(), metrics)
    with caplog.at_level(logging.INFO):
        for number, text in enumerate(("hello", "hello", REPORT)):
            await bot.handle(turn(text, number=number))
    found = shown(metrics)
    assert found['chatbot_replies_total{kind="smalltalk",school="ashley"}'] == 2
    assert found['chatbot_replies_total{kind="escalate",school="ashley"}'] == 1
    assert found["chatbot_reply_seconds_count"] == 3
    assert found["chatbot_reply_seconds_sum"] > 0
    assert "turn turn-2: escalate in" in caplog.text
    assert "belt" not in caplog.text + metrics.text().decode()


async def test_a_turn_that_could_not_be_recorded_is_no_reply(lexical_engine: Engine) -> None:
    metrics = Metrics(lambda: WELL)
    with pytest.raises(OSError, match="disk full"):
        await CountedBot(lexical_engine, ListLedger(broken=True), metrics).handle(turn(REPORT))
    assert shown(metrics)["chatbot_reply_seconds_count"] == 0


def test_how_escalations_stand_is_told_and_that_the_database_is_away() -> None:
    found = shown(Metrics(lambda: WELL))
    assert found["chatbot_database_up"] == 1
    assert found["chatbot_escalations_open"] == 2
    assert found["chatbot_escalations_undelivered"] == 1
    assert found["chatbot_oldest_unacknowledged_seconds"] == 180
    assert found["chatbot_escalation_lag_seconds"] == 4

    def gone() -> Health:
        raise OSError("password=secret")

    away = Metrics(gone)
    assert shown(away)["chatbot_database_up"] == 0
    assert "chatbot_escalations_open" not in away.text().decode()
    assert "secret" not in away.text().decode()


async def test_a_message_to_the_demonstration_shows_on_its_metrics(lexical_engine: Engine, tmp_path: Path) -> None:
    async with TestClient(TestServer(demo_app(lexical_engine, tmp_path))) as client:
        sent = await client.post("/api/turns", json={"school": "fact", "text": "hello"})
        assert sent.status == 200, await sent.text()
        text = await (await client.get("/metrics")).text()
        ready = await client.get("/readyz")
    assert 'chatbot_replies_total{kind="smalltalk",school="fact"} 1.0' in text
    assert "chatbot_database_up 1.0" in text
    assert ready.status == 200
