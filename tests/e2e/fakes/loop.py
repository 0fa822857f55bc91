"""The end of an event loop in a thread: nothing is left under way, and every connection has really been closed."""

from __future__ import annotations

import asyncio
from typing import Any

ROUNDS = 5
PAUSE_SECONDS = 0.01


async def wound_down() -> None:
    """Awaited last in a loop.

    A transport that was closed is gone only some rounds of the loop later, and one that came in while the server was
    going down has nobody who closes it: an open socket would then be found by whatever test runs next.
    """
    loop: Any = asyncio.get_running_loop()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    for _ in range(ROUNDS):
        for transport in list(loop._transports.values()):
            transport.abort()
        await asyncio.sleep(PAUSE_SECONDS)
