"""All that goes between this process and Teams: activities come in authenticated, and are sent, as plain JSON.

With tokens.py, keys.py and connector.py the only place that knows botbuilder, which is at the end of its life: whoever
replaces it writes these four anew and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from botframework.connector.auth import (  # type: ignore[import-untyped]  # no types
    AuthenticationConstants,
    ChannelValidation,
    JwtTokenExtractor,
    SimpleCredentialProvider,
)

from adapters.body import read_body
from adapters.database.references import Reference
from adapters.settings import Teams
from adapters.settings_fields import is_loopback
from adapters.teams.connector import Connector, Whole
from adapters.teams.intake import CHANNEL, parsed, tenant_of
from adapters.teams.keys import Keys
from adapters.teams.tokens import TeamsFailed, Tokens

__all__ = ["Gateway", "Reference", "TeamsFailed"]

SECONDS = 5.0
"""One fetch of the keys: within it Teams has to be answered."""
LONGEST = 15.0
"""Seconds for a check of the token, which takes several requests."""
THREAD = ";messageid="

T = TypeVar("T")
log = logging.getLogger("chatbot.teams")


class Gateway:
    """One app in Teams. Opened in the event loop, closed with it; every other method belongs to the same loop."""

    def __init__(self, given: Teams, tenants: frozenset[str]) -> None:
        """`tenants`: those that are served, in small letters."""
        self._given, self._tenants = given, tenants
        self._session: aiohttp.ClientSession | None = None
        self._ready: asyncio.Task[None] | None = None
        self._tokens = Tokens(given)
        self._connector = Connector(self._tokens, self._opened)
        url = given.openid_metadata or AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
        self._keys = Keys(url, self._fetched)
        # Not the library's whole way in: it knows issuers that are not Teams, and keeps one address for all.
        self._extractor = JwtTokenExtractor(
            ChannelValidation.TO_BOT_FROM_CHANNEL_TOKEN_VALIDATION_PARAMETERS,
            url,
            AuthenticationConstants.ALLOWED_SIGNING_ALGORITHMS,
        )
        self._extractor.open_id_metadata = self._keys
        self._credentials = SimpleCredentialProvider(given.app_id, given.app_password)
        local = (urlsplit(each).hostname for each in (given.openid_metadata, given.token_url) if each)
        self._schemes = {"https"} if given.app_id and not any(map(is_loopback, local)) else {"http", "https"}

    async def open(self) -> None:
        """Be ready; the first token and the keys are fetched meanwhile."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=None), cookie_jar=aiohttp.DummyCookieJar()
        )
        if self._given.app_id:
            self._ready = asyncio.create_task(self._get_ready())

    async def close(self) -> None:
        """Let go of all connections."""
        if self._ready is not None:
            self._ready.cancel()
            await asyncio.wait({self._ready})
        await self._tokens.close()
        if self._session is not None:
            await self._session.close()

    async def received(self, request: web.Request) -> dict[str, object]:
        """The activity of a request from Teams. Raises HTTPException for all that is not one; see intake.parsed()."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        body = await read_body(request)
        claims = await self._claims(request.headers.get("Authorization", "")) if self._given.app_id else None
        activity = parsed(body)
        url = str(activity["serviceUrl"])
        if not self._is_address(url):
            raise web.HTTPBadRequest
        if claims is not None and url not in [said for name, said in claims.items() if name.lower() == "serviceurl"]:
            log.warning("an activity was refused: its token is for another service")
            raise web.HTTPUnauthorized
        if tenant_of(activity) not in self._tenants:
            log.warning("an activity was refused: it comes from a tenant that is not configured")
            raise web.HTTPForbidden
        return activity

    async def send(self, to: Reference, activity: Mapping[str, object]) -> str:
        """A new message there, as it is; its id, empty where Teams gives none. Raises TeamsFailed."""
        named = activity.get("type") != "typing"
        said = await self._call(to, "send_to_conversation", _conversation(to), Whole(activity), named=named)
        return str(said.get("id", ""))

    async def update(self, to: Reference, activity_id: str, activity: Mapping[str, object]) -> None:
        """Another content for a message that was sent. Raises TeamsFailed."""
        await self._call(to, "update_activity", _conversation(to), activity_id, Whole(activity))

    async def begin(self, service_url: str, tenant: str, user: str) -> Reference:
        """The chat with one person, by their `29:…` id, begun where there is none. Raises TeamsFailed."""
        asked = {"isGroup": False, "members": [{"id": user}], "channelData": {"tenant": {"id": tenant}}}
        said = await self._create(service_url, tenant, asked)
        return {"service_url": service_url, "conversation": said["id"]}

    async def post(
        self, service_url: str, tenant: str, channel: str, activity: Mapping[str, object]
    ) -> tuple[Reference, str]:
        """A new post in a channel: the thread that it begins, and its id. Raises TeamsFailed."""
        data = {"channel": {"id": channel}, "tenant": {"id": tenant}}
        said = await self._create(
            service_url, tenant, {"isGroup": True, "channelData": data, "activity": dict(activity)}
        )
        thread = str(said["id"])
        id = str(said.get("activityId") or thread.partition(THREAD)[2])
        if id and THREAD not in thread:
            thread += THREAD + id
        return {"service_url": service_url, "conversation": thread}, id

    async def member(self, to: Reference, user: str) -> dict[str, object]:
        """Somebody in a conversation, by their id of Teams or of Entra. Raises TeamsFailed."""
        place = _conversation(to).partition(THREAD)[0]  # a thread has no members of its own
        return await self._call(to, "get_conversation_member", place, user)

    async def check(self) -> None:
        """That there is a token; needs no open(). Raises TeamsFailed, with Entra's code where it gives one."""
        try:
            async with asyncio.timeout(LONGEST):
                await self._tokens.get()
        except TimeoutError as error:
            raise TeamsFailed("no_token_timeout") from error

    async def _create(self, service_url: str, tenant: str, asked: Mapping[str, object]) -> dict[str, object]:
        bot = {"bot": {"id": f"28:{self._given.app_id}"}} if self._given.app_id else {}
        whole = Whole({**asked, **bot, "tenantId": tenant})
        said = await self._call({"service_url": service_url}, "create_conversation", whole)
        if not isinstance(said.get("id"), str):  # taken, but nobody knows where
            raise TeamsFailed("unreadable")
        return said

    async def _call(self, to: Reference, operation: str, *given: object, named: bool = True) -> dict[str, object]:
        url = str(to.get("service_url", ""))
        if not self._is_address(url):  # never a token to an address that is not Teams'
            raise TeamsFailed("bad_address", for_good=True)
        return await self._connector.call(url, operation, *given, named=named)

    async def _claims(self, header: str) -> dict[str, object]:
        """What Teams says in its token. Raises HTTPUnauthorized."""
        try:
            identity = await self._extractor.get_identity_from_auth_header(header, CHANNEL, [])
            await ChannelValidation.validate_identity(identity, self._credentials)
            claims: dict[str, object] = identity.claims
            if "exp" not in claims:
                raise PermissionError("never ends")
        except Exception as error:  # whatever the library raises: nobody knows who this is
            log.warning("a request was refused: its token is not from Teams (%s)", type(error).__name__)
            raise web.HTTPUnauthorized from error
        return claims

    async def _get_ready(self) -> None:
        if what := await self._keys.renew():
            log.warning("the keys of Teams cannot be fetched, and are tried again with the first message: %s", what)
        try:
            await self._tokens.get()
        except TeamsFailed as failed:
            log.warning("there is no token for Teams, and it is tried again with the first reply: %s", failed.kind)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise TeamsFailed("not_started")
        return self._session

    async def _fetched(self, url: str) -> object:
        async with asyncio.timeout(SECONDS), self._opened().get(url) as response:
            if response.status != 200:
                raise TeamsFailed(f"http_{response.status}")
            return await response.json(content_type=None)

    def _is_address(self, url: str) -> bool:
        """Whether a service's address can be one of Teams, and can be asked."""
        try:
            parts = urlsplit(url)
            sound = parts.scheme in self._schemes and parts.hostname and parts.port != 0
        except ValueError:
            return False
        return bool(sound) and "@" not in parts.netloc and not parts.query and not parts.fragment


def _conversation(to: Reference) -> str:
    """Where to send. Raises TeamsFailed where a reference does not say."""
    place = to.get("conversation")
    if not isinstance(place, str) or not place:
        raise TeamsFailed("bad_address", for_good=True)
    return place
