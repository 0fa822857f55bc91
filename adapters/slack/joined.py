"""Slack joined with everything else: what `chatbot serve` mounts."""

from __future__ import annotations

from aiohttp import web

from adapters.chat.links import policy_url
from adapters.chat.people import ChosenSchools
from adapters.config import Config
from adapters.database.outbox import Outbox
from adapters.escalations.joined import Escalations
from adapters.settings import Settings, Slack
from adapters.slack.app import ROUTE, SlackApp, make_slack
from adapters.slack.client import SlackClient, Tokens
from adapters.slack.notify import SlackNotifier
from adapters.slack.oauth import install_routes
from adapters.slack.people import People
from adapters.slack.site import Site
from adapters.slack.tokens import InstallationRows, InstalledTokens, OneToken
from chatbot.bot import Bot
from chatbot.knowledge import Knowledge
from chatbot.ports import Clock


def add_slack(
    app: web.Application,
    bot: Bot,
    knowledge: Knowledge,
    escalations: Escalations,
    settings: Settings,
    config: Config,
    clock: Clock,
) -> SlackApp:
    """Mount Slack on `app`, which starts and stops it. `settings.slack` is set; its notifier is among the stages'."""
    given, desk = settings.slack, escalations.desk
    notifier = escalations.stages.notifiers.get(SlackNotifier.means)
    if given is None or not isinstance(notifier, SlackNotifier):
        raise ValueError("Slack is not among the settings")
    tokens = tokens_of(given, escalations, clock)
    client = SlackClient(given.api_url, tokens)
    chosen = ChosenSchools(desk.engine, SlackNotifier.means, clock)
    people = People(config.slack, config.plans, chosen, client)
    site = Site(
        bot=bot, knowledge=knowledge, desk=desk, plans=config.plans, clock=clock, client=client, people=people,
        outbox=Outbox(desk.engine, desk.vault, clock, SlackNotifier.means),
        policy_url=policy_url(settings.public_url), inbox_url=settings.inbox_url,
    )  # fmt: skip
    slack = make_slack(site, given, tokens, notifier)

    async def started(_: web.Application) -> None:
        await slack.start()

    async def stopped(_: web.Application) -> None:
        await slack.stop()

    app.on_startup.append(started)
    app.on_shutdown.append(stopped)
    if given.signing_secret:
        app.router.add_post(ROUTE, slack.events, name="slack")
    if given.client_id:
        app.add_routes(install_routes(given, settings.public_url, escalations, clock))
    return slack


def tokens_of(given: Slack, escalations: Escalations, clock: Clock) -> Tokens:
    """The token of the environment, or those of the workspaces that installed the app."""
    if not given.client_id:
        return OneToken(given.bot_token)
    rows = InstallationRows(escalations.desk.engine, escalations.desk.vault, clock)
    return InstalledTokens(rows, given.client_id, given.client_secret, given.api_url)
