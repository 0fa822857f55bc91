"""Where people and channels can be written to without having asked: kept from what they sent, looked up otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.chat.shapes import mapping_at, text_at
from adapters.database.references import Reference, References
from adapters.teams.gateway import Gateway, TeamsFailed
from adapters.teams.turns import Place, Sender

ANYWHERE = "https://smba.trafficmanager.net/teams/"
"""The service's address for all regions, for a tenant from which nothing has come yet."""
SERVICE = "service"
"""Under this name the address of the tenant's own region is kept."""

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of all tenants. What was kept or read once is remembered."""

    rows: References
    gateway: Gateway
    _known: dict[Key, Reference] = field(default_factory=dict)

    async def heard(self, activity: Mapping[str, object], sender: Sender, place: Place) -> None:
        """Keep where an activity came from: the chat of its sender, or the team it was written in."""
        await self._keep(sender.tenant, SERVICE, {"service_url": place.service_url})
        if not place.public:
            known = {**place.reference, "account": sender.account, "name": sender.name}
            await self._keep(sender.tenant, sender.user, known)
        team = mapping_at(mapping_at(activity, "channelData"), "team")
        if text_at(team, "id"):
            reference = {"service_url": place.service_url, "conversation": text_at(team, "id")}
            for whom in (text_at(team, "id"), text_at(team, "aadGroupId").lower()):
                if whom:
                    await self._keep(sender.tenant, whom, reference)

    async def gone(self, activity: Mapping[str, object], sender: Sender, place: Place) -> None:
        """The app has been removed there."""
        team = mapping_at(mapping_at(activity, "channelData"), "team")
        if not place.public:
            await self.forget(sender.tenant, sender.user)
        for whom in (text_at(team, "id"), text_at(team, "aadGroupId").lower()):
            if whom:
                await self.forget(sender.tenant, whom)

    async def service_url(self, tenant: str) -> str:
        """Where a tenant's messages are sent."""
        known = await self._of(tenant, SERVICE)
        return str(known["service_url"]) if known else ANYWHERE

    async def name_of(self, tenant: str, user: str) -> str:
        """What a person is called in Teams; "" where they have not written yet."""
        return str((await self._of(tenant, user) or {}).get("name", ""))

    async def chat_with(self, tenant: str, user: str, account: str = "") -> Reference:
        """The chat with a person: the one that is known, or a new one with the `account` that they have here.

        Raises TeamsFailed, for good where the app can't write to them.
        """
        known = await self._of(tenant, user)
        if known is not None:
            return known
        url = await self.service_url(tenant)
        account = account or await self._account_of(tenant, user)
        if not account:
            raise TeamsFailed("not_installed", for_good=True)
        reference = {**await self.gateway.begin(url, tenant, account), "account": account}
        await self._keep(tenant, user, reference)
        return reference

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

    async def _account_of(self, tenant: str, user: str) -> str:
        """A person's account as one of the teams lists it that the app is in; "" where none does."""
        for team in sorted(whom for whom in await self.known(tenant) if whom.startswith("19:")):
            reference = await self._of(tenant, team)
            try:
                found = await self.gateway.member(reference, user) if reference is not None else {}
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
