"""Sign-in against an issuer on this machine: the whole flow, and what an attacker may try."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from http.cookies import Morsel
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientResponse, DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from adapters.web import issuer as issuer_module
from adapters.web import registration
from adapters.web.guard import guarded
from adapters.web.issuer import vouched
from adapters.web.sign_in import set_up, who
from adapters.web.registration import SignIn

CLIENT_ID, CLIENT_SECRET = "the-chatbot", "s3cret-of-the-client"
PUBLIC = "https://chatbot.school.example"
TENANT = "0a1b2c3d-0000-4000-8000-00000000abcd"
DSL = "dsl@school.example"
CONTACTS = {DSL: "dsl", "head@school.example": "head"}

Claims = dict[str, object]


@dataclass
class FakeIssuer:
    """An OpenID provider that signs everybody in at once. What it says and how it fails can be set."""

    keys: list[RSAKey]
    issuer: str = ""
    claims: Claims = field(default_factory=lambda: {"email": DSL, "email_verified": True})
    sign: Callable[[Claims], str] | None = None
    """Makes the token instead of the first key."""
    error: str = ""
    """What the token endpoint answers."""
    down: bool = False
    patient: bool = False
    """Takes a code more than once."""
    discovered: dict[str, str] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    """What each code was asked for with."""

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._counted])
        path = urlsplit(self.issuer).path
        app.add_routes(
            [
                web.get(f"{path}/.well-known/openid-configuration", self.discovery),
                web.get("/keys", self.jwks),
                web.get("/authorize", self.authorize),
                web.post("/token", self.token),
            ]
        )
        return app

    @web.middleware
    async def _counted(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        self.fetched.append(request.path)
        if self.down:
            raise web.HTTPBadGateway
        return await handler(request)

    async def discovery(self, request: web.Request) -> web.Response:
        base = f"http://{request.host}"
        addresses = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        said = {"issuer": self.issuer} | {name: f"{base}/{path}" for name, path in addresses.items()}
        return web.json_response(
            said | {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]} | self.discovered
        )

    async def jwks(self, request: web.Request) -> web.Response:
        return web.json_response({"keys": [{"kty": "future"}, *(k.as_dict(private=False) for k in self.keys)]})

    async def authorize(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert query["code_challenge_method"] == "S256"
        assert set(query["scope"].split()) == {"openid", "profile", "email"}
        code = secrets.token_urlsafe(16)
        self.asked[code] = query
        raise web.HTTPFound(f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}")

    async def token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if self.error:
            return web.json_response({"error": self.error, "error_description": "with a secret"}, status=400)
        if (form["client_id"], form["client_secret"]) != (CLIENT_ID, CLIENT_SECRET):
            return web.json_response({"error": "invalid_client"}, status=401)
        asked = self.asked.get(form["code"], {}) if self.patient else self.asked.pop(form["code"], {})
        challenge = _b64(hashlib.sha256(form["code_verifier"].encode()).digest())
        if (challenge, form["redirect_uri"]) != (asked.get("code_challenge"), asked.get("redirect_uri")):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        token = (self.sign or self.signed)(claims)
        return web.json_response({"access_token": "an-access-token", "token_type": "Bearer", "id_token": token})

    def signed(self, claims: Claims, key: RSAKey | None = None) -> str:
        key = key or self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)


class Browser:
    """Follows no redirect by itself and keeps cookies as a browser at the public address would."""

    def __init__(self, client: TestClient[web.Request, web.Application]) -> None:
        self.client = client
        self.cookies: dict[str, str] = {}
        self.marks: Morsel[str] | None = None

    async def get(self, path: str) -> ClientResponse:
        return await self._kept(await self.client.get(path, headers=self._headers(), allow_redirects=False))

    async def post(self, path: str, **headers: str) -> ClientResponse:
        headers = self._headers() | headers
        return await self._kept(await self.client.post(path, headers=headers, allow_redirects=False))

    async def begin(self, onward: str = "/desk") -> str:
        """Start, go to the issuer, and give the path that it sends the browser back to."""
        start = await self.get(f"/sign-in?{urlencode({'next': onward})}")
        assert start.status == 303, await start.text()
        # the issuer is another site: no cookie of ours goes there
        at_issuer = await self.client.session.get(start.headers["Location"], allow_redirects=False)
        assert at_issuer.status == 302, await at_issuer.text()
        back = at_issuer.headers["Location"]
        assert back.startswith(f"{PUBLIC}/sign-in/back?")
        return back.removeprefix(PUBLIC)

    async def sign_in(self, onward: str = "/desk") -> ClientResponse:
        return await self.get(await self.begin(onward))

    async def who(self) -> str:
        return await (await self.get("/who")).text()

    def _headers(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    async def _kept(self, response: ClientResponse) -> ClientResponse:
        for name, morsel in response.cookies.items():
            self.marks = morsel
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value
        return response


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def made(issuer: str, **changes: str) -> SignIn:
    return SignIn(**{
        "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "public_url": PUBLIC,
        "domain": "", "secret_key": "a-key-of-CHATBOT_SECRET_KEY", **changes,
    })  # fmt: skip


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """The issuer's key."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@pytest.fixture(scope="session")
def other_key() -> RSAKey:
    """Somebody else's key, or the issuer's next."""
    return RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})


