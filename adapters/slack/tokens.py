"""The bot's token in each workspace: one from the environment, or those of workspaces that installed it themselves."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from logging import Logger, getLogger

import sqlalchemy as sa
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.database.tables import installations, oauth_states
from adapters.database.vault import KeyMissing, Vault
from adapters.slack.client import SlackFailed
from chatbot.ports import Clock

MEANS = "slack"
RENEW_BEFORE = 120
"""Minutes before a token ends that it is renewed."""
STATE_SECONDS = 600


@dataclass(frozen=True, slots=True)
class OneToken:
    """The token of a single workspace."""

    token: str

    async def of(self, home: str) -> str | None:
        """The same for every workspace: which schools are served is decided by chatbot.yaml."""
        return self.token

    async def forget(self, home: str) -> None:
        """Nothing to forget: it stands in the environment."""


class InstallationRows(AsyncInstallationStore):
    """slack-sdk's store over our database: one bot a workspace or grid, sealed with the school's key."""

    def __init__(self, engine: sa.Engine, vault: Vault, clock: Clock) -> None:
        self._engine, self._vault, self._clock = engine, vault, clock

    @property
    def logger(self) -> Logger:
        """Where the store would log."""
        return getLogger("chatbot.slack")

    async def async_save(self, installation: Installation) -> None:
        """Keep the bot of an installation, in place of an earlier one."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot, in place of an earlier one."""
        await asyncio.to_thread(self._save, _home(bot.enterprise_id, bot.team_id), _as_json(bot))

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The bot of a workspace, else that of its grid."""
        for home in (team_id, enterprise_id):
            found = await asyncio.to_thread(self._find, home) if home else None
            if found is not None:
                return Bot(**found)  # type: ignore[arg-type]  # what _as_json() wrote
        return None

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Forget a bot that was removed."""
        await asyncio.to_thread(self._delete, _home(enterprise_id, team_id))

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Forget an installation: of a bot there is one a workspace."""
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    def _save(self, home: str, text: str) -> None:
        sealed, now = self._vault.seal(text), self._clock.now()
        mine = (installations.c.means == MEANS, installations.c.home == home)
        with self._engine.begin() as connection:
            changed = installations.update().where(*mine).values(sealed=sealed, at=now)
            if not connection.execute(changed).rowcount:
                connection.execute(installations.insert().values(means=MEANS, home=home, sealed=sealed, at=now))

    def _find(self, home: str) -> Mapping[str, object] | None:
        wanted = sa.select(installations.c.sealed).where(installations.c.means == MEANS, installations.c.home == home)
        with self._engine.connect().execution_options(reading=True) as connection:
            sealed = connection.execute(wanted).scalar_one_or_none()
        if sealed is None:
            return None
        try:
            found = json.loads(self._vault.unseal(sealed))
        except KeyMissing:
            self.logger.error("the installation of %s cannot be read: its key is missing; install the app again", home)
            return None
        return found if isinstance(found, dict) else None

    def _delete(self, home: str) -> None:
        with self._engine.begin() as connection:
            mine = (installations.c.means == MEANS, installations.c.home == home)
            connection.execute(installations.delete().where(*mine))


class StateRows(AsyncOAuthStateStore):
    """States of installations under way: each works once, for ten minutes, at any replica."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    @property
    def logger(self) -> Logger:
        """Where the store would log."""
        return getLogger("chatbot.slack")

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        """A new state."""
        return await asyncio.to_thread(self._issue)

    async def async_consume(self, state: str) -> bool:
        """Whether the state was issued in time and not used yet."""
        return await asyncio.to_thread(self._consume, state)

    def _issue(self) -> str:
        state, now = secrets.token_urlsafe(32), self._clock.now()
        with self._engine.begin() as connection:
            connection.execute(oauth_states.delete().where(oauth_states.c.until < now))
            until = now + timedelta(seconds=STATE_SECONDS)
            connection.execute(oauth_states.insert().values(state=state, until=until))
        return state

    def _consume(self, state: str) -> bool:
        with self._engine.begin() as connection:
            mine = oauth_states.delete().where(oauth_states.c.state == state, oauth_states.c.until >= self._clock.now())
            return bool(connection.execute(mine).rowcount)


@dataclass(frozen=True, slots=True)
class InstalledTokens:
    """Tokens of workspaces that installed the app; those that end are renewed."""

    store: InstallationRows
    client_id: str
    client_secret: str = field(repr=False)
    api_url: str = ""
    _renewing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: dict[str, tuple[float, Bot]] = field(default_factory=dict)

    async def of(self, home: str) -> str | None:
        """The token for a workspace or grid; None where the bot is not installed. Raises SlackFailed."""
        at, bot = self._known.get(home, (0.0, None))
        if bot is None or time.monotonic() - at > 60:
            bot = await self._found(home)
            if bot is None:
                return None
            self._known[home] = (time.monotonic(), bot)
        if not _ends_soon(bot):
            return bot.bot_token
        async with self._renewing:
            bot = await self._found(home)
            if bot is None or not _ends_soon(bot):
                return None if bot is None else bot.bot_token
            return (await self._renewed(bot, home)).bot_token

    async def forget(self, home: str) -> None:
        """Drop the token of a workspace that removed the bot."""
        self._known.pop(home, None)
        team, _, enterprise = home.partition(".")
        await self.store.async_delete_bot(enterprise_id=enterprise or None, team_id=team)

    async def _found(self, home: str) -> Bot | None:
        """The bot of `team.enterprise`, or of one of them."""
        team, _, enterprise = home.partition(".")
        return await self.store.async_find_bot(enterprise_id=enterprise or None, team_id=team)

    async def _renewed(self, bot: Bot, home: str) -> Bot:
        client = AsyncWebClient(base_url=self.api_url)
        rotator = AsyncTokenRotator(client_id=self.client_id, client_secret=self.client_secret, client=client)
        try:
            renewed = await rotator.perform_bot_token_rotation(bot=bot, minutes_before_expiration=RENEW_BEFORE)
        except SlackApiError as error:
            raise SlackFailed("token_not_renewed") from error
        if renewed is None:
            return bot
        await self.store.async_save_bot(renewed)
        self._known[home] = (time.monotonic(), renewed)
        return renewed


def _ends_soon(bot: Bot) -> bool:
    ends = bot.bot_token_expires_at
    return ends is not None and ends - time.time() < RENEW_BEFORE * 60


def _home(enterprise_id: str | None, team_id: str | None) -> str:
    return team_id or enterprise_id or ""


def _as_json(bot: Bot) -> str:
    """The fields that a Bot is made from."""
    kept = {
        "app_id": bot.app_id, "enterprise_id": bot.enterprise_id, "enterprise_name": bot.enterprise_name,
        "team_id": bot.team_id, "team_name": bot.team_name, "bot_token": bot.bot_token, "bot_id": bot.bot_id,
        "bot_user_id": bot.bot_user_id, "bot_scopes": bot.bot_scopes, "bot_refresh_token": bot.bot_refresh_token,
        "bot_token_expires_at": bot.bot_token_expires_at, "is_enterprise_install": bot.is_enterprise_install,
        "installed_at": bot.installed_at,
    }  # fmt: skip
    return json.dumps({k: v.timestamp() if isinstance(v, datetime) else v for k, v in kept.items()})
