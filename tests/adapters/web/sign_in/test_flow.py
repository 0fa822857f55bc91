"""The whole flow of a sign-in: in, out, the cookie, the session, and where somebody is sent afterwards."""

from __future__ import annotations

import logging
import re
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.web.sign_in import who
from tests.adapters.web.sign_in.issuing import CONTACTS, DSL, PUBLIC, Browser, FakeIssuer, Move, Open


async def test_a_contact_signs_in_and_out(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert await browser.who() == "None"
        response = await browser.sign_in("/desk/R-ABCD?school=fact")
        assert response.status == 303
        assert response.headers["Location"] == "/desk/R-ABCD?school=fact"
        assert await browser.who() == "dsl"
        page = await (await browser.post("/sign-out")).text()
    assert "You are signed out" in page
    assert browser.cookies == {}
    assert await browser.who() == "None"
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("chatbot", "httpx")))
    assert "signed in: dsl" in ours
    assert not re.search(r"eyJ|s3cret|access-token|@|code=|state=", ours)


async def test_every_sign_in_asks_with_its_own_state_nonce_and_challenge(browser: Browser) -> None:
    asked = []
    for _ in range(2):
        start = await browser.get("/sign-in")
        asked.append({name: value[0] for name, value in parse_qs(urlsplit(start.headers["Location"]).query).items()})
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name]) >= 43
    assert asked[0]["redirect_uri"] == f"{PUBLIC}/sign-in/back"
    assert asked[0]["prompt"] == "select_account"
    assert "code_verifier" not in asked[0]
    assert "client_secret" not in asked[0]


async def test_the_address_is_compared_in_lower_case(browser: Browser, issuer: FakeIssuer) -> None:
    issuer.claims["email"] = "DSL@School.Example"
    await browser.sign_in()
    assert await browser.who() == "dsl"


async def test_the_cookie_is_kept_from_scripts_other_sites_and_plain_connections(browser: Browser) -> None:
    await browser.sign_in()
    assert browser.marks is not None
    assert browser.marks.key == "__Host-desk"
    assert browser.marks["httponly"] is True
    assert browser.marks["secure"] is True
    assert browser.marks["samesite"] == "Lax"
    assert browser.marks["path"] == "/"
    assert browser.marks["domain"] == ""
    assert browser.marks["max-age"] == str(8 * 3600)
    assert DSL not in browser.marks.value
    await browser.post("/sign-out")
    assert (browser.marks.value, browser.marks["max-age"], browser.marks["secure"]) == ("", "0", True)


async def test_on_this_machine_the_cookie_goes_without_tls(open_browser: Open) -> None:
    browser = await open_browser(public_url="http://localhost:8000")
    await browser.get("/sign-in")
    assert browser.marks is not None
    assert (browser.marks.key, browser.marks["secure"], browser.marks["httponly"]) == ("desk", "", True)


async def test_the_session_is_another_one_after_the_sign_in(browser: Browser) -> None:
    back = await browser.begin()
    before = dict(browser.cookies)
    await browser.get(back)
    assert browser.cookies != before
    browser.cookies = before
    assert await browser.who() == "None"


async def test_a_session_that_was_ended_stays_ended(browser: Browser) -> None:
    await browser.sign_in()
    kept = dict(browser.cookies)
    await browser.post("/sign-out")
    browser.cookies = kept
    assert await browser.who() == "None"


async def test_a_session_lasts_eight_hours_and_nothing_prolongs_it(browser: Browser, move: Move) -> None:
    await browser.sign_in()
    move(7.9 * 3600)
    assert (await browser.get("/sign-in?next=/desk")).headers["Location"] == "/desk"
    assert (await browser.get("/sign-in/back?state=x&code=y")).status == 400
    assert await browser.who() == "dsl"
    move(0.2 * 3600)
    assert await browser.who() == "None"


async def test_a_person_taken_out_of_the_settings_is_out_at_once(open_browser: Open) -> None:
    contacts = dict(CONTACTS)
    browser = await open_browser(contacts)
    await browser.sign_in()
    assert await browser.who() == "dsl"
    del contacts[DSL]
    assert await browser.who() == "None"


@pytest.mark.parametrize("change", [{"secret_key": "another"}, {"client_id": "another"}, {"domain": "school.example"}])
async def test_a_session_ends_with_a_change_of_the_registration(change: dict[str, str], open_browser: Open) -> None:
    before, after = await open_browser(), await open_browser(**change)
    await before.sign_in()
    after.cookies = before.cookies
    assert await after.who() == "None"


async def test_a_cookie_that_was_made_up_is_nobody(browser: Browser) -> None:
    for value in ("", "dsl", "gAAAAA==", "x" * 4000):
        browser.cookies["__Host-desk"] = value
        assert await browser.who() == "None"


async def test_three_tabs_sign_in_side_by_side(browser: Browser) -> None:
    backs = [await browser.begin(f"/desk/R-{number}000") for number in range(3)]
    for number, back in enumerate(backs):
        assert (await browser.get(back)).headers["Location"] == f"/desk/R-{number}000"
    assert len(browser.cookies["__Host-desk"]) < 3500


async def test_many_begun_sign_ins_fit_a_cookie(browser: Browser) -> None:
    for _ in range(6):
        await browser.get(f"/sign-in?next=/{'x' * 200}")
    assert len(browser.cookies["__Host-desk"]) < 3500
    assert (await browser.sign_in()).status == 303


async def test_pages_are_guarded_and_fit_a_strict_policy(browser: Browser) -> None:
    await browser.sign_in()
    for response in (await browser.post("/sign-out"), await browser.get("/sign-in/back")):
        page = await response.text()
        assert not re.search(r"<script|style=|<style| on[a-z]+=|https?://", page)
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_sign_out_from_another_site_does_nothing(browser: Browser) -> None:
    await browser.sign_in()
    assert (await browser.post("/sign-out", Origin="https://evil.example")).status == 403
    assert await browser.who() == "dsl"
    # such a form carries no SameSite cookie; the answer must not delete it
    kept, browser.cookies = browser.cookies, {}
    assert "Set-Cookie" not in (await browser.post("/sign-out")).headers
    browser.cookies = kept
    assert await browser.who() == "dsl"


async def test_without_a_sign_in_set_up_nobody_is_signed_in() -> None:
    app = web.Application()

    async def named(request: web.Request) -> web.Response:
        return web.Response(text=str(await who(request)))

    app.router.add_get("/who", named)
    async with TestClient(TestServer(app)) as client:
        assert await (await client.get("/who")).text() == "None"


# Where somebody is sent afterwards


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
        "/\t/evil.example", "/\n/evil.example", "\t//evil.example", " //evil.example", "javascript:alert(1)",
        "evil.example", "/desk\r\nSet-Cookie: a=b", "/désk", "", "/sign-in", "/sign-in/back?code=1", "/sign-out",
        "/" + "x" * 201,
    ],
)  # fmt: skip
async def test_nobody_is_sent_elsewhere_afterwards(onward: str, browser: Browser) -> None:
    assert (await browser.sign_in(onward)).headers["Location"] == "/desk"
    again = await browser.get(f"/sign-in?{urlencode({'next': onward})}")
    assert again.headers["Location"] == "/desk"
