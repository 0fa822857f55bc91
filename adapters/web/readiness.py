"""/readyz: whether this process answers, and whether every escalation comes in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from aiohttp import web

from adapters.escalations.watch import Health


async def readiness(schools: Iterable[str], stands: Callable[[], Health] | None) -> web.Response:
    """200 where all is well, else 503. `stands` is called in a thread; it may raise."""
    told: dict[str, object] = {"ready": True, "schools": list(schools)}
    if stands is not None:
        try:
            now = await asyncio.to_thread(stands)
        except Exception:  # whatever is wrong with the database: not ready, and never a traceback
            return web.json_response({**told, "ready": False, "database": "does not answer"}, status=503)
        told |= {
            "ready": now.well,
            "open": now.open,
            "undelivered": now.undelivered,
            "oldest_unacknowledged_seconds": int(now.oldest_unacknowledged.total_seconds()),
            "lag_seconds": int(now.lag.total_seconds()),
        }
    return web.json_response(told, status=200 if told["ready"] else 503)
