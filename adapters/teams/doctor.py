"""`chatbot doctor` for Teams: credentials, endpoint, tenant, channels, people. Every finding says what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp

from adapters.config import Config
from adapters.database.references import References
from adapters.findings import Finding, Worth
from adapters.settings import Teams
from adapters.teams.addresses import Addresses
from adapters.teams.answers import activity_of
from adapters.teams.gateway import Gateway, TeamsFailed
from adapters.teams.views import notice_of
from chatbot.plan import Contact, Plan

SECONDS = 10
ABOUT = "Teams"
ROUTE = "/api/messages"
TEST = "This is a test by chatbot doctor: no report. Nothing has to be done."
ADVICE = {
    "AADSTS700016": "this tenant has no such app: TEAMS_APP_ID and TEAMS_TENANT_ID are on its Overview page in Entra",
    "AADSTS90002": "there is no such tenant: TEAMS_TENANT_ID is the Directory (tenant) ID on the app’s Overview page",
    "AADSTS7000215": "the secret is wrong: Entra → App registrations → the app → Certificates & secrets → copy Value",
    "AADSTS7000222": "the secret has expired: Entra → App registrations → the app → Certificates & secrets → add one",
}
"""What Entra's codes mean, and where to click."""
INSTALL = (
    "Teams admin centre → Teams apps → Setup policies → the staff’s policy → Installed apps → add the app; then they "
    "sign in to Teams once"
)
ADD = "in Teams open the team → ⋯ → Manage team → Apps → add the app; private channels may not take it"


async def examine_teams(
    given: Teams, config: Config, rows: References, *, public_url: str, post: bool
) -> list[Finding]:
    """Every finding about Teams. `post`: a marked test message goes to each channel of a route."""
    gateway = Gateway(given, frozenset(config.teams.homes))
    await gateway.open()
    try:
        examined = _Examined(gateway, Addresses(rows, gateway), config)
        found = [finding async for finding in examined.credentials(given)]
        found.append(await _endpoint(public_url))
        if found[0].worth is not Worth.BAD:
            for home, schools in config.teams.homes.items():
                found += [finding async for finding in examined.home(home, schools, post=post)]
        return found
    finally:
        await gateway.close()


class _Examined:
    """Looks at one app in all of its tenants."""

    def __init__(self, gateway: Gateway, addresses: Addresses, config: Config) -> None:
        self._gateway, self._addresses, self._config = gateway, addresses, config

    async def credentials(self, given: Teams) -> AsyncIterator[Finding]:
        """Whether Entra gives the app a token, and for which tenant."""
        if not given.app_id:
            says = "no TEAMS_APP_ID: anybody is answered who reaches this machine; for development only"
            yield Finding(Worth.WARN, ABOUT, says)
            return
        try:
            await self._gateway.check()
        except TeamsFailed as error:
            yield Finding(Worth.BAD, ABOUT, f"no token ({error.kind}): {_advice(error.kind)}")
        else:
            yield Finding(Worth.GOOD, ABOUT, "Entra gives the app a token")
        if given.app_type == "MultiTenant":
            says = "TEAMS_APP_TYPE is MultiTenant; unless the trust has several tenants, SingleTenant is safer"
            yield Finding(Worth.WARN, ABOUT, says)
        elif given.tenant_id not in self._config.teams.homes:
            says = f"TEAMS_TENANT_ID {given.tenant_id} is no school's in chatbot.yaml: nobody from it is served"
            yield Finding(Worth.BAD, ABOUT, says)

    async def home(self, home: str, schools: tuple[str, ...], *, post: bool) -> AsyncIterator[Finding]:
        """One tenant: whether anything has come from it, its channels and people."""
        if not await self._addresses.known(home):
            says = f"nothing has come from the tenant {home} yet, so its channels and people cannot be looked at"
            yield Finding(
                Worth.BAD, ABOUT, f"{says}: start `chatbot serve`, install the app, write “hello” to it in Teams"
            )
            return
        for school in schools:
            plan = self._config.plans[school]
            for route, channels in plan.channels.items():
                if channel := channels.get("teams"):
                    yield await self._channel(f"{school}, {route}", home, channel, plan)
                    if post:
                        yield await self._posted(f"{school}, {route}", home, channel)
            for contact in plan.contacts:
                if contact.teams:
                    yield await self._person(f"{school}, {contact.name}", home, contact)

    async def _channel(self, about: str, home: str, channel: str, plan: Plan) -> Finding:
        """Whether the app is in the channel's team, told by whether it may look at one of its members."""
        to = {"service_url": await self._addresses.service_url(home), "conversation": channel}
        wanted = [contact.teams for contact in plan.contacts if contact.teams][:3]
        failed = "nobody of the school has a Teams id"
        for user in wanted:
            try:
                await self._gateway.member(to, user)
            except TeamsFailed as error:
                failed = error.kind
            else:
                return Finding(Worth.GOOD, about, f"the app is in the channel {channel}")
        says = f"whether the app is in the channel {channel} cannot be seen ({failed}): {ADD}; try --post"
        return Finding(Worth.WARN, about, says)

    async def _posted(self, about: str, home: str, channel: str) -> Finding:
        try:
            url = await self._addresses.service_url(home)
            await self._gateway.post(url, home, channel, activity_of(notice_of(TEST)))
        except TeamsFailed as error:
            return Finding(Worth.BAD, about, f"the test message was refused ({error.kind}): {ADD}")
        return Finding(Worth.GOOD, about, f"a test message is in {channel}")

    async def _person(self, about: str, home: str, contact: Contact) -> Finding:
        """Whether the app can write to somebody first."""
        if contact.teams.lower() in await self._addresses.known(home):
            return Finding(Worth.GOOD, about, "has the app: it can write to them")
        if await self._addresses.accounts_of(home, [contact.teams.lower()]):
            return Finding(Worth.GOOD, about, "is in a team with the app: a chat is begun with the first alert")
        return Finding(Worth.BAD, about, f"the app cannot write to them: {INSTALL}")


async def _endpoint(public_url: str) -> Finding:
    """Whether Teams would reach the bot: without a token it has to be refused."""
    if not public_url:
        says = "no CHATBOT_PUBLIC_URL: Teams reaches the bot only by a public https address, set in the Azure Bot"
        return Finding(Worth.WARN, ABOUT, says)
    url = f"{public_url}{ROUTE}"
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as session,
            session.post(url, json={}) as response,
        ):
            status = response.status
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        says = f"{url} cannot be reached ({type(error).__name__}): is `chatbot serve` running, and let through?"
        return Finding(Worth.WARN, ABOUT, says)
    if status == 401:
        return Finding(Worth.GOOD, ABOUT, f"{url} answers, and refuses who has no token")
    says = f"{url} answers {status}, not 401: it does not lead to `chatbot serve` with Teams switched on"
    return Finding(Worth.BAD, ABOUT, says)


def _advice(kind: str) -> str:
    known = next((advice for code, advice in ADVICE.items() if kind.endswith(code)), "")
    return known or "look at TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID, and at the way to Microsoft’s login"
