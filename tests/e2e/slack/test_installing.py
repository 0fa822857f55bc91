"""Several workspaces install the app themselves, by OAuth; their tokens are kept sealed, renewed, and forgotten."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from adapters.slack import tokens
from tests.e2e.fakes.slack import FakeSlack
from tests.e2e.slack.conftest import Running, configured
from tests.e2e.slack.stories import QUESTION, replies

pytestmark = pytest.mark.filterwarnings("ignore:.*BasicAuth:DeprecationWarning")  # slack-sdk still uses it
PUBLIC = "https://policy.example"


@pytest.fixture
def several(http: Running) -> Iterator[Running]:
    """The product without a token of its own, in front of two workspaces."""
    slack = http.slack
    slack.add_team("T2")
    slack.add_user("UTWO", "Tom Two", team="T2")
    http.config = configured("ashley") + configured("fact", slack="{team: T2}").split("schools:\n")[1].replace(
        "CDSL", "CTWO"
    )
    http.environ = {
        "SLACK_BOT_TOKEN": "", "SLACK_CLIENT_ID": slack.client_id, "SLACK_CLIENT_SECRET": slack.client_secret,
        "CHATBOT_PUBLIC_URL": PUBLIC,
    }  # fmt: skip
    with http.up():
        yield http


def get(running: Running, path: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    """What a browser gets."""
    address = urlsplit(running.address)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=20)
    try:
        connection.request("GET", path, headers={"Host": "policy.example", **({"Cookie": cookie} if cookie else {})})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read().decode()
    finally:
        connection.close()


def begun(running: Running) -> tuple[str, str]:
    """The state and cookie of an installation that somebody began."""
    status, headers, _ = get(running, "/slack/install")
    assert status in (200, 302)
    cookie = headers["set-cookie"].split(";")[0]
    return cookie.partition("=")[2], cookie


def installed(running: Running, team: str) -> int:
    """Somebody installs the app in a workspace; the status of the last page."""
    state, cookie = begun(running)
    query = urlencode({"code": running.slack.install_code(team), "state": state})
    return get(running, f"/slack/oauth_redirect?{query}", cookie)[0]


def answered(slack: FakeSlack, user: str) -> bool:
    """Ask, and wait for the answer."""
    before = len(replies(slack, user))
    slack.dm_says(user, QUESTION)
    return bool(slack.wait_for(lambda: replies(slack, user)[before:]))


def test_the_page_leads_to_slack_with_the_scopes_that_are_used(several: Running) -> None:
    _, headers, page = get(several, "/slack/install")
    asked = headers.get("location") or re.findall(r'https://[^"]*oauth/v2/authorize[^"]*', page)[0]
    query = parse_qs(urlsplit(asked.replace("&amp;", "&")).query)
    assert query["client_id"] == [several.slack.client_id]
    assert query["redirect_uri"] == [f"{PUBLIC}/slack/oauth_redirect"]
    assert "chat:write" in query["scope"][0]


def test_two_workspaces_install_it_and_each_is_answered_for_its_school(several: Running) -> None:
    slack = several.slack
    assert installed(several, "T1") == 200
    assert installed(several, "T2") == 200
    assert answered(slack, "U1")
    assert answered(slack, "UTWO")
    assert replies(slack, "U1")[0]["text"].startswith("No.")
    assert replies(slack, "UTWO")[0]["text"].startswith("It depends")
    slack.check()


def test_the_token_is_kept_sealed(several: Running) -> None:
    assert installed(several, "T1") == 200
    kept = b"".join(each.read_bytes() for each in several.folder.glob("chatbot.db*"))
    assert several.slack.bot_token.encode() not in kept
    connection = sqlite3.connect(several.database)
    assert connection.execute("SELECT count(*) FROM installations").fetchone() == (1,)
    connection.close()


def test_a_state_that_was_not_issued_or_was_used_installs_nothing(several: Running) -> None:
    state, cookie = begun(several)
    code = several.slack.install_code("T1")
    forged = urlencode({"code": code, "state": "forged"})
    assert get(several, f"/slack/oauth_redirect?{forged}", cookie)[0] in (400, 401, 403)
    good = f"/slack/oauth_redirect?{urlencode({'code': code, 'state': state})}"
    assert get(several, good, cookie)[0] == 200
    assert get(several, good, cookie)[0] in (400, 401, 403)


def test_a_workspace_that_has_not_installed_it_gets_nothing_and_is_no_fault(several: Running) -> None:
    several.slack.dm_says("U1", QUESTION)
    several.slack.wait_idle()
    assert replies(several.slack, "U1") == []


def test_a_token_that_ends_is_renewed(several: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    slack = several.slack
    slack.world.rotates = True
    assert installed(several, "T1") == 200
    old = slack.team.bot_token
    assert answered(slack, "U1")
    assert slack.team.bot_token == old
    monkeypatch.setattr(tokens, "RENEW_BEFORE", 60 * 13)  # minutes: it ends in twelve hours
    assert answered(slack, "U1")
    assert slack.team.bot_token != old
    slack.check()


def test_a_workspace_that_removed_the_app_is_forgotten(several: Running) -> None:
    slack = several.slack
    assert installed(several, "T1") == 200
    assert answered(slack, "U1")
    slack.uninstall()
    slack.wait_idle()
    connection = sqlite3.connect(several.database)
    try:
        assert connection.execute("SELECT count(*) FROM installations").fetchone() == (0,)
    finally:
        connection.close()
