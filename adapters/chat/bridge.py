"""From the durable engine's threads into the event loop that serves."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Coroutine
from typing import Generic, TypeVar

from chatbot.ports import DeliveryFailed

SECONDS = 20
"""How long a delivery may take in all."""

Bound = TypeVar("Bound")
Result = TypeVar("Result")


class Bridge(Generic[Bound]):
    """Runs work in a loop once that serves, and fails kindly before and after."""

    def __init__(self) -> None:
        self._bound: Bound | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, bound: Bound, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to send, through this loop."""
        self._bound, self._loop = bound, loop

    def unbind(self) -> None:
        """Send nothing any more: what falls due waits for the next start."""
        self._bound = self._loop = None

    @property
    def bound(self) -> Bound:
        """What was bound. Raises DeliveryFailed where nothing is."""
        if self._bound is None:
            raise DeliveryFailed("not_started")
        return self._bound

    def run(self, work: Coroutine[object, object, Result]) -> Result:
        """Run `work` in the serving loop and wait. Raises DeliveryFailed."""
        loop = self._loop
        if loop is None or loop.is_closed():
            work.close()
            raise DeliveryFailed("not_started")
        future = asyncio.run_coroutine_threadsafe(work, loop)
        try:
            return future.result(SECONDS)
        except (TimeoutError, concurrent.futures.CancelledError) as error:
            future.cancel()
            raise DeliveryFailed("timeout") from error
