"""Who the Bot Connector says it is, and who the bot says it is: keys, signed tokens, forged ones, and the login."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from functools import cache
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.e2e.fakes.teams_state import Json, World

ISSUER = "https://api.botframework.com"
SCOPE = "https://api.botframework.com/.default"
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
TOKEN_SECONDS = 3600
Signer = Literal["own", "stranger", "unendorsed"]


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    """Keys are slow to make, and shared by all fakes of a run; their kids are not."""
    assert number >= 0
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Identity:
    """Signs what Teams sends, and gives and checks what the bot sends with."""

    def __init__(self, world: World, app_password: str) -> None:
        self.world, self.app_password = world, app_password
        self._turn, self.kid, self.old_kids = 2, _new_kid(), dict[str, int]()
        self.unendorsed_kid = _new_kid()
        self._ready: tuple[str, str, float] = ("", "", 0.0)
        self._given: dict[str, float] = {}

    def rotate(self, *, keep_old: bool = True) -> None:
        """From now on another key signs; the old one stays published for a while, or not."""
        if keep_old:
            self.old_kids[self.kid] = self._turn
        self._turn, self.kid = self._turn + 1, _new_kid()

    def keys(self) -> Json:
        """The published keys."""
        endorsed = {**self.old_kids, self.kid: self._turn}
        every = [_jwk(kid, number, ["msteams"]) for kid, number in endorsed.items()]
        return {"keys": [*every, _jwk(self.unendorsed_kid, 1, ["webchat"])]}

    def header(self) -> str:
        """The Authorization with which Teams sends: one token for many activities."""
        kid, made, until = self._ready
        if kid != self.kid or until < time.time():
            made = self.token()
            self._ready = (self.kid, made, time.time() + TOKEN_SECONDS / 2)
        return f"Bearer {made}"

    def token(
        self,
        *,
        alg: Literal["RS256", "HS256", "none"] = "RS256",
        signer: Signer = "own",
        kid: str | None = "",
        **claims: Any,
    ) -> str:
        """A token as Teams sends it, but for what is given: claims (None leaves one out), kid, alg and who signs."""
        number = {"own": self._turn, "stranger": 0, "unendorsed": 1}[signer]
        named = kid if kid != "" else self.unendorsed_kid if signer == "unendorsed" else self.kid
        header = {"alg": alg, "typ": "JWT", **({} if named is None else {"kid": named, "x5t": named})}
        now = int(time.time())
        said = {
            "serviceurl": self.world.service_url,
            "nbf": now - 60,
            "exp": now + TOKEN_SECONDS,
            "iss": ISSUER,
            "aud": self.world.app_id,
        }
        said = {name: value for name, value in (said | claims).items() if value is not None}
        body = b".".join(_b64(json.dumps(each).encode()) for each in (header, said))
        return (body + b"." + _b64(_signature(alg, number, body))).decode()

    def forgeries(self) -> dict[str, str | None]:
        """Authorization headers that a bot has to refuse, by what is wrong; None is no header at all."""
        now, good = int(time.time()), self.token()
        head, body, signature = good.split(".")
        other = _b64(json.dumps({"aud": self.world.app_id, "iss": ISSUER, "exp": now + 600}).encode()).decode()
        tokens = {
            "audience of another app": self.token(aud="99999999-0000-4000-8000-000000000000"),
            "no audience": self.token(aud=None),
            "another issuer": self.token(iss="https://evil.example"),
            "no issuer": self.token(iss=None),
            "the emulator's issuer": self.token(iss=EMULATOR, ver="1.0", appid=self.world.app_id),
            "a skill's claims": self.token(iss=EMULATOR, ver="1.0", appid="7", aud=self.world.app_id),
            "another service url": self.token(serviceurl="https://evil.example/"),
            "no service url": self.token(serviceurl=None),
            "expired": self.token(nbf=now - 7200, exp=now - 301),
            "not valid yet": self.token(nbf=now + 600),
            "alg none": self.token(alg="none"),
            "HS256 with the public key": self.token(alg="HS256"),
            "an unknown kid": self.token(kid="nobody"),
            "no kid": self.token(kid=None),
            "a stranger's key under the right kid": self.token(signer="stranger"),
            "a key not endorsed for Teams": self.token(signer="unendorsed"),
            "changed claims": f"{head}.{other}.{signature}",
            "no signature": f"{head}.{body}.",
            "no token": "",
            "not a token": "hello",
            "three dots": "a.b.c",
            "letters that no token has": "é.ü.ö",
        }
        headers: dict[str, str | None] = {name: f"Bearer {token}" for name, token in tokens.items()}
        return headers | {
            "no header": None,
            "basic": "Basic dXNlcjpwYXNz",
            "no scheme": good,
            "two": f"Bearer {good} x",
        }

    def grant(self, tenant: str, form: Json) -> tuple[int, Json]:
        """The login's answer to a request for a token."""
        if tenant != self.world.tenant:
            return _refused(400, "invalid_request", f"AADSTS90002: Tenant '{tenant}' not found.", 90002)
        if form.get("grant_type") != "client_credentials":
            return _refused(
                400, "unsupported_grant_type", "AADSTS70003: The app requested an unsupported grant.", 70003
            )
        if form.get("client_id") != self.world.app_id:
            what = (
                f"AADSTS700016: Application with identifier '{form.get('client_id')}' was not found in the directory."
            )
            return _refused(400, "unauthorized_client", what, 700016)
        if not hmac.compare_digest(str(form.get("client_secret")), self.app_password):
            return _refused(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.", 7000215)
        if form.get("scope") != SCOPE:
            return _refused(400, "invalid_scope", "AADSTS70011: The provided value for scope is not valid.", 70011)
        made = secrets.token_urlsafe(48)
        self._given[made] = self.world.now() + TOKEN_SECONDS
        seconds = TOKEN_SECONDS - 1
        return 200, {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": made}

    def admits(self, header: str) -> bool:
        """Whether the connector takes this Authorization."""
        scheme, _, token = header.partition(" ")
        return scheme == "Bearer" and self._given.get(token, 0.0) > self.world.now()

    def revoke(self) -> None:
        """Every token given so far is worth nothing."""
        self._given.clear()


def _refused(status: int, error: str, what: str, code: int) -> tuple[int, Json]:
    return status, {"error": error, "error_description": what, "error_codes": [code]}


def _new_kid() -> str:
    return secrets.token_urlsafe(20)


def _b64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _signature(alg: str, number: int, body: bytes) -> bytes:
    if alg == "none":
        return b""
    if alg == "HS256":
        shown = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = _key(number).public_key().public_bytes(serialization.Encoding.PEM, shown)
        return hmac.new(pem, body, hashlib.sha256).digest()
    return _key(number).sign(body, padding.PKCS1v15(), hashes.SHA256())


def _jwk(kid: str, number: int, endorsements: list[str]) -> Json:
    numbers = _key(number).public_key().public_numbers()
    n, e = (_b64(each.to_bytes((each.bit_length() + 7) // 8, "big")).decode() for each in (numbers.n, numbers.e))
    return {"kty": "RSA", "use": "sig", "kid": kid, "x5t": kid, "n": n, "e": e, "endorsements": endorsements}
