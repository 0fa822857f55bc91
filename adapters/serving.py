"""`chatbot serve`: production. Starts what has its settings, and refuses to start half."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping

from aiohttp import web

from adapters.app import FileExport, SystemClock, free_socket, join_escalations, serve, watch_over
from adapters.config import Config
from adapters.engine import Made
from adapters.escalations.joined import Escalations
from adapters.mail import MailNotifier
from adapters.metrics import CountedBot, Metrics
from adapters.settings import Settings
from adapters.smtp import MailServer
from adapters.web.app import make_app
from adapters.web.notify import InboxNotifier
from adapters.web.registration import SignIn
from adapters.web.sign_in import set_up, who
from chatbot.knowledge import Knowledge
from chatbot.plan import Plan
from chatbot.ports import Notifier
from chatbot.respond import Engine

log = logging.getLogger("chatbot")


def notifiers_of(settings: Settings, plans: Mapping[str, Plan], knowledge: Knowledge) -> list[Notifier]:
    """The means that these settings give: the inbox where people can sign in, e-mail where a server is set."""
    found: list[Notifier] = []
    if settings.oidc is not None:
        found.append(InboxNotifier(lambda contact: bool(contact.email)))
    if settings.slack is not None:
        from adapters.slack.notify import SlackNotifier

        found.append(SlackNotifier())
    if settings.teams is not None:
        from adapters.teams.notify import TeamsNotifier

        found.append(TeamsNotifier())
    if settings.smtp is not None:
        smtp = settings.smtp
        server = MailServer(smtp.host, smtp.port, smtp.user, smtp.password, smtp.sender, smtp.tls)
        names = {school.id: school.name for school in knowledge.schools.values()}
        found.append(
            MailNotifier(
                server,
                schools=names,
                zone=lambda school: plans[school].hours.zone,
                person=lambda school, contact: c.name if (c := plans[school].contact(contact)) else contact,
                public_url=settings.public_url,
            )
        )
    return found


def serving_escalations(engine: Engine, settings: Settings, config: Config) -> Escalations:
    """The escalations of `chatbot serve`, not started yet. Raises DatabaseUnusable."""
    notifiers = notifiers_of(settings, config.plans, engine.knowledge)
    return join_escalations(engine, settings.database_url, settings.secret_keys, config.plans, notifiers, SystemClock())


def serving_app(engine: Engine, settings: Settings, config: Config) -> web.Application:
    """The web application of `chatbot serve`. Raises DatabaseUnusable."""
    clock = SystemClock()
    escalations = serving_escalations(engine, settings, config)
    schools = {school.id: school for school in engine.knowledge.schools.values() if school.id in config.plans}
    export = FileExport(escalations, config.plans, {s.id: s.name for s in schools.values()}, clock)
    metrics = Metrics(escalations.health)
    bot = CountedBot(engine, escalations.desk, metrics)
    app = make_app(
        bot, engine.knowledge, escalations.desk, clock, escalations.desk,
        config.plans, open_desk=False, stands=escalations.health, who=who if settings.oidc else None, export=export,
        public_url=settings.public_url, chat=False,
    )  # fmt: skip
    if settings.oidc is not None:
        oidc = settings.oidc
        sign_in = SignIn(
            issuer=oidc.issuer, client_id=oidc.client_id, client_secret=oidc.client_secret,
            public_url=settings.public_url, domain=oidc.domain, secret_key=settings.secret_keys[0],
        )  # fmt: skip
        set_up(app, sign_in, contact_of(config.plans))
    if settings.slack is not None:
        from adapters.slack.joined import add_slack

        add_slack(app, bot, engine.knowledge, escalations, settings, config, clock)
    if settings.teams is not None:
        from adapters.teams.joined import add_teams

        add_teams(app, bot, engine.knowledge, escalations, settings, config, clock)
    watch_over(app, escalations, metrics)
    for school in config.plans:
        for route in sorted(escalations.desk.unreachable(school)):
            log.critical("%s: nobody can be told on the route %s; a reporter is told to phone", school, route)
    return app


def contact_of(plans: Mapping[str, Plan]) -> Callable[[str], str | None]:
    """The contact whom an e-mail address belongs to, in whatever school."""
    known = {c.email.lower(): c.id for plan in plans.values() for c in plan.contacts if c.email}
    return lambda email: known.get(email.lower())


def run_serve(made: Made, settings: Settings, config: Config, say: Callable[[str], None]) -> None:
    """Serve until told to stop. Raises DatabaseUnusable, and OSError where the port is taken."""
    app = serving_app(made.engine, settings, config)
    with free_socket(settings.host, settings.port, tries=1) as listening:
        asyncio.run(serve(app, listening, lambda url: say(f"Serving {', '.join(config.plans)} at {url}")))
