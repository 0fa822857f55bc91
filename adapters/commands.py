"""Commands for the people who run it: serve, config, doctor, audit, figures. One short function a command."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.config import Config, ConfigError, example_text, read_config
from adapters.database.connect import DatabaseUnusable
from adapters.engine import engine_of
from adapters.files import knowledge_folder, read_english
from adapters.settings import Settings, SettingsError
from chatbot.errors import ChatbotError, KnowledgeError
from chatbot.knowledge import Knowledge, load

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)
config_app = typer.Typer(help="The school's own file, chatbot.yaml.", no_args_is_help=True)
manifest_app = typer.Typer(help="What a chat platform is told of the app.", no_args_is_help=True)
audit_app = typer.Typer(help="The audit trail of escalations.", no_args_is_help=True)

Days = Annotated[int, typer.Option(help="How many days back.", min=1, max=3660)]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to the console script."""
    app.command()(serve)
    app.command()(doctor)
    app.command()(figures)
    app.add_typer(config_app, name="config")
    app.add_typer(manifest_app, name="manifest")
    app.add_typer(audit_app, name="audit")


def serve() -> None:
    """Production: settings from the environment, who is who from chatbot.yaml (CHATBOT_CONFIG)."""
    from adapters.serving import run_serve

    with told():
        settings, knowledge = _settings(), _knowledge()
        config = _config(settings, knowledge)
        for warning in config.warnings:
            err.print(f"warning: {escape(str(warning))}")
        run_serve(engine_of(knowledge), settings, config, lambda words: out.print(escape(words)))


@config_app.command("example")
def config_example() -> None:
    """Print a commented chatbot.yaml."""
    typer.echo(example_text())


@config_app.command("check")
def config_check(file: Annotated[Path, typer.Argument(help="A chatbot.yaml")]) -> None:
    """Every problem of a chatbot.yaml at once, with file and line."""
    with told():
        config = read_config(file, _names(_knowledge()))
        for warning in config.warnings:
            err.print(f"warning: {escape(str(warning))}")
        out.print(f"{escape(str(file))} holds together: {', '.join(config.plans)}")


@manifest_app.command("slack")
def manifest_slack(
    address: Annotated[str, typer.Option(help="For HTTP: the public address, https://… Without it: Socket Mode.")] = "",
) -> None:
    """Print the manifest to create the Slack app from."""
    from adapters.slack.manifest import manifest_text

    if address and not re.fullmatch(r"https://[^\s/?#]+(/[^\s?#]*)?", address):
        err.print(f"chatbot: --address should be like https://policy.example.org, not {escape(repr(address))}")
        raise typer.Exit(2)
    typer.echo(manifest_text(socket=not address, address=address.rstrip("/")), nl=False)


@manifest_app.command("teams")
def manifest_teams(
    app_id: Annotated[str, typer.Option(envvar="TEAMS_APP_ID", help="The bot's Entra application (client) id.")] = "",
    address: Annotated[str, typer.Option(envvar="CHATBOT_PUBLIC_URL", help="The public address, https://…")] = "",
    app_version: Annotated[str, typer.Option(help="Higher than at the last upload. Without it: this program's.")] = "",
    package: Annotated[Path | None, typer.Option(help="Write the zip to upload here instead of printing.")] = None,
) -> None:
    """Print the manifest of the Teams app, or write the package that an administrator uploads."""
    from adapters.teams.manifest import faults, manifest, manifest_text
    from adapters.teams.manifest import package as packed

    given = (app_id.strip(), address.strip(), app_version.strip() or version("staff-policy-chatbot"))
    for fault in (found := faults(*given)):
        err.print(f"chatbot: {escape(fault)}", soft_wrap=True)
    if found:
        raise typer.Exit(2)
    if package is None:
        typer.echo(manifest_text(manifest(*given)), nl=False)
        return
    with told():
        package.write_bytes(packed(manifest(*given)))
        words = f"{package} is written: version {given[2]}, for {given[1]}. Upload it in the Teams admin centre."
        out.print(escape(words), soft_wrap=True)


