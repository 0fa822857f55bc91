"""What every request passes: only this server's own pages, at its own addresses, may talk to it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

log = logging.getLogger("chatbot.web")

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Names that this server always answers to; beside them only its public one: a rebound DNS name is another."""

SIGNED = ("/slack/events", "/api/messages")
"""Routes of chat platforms: each request proves itself by signature or token, whatever name it came by."""

Explain = Callable[[web.Request, int], web.StreamResponse]
"""Makes the page (or JSON) that says in plain words what went wrong."""

_HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            "script-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with it a browser sends "Origin: null" with the page's own forms
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def is_loopback(host: str) -> bool:
    """Whether a Host header (with or without a port) names this machine itself."""
    try:
        return urlsplit(f"//{host}").hostname in LOOPBACK
    except ValueError:
        return False


def is_own(request: web.Request, public: str = "") -> bool:
    """Whether a POST comes from a page of this server, as far as its headers tell. `public`: its public origin."""
    origin = request.headers.get("Origin")
    own = f"{request.scheme}://{request.host}"  # not as browsers see it where a proxy ends TLS
    allowed = (public,) if public and urlsplit(public).netloc == request.host else (own, public or own)
    if origin is not None and origin not in allowed:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")


def guarded(explain: Explain, public_url: str = "") -> Middleware:
    """The middleware: refuses foreign hosts and origins, turns every failure into plain words, adds the headers.

    `public_url` is the address that browsers reach the server at, where it is not only this machine's own.
    """
    address = urlsplit(public_url)
    public = f"{address.scheme}://{address.netloc}" if public_url else ""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in SIGNED:
            return await handler(request)
        if not (is_loopback(request.host) or (public and request.host == address.netloc)):
            response = explain(request, 421)
        elif request.method not in ("GET", "HEAD") and not is_own(request, public):
            response = explain(request, 403)
        else:
            response = await _answered(request, handler, explain)
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return guard


async def _answered(request: web.Request, handler: Handler, explain: Explain) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return explain(request, error.status)
    except Exception as error:  # whatever breaks, staff read plain words
        frames = "".join(traceback.format_tb(error.__traceback__))  # no message: it may hold what somebody typed
        log.error("%s failed: %s\n%s", request.match_info.route.name or request.method, type(error).__name__, frames)
        return explain(request, 500)
