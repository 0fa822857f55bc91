"""HTML as responses: whole pages, and parts that a page asks for again and again."""

from __future__ import annotations

import hashlib

from aiohttp import web
from markupsafe import Markup


def html_response(html: Markup, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")


def part_response(request: web.Request, html: Markup) -> web.Response:
    """A part of a page; 304 without a body while it is what the asker has."""
    tag = f'"{hashlib.sha256(html.encode("utf-8", "replace")).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    response = html_response(html)
    response.headers["ETag"] = tag
    return response
