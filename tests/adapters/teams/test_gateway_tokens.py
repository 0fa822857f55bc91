"""The bot's own token: asked for once, replaced when it is not taken, and what is wrong with it is said in one word."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests  # noqa: TID251  # stands for Entra, whom the library asks with it

from adapters.settings import Teams
from adapters.teams import connector, tokens
from adapters.teams.gateway import Gateway
from chatbot.ports import DeliveryFailed
from tests.adapters.teams.gates import gate
from tests.e2e.echo_teams import peopled
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

OTHER = {"access_token": "another"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "FIRST_WAIT", 0.01)


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """Teams with people."""
    with FakeTeams() as made:
        yield peopled(made)


def test_a_token_that_is_not_taken_is_replaced_once(teams: FakeTeams) -> None:
    with gate(teams) as door:
        door.send("ana")
        teams.revoke_tokens()
        door.send("ana")
        teams.advance(4000)
        door.send("ana")
        assert len(teams.called("token")) == 3
        teams.fail("send", None, status=401)
        failed = door.sending()
        assert (failed.kind, failed.for_good) == ("unauthorized", False)
        assert len(teams.called("token")) == 4
        assert [each.status for each in teams.called("send")] == [201, 401, 201, 401, 201, 401, 401]


@pytest.mark.parametrize(("changed", "code"), [
    ({"app_password": "wrong"}, "AADSTS7000215"),
    ({"app_id": "99999999-0000-4000-8000-000000000000"}, "AADSTS700016"),
    ({"token_url": "/other/"}, "AADSTS90002"),
])  # fmt: skip
def test_what_entra_refuses_is_said_with_its_code(teams: FakeTeams, changed: dict[str, str], code: str) -> None:
    if "token_url" in changed:
        changed = {"token_url": teams.token_url.replace(f"/{teams.tenant}/", changed["token_url"])}
    with gate(teams, **changed) as door:
        for failed in (door.failing(door.gateway.check()), door.sending()):
            assert (failed.kind, failed.for_good) == (f"no_token_{code}", False)


@pytest.mark.parametrize(("trouble", "kind"), [
    ({"status": 500}, "no_token_http_500"), ({"cut": "before"}, "no_token_no_connection"),
    ({"status": 200}, "no_token_unreadable"), ({"slow": 30}, "no_token_timeout"),
])  # fmt: skip
def test_what_is_wrong_with_the_login_is_said(
    teams: FakeTeams, monkeypatch: pytest.MonkeyPatch, trouble: dict[str, Any], kind: str
) -> None:
    teams.fail("token", None, **trouble)
    with gate(teams) as door:
        with monkeypatch.context() as shorter:
            if "slow" in trouble:
                shorter.setattr(tokens, "SECONDS", 0.3)
            assert door.failing(door.gateway.check()).kind == kind
            assert door.sending().kind == kind
        teams.heal()
        door.run(door.gateway.check())
        door.send("ana")


def test_a_start_without_any_network_is_a_start(teams: FakeTeams, caplog: pytest.LogCaptureFixture) -> None:
    with teams.away(), gate(teams) as door:
        assert door.sending().kind in ("no_token_no_connection", "no_connection")
        teams.wait_for(lambda: len([each for each in caplog.records if each.name == "chatbot.teams"]) == 2)
    assert "keys of Teams cannot be fetched" in caplog.text
    assert "no token for Teams, and it is tried again with the first reply: no_token_no_connection" in caplog.text


def test_everything_else_goes_on_while_the_token_is_slow(teams: FakeTeams) -> None:
    teams.fail("token", None, slow=5.0)
    with gate(teams) as door, ThreadPoolExecutor(1) as pool:
        sent = pool.submit(door.sending)
        for _ in range(10):
            door.run(asyncio.sleep(0))
        assert not sent.done()
        door.run(door.gateway.close())
        assert sent.result(20).kind


def test_in_development_nobody_says_who_they_are(teams: FakeTeams) -> None:
    with gate(teams, app_id="", app_password="") as door:
        door.run(door.gateway.check())
        assert door.sending().kind == "unauthorized"
        assert teams.called("token") == []


class Entra(requests.adapters.BaseAdapter):
    """Microsoft's login and a machine's identity, as the library asks them."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.token: tuple[int, Json] = (200, {"access_token": "entra's", "expires_in": 3599, "token_type": "Bearer"})

    def send(self, request: requests.PreparedRequest, *_: Any, **named: Any) -> requests.Response:
        assert named["timeout"] == tokens.SECONDS
        url, made = str(request.url), requests.Response()
        self.asked.append(url.partition("?")[0])
        base = url.partition("/v2.0/")[0]
        discovery = {
            "issuer": f"{base}/v2.0",
            "authorization_endpoint": f"{base}/a",
            "token_endpoint": f"{base}/token",
            "metadata": [],
        }
        known = "openid-configuration" in url or "/discovery/" in url
        made.status_code, said = (200, discovery) if known else self.token
        made._content, made.request, made.url = json.dumps(said).encode(), request, url
        return made

    def close(self) -> None:
        """Nothing is open."""


class TestEntra:
    @pytest.fixture
    def entra(self, monkeypatch: pytest.MonkeyPatch) -> Entra:
        made = Entra()
        monkeypatch.setattr(tokens._Timed, "get_adapter", lambda *_, **__: made)
        return made

    async def test_a_token_is_got_for_each_kind_of_app(self, entra: Entra) -> None:
        for kind, where in (("SingleTenant", "tenant"), ("MultiTenant", "botframework.com")):
            kept = tokens.Tokens(Teams("app", "secret", "tenant", kind))
            assert [await kept.get(), await kept.get()] == ["entra's", "entra's"]
            assert entra.asked[-1] == f"https://login.microsoftonline.com/{where}/token"
        entra.token = (200, {"access_token": "the machine's", "expires_in": "3599", "resource": "x", "token_type": "B"})
        assert await tokens.Tokens(Teams("app", "", "tenant", "UserAssignedMsi")).get() == "the machine's"
        assert entra.asked[-1].startswith("http://169.254.169.254/metadata/identity")

    async def test_a_token_is_kept_until_it_is_refused(self, entra: Entra, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tokens, "KEPT", 0.0)
        kept = tokens.Tokens(Teams("app", "secret", "tenant"))
        first = [await kept.get(), await kept.get()]
        asked = len(entra.asked)
        entra.token = (200, entra.token[1] | OTHER)
        assert [*first, await kept.get()] == ["entra's"] * 3
        assert len(entra.asked) == asked
        assert await kept.instead_of("entra's") == "another"

    async def test_a_refusal_is_said_with_its_code_and_may_pass(self, entra: Entra) -> None:
        good, entra.token = entra.token, (401, {"error": "invalid_client", "error_description": "AADSTS7000215: no"})
        gateway = Gateway(Teams("app", "secret", "tenant"), frozenset())
        with pytest.raises(DeliveryFailed, match=r"^no_token_AADSTS7000215$"):
            await gateway.check()
        entra.token = good
        await gateway.check()
