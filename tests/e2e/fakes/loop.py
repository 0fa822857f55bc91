"""The end of an event loop in a thread: nothing is left under way, and every connection has really been closed."""

from __future__ import annotations

import asyncio

ROUNDS = 5
PAUSE_SECONDS = 0.01


async def wound_down() -> None:
    """Awaited last in a loop. A transport that was closed is gone only some rounds of the loop later."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for _ in range(ROUNDS):
        await asyncio.sleep(PAUSE_SECONDS)
