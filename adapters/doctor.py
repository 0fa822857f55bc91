"""`chatbot doctor`: whether each route can reach somebody, and everything that reaching them rests on."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa

from adapters.config import Config
from adapters.database import audit
from adapters.database.tables import escalations
from adapters.database.vault import KeyMissing
from adapters.escalations.joined import Escalations
from adapters.findings import Finding, Worth
from adapters.settings import Settings, Slack, Smtp, Teams
from chatbot.reply import Route

MAIL_SECONDS = 10


def examine(settings: Settings, config: Config, held: Escalations, *, post: bool = False) -> Iterator[Finding]:
    """Every finding, as it is found. `post`: a marked test message goes to each chat channel of a route."""
    for problem in config.warnings:
        yield Finding(Worth.WARN, "configuration", str(problem))
    yield from _routes(config, held)
    yield _key(held)
    yield _trail(held)
    yield _pace(held)
    yield _mail(settings.smtp)
    if settings.slack is not None:
        yield from _slack(settings.slack, config, held, post=post)
    if settings.teams is not None:
        yield from _teams(settings.teams, config, held, settings.public_url, post=post)
    if settings.oidc is None:
        yield Finding(Worth.WARN, "inbox", "nobody can sign in to the inbox page: set CHATBOT_OIDC_ISSUER and its ids")
    else:
        yield Finding(Worth.GOOD, "inbox", f"people sign in with {settings.oidc.issuer}")


def _slack(given: Slack, config: Config, held: Escalations, *, post: bool) -> list[Finding]:
    from adapters.slack.doctor import examine_slack
    from adapters.slack.joined import tokens_of

    return asyncio.run(examine_slack(given, config, tokens_of(given, held, held.desk.clock), post=post))


def _teams(given: Teams, config: Config, held: Escalations, public_url: str, *, post: bool) -> list[Finding]:
    from adapters.database.references import References
    from adapters.teams.doctor import examine_teams
    from adapters.teams.notify import TeamsNotifier

    rows = References(held.engine, held.desk.vault, held.desk.clock, TeamsNotifier.means)
    return asyncio.run(examine_teams(given, config, rows, public_url=public_url, post=post))


def _routes(config: Config, held: Escalations) -> Iterator[Finding]:
    for school, plan in config.plans.items():
        for route in Route:
            about = f"{school}, {route}"
            reached = {
                c.name: [means for means, notifier in held.stages.notifiers.items() if notifier.reaches(c)]
                for c in plan.chain(route)
            }
            ways = ", ".join(f"{name} ({' and '.join(means)})" for name, means in reached.items() if means)
            mute = [name for name, means in reached.items() if not means]
            if not ways:
                yield Finding(Worth.BAD, about, "nobody can be told; name people with an e-mail or platform id")
                continue
            yield Finding(Worth.GOOD, about, f"reaches {ways}")
            if mute:
                yield Finding(Worth.WARN, about, f"no means reaches {', '.join(mute)}; give them an address")


def _key(held: Escalations) -> Finding:
    with held.engine.connect() as connection:
        kept = connection.execute(sa.select(escalations.c.reference, escalations.c.words)).all()
    lost = 0
    for row in kept:
        try:
            if row.words is not None:
                held.desk.vault.unseal(row.words)
        except KeyMissing:
            lost += 1
    if lost:
        says = f"the words of {lost} reports cannot be read: add the key that they were kept with to CHATBOT_SECRET_KEY"
        return Finding(Worth.BAD, "key", says)
    return Finding(Worth.GOOD, "key", f"opens the words of all {len(kept)} reports kept")


def _trail(held: Escalations) -> Finding:
    with held.engine.connect() as connection:
        found = audit.verify(connection)
    if found.faults:
        return Finding(Worth.BAD, "audit trail", f"{len(found.faults)} faults, the first: {found.faults[0]}")
    return Finding(Worth.GOOD, "audit trail", f"{found.lines} lines, unbroken")


def _pace(held: Escalations) -> Finding:
    stands = held.health()
    if stands.well:
        return Finding(Worth.GOOD, "escalations", f"{stands.open} open, every step in time")
    late = timedelta(seconds=int(stands.lag.total_seconds()))
    says = f"{stands.undelivered} reached nobody, the most overdue step is {late} late: is `chatbot serve` running?"
    return Finding(Worth.BAD, "escalations", says)


def _mail(smtp: Smtp | None) -> Finding:
    if smtp is None:
        return Finding(Worth.WARN, "e-mail", "not set; it is the fallback that every school has: CHATBOT_SMTP_HOST")
    try:
        kind = smtplib.SMTP_SSL if smtp.tls == "tls" else smtplib.SMTP
        with kind(smtp.host, smtp.port, timeout=MAIL_SECONDS) as server:
            if smtp.tls == "starttls":
                server.starttls()
            if smtp.user:
                server.login(smtp.user, smtp.password)
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        return Finding(Worth.BAD, "e-mail", f"{smtp.host}:{smtp.port} does not take mail: {type(error).__name__}")
    return Finding(Worth.GOOD, "e-mail", f"{smtp.host}:{smtp.port} takes mail from {smtp.sender}")
