"""Attacks on the token."""

from __future__ import annotations

import hmac
import json
import time

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.adapters.web.sign_in.issuing import CLIENT_ID, CLIENT_SECRET, Browser, Claims, FakeIssuer, b64, refused


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
    return b64(json.dumps(content).encode())


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
        return f"{head}.{b64(hmac.digest(key.as_pem(private=False), head.encode(), 'sha256'))}"

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
