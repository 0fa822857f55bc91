"""`chatbot doctor` looks at Teams: each finding says what is wrong and what to do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from adapters.config import read_config
from adapters.database.references import References
from adapters.escalations.joined import looked_at
from adapters.findings import Finding, Worth
from adapters.settings import Teams
from adapters.teams.doctor import examine_teams
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import card, reported, said


def findings(running: Running, *, post: bool = False, public_url: str = "", **changed: Any) -> list[Finding]:
    """What doctor says about `running`, with what has been kept so far."""
    teams = running.teams
    path = running.folder / "chatbot.yaml"
    path.write_text(running.config, encoding="utf-8")
    config = read_config(path, running.engine.knowledge.schools)
    given = Teams(
        teams.app_id, teams.app_password, teams.tenant, "SingleTenant", teams.openid_metadata, teams.token_url
    )
    held = looked_at(f"sqlite:///{running.database}", (running.key,), config.plans, [])
    try:
        rows = References(held.engine, held.desk.vault, held.desk.clock, "teams")
        examined = examine_teams(replace(given, **changed), config, rows, public_url=public_url, post=post)
        return asyncio.run(examined)
    finally:
        held.engine.dispose()


def told(found: list[Finding], *worths: Worth) -> str:
    """Everything of these worths, as one text."""
    return "\n".join(f"{one.about}: {one.says}" for one in found if one.worth in worths)


def test_nothing_is_wrong_where_everything_is_there(running: Running) -> None:
    with running.up():
        for user in ("dee", "ed", "hal", "cy"):
            running.teams.says(user, "hello")
        reported(running.teams)
        card(running.teams)
        found = findings(running, public_url=running.teams.bot_url)
    assert told(found, Worth.BAD, Worth.WARN) == ""
    good = told(found, Worth.GOOD)
    assert "Entra gives the app a token" in good
    assert "refuses who has no token" in good
    assert "the app is in the channel" in good
    assert "Dee Lead: has the app" in good


def test_a_test_message_goes_to_each_channel_only_when_asked_for(running: Running) -> None:
    heard(running)
    findings(running)
    assert running.teams.channel("dsl") == []
    assert "a test message is in" in told(findings(running, post=True), Worth.GOOD)
    assert "This is a test by chatbot doctor" in said(running.teams.channel("dsl")[0])


def test_a_wrong_secret_says_where_to_get_another(running: Running) -> None:
    bad = told(findings(running, app_password="wrong"), Worth.BAD)  # noqa: S106 -- no secret
    assert "no token" in bad
    assert "TEAMS_APP_PASSWORD" in bad or "Certificates & secrets" in bad


def test_a_tenant_that_is_no_schools_is_named(running: Running) -> None:
    other = "99999999-8888-7777-6666-555555555555"
    assert other in told(findings(running, tenant_id=other), Worth.BAD)


def heard(running: Running) -> None:
    """Somebody has written to the bot."""
    with running.up():
        running.teams.says("dee", "hello")
        running.teams.wait_for(lambda: running.teams.from_bot("dee"))


def test_who_cannot_be_written_to_is_named_with_what_to_do(running: Running) -> None:
    heard(running)
    bad = told(findings(running), Worth.BAD)
    assert "Hal Head: the app cannot write to them" in bad or "Cy Chair: the app cannot write to them" in bad
    assert "Setup policies" in bad


def test_a_tenant_from_which_nothing_has_come_is_said(running: Running) -> None:
    assert "nothing has come from the tenant" in told(findings(running), Worth.BAD)


def test_an_address_that_leads_nowhere_is_said(running: Running) -> None:
    said = told(findings(running, public_url="http://127.0.0.1:9"), Worth.WARN)
    assert "cannot be reached" in said


def test_an_address_that_leads_elsewhere_is_said(running: Running) -> None:
    found = findings(running, public_url=running.teams.service_url.rstrip("/"))
    assert "not 401" in told(found, Worth.BAD)


def test_development_without_an_app_id_is_warned_of(running: Running) -> None:
    assert "for development only" in told(findings(running, app_id="", app_password=""), Worth.WARN)