@audit_app.command("verify")
def audit_verify(
    expect: Annotated[str, typer.Option(help="LINES:HASH noted at an earlier check; finds lines cut off since.")] = "",
) -> None:
    """Recompute every line of the audit trail; any changed, removed or inserted one is named. Exit status 1 if any."""
    from adapters.database import audit
    from adapters.database.connect import open_database

    with told():
        engine = open_database(_settings(serving=False).database_url)
        with engine.connect() as connection:
            found = audit.verify(connection)
            faults = (*found.faults, *audit.missing(connection, expect))
        engine.dispose()
        for fault in faults:
            err.print(escape(fault))
        if faults:
            raise typer.Exit(1)
        out.print(f"{found.lines} lines, unbroken. Note this elsewhere: {found.lines}:{found.head}")


def figures(
    school: Annotated[str, typer.Argument(help="A school of chatbot.yaml")],
    days: Days = 365,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF here instead of printing CSV.")] = None,
) -> None:
    """A school's figures for its governors: counts and times, no words; small counts are suppressed."""
    from adapters.database.connect import open_database
    from adapters.escalations.rows import all_held
    from adapters.exports import figures as count
    from adapters.exports import figures_csv, figures_pdf

    with told():
        settings, names = _settings(serving=False), _names(_knowledge())
        name = names.get(school)
        if name is None:
            err.print(f"chatbot: no school named {escape(repr(school))}; known are {', '.join(names)}")
            raise typer.Exit(2)
        engine, now = open_database(settings.database_url), datetime.now(UTC)
        shown = count(all_held(engine, school), now - timedelta(days=days), now)
        engine.dispose()
        if pdf is None:
            typer.echo(figures_csv(shown, name), nl=False)
        else:
            pdf.write_bytes(figures_pdf(shown, name, now))


def doctor(
    drill: Annotated[str, typer.Option(help="SCHOOL:ROUTE: send a marked drill that somebody has to take on.")] = "",
    wait: Annotated[int, typer.Option(help="Seconds to wait for the drill to be taken on.", min=0)] = 0,
    post: Annotated[bool, typer.Option(help="Post a marked test message to each chat channel of a route.")] = False,
) -> None:
    """Whether each route can reach somebody, and what that rests on. Exit status 1 if anything is bad."""
    from adapters.doctor import examine
    from adapters.escalations.drill import send_drill, taken_on
    from adapters.escalations.joined import looked_at
    from adapters.findings import Worth
    from adapters.serving import notifiers_of

    with told():
        settings, knowledge = _settings(), _knowledge()
        config = _config(settings, knowledge)
        held = looked_at(
            settings.database_url, settings.secret_keys, config.plans, notifiers_of(settings, config.plans, knowledge)
        )
        table = Table("", "about", "finding", show_edge=False)
        bad = False
        for finding in examine(settings, config, held, post=post):
            table.add_row(finding.worth, escape(finding.about), escape(finding.says))
            bad |= finding.worth is Worth.BAD
        out.print(table)
        if drill:
            reference = send_drill(held.desk, drill, datetime.now(UTC))
            out.print(f"The drill {reference} is sent by the running `chatbot serve`.")
            end = time.monotonic() + wait
            while wait and not (by := taken_on(held.engine, reference)) and time.monotonic() < end:
                time.sleep(1)
            if wait:
                out.print(f"Taken on by {escape(by)}." if by else "Nobody has taken it on in that time.")
                bad |= not by
        raise typer.Exit(1 if bad else 0)


@contextmanager
def told() -> Iterator[None]:
    """What is wrong with settings, files or the database, in plain words with exit status 2."""
    try:
        yield
    except (SettingsError, ConfigError, KnowledgeError) as error:
        err.print(f"{len(error.problems)} problems; nothing was started:")
        err.print(escape(str(error)))
        raise typer.Exit(2) from error
    except (DatabaseUnusable, ChatbotError, OSError) as error:
        err.print(f"chatbot: {escape(str(error))}")
        raise typer.Exit(2) from error


def _settings(*, serving: bool = True) -> Settings:
    return Settings.from_environ(os.environ, serving=serving)


def _config(settings: Settings, knowledge: Knowledge) -> Config:
    assert settings.config is not None  # noqa: S101  # serving needs one, from_environ() has judged it
    return read_config(settings.config, _names(knowledge))


def _knowledge() -> Knowledge:
    return load(knowledge_folder(), read_english())


def _names(knowledge: Knowledge) -> dict[str, str]:
    """The name of each school by its id."""
    return {school.id: school.name for school in knowledge.schools.values()}
