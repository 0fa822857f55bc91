"""What comes in over HTTP: signature first, on the raw bytes and before anything is parsed; then one object or nothing.

slack-bolt parses before it checks (a broken body would be a 500 with a traceback), so this comes before it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from urllib.parse import parse_qs

from aiohttp import web

from adapters.body import read_body as read_body  # the listener takes it from here

DEEPEST = 8
"""How deep kinds are looked at: below are blocks, which nothing relies on."""
FRESH = 300
"""Seconds that a signature is good for."""
LIST_FIELDS = 200
"""Fields of a form that are read at most."""


def verified(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> None:
    """Nothing where Slack signed `body` within the last five minutes. Raises HTTPUnauthorized.

    slack-sdk's verifier decodes the body first; this looks at the bytes as they came.
    """
    stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
    sound = stamp.isascii() and stamp.isdigit() and len(stamp) < 16 and signature.isascii()
    if not sound or abs(now - int(stamp)) > FRESH:
        raise web.HTTPUnauthorized
    expected = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(f"v0={expected}", signature):
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
    found = {key: inner for key, inner in value.items() if _sound(key, inner) and inner is not None}
    pressed = found.get("actions")
    if isinstance(pressed, list) and not all(isinstance(one.get("action_id"), str) for one in pressed):
        raise ValueError("what was pressed has no id")
    return found


_OBJECTS = frozenset({"event", "view", "message", "previous_message", "container", "state", "edited", "option"})
_LISTS = frozenset({"actions", "authorizations", "response_urls", "blocks", "elements"})
_TEXTS = frozenset(
    {"type", "text", "ts", "thread_ts", "event_ts", "action_ts", "message_ts", "id", "hash", "subtype", "channel_type",
     "command", "tab", "private_metadata", "response_url", "token"}
)  # fmt: skip
_EITHER = frozenset({"user", "team", "channel", "enterprise"})
"""An object in a press, a name in an event."""


def _sound(key: str, value: object, depth: int = 0) -> bool:
    """True where what is under a key that everything relies on is of its kind. Raises ValueError where it is not."""
    kinds: tuple[type, ...] = (object,)
    if key in _OBJECTS:
        kinds = (dict,)
    elif key in _LISTS:
        kinds = (list,)
    elif key in _EITHER:
        kinds = (dict, str)
    elif key in _TEXTS or key.endswith("_id"):
        kinds = (str, dict) if key == "text" else (str,)
    if value is not None and not isinstance(value, kinds):
        raise ValueError(f"{key[:40]} is a {type(value).__name__}")
    if key in _LISTS and isinstance(value, list) and not all(isinstance(one, dict) for one in value):
        raise ValueError(f"{key} holds what is no object")
    if depth < DEEPEST:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, one in inner:
            _sound(str(name), one, depth + 1)
    return True
