"""Attacks on the way back from the issuer."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.adapters.web.sign_in.issuing import Browser, FakeIssuer, Move, Open, refused


async def test_a_wrong_state_is_refused(browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture) -> None:
    back = await browser.begin()
    for state in ("", "&state=", "&state=wrong", "&state=%FF"):
        caplog.clear()
        response = await browser.get(re.sub(r"&state=[^&]*", state, back))
        await refused(response, 400, "state", caplog)
    assert "/token" not in issuer.fetched
    assert await browser.who() == "None"


async def test_a_sign_in_begun_in_another_browser_is_refused(
    browser: Browser, open_browser: Open, caplog: pytest.LogCaptureFixture
) -> None:
    back = await browser.begin()
    browser.cookies = {}
    await refused(await browser.get(back), 400, "state", caplog)
    await browser.begin()
    await refused(await browser.get(back), 400, "state", caplog)


async def test_a_sign_in_begun_too_long_ago_is_refused(
    browser: Browser, move: Move, caplog: pytest.LogCaptureFixture
) -> None:
    back = await browser.begin()
    move(601)
    await refused(await browser.get(back), 400, "state", caplog)


async def test_an_answer_is_taken_once_even_by_a_careless_issuer(
    browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.patient = True
    back = await browser.begin()
    kept = dict(browser.cookies)
    assert (await browser.get(back)).status == 303
    await refused(await browser.get(back), 400, "state", caplog)
    browser.cookies = kept
    caplog.clear()
    await refused(await browser.get(back), 400, "state", caplog)


async def test_a_code_used_before_is_refused(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    used = parse_qs(urlsplit(await browser.begin()).query)["code"][0]
    await browser.get(f"/sign-in/back?code={used}&state=wrong")
    first = await browser.begin()
    own = parse_qs(urlsplit(first).query)["code"][0]
    # the code of another sign-in, put into an answer of one's own
    await refused(await browser.get(first.replace(own, used)), 400, "code", caplog)
    assert await browser.who() == "None"


@pytest.mark.parametrize("code", ["", "&code=", "&code=wrong", "&code=%E2%82%AC", "&code=" + "x" * 3000])
async def test_a_code_that_is_none_is_refused(code: str, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
    await refused(await browser.get(f"/sign-in/back?state={state}{code}"), 400, "code", caplog)


async def test_an_answer_of_another_issuer_is_refused(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    back = await browser.begin()
    await refused(await browser.get(f"{back}&iss=https://evil.example"), 403, "issuer", caplog)


@pytest.mark.parametrize(
    ("error", "status", "fault"),
    [
        ("access_denied", 403, "declined"),
        ("temporarily_unavailable", 503, "unreachable"),
        ("unauthorized_client", 503, "client unauthorized_client"),
        ("eyJ<b>secret", 503, "client unnamed error"),
    ],
)
async def test_a_person_whom_the_issuer_sends_back_is_told_why(
    error: str, status: int, fault: str, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    state = parse_qs(urlsplit(await browser.begin()).query)["state"][0]
    response = await browser.get(f"/sign-in/back?{urlencode({'state': state, 'error': error})}")
    assert response.status == status
    assert f"sign-in refused: {fault}" in caplog.text
    assert "eyJ" not in await response.text() + caplog.text
