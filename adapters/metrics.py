"""What /metrics tells, in Prometheus' format: counts by kind and how escalations stand; never what anybody typed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.escalations.watch import Health
from chatbot.bot import Bot
from chatbot.model import Outcome, Turn

log = logging.getLogger("chatbot")

BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0)
"""Seconds; three is what Slack waits for."""


class Metrics:
    """The process's metrics. `health` may raise: then only `chatbot_database_up 0` is told of escalations."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Escalations(health))
        self._replies = Counter(
            "chatbot_replies", "Replies by school and kind", ("school", "kind"), registry=self._registry
        )
        self._seconds = Histogram(
            "chatbot_reply_seconds", "From message to recorded reply", buckets=BUCKETS, registry=self._registry
        )

    def replied(self, school: str, kind: str, seconds: float) -> None:
        """One reply was made and recorded."""
        self._replies.labels(school, kind).inc()
        self._seconds.observe(seconds)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)


@dataclass(frozen=True, slots=True)
class CountedBot(Bot):
    """The bot as every platform has it: each reply is counted and timed; the log tells its turn, kind and duration."""

    metrics: Metrics

    async def handle(self, turn: Turn) -> Outcome:
        """As Bot.handle()."""
        started = time.perf_counter()
        outcome = await Bot.handle(self, turn)
        seconds = time.perf_counter() - started
        self.metrics.replied(turn.school, outcome.reply.kind, seconds)
        log.info("turn %s: %s in %.0f ms", turn.id, outcome.reply.kind, seconds * 1000)
        return outcome


class _Escalations(Collector):
    def __init__(self, health: Callable[[], Health]) -> None:
        self._health = health

    def collect(self) -> list[Metric]:
        """Gauges of the moment."""
        up = GaugeMetricFamily("chatbot_database_up", "Whether the database answers")
        try:
            now = self._health()
        except Exception:  # whatever is wrong with the database, the page must say so
            up.add_metric((), 0)
            return [up]
        up.add_metric((), 1)
        gauges: list[Metric] = [up]
        for name, help_, value in (
            ("chatbot_escalations_open", "Escalations not closed", now.open),
            (
                "chatbot_oldest_unacknowledged_seconds",
                "Age of the oldest that nobody has taken on",
                now.oldest_unacknowledged.total_seconds(),
            ),
            ("chatbot_escalations_undelivered", "Open for a minute and no alert has got through", now.undelivered),
            ("chatbot_escalation_lag_seconds", "How late the most overdue step is", now.lag.total_seconds()),
        ):
            gauge = GaugeMetricFamily(name, help_)
            gauge.add_metric((), value)
            gauges.append(gauge)
        return gauges
