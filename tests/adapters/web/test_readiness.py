"""/readyz with escalations: 200 only where every step comes in time and the database answers."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from adapters.escalations.watch import Health
from adapters.web.readiness import readiness

WELL = Health(open=2, oldest_unacknowledged=timedelta(minutes=3), undelivered=0, lag=timedelta())


@pytest.mark.parametrize(
    ("stands", "status"),
    [
        (WELL, 200),
        (Health(2, timedelta(minutes=3), 1, timedelta()), 503),
        (Health(2, timedelta(minutes=3), 0, timedelta(minutes=10)), 503),
    ],
)
async def test_it_is_ready_where_every_report_reaches_somebody_in_time(stands: Health, status: int) -> None:
    response = await readiness(["fact"], lambda: stands)
    assert response.status == status
    assert json.loads(str(response.text))["oldest_unacknowledged_seconds"] == 180


async def test_a_database_that_does_not_answer_is_said_without_its_error() -> None:
    def gone() -> Health:
        raise OSError("password=secret")

    response = await readiness(["fact"], gone)
    assert response.status == 503
    assert "secret" not in str(response.text)


async def test_without_escalations_it_is_ready_when_it_answers() -> None:
    assert (await readiness(["fact"], None)).status == 200
