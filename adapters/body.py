"""The body of a request: whole, not too large, and not waited for too long, whatever its headers say."""

from __future__ import annotations

import asyncio

from aiohttp import web

LARGEST = 2 * 1024 * 1024
"""Bytes of a body: the largest that a chat platform sends, a shortcut on a long message, stays far below."""
PATIENCE = 5.0
"""Seconds for a body to come in whole."""


async def read_body(request: web.Request) -> bytes:
    """The raw body. Raises HTTPRequestEntityTooLarge, HTTPRequestTimeout, HTTPBadRequest."""
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(PATIENCE):
            async for chunk in request.content.iter_any():
                size += len(chunk)
                if size > LARGEST:
                    raise web.HTTPRequestEntityTooLarge(max_size=LARGEST, actual_size=size)
                chunks.append(chunk)
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except web.RequestPayloadError as error:  # not packed as its headers say
        request.content.feed_eof()  # or aiohttp reads on after the answer, fails once more, and logs a traceback
        raise web.HTTPBadRequest from error
    return b"".join(chunks)
