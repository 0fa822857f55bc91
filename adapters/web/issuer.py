"""The issuer: what it says of itself, its keys, and whom its tokens vouch for."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2 as httpx  # the one that authlib uses
from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]  # authlib ships no types
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]  # the same
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # the same
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from adapters.web.registration import MICROSOFT, TENANT, Begun, Fault, Refused, SignIn, is_address

_ADDRESS = re.compile(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
GOOGLE = "accounts.google.com"
LEEWAY = 60
"""Seconds that an issuer's clock may differ from ours."""
METADATA = 3600
"""Seconds that an issuer's addresses and keys are believed."""

_BY_CLAIM = {"iss": Fault.ISSUER, "aud": Fault.AUDIENCE, "azp": Fault.AUDIENCE, "nonce": Fault.NONCE}


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What an issuer says of itself."""

    authorization_endpoint: str
    token_endpoint: str
    keys: KeySet
    until: float


class Issuer:
    """Talks to the issuer."""

    def __init__(self, settings: SignIn) -> None:
        self._settings = settings
        self._metadata: _Metadata | None = None
        self._fetching = asyncio.Lock()
        self._tries = 0
        self._certificates = httpx.create_ssl_context()

    async def address(self, state: str, begun: Begun) -> str:
        """Where to send a browser to begin. Raises Refused."""
        metadata = await self._known()
        async with self._client() as client:
            address, _ = client.create_authorization_url(
                metadata.authorization_endpoint, state=state, nonce=begun.nonce, code_verifier=begun.verifier,
                prompt="select_account",
            )  # fmt: skip
        return str(address)

    async def claims(self, code: str, begun: Begun) -> Mapping[str, object]:
        """What the issuer says of the person whom it gave `code`, with everything checked. Raises Refused."""
        if not code or not code.isascii():
            raise Refused(Fault.CODE, "missing")
        metadata = await self._known()
        token = await self._exchange(metadata, code, begun.verifier)
        try:
            try:
                decoded = _decode(token["id_token"], metadata.keys)
            except InvalidKeyIdError:  # the issuer has changed its keys
                decoded = _decode(token["id_token"], (await self._known(stale=metadata)).keys)
            self._check(decoded, token.get("access_token"), begun.nonce)
        except ExpiredTokenError as error:
            raise Refused(Fault.EXPIRED) from error
        except ClaimError as error:
            fault = next((_BY_CLAIM[name] for name in error.claim.split(",") if name in _BY_CLAIM), Fault.CLAIMS)
            raise Refused(fault, error.claim) from error
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise Refused(Fault.FORGED, type(error).__name__) from error
        return decoded.claims

    def _check(self, token: jwt.Token, access_token: object, nonce: str) -> None:
        """Raises ClaimError where a claim is missing or not as it must be."""
        expected = {
            "iss": {"essential": True, "value": self._settings.issuer},
            "aud": {"essential": True, "value": self._settings.client_id},
        }
        params = {"nonce": nonce, "client_id": self._settings.client_id, "access_token": access_token}
        CodeIDToken(token.claims, token.header, expected, params).validate(leeway=LEEWAY)

    async def _exchange(self, metadata: _Metadata, code: str, verifier: str) -> Mapping[str, object]:
        """The answer of the token endpoint."""
        try:
            async with self._client() as client:
                token = await client.fetch_token(metadata.token_endpoint, code=code, code_verifier=verifier)
        except OAuthError as error:
            raise Refused.by_error(error.error) from None  # its message is the issuer's: not for the log
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise Refused(Fault.UNREACHABLE, type(error).__name__) from None
        return dict(token)

    async def _known(self, stale: _Metadata | None = None) -> _Metadata:
        """What the issuer says of itself, newer than `stale`; fetched once for everybody who waits for it."""
        tries = self._tries
        async with self._fetching:
            known = self._metadata
            if known is not None and known is not stale and time.time() < known.until:
                return known
            if self._tries != tries:
                raise Refused(Fault.UNREACHABLE, "as for somebody else just now")
            try:
                self._metadata = await self._fetch()
            finally:
                self._tries += 1
            return self._metadata

    async def _fetch(self) -> _Metadata:
        issuer = self._settings.issuer
        try:
            async with self._client() as client:
                said = await _json(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if said["issuer"] != issuer:
                    raise Refused(Fault.CLIENT, "issuer calls itself otherwise than the settings do")
                names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                authorize, exchange, keys_at = (str(said[name]) for name in names)
                if not all(is_address(one, query=True) for one in (authorize, exchange, keys_at)):
                    raise Refused(Fault.CLIENT, "issuer names an address without TLS")
                keys = _keys(await _json(client, keys_at))
        except (httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError) as error:
            raise Refused(Fault.UNREACHABLE, type(error).__name__) from error
        return _Metadata(authorize, exchange, keys, time.time() + METADATA)

    def _client(self) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.client_id, self._settings.client_secret, scope="openid profile email",
            redirect_uri=self._settings.redirect_uri, code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",  # noqa: S106  # the name of a method, not a secret
            timeout=10, verify=self._certificates,
        )  # fmt: skip


async def _json(client: AsyncOAuth2Client, address: str) -> dict[str, object]:
    """A JSON object of the issuer."""
    response = await client.request("GET", address, withhold_token=True)
    response.raise_for_status()
    said = response.json()
    if not isinstance(said, dict):
        raise ValueError(f"expected a JSON object, got {type(said).__name__}")
    return said


def _keys(said: dict[str, object]) -> KeySet:
    """The keys of a key set. Raises ValueError."""
    try:
        return KeySet.import_key_set(said)  # type: ignore[arg-type]  # whether it is one is seen here
    except (JoseError, AttributeError, KeyError, TypeError) as error:
        raise ValueError("expected a key set") from error


def _decode(token: object, keys: KeySet) -> jwt.Token:
    """The token, its signature checked. The algorithm is ours to choose, never the token's: what both issuers use."""
    if not isinstance(token, str):
        raise ValueError(f"expected a token, got {type(token).__name__}")
    return jwt.decode(token, keys, registry=JWSRegistry(algorithms=["RS256"], strict_check_header=False))


