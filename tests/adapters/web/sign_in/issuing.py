"""An issuer on this machine, a browser that signs in with it, and what a refusal looks like."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http.cookies import Morsel
from urllib.parse import urlencode, urlsplit

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from adapters.web.registration import SignIn

CLIENT_ID, CLIENT_SECRET = "the-chatbot", "s3cret-of-the-client"
PUBLIC = "https://chatbot.school.example"
TENANT = "0a1b2c3d-0000-4000-8000-00000000abcd"
DSL = "dsl@school.example"
CONTACTS = {DSL: "dsl", "head@school.example": "head"}
MICROSOFT = f"https://login.microsoftonline.com/{TENANT}/v2.0"
GOOGLE = "https://accounts.google.com"
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
        challenge = b64(hashlib.sha256(form["code_verifier"].encode()).digest())
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


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def made(issuer: str, **changes: str) -> SignIn:
    return SignIn(**{
        "issuer": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "public_url": PUBLIC,
        "domain": "", "secret_key": "a-key-of-CHATBOT_SECRET_KEY", **changes,
    })  # fmt: skip


Open = Callable[..., Awaitable[Browser]]
Move = Callable[[float], None]


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
