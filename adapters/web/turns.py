"""A request into a Turn."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from aiohttp import web

from chatbot.model import Turn
from chatbot.ports import Clock

COOKIE = "conversation"
LONGEST = 60_000
"""Characters that are passed to the bot; with more the request is refused."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Person:
    """Who is typing: a random name kept in a cookie. `new` where the cookie has yet to be set."""

    id: str
    new: bool

    def conversation(self, school_id: str, thread: str = "main") -> str:
        """The name of this person's conversation with one school; nobody else can name it."""
        return f"{self.id}:{school_id}:{thread}"

    def remember(self, response: web.StreamResponse) -> None:
        """Set the cookie where it is new."""
        if self.new:
            response.set_cookie(COOKIE, self.id, httponly=True, samesite="Strict", path="/")


def person_of(request: web.Request) -> Person:
    """The person that the cookie names, else a new one."""
    known = request.cookies.get(COOKIE, "")
    return Person(known, new=False) if _TOKEN.fullmatch(known) else Person(secrets.token_urlsafe(18), new=True)


async def form_fields(request: web.Request) -> dict[str, str]:
    """The text fields of a form. Raises HTTPBadRequest where it is no form."""
    try:
        fields = await request.post()
    except (ValueError, LookupError) as error:
        raise web.HTTPBadRequest from error
    return {name: value for name, value in fields.items() if isinstance(value, str)}


async def json_fields(request: web.Request) -> dict[str, str]:
    """The text fields of a JSON object. Raises HTTPUnsupportedMediaType, HTTPBadRequest."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType
    try:
        fields = await request.json()
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    if not isinstance(fields, dict):
        raise web.HTTPBadRequest
    return {name: value for name, value in fields.items() if isinstance(value, str)}


def to_turn(fields: dict[str, str], person: Person, clock: Clock) -> Turn:
    """The turn that was sent. Raises HTTPBadRequest where text or thread is missing, HTTPRequestEntityTooLarge."""
    text, thread = fields.get("text"), fields.get("conversation", "main")
    if text is None or not _TOKEN.fullmatch(thread):
        raise web.HTTPBadRequest
    if len(text) > LONGEST:
        raise web.HTTPRequestEntityTooLarge(LONGEST, len(text))
    school = fields.get("school", "")
    conversation = person.conversation(school, thread)
    return Turn(secrets.token_hex(8), conversation, school, person.id, text.replace("\r\n", "\n"), clock.now())
