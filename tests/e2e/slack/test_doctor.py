"""`chatbot doctor` looks at Slack: each finding says what is wrong and where to click."""

from __future__ import annotations

import asyncio

from adapters.config import read_config
from adapters.findings import Finding, Worth
from adapters.settings import Slack
from adapters.slack.doctor import examine_slack
from adapters.slack.tokens import OneToken
from tests.e2e.slack.conftest import Running, configured


def findings(running: Running, *, bot: str = "", app: str = "", post: bool = False) -> list[Finding]:
    """What doctor says about `running`."""
    slack = running.slack
    path = running.folder / "chatbot.yaml"
    path.write_text(running.config, encoding="utf-8")
    config = read_config(path, running.engine.knowledge.schools)
    given = Slack(bot or slack.bot_token, "", app, slack.api_url)
    return asyncio.run(examine_slack(given, config, OneToken(given.bot_token), post=post))


def bad(found: list[Finding]) -> str:
    """Everything that is wrong, as one text."""
    return "\n".join(f"{one.about}: {one.says}" for one in found if one.worth is Worth.BAD)


def test_nothing_is_wrong_where_everything_is_there(http: Running) -> None:
    found = findings(http, app=http.slack.app_token)
    assert bad(found) == ""
    said = "\n".join(one.says for one in found)
    assert "the bot is in CDSL" in said
    assert "the app token opens a line" in said
    http.slack.check()


def test_a_test_message_goes_to_each_channel_only_when_asked_for(http: Running) -> None:
    findings(http)
    assert http.slack.messages("CDSL") == []
    findings(http, post=True)
    assert "This is a test by chatbot doctor" in http.slack.messages("CDSL")[0]["text"]


def test_a_refused_token_says_where_to_get_another(http: Running) -> None:
    said = bad(findings(http, bot="xoxb-wrong"))
    assert "invalid_auth" in said
    assert "Install App" in said


def test_a_refused_app_token_says_where_to_get_another(socket: Running) -> None:
    said = bad(findings(socket, app="xapp-wrong"))
    assert "SLACK_APP_TOKEN is refused" in said
    assert "App-Level Tokens" in said


def test_missing_scopes_are_named(http: Running) -> None:
    http.slack.scopes.discard("users:read")
    said = bad(findings(http))
    assert "lacks the scopes users:read" in said
    assert "App Manifest" in said


def test_the_wrong_workspace_is_named_with_the_right_one(http: Running) -> None:
    http.config = configured("ashley", slack="{team: T9}")
    assert "the token is of T1" in bad(findings(http))


def test_a_channel_that_the_bot_is_not_in_says_how_to_invite_it(http: Running) -> None:
    http.slack.add_channel("CNEW", "other", ["UDSL"], kind="private", bot=False)
    http.config = http.config.replace("CDSL", "CNEW")
    assert "/invite @Policy guide" in bad(findings(http))


def test_a_public_channel_is_warned_of(http: Running) -> None:
    http.config = http.config.replace("CDSL", "C1")
    said = [one.says for one in findings(http) if one.worth is Worth.WARN]
    assert any("is public" in one for one in said)


def test_a_person_who_has_left_is_named(http: Running) -> None:
    http.slack.add_user("UGONE", "Old Lead", deleted=True)
    http.config = http.config.replace("UDEP", "UGONE")
    assert "Ed Deputy: UGONE has been deactivated" in bad(findings(http))


def test_an_id_that_nobody_has_is_named(http: Running) -> None:
    http.config = http.config.replace("UDEP", "UGONE")
    assert "Ed Deputy: the Slack id UGONE cannot be looked at (user_not_found)" in bad(findings(http))


def test_an_emulator_without_the_methods_is_said_so_and_is_no_fault(http: Running) -> None:
    for method in ("users.info", "conversations.info"):
        http.slack.fail(method, times=None, error="unknown_method")
    found = findings(http)
    assert bad(found) == ""
    assert any("does not know the method" in one.says for one in found if one.worth is Worth.WARN)


def test_a_server_that_is_away_is_said_so(http: Running) -> None:
    with http.slack.away():
        said = bad(findings(http, app="xapp-1"))
    assert "cannot be reached" in said
    assert "no_connection" in said
