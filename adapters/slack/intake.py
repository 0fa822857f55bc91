"""What comes in over HTTP: signature first, on the raw bytes and before anything is parsed; then one object or nothing.

slack-bolt parses before it checks (a broken body would be a 500 with a traceback), so this comes before it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.signature import Clock, SignatureVerifier

LARGEST = 2 * 1024 * 1024
"""Bytes of a body: Slack's largest, a shortcut on a long message, stays far below."""
PATIENCE = 5.0
"""Seconds for a body to come in whole."""
LIST_FIELDS = 200
"""Fields of a form that are read at most."""


async def read_body(request: web.Request) -> bytes:
    """The raw body. Raises HTTPRequestEntityTooLarge, HTTPRequestTimeout."""
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
    return b"".join(chunks)


def verified(body: bytes, headers: Mapping[str, str], secret: str, clock: Clock | None = None) -> None:
    """Nothing where Slack signed `body` within the last five minutes. Raises HTTPUnauthorized."""
    verifier = SignatureVerifier(secret, clock or Clock())
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    sound = stamp.isascii() and stamp.isdigit() and len(stamp) < 16 and signature.isascii()
    if not sound or not verifier.is_valid(body, stamp, signature):
        raise web.HTTPUnauthorized


def parsed(body: bytes, content_type: str) -> dict[str, object]:
    """The payload in `body`: a JSON object, a form with a JSON object in `payload`, or a slash command's form.

    Raises HTTPBadRequest where it is none of these.
    """
    try:
        text = body.decode("utf-8")
        if content_type == "application/json":
            return _object(json.loads(text))
        fields = {k: v[0] for k, v in parse_qs(text, keep_blank_values=True, max_num_fields=LIST_FIELDS).items()}
        if "command" in fields or "ssl_check" in fields:  # a command may hold the word "payload" as well
            return dict(fields)
        return _object(json.loads(fields["payload"]))
    except (ValueError, KeyError, RecursionError) as error:
        raise web.HTTPBadRequest from error


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value
