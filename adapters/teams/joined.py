"""Teams joined with everything else: what `chatbot serve` mounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from aiohttp import web

from adapters.chat.links import policy_url
from adapters.chat.people import ChosenSchools
from adapters.config import Config
from adapters.database.outbox import Outbox
from adapters.database.references import References
from adapters.escalations.joined import Escalations
from adapters.settings import Settings
from adapters.teams.addresses import Addresses
from adapters.teams.app import ROUTE, TeamsApp, make_teams
from adapters.teams.gateway import Gateway
from adapters.teams.notify import TeamsNotifier
from adapters.teams.people import People
from adapters.teams.site import Site
from chatbot.bot import Bot
from chatbot.knowledge import Knowledge
from chatbot.ports import Clock


def add_teams(
    app: web.Application,
    bot: Bot,
    knowledge: Knowledge,
    escalations: Escalations,
    settings: Settings,
    config: Config,
    clock: Clock,
) -> TeamsApp:
    """Mount Teams on `app`, which starts and stops it. `settings.teams` is set; its notifier is among the stages'."""
    given, desk, means = settings.teams, escalations.desk, TeamsNotifier.means
    notifier = escalations.stages.notifiers.get(means)
    if given is None or not isinstance(notifier, TeamsNotifier):
        raise ValueError("Teams is not among the settings")
    gateway = Gateway(given, frozenset(config.teams.homes))
    addresses = Addresses(References(desk.engine, desk.vault, clock, means), gateway, channels_of(config))
    people = People(config.teams, config.plans, ChosenSchools(desk.engine, means, clock), addresses)
    site = Site(
        bot=bot, knowledge=knowledge, desk=desk, plans=config.plans, clock=clock, people=people, gateway=gateway,
        addresses=addresses, outbox=Outbox(desk.engine, desk.vault, clock, means),
        policy_url=policy_url(settings.public_url), inbox_url=settings.inbox_url,
    )  # fmt: skip
    teams = make_teams(site, notifier)

    async def started(_: web.Application) -> None:
        await teams.start()

    async def stopped(_: web.Application) -> None:
        await teams.stop()

    app.on_startup.append(started)
    app.on_shutdown.append(stopped)
    app.router.add_post(ROUTE, teams.messages, name="teams")
    return teams


def channels_of(config: Config) -> dict[str, tuple[str, ...]]:
    """The channels in Teams that the schools of each tenant name."""

    def named(schools: Iterable[str]) -> Iterator[str]:
        for school in schools:
            for channel in config.plans[school].channels.values() if school in config.plans else ():
                if TeamsNotifier.means in channel:
                    yield channel[TeamsNotifier.means]

    return {home: tuple(dict.fromkeys(named(schools))) for home, schools in config.teams.homes.items()}