@pytest.fixture
async def issuer(key: RSAKey) -> AsyncIterator[FakeIssuer]:
    """An issuer that listens."""
    port = unused_port()
    fake = FakeIssuer([key], f"http://127.0.0.1:{port}/{TENANT}/v2.0")
    server = TestServer(fake.app(), port=port)
    await server.start_server()
    yield fake
    await server.close()


Open = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def open_browser(issuer: FakeIssuer) -> AsyncIterator[Open]:
    """Makes a browser at a chatbot of its own."""
    clients = []

    async def make(contacts: dict[str, str] = CONTACTS, **changes: str) -> Browser:
        app = web.Application(middlewares=[guarded(lambda request, status: web.Response(status=status))])
        set_up(app, made(**{"issuer": issuer.issuer, **changes}), contacts.get)

        async def named(request: web.Request) -> web.Response:
            return web.Response(text=str(await who(request)))

        app.router.add_get("/who", named)
        client = TestClient(TestServer(app), cookie_jar=DummyCookieJar())
        await client.start_server()
        clients.append(client)
        return Browser(client)

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def browser(open_browser: Open) -> Browser:
    """A browser at a chatbot with two contacts."""
    return await open_browser()


Move = Callable[[float], None]


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Moves the clock on by seconds."""
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + sum(ahead))
    return ahead.append


async def refused(response: ClientResponse, status: int, fault: str, caplog: pytest.LogCaptureFixture) -> str:
    """The page of a refusal, looked over: plain words, no cookie, its kind in the log and nothing secret there."""
    page = await response.text()
    assert response.status == status, page
    assert "Set-Cookie" not in response.headers
    assert "<h1>" in page
    assert "/sign-in" in page
    assert f"sign-in refused: {fault} " in caplog.text
    assert not re.search(r"eyJ|secret|access-token|@", caplog.text)
    return page


# The whole flow


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


# Attacks on the way back


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


# Attacks on the token


@pytest.mark.parametrize(
    ("claims", "fault"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"nonce": ["another"]}, "nonce"),
        ({"aud": "another-client"}, "audience"),
        ({"aud": ["another-client"]}, "audience"),
        ({"aud": [CLIENT_ID, "another-client"]}, "audience"),
        ({"aud": [CLIENT_ID], "azp": "another-client"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": ""}, "audience"),
        ({"iss": "https://evil.example"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"iss": ["https://evil.example"]}, "issuer"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "claims"),
        ({"exp": "never"}, "claims"),
        ({"exp": True}, "claims"),
        ({"iat": 99_999_999_999}, "claims"),
        ({"nbf": 99_999_999_999}, "claims"),
        ({"sub": None}, "claims"),
        ({"at_hash": "of-another-token"}, "claims"),
    ],
)
async def test_a_token_that_is_not_for_this_sign_in_is_refused(
    claims: Claims, fault: str, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.claims |= claims
    await refused(await browser.sign_in(), 403, fault, caplog)
    assert await browser.who() == "None"


async def test_a_token_that_has_just_expired_is_within_the_clocks_leeway(browser: Browser, issuer: FakeIssuer) -> None:
    issuer.claims["exp"] = int(time.time()) - 30
    assert (await browser.sign_in()).status == 303


def _part(content: dict[str, str] | Claims) -> str:
    return _b64(json.dumps(content).encode())


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
async def test_a_token_without_a_signature_is_refused(
    alg: str, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.sign = lambda claims: f"{_part({'alg': alg, 'kid': 'first'})}.{_part(claims)}."
    await refused(await browser.sign_in(), 403, "forged", caplog)


async def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(
    browser: Browser, issuer: FakeIssuer, key: RSAKey, caplog: pytest.LogCaptureFixture
) -> None:
    def sign(claims: Claims) -> str:
        head = f"{_part({'alg': 'HS256', 'kid': 'first'})}.{_part(claims)}"
        return f"{head}.{_b64(hmac.digest(key.as_pem(private=False), head.encode(), 'sha256'))}"

    issuer.sign = sign
    await refused(await browser.sign_in(), 403, "forged", caplog)


async def test_a_token_signed_with_the_client_secret_is_refused(
    browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    secret = OctKey.import_key(CLIENT_SECRET * 2)
    issuer.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "first"}, claims, secret)
    await refused(await browser.sign_in(), 403, "forged", caplog)


async def test_a_token_of_another_key_under_a_known_name_is_refused(
    browser: Browser, issuer: FakeIssuer, other_key: RSAKey, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "first"}, claims, other_key)
    await refused(await browser.sign_in(), 403, "forged", caplog)


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u"])
async def test_a_token_that_brings_its_own_key_is_refused(
    name: str, browser: Browser, issuer: FakeIssuer, other_key: RSAKey, caplog: pytest.LogCaptureFixture
) -> None:
    brought = other_key.as_dict(private=False) if name == "jwk" else f"{issuer.issuer}/evil"
    issuer.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "first", name: brought}, claims, other_key)
    await refused(await browser.sign_in(), 403, "forged", caplog)
    assert not any("evil" in path for path in issuer.fetched)


@pytest.mark.parametrize("token", ["", "eyJ", "a.b.c", "...", "eyJhbGciOiJSUzI1NiJ9.W10.AAAA", "x" * 200_000])
async def test_what_is_no_token_is_refused(
    token: str, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.sign = lambda claims: token
    await refused(await browser.sign_in(), 403, "forged", caplog)


async def test_a_token_with_a_changed_claim_is_refused(
    browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    def sign(claims: Claims) -> str:
        head, _, signature = issuer.signed(claims | {"email": "somebody@school.example"}).split(".")
        return f"{head}.{_part(claims)}.{signature}"

    issuer.sign = sign
    await refused(await browser.sign_in(), 403, "forged", caplog)


# Keys and addresses of the issuer


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


# Whom the issuer vouches for


async def test_somebody_who_is_no_contact_is_told_so(
    browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.claims["email"] = "<b>Caretaker</b>@school.example"
    page = await refused(await browser.sign_in(), 403, "unknown", caplog)
    assert (
        "You are signed in as &lt;b&gt;caretaker&lt;/b&gt;@school.example, who is not named in this school’s settings. "
        "Ask the person who runs the chatbot." in page
    )
    assert await browser.who() == "None"


@pytest.mark.parametrize("verified", [False, None, "true", 1])
async def test_an_unverified_address_is_refused(
    verified: object, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.claims["email_verified"] = verified
    await refused(await browser.sign_in(), 403, "unverified", caplog)


@pytest.mark.parametrize(
    "email", [None, "", "dsl", ["dsl@school.example"], "des\u212a@school.example", "a@b@school.example"]
)
async def test_what_is_no_address_is_refused(
    email: object, browser: Browser, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    issuer.claims["email"] = email
    await refused(await browser.sign_in(), 403, "unverified", caplog)


@pytest.mark.parametrize("email", ["dsl@evil.example", "dsl@evilschool.example", "dsl@school.example.evil.example"])
async def test_an_address_of_another_domain_is_refused(
    email: str, open_browser: Open, issuer: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    browser = await open_browser({email: "dsl"}, domain="school.example")
    issuer.claims["email"] = email
    page = await refused(await browser.sign_in(), 403, "domain", caplog)
    assert f"{email}, which is not an address at school.example" in page


async def test_an_address_of_the_own_domain_is_let_in(open_browser: Open) -> None:
    browser = await open_browser(domain="school.example")
    await browser.sign_in()
    assert await browser.who() == "dsl"


@pytest.mark.parametrize(("claims", "contact"), [({"preferred_username": DSL}, "dsl"), ({"email": DSL}, "dsl")])
async def test_an_account_of_the_own_microsoft_tenant_is_let_in(
    claims: Claims, contact: str, browser: Browser, issuer: FakeIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registration, "MICROSOFT", "127.0.0.1")
    monkeypatch.setattr(issuer_module, "MICROSOFT", "127.0.0.1")
    issuer.claims = claims
    await browser.sign_in()
    assert await browser.who() == contact


MICROSOFT = f"https://login.microsoftonline.com/{TENANT}/v2.0"
GOOGLE = "https://accounts.google.com"
HOME_TENANT = {"idp": f"https://sts.windows.net/{TENANT}/"}
OTHER_TENANT = {"idp": "https://sts.windows.net/ffffffff-0000-4000-8000-000000000000/"}


@pytest.mark.parametrize(
    ("issuer", "claims", "emails"),
    [
        (MICROSOFT, {"preferred_username": "A@s.example", "email": "b@s.example"}, ("a@s.example", "b@s.example")),
        (MICROSOFT, {"preferred_username": "a@s.example", "email": "A@s.example"}, ("a@s.example",)),
        (MICROSOFT, {"preferred_username": "0123", "email": "b@s.example"}, ("b@s.example",)),
        (MICROSOFT, {"preferred_username": "a@s.example", **HOME_TENANT}, ("a@s.example",)),
        (MICROSOFT, {"email": "b@s.example", **HOME_TENANT}, ("b@s.example",)),
        # a guest's own administrators fill in their profile
        (MICROSOFT, {"email": "b@s.example", **OTHER_TENANT}, ()),
        (MICROSOFT, {"email": "b@s.example", "idp": "live.com"}, ()),
        (MICROSOFT, {"email": "b@s.example", "idp": ""}, ()),
        (MICROSOFT, {"email": "b@s.example", "acct": 1}, ()),
        (MICROSOFT, {"preferred_username": "g@t.example", "email": "b@s.example", **OTHER_TENANT}, ("g@t.example",)),
        (MICROSOFT, {"upn": "a@s.example", "unique_name": "a@s.example"}, ()),
        (GOOGLE, {"email": "a@s.example", "email_verified": True, "hd": "s.example"}, ("a@s.example",)),
        (GOOGLE, {"email": "a@gmail.com", "email_verified": True}, ("a@gmail.com",)),
        # checked once, when the account was made: whoever has left the school may have it still
        (GOOGLE, {"email": "a@s.example", "email_verified": True}, ()),
        (GOOGLE, {"email": "a@s.example", "email_verified": False, "hd": "s.example"}, ()),
        (GOOGLE, {"email": "a@s.example", "hd": "s.example"}, ()),
        (GOOGLE, {"preferred_username": "a@s.example", "email_verified": True, "hd": "s.example"}, ()),
        ("https://id.example", {"email": "a@s.example", "email_verified": True}, ("a@s.example",)),
        ("https://id.example", {"email": "a@s.example"}, ()),
    ],
)  # fmt: skip
def test_only_addresses_that_the_issuer_can_know_count(issuer: str, claims: Claims, emails: tuple[str, ...]) -> None:
    assert vouched(claims, issuer) == emails


# The settings


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"issuer": "http://id.example"}, ["issuer"]),
        ({"issuer": "accounts.google.com"}, ["issuer"]),
        ({"issuer": "https://["}, ["issuer"]),
        ({"issuer": "https://login.microsoftonline.com/common/v2.0"}, ["tenant id"]),
        ({"issuer": f"https://login.microsoftonline.com/{TENANT}"}, ["tenant id"]),
        ({"public_url": "http://chatbot.school.example"}, ["public_url"]),
        ({"public_url": "https://chatbot.school.example/bot"}, ["public_url"]),
        ({"public_url": "https://u:p@chatbot.school.example"}, ["public_url"]),
        ({"domain": "@School.example"}, ["domain"]),
        ({"client_secret": " ", "secret_key": "", "domain": "x"}, ["client_secret", "secret_key", "domain"]),
    ],
)
def test_settings_that_could_not_work_are_all_named(changes: dict[str, str], named: list[str]) -> None:
    with pytest.raises(ValueError, match="cannot be set up") as caught:
        made(**{"issuer": GOOGLE, **changes})
    for name in named:
        assert name in str(caught.value)


@pytest.mark.parametrize("issuer", [MICROSOFT, GOOGLE, "https://id.example/realms/school/"])
def test_settings_hide_their_secrets(issuer: str) -> None:
    shown = repr(made(issuer))
    assert CLIENT_SECRET not in shown
    assert "CHATBOT_SECRET_KEY" not in shown
