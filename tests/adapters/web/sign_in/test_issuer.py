"""Keys and addresses of the issuer, and an issuer that fails."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp.test_utils import unused_port
from joserfc.jwk import RSAKey

from tests.adapters.web.sign_in.issuing import Browser, FakeIssuer, Move, Open, refused


async def test_what_the_issuer_says_of_itself_is_fetched_once(browser: Browser, issuer: FakeIssuer, move: Move) -> None:
    for _ in range(3):
        await browser.sign_in()
        await browser.post("/sign-out")
    assert issuer.fetched.count("/keys") == 1
    move(3601)
    await browser.sign_in()
    assert issuer.fetched.count("/keys") == 2


async def test_people_who_come_at_once_share_what_is_fetched(browser: Browser, issuer: FakeIssuer) -> None:
    started = await asyncio.gather(*(browser.client.get("/sign-in", allow_redirects=False) for _ in range(8)))
    assert {response.status for response in started} == {303}
    assert issuer.fetched.count("/keys") == 1


async def test_people_who_come_at_once_fail_at_once(browser: Browser, issuer: FakeIssuer) -> None:
    issuer.down = True
    started = await asyncio.gather(*(browser.client.get("/sign-in", allow_redirects=False) for _ in range(8)))
    assert {response.status for response in started} == {503}
    assert len(issuer.fetched) < 8
    issuer.down = False
    assert (await browser.sign_in()).status == 303


async def test_a_new_key_of_the_issuer_is_fetched(browser: Browser, issuer: FakeIssuer, other_key: RSAKey) -> None:
    await browser.sign_in()
    issuer.keys = [other_key]
    await browser.post("/sign-out")
    await browser.sign_in()
    assert await browser.who() == "dsl"
    assert issuer.fetched.count("/keys") == 2


async def test_a_key_that_nobody_knows_is_looked_for_once(
    browser: Browser, issuer: FakeIssuer, other_key: RSAKey, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.sign = lambda claims: issuer.signed(claims, other_key)
    await refused(await browser.sign_in(), 403, "forged", caplog)
    assert issuer.fetched.count("/keys") == 2


@pytest.mark.parametrize(
    ("discovered", "fault"),
    [
        ({"issuer": "https://evil.example"}, "client"),
        ({"token_endpoint": "http://evil.example/token"}, "client"),
        ({"jwks_uri": "http://10.0.0.1/keys"}, "client"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "client"),
    ],
)
async def test_an_issuer_that_is_not_the_one_named_is_not_talked_to(
    discovered: dict[str, str], fault: str, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.discovered = discovered
    await refused(await browser.get("/sign-in"), 503, fault, caplog)


async def test_an_issuer_that_cannot_be_reached_is_said_in_plain_words(
    open_browser: Open, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await open_browser(issuer=f"http://127.0.0.1:{unused_port()}")
    page = await refused(await browser.get("/sign-in"), 503, "unreachable", caplog)
    assert "does not answer" in page


async def test_an_issuer_that_fails_in_between_is_said_in_plain_words(
    browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    back = await browser.begin()
    issuer.down = True
    await refused(await browser.get(back), 503, "unreachable", caplog)


@pytest.mark.parametrize(
    ("error", "status", "fault"),
    [("invalid_grant", 400, "code"), ("invalid_client", 503, "client"), ("server_error", 503, "unreachable")],
)
async def test_a_refusal_of_the_token_endpoint_is_said_in_plain_words(
    error: str, status: int, fault: str, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.error = error
    page = await refused(await browser.sign_in(), status, fault, caplog)
    assert "secret" not in page


async def test_a_wrong_client_secret_is_not_blamed_on_the_person(
    open_browser: Open, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await open_browser(client_secret="expired")  # noqa: S106  # a fake
    page = await refused(await browser.sign_in(), 503, "client", caplog)
    assert "not you" in page