def vouched(claims: Mapping[str, object], issuer: str) -> tuple[str, ...]:
    """The e-mail addresses, in lower case, that an issuer says are this person's and can know to be.

    Microsoft, one tenant: the name of the account, which only its own tenant can give; for members, whom the school's
    administrators look after, also the address in their profile. A guest's profile is filled in by somebody else.
    Google: of its own and of Workspace domains; it checked any other address only once, when the account was made.
    """
    email = address_of(claims.get("email"))
    match urlsplit(issuer).hostname:
        case host if host == MICROSOFT:
            name = address_of(claims.get("preferred_username"))
            found = (name, None if _is_guest(claims, issuer) else email)
        case host if host == GOOGLE:
            known = bool(claims.get("hd")) or (email or "").endswith(("@gmail.com", "@googlemail.com"))
            found = (email if known and claims.get("email_verified") is True else None, None)
        case _:
            found = (email if claims.get("email_verified") is True else None, None)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _is_guest(claims: Mapping[str, object], issuer: str) -> bool:
    """Whether the account lives in another directory than the one that issued the token."""
    named = TENANT.fullmatch(issuer)
    tenant = named[1] if named else issuer
    return claims.get("acct") == 1 or tenant not in str(claims.get("idp", issuer))


def address_of(claim: object) -> str | None:
    """An address in lower case. ASCII only: some other letters turn into ASCII ones when they are lowered."""
    if not isinstance(claim, str) or not claim.isascii() or len(claim) > 254:
        return None
    lowered = claim.strip().lower()
    return lowered if _ADDRESS.fullmatch(lowered) else None
