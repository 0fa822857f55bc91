"""Where people and channels can be written to without having asked: kept from what they sent, looked up otherwise."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.chat.shapes import mapping_at, text_at
from adapters.database.references import Reference, References
from adapters.teams.gateway import Gateway, TeamsFailed
from adapters.teams.turns import Place, Sender

log = logging.getLogger("chatbot.teams")

ANYWHERE = "https://smba.trafficmanager.net/teams/"
"""The service's address for all regions, for a tenant from which nothing has come yet."""
SERVICE = "service"
"""Under this name the address of the tenant's own region is kept."""
PERSON = "person/"
"""Under this and their id it is kept what a person is called, and their account for this app."""
FRESH = 600.0
"""Seconds for which it is remembered that nobody knows somebody's account."""
PATIENCE = 3.0
"""Seconds for which a card waits to hear who is to see it brought up to date."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of all tenants. What was kept or read once is remembered."""

    rows: References
    gateway: Gateway
    channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The channels that the schools of a tenant name: whoever is told is among their members."""
    _known: dict[Key, Reference] = field(default_factory=dict)
    _accounts: dict[Key, tuple[float, str]] = field(default_factory=dict)

    async def heard(self, activity: Mapping[str, object], sender: Sender, place: Place) -> None:
        """Keep where an activity came from: the chat of its sender, or the team it was written in."""
        await self.met(sender, place)
        if not place.public:
            await self._keep(sender.tenant, sender.user, place.reference)
        team = mapping_at(mapping_at(activity, "channelData"), "team")
        if text_at(team, "id"):
            reference = {"service_url": place.service_url, "conversation": text_at(team, "id")}
            for whom in (text_at(team, "id"), text_at(team, "aadGroupId").lower()):
                if whom:
                    await self._keep(sender.tenant, whom, reference)

    async def met(self, sender: Sender, place: Place) -> None:
        """Keep who somebody is who has pressed something, and the service that it came from: no chat with them yet."""
        await self._keep(sender.tenant, SERVICE, {"service_url": place.service_url})
        await self._keep(sender.tenant, PERSON + sender.user, {"account": sender.account, "name": sender.name})

    async def gone(self, activity: Mapping[str, object], sender: Sender, place: Place) -> None:
        """The app has been removed there."""
        team = mapping_at(mapping_at(activity, "channelData"), "team")
        if not place.public:
            await self.forget(sender.tenant, sender.user)
            await self.forget(sender.tenant, PERSON + sender.user)
        for whom in (text_at(team, "id"), text_at(team, "aadGroupId").lower()):
            if whom:
                await self.forget(sender.tenant, whom)

    async def service_url(self, tenant: str) -> str:
        """Where a tenant's messages are sent."""
        known = await self._of(tenant, SERVICE)
        return str(known["service_url"]) if known else ANYWHERE

    async def name_of(self, tenant: str, user: str) -> str:
        """What a person is called in Teams; "" where they have done nothing here yet."""
        return text_at(await self._of(tenant, PERSON + user) or {}, "name")

    async def chat_with(self, tenant: str, user: str, account: str = "") -> Reference:
        """The chat with a person: the one that is known, or a new one with the `account` that they have here.

        Raises TeamsFailed, for good where the app can't write to them.
        """
        known = await self._of(tenant, user)
        if known is not None:
            return known
        url = await self.service_url(tenant)
        account = account or await self._met(tenant, user) or await self._account_of(tenant, user)
        if not account:
            raise TeamsFailed("not_installed", for_good=True)
        reference = await self.gateway.begin(url, tenant, account)
        await self._keep(tenant, user, reference)
        return reference

    async def chat_anew(self, tenant: str, user: str, account: str = "") -> Reference:
        """The chat with a person, begun again: the one that was known is not there any more. Raises TeamsFailed."""
        await self.forget(tenant, user)
        return await self.chat_with(tenant, user, account)

    async def accounts_of(self, tenant: str, users: Iterable[str]) -> dict[str, str]:
        """The accounts of people, as far as they are known or can soon be: a message does not wait for them."""
        found: dict[str, str] = {}
        try:
            async with asyncio.timeout(PATIENCE):
                for user in users:
                    if account := await self._remembered(tenant, user):
                        found[user] = account
        except (TeamsFailed, TimeoutError) as error:
            log.info("not everybody's account could be looked up: %s", type(error).__name__)
        return found

    async def is_in(self, tenant: str, group: str, user: str) -> bool:
        """Whether a person is in the team of an Entra group; not, where the app is not in it. Raises TeamsFailed."""
        reference = await self._of(tenant, group)
        if reference is None:
            return False
        try:
            return bool(await self.gateway.member(reference, user))
        except TeamsFailed as error:
            if not error.for_good:
                raise
            return False

    async def forget(self, tenant: str, whom: str) -> None:
        """An address that does not work any more."""
        self._known.pop((tenant, whom), None)
        await asyncio.to_thread(self.rows.drop, tenant, whom)

    async def known(self, tenant: str) -> frozenset[str]:
        """Whose addresses are known: people by their Entra object id, teams by theirs."""
        return await asyncio.to_thread(self.rows.known, tenant)

    async def _met(self, tenant: str, user: str) -> str:
        """The account of somebody who has done anything here."""
        return text_at(await self._of(tenant, PERSON + user) or {}, "account")

    async def _remembered(self, tenant: str, user: str) -> str:
        """A person's account, looked up once, and again from time to time while nobody knows it."""
        if account := await self._met(tenant, user):
            return account
        at, account = self._accounts.get((tenant, user), (0.0, ""))
        if not account and (not at or time.monotonic() - at > FRESH):
            account = await self._account_of(tenant, user)
            self._accounts[tenant, user] = (time.monotonic(), account)
        return account

    async def _account_of(self, tenant: str, user: str) -> str:
        """A person's account as one of the teams lists it that the app is in; "" where none does."""
        url = await self.service_url(tenant)
        teams = [whom for whom in await self.known(tenant) if whom.startswith("19:")]
        for place in (*self.channels.get(tenant, ()), *sorted(teams)):
            reference = await self._of(tenant, place) or {"service_url": url, "conversation": place}
            try:
                found = await self.gateway.member(reference, user)
            except TeamsFailed as error:
                if not error.for_good:
                    raise
                continue
            if account := text_at(found, "id"):
                return account
        return ""

    async def _of(self, tenant: str, whom: str) -> Reference | None:
        key = tenant, whom
        if key not in self._known:
            found = await asyncio.to_thread(self.rows.of, tenant, whom)
            if found is None:
                return None
            self._known[key] = found
        return self._known[key]

    async def _keep(self, tenant: str, whom: str, reference: Reference) -> None:
        known = await self._of(tenant, whom)
        if known != reference:
            await asyncio.to_thread(self.rows.keep, tenant, whom, reference)
            self._known[tenant, whom] = reference
