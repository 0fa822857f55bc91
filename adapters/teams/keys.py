"""The keys by which Teams is known: fetched without blocking, renewed when they change, and kept when that fails.

The library's own fetches them in the event loop without a limit of time, and forgets for a day that they change.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botframework.connector.auth.jwt_token_extractor import (  # type: ignore[import-untyped]  # no types
    _OpenIdMetadata,
)

FRESH = 24 * 3600.0
"""Seconds after which the keys are fetched again."""
LONGEST = 5 * FRESH
"""Seconds that they are used where that fails."""
PAUSE = 1.0
"""Seconds after a fetch that failed, while there are no keys; a minute while there are."""
RENEWALS, WINDOW = 3, 300.0
"""How often in how many seconds a key that nobody knows lets all be fetched again: anybody can name one."""


class Keys(_OpenIdMetadata):  # type: ignore[misc]  # the library has no types
    """The library's, but for how and when they are fetched."""

    def __init__(self, url: str, fetch: Callable[[str], Awaitable[object]]) -> None:
        """`fetch` gives the JSON at an address, in a limited time, or raises."""
        super().__init__(url)
        self._fetch, self._lock, self._tries = fetch, asyncio.Lock(), 0
        self._due_at = self._end_at = 0.0
        self._named: deque[float] = deque(maxlen=RENEWALS)

    async def get(self, key_id: str) -> Any:
        """The key of that id; the library asks this for each token. Raises where there is none."""
        if time.monotonic() >= self._due_at:
            await self.renew(self._tries)
        if not self.keys or time.monotonic() >= self._end_at:
            raise LookupError("no keys")
        try:
            return self._find(key_id)
        except IndexError:
            await self.renew(self._tries, named=True)
            return self._find(key_id)

    async def renew(self, tries: int = 0, *, named: bool = False) -> str | None:
        """Fetch them, unless that was tried since somebody counted `tries`; what went wrong.

        `named`: for a token that names a key which is not among them; then it is done a few times only.
        """
        async with self._lock:
            now = time.monotonic()
            if tries != self._tries or (named and len(self._named) == RENEWALS and now - self._named[0] < WINDOW):
                return None
            if named:
                self._named.append(now)
            try:
                self.keys = await self._fetched()
            except Exception as error:  # whatever it is: they stay as they were
                self._due_at = time.monotonic() + (60 * PAUSE if self.keys else PAUSE)
                return str(getattr(error, "kind", type(error).__name__))
            finally:
                self._tries += 1
            self._due_at, self._end_at = time.monotonic() + FRESH, time.monotonic() + LONGEST
            return None

    async def _fetched(self) -> list[Mapping[str, object]]:
        document = await self._fetch(self.url)
        published = await self._fetch(str(document["jwks_uri"])) if isinstance(document, dict) else None
        every = published["keys"] if isinstance(published, dict) else []
        keys: list[Mapping[str, object]] = [
            key for key in every if isinstance(key, dict) and isinstance(key.get("kid"), str)
        ]
        if not keys:
            raise LookupError("no keys")
        return keys
