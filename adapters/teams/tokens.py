"""The bot's own token for the connector: asked for through the library, in a thread since that blocks, and kept.

Only this file, keys.py, connector.py and gateway.py know the library; the rest of the adapter speaks plain JSON.
"""

from __future__ import annotations

import asyncio
import re
import time
from types import SimpleNamespace
from typing import Any

import requests
from botbuilder.integration.aiohttp import (  # type: ignore[import-untyped]  # no types
    ConfigurationServiceClientCredentialFactory,
)
from botframework.connector.auth import (  # type: ignore[import-untyped]  # no types
    AuthenticationConstants,
    MicrosoftAppCredentials,
)
from msal import (  # type: ignore[import-untyped]  # no types
    ConfidentialClientApplication,
    ManagedIdentityClient,
    UserAssignedManagedIdentity,
)

from adapters.settings import Teams
from chatbot.ports import DeliveryFailed

SECONDS = 8.0
"""One request to the login: MSAL sets no limit."""
KEPT = 60.0
"""Seconds until the library is asked again, which keeps the token itself and renews it five minutes before its end."""
EARLY = 300.0
"""As long before its end a token from another login is renewed."""
LOGIN = AuthenticationConstants.TO_CHANNEL_FROM_BOT_LOGIN_URL_PREFIX
AUDIENCE = AuthenticationConstants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE


class TeamsFailed(DeliveryFailed):
    """A call did not get through. `kind`: forbidden, not_found, unauthorized, rate_limited, `http_…`, timeout,
    no_connection, unreadable, not_started, bad_address, not_json, `library_…`; or no_token, with `_AADSTS…` where
    Entra says so."""


class Tokens:
    """One token at a time, asked for once however many calls wait for it. Belongs to one event loop."""

    def __init__(self, given: Teams) -> None:
        self._given = given
        self._credentials: Any = None
        self._token, self._until = "", 0.0
        self._asking: asyncio.Task[str] | None = None

    async def get(self) -> str:
        """The token; empty in development without an app id. Raises TeamsFailed."""
        if not self._given.app_id or time.monotonic() < self._until:
            return self._token
        asking = self._asking
        if asking is None:
            asking = self._asking = asyncio.create_task(self._ask())
            asking.add_done_callback(self._asked)
        await asyncio.wait({asking})  # whoever gives up waiting leaves it to the others
        if asking.cancelled():
            raise TeamsFailed("not_started")
        return asking.result()

    async def instead_of(self, refused: str) -> str:
        """Another one, since the connector does not take this one. Raises TeamsFailed."""
        if self._token == refused:
            self._until, self._credentials = 0.0, None
        return await self.get()

    async def close(self) -> None:
        """Wait for nothing more."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait({self._asking})

    def _asked(self, task: asyncio.Task[str]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # those who wait have it; where nobody does, it is no news

    async def _ask(self) -> str:
        try:
            credentials = self._credentials or await _credentials_of(self._given)
            self._credentials = credentials
            self._token = await asyncio.to_thread(_token_of, credentials)
        except Exception as error:  # whatever the library raises: there is no token
            self._credentials = None  # MSAL gives the same refusal again for a while
            raise _failure_of(error) from error
        self._until = time.monotonic() + KEPT
        return self._token


class Elsewhere(MicrosoftAppCredentials):  # type: ignore[misc]  # the library has no types
    """A login at another address, as in tests: MSAL knows Microsoft's only, and refuses http."""

    def __init__(self, given: Teams) -> None:
        super().__init__(given.app_id, given.app_password, given.tenant_id, AUDIENCE)
        self.app = _Timed()
        self._url, self._kept, self._until = given.token_url, "", 0.0

    def get_access_token(self, force_refresh: bool = False) -> str:
        """As the library's: the token, kept until shortly before its end."""
        if force_refresh or time.monotonic() >= self._until:
            form = {"client_id": self.microsoft_app_id, "client_secret": self.microsoft_app_password}
            scope = {"grant_type": "client_credentials", "scope": f"{AUDIENCE}/.default"}
            response = self.app.post(self._url, data=form | scope)
            if response.status_code != 200:
                raise requests.HTTPError(response.text[:1000], response=response)
            said = response.json()
            self._kept, self._until = said["access_token"], time.monotonic() + float(said["expires_in"]) - EARLY
        return self._kept


class _Timed(requests.Session):
    """Requests that end."""

    def request(self, *arguments: Any, **named: Any) -> Any:
        """As it is, in time."""
        named["timeout"] = SECONDS
        return super().request(*arguments, **named)


async def _credentials_of(given: Teams) -> Any:
    """What the library makes of the kind of app."""
    if given.token_url:
        return Elsewhere(given)
    named = {"APP_ID": given.app_id, "APP_PASSWORD": given.app_password, "APP_TENANTID": given.tenant_id}
    factory = ConfigurationServiceClientCredentialFactory(SimpleNamespace(**named, APP_TYPE=given.app_type))
    return await factory.create_credentials(given.app_id, AUDIENCE, LOGIN, validate_authority=True)


def _token_of(credentials: Any) -> str:
    """Blocks."""
    if credentials.app is None:  # where the library would make the same itself, but without a limit of time
        if isinstance(credentials, MicrosoftAppCredentials):
            secret, authority = credentials.microsoft_app_password, credentials.oauth_endpoint
            credentials.app = ConfidentialClientApplication(
                credentials.microsoft_app_id, secret, authority, http_client=_Timed()
            )
        else:
            identity = UserAssignedManagedIdentity(client_id=credentials.microsoft_app_id)
            credentials.app = ManagedIdentityClient(identity, http_client=_Timed())
    return str(credentials.get_access_token())


def _failure_of(error: Exception) -> TeamsFailed:
    """Entra's own code before anything else; never its words."""
    if what := re.search("AADSTS[0-9]+", str(error)):
        return TeamsFailed(f"no_token_{what[0]}")
    if what := re.search("HTTP Error: ([0-9]{3})", str(error)):  # as MSAL says it
        return TeamsFailed(f"no_token_http_{what[1]}")
    if isinstance(error, requests.Timeout):
        return TeamsFailed("no_token_timeout")
    if isinstance(error, requests.ConnectionError):
        return TeamsFailed("no_token_no_connection")
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return TeamsFailed(f"no_token_http_{error.response.status_code}")
    return TeamsFailed("no_token_unreadable" if isinstance(error, requests.RequestException) else "no_token")
