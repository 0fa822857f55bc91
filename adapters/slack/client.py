"""Calls to Slack's Web API: the methods that are used with their scopes, and what a failure means."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Protocol

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from chatbot.ports import DeliveryFailed

METHODS: Mapping[str, str] = {
    "auth.test": "",
    "apps.connections.open": "",
    "chat.postMessage": "chat:write",
    "chat.postEphemeral": "chat:write",
    "chat.update": "chat:write",
    "conversations.info": "channels:read groups:read",
    "usergroups.users.list": "usergroups:read",
    "users.info": "users:read",
    "views.open": "",
    "views.push": "",
    "views.update": "",
    "views.publish": "",
    "assistant.threads.setSuggestedPrompts": "assistant:write",
}
"""Every method that is called, with the scopes that it needs: the manifest asks for these and no others."""
READS = frozenset({"conversations.info", "usergroups.users.list", "users.info"})
"""Methods that take a form and no JSON."""
SECONDS = 10
"""How long one call may take."""
LONGEST_WAIT = 30.0
"""Seconds that are waited for a channel that Slack has throttled; past that the call fails, to be tried again later."""

_PASSING = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "ratelimited", "rate_limited",
     "team_added_to_org", "org_login_required", "accesslimited", "message_limit_exceeded"}
)  # fmt: skip
"""Errors that may be gone when the call is repeated."""


class SlackFailed(DeliveryFailed):
    """A call did not get through. `kind` is Slack's word for it, or `http_…`, `no_connection`, `timeout`."""


class Tokens(Protocol):
    """The bot's token in each workspace."""

    async def of(self, home: str) -> str | None:
        """The token for a workspace or grid; None where the bot is not installed. Raises SlackFailed."""
        ...

    async def forget(self, home: str) -> None:
        """The bot has been removed there."""
        ...


class SlackClient:
    """Calls for all workspaces over one session. Opened in the event loop, closed with it."""

    def __init__(self, api_url: str, tokens: Tokens) -> None:
        """`api_url` ends with a slash."""
        self._api_url, self._tokens = api_url, tokens
        self._session: aiohttp.ClientSession | None = None
        self._free_at: dict[str, float] = {}

    async def open(self) -> None:
        """Open the session."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS))

    async def close(self) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()

    async def call(self, home: str, method: str, **arguments: object) -> Mapping[str, object]:
        """Call `method` for the workspace `home`. A throttled channel is waited for. Raises SlackFailed."""
        if method not in METHODS:
            raise ValueError(f"{method} is not among the methods that the manifest asks scopes for")
        token = await self._tokens.of(home)
        if token is None:
            raise SlackFailed("not_installed", for_good=True)
        place = f"{home}/{arguments.get('channel', method)}"
        wait = self._free_at.get(place, 0.0) - time.monotonic()
        if wait > LONGEST_WAIT:
            raise SlackFailed("ratelimited", retry_after=wait)
        if wait > 0:
            await asyncio.sleep(wait)
        try:
            return await self._called(token, method, arguments)
        except SlackFailed as error:
            if error.kind == "ratelimited":
                self._free_at[place] = time.monotonic() + (error.retry_after or 1.0)
            raise

    async def patiently(self, home: str, method: str, **arguments: object) -> Mapping[str, object]:
        """As call(), tried again once where Slack asked for a short wait. Raises SlackFailed."""
        try:
            return await self.call(home, method, **arguments)
        except SlackFailed as error:
            if error.kind != "ratelimited" or (error.retry_after or 0) > LONGEST_WAIT:
                raise
        return await self.call(home, method, **arguments)

    async def identity(self, home: str) -> tuple[Mapping[str, object], frozenset[str] | None]:
        """What auth.test tells, and the token's scopes; None where Slack does not tell. Raises SlackFailed."""
        token = await self._tokens.of(home)
        if token is None:
            raise SlackFailed("not_installed", for_good=True)
        response = await self._response(token, "auth.test", {})
        given = response.headers.get("x-oauth-scopes") if response.headers else None
        data = response.data if isinstance(response.data, dict) else {}
        return data, None if given is None else frozenset(part.strip() for part in given.split(","))

    async def respond(self, url: str, **arguments: object) -> None:
        """Answer through the address that came with a press, five times in half an hour. Raises SlackFailed."""
        if self._session is None:
            raise SlackFailed("not_started")
        try:
            async with self._session.post(url, json=arguments) as response:
                if response.status != 200:
                    raise SlackFailed(f"http_{response.status}", for_good=response.status == 404)
        except TimeoutError as error:
            raise SlackFailed("timeout") from error
        except aiohttp.ClientError as error:
            raise SlackFailed("no_connection") from error

    async def _called(self, token: str, method: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        response = await self._response(token, method, arguments)
        return response.data if isinstance(response.data, dict) else {}

    async def _response(self, token: str, method: str, arguments: Mapping[str, object]) -> AsyncSlackResponse:
        client = AsyncWebClient(
            token=token, base_url=self._api_url, session=self._session, timeout=SECONDS, retry_handlers=[]
        )
        given = {name: value for name, value in arguments.items() if value is not None}
        try:
            return await (
                client.api_call(method, params=given) if method in READS else client.api_call(method, json=given)
            )
        except SlackApiError as error:
            raise failure_of(error) from error
        except TimeoutError as error:
            raise SlackFailed("timeout") from error
        except (aiohttp.ClientError, SlackRequestError, OSError, json.JSONDecodeError) as error:
            raise SlackFailed("no_connection") from error


def failure_of(error: SlackApiError) -> SlackFailed:
    """What Slack's refusal means: whether it may pass, and after how many seconds."""
    response = error.response
    status, headers = getattr(response, "status_code", 0), getattr(response, "headers", {})
    if status == 429:
        after = str(headers.get("Retry-After", headers.get("retry-after", "1")))
        return SlackFailed("ratelimited", retry_after=float(after) if after.isdigit() else 1.0)
    data = getattr(response, "data", None)
    kind = str(data.get("error", "")) if isinstance(data, dict) else ""
    if not kind or status >= 500:
        return SlackFailed(f"http_{status}")
    return SlackFailed(kind, for_good=kind not in _PASSING)
