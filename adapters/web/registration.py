"""The chatbot’s registration with an issuer of sign-ins, a sign-in begun there, and why somebody is not let in."""

from __future__ import annotations

import base64
import logging
import re
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from adapters.web.guard import is_loopback

_ERROR_CODE = re.compile(r"[a-z_]{1,40}")
TENANT = re.compile(r"https?://[^/]+/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0")
MICROSOFT = "login.microsoftonline.com"
log = logging.getLogger("chatbot.web.sign_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Where people sign in, and as what the chatbot is registered there. Raises ValueError naming all that is wrong.

    `issuer` is "https://accounts.google.com" or "https://login.microsoftonline.com/<tenant id>/v2.0"; `public_url` is
    the chatbot's own address as a browser sees it; `secret_key` is the first of CHATBOT_SECRET_KEY.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    domain: str = ""
    """If set, only e-mail addresses of this domain are let in."""
    secret_key: str = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what could not work, or only unsafely."""
        problems = [f"{name}: is empty" for name in ("client_id", "client_secret", "secret_key") if not self._has(name)]
        problems += [
            f"{name}: expected an https address without user, query or fragment, got {value!r}"
            for name, value in (("issuer", self.issuer), ("public_url", self.public_url))
            if not is_address(value)
        ]
        if is_address(self.public_url) and urlsplit(self.public_url).path not in ("", "/"):
            problems.append(f"public_url: expected only a scheme and host, got {self.public_url!r}")
        if f"//{MICROSOFT}/" in self.issuer and not TENANT.fullmatch(self.issuer):
            problems.append(
                f"issuer: expected https://{MICROSOFT}/<tenant id>/v2.0 with the school's own tenant id in lower case "
                f"(not its name, 'common' or 'organizations'), got {self.issuer!r}"
            )
        if self.domain and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", self.domain):
            problems.append(f"domain: expected a lower-case domain such as school.org.uk, got {self.domain!r}")
        if problems:
            raise ValueError("sign-in cannot be set up:\n" + "\n".join(problems))

    def _has(self, name: str) -> bool:
        return bool(str(getattr(self, name)).strip())

    @property
    def redirect_uri(self) -> str:
        """Where the issuer sends people back to; to be registered there."""
        return f"{self.public_url.rstrip('/')}/sign-in/back"

    @property
    def is_secure(self) -> bool:
        """Whether people reach the chatbot over TLS."""
        return self.public_url.startswith("https:")

    def session_key(self) -> Fernet:
        """The cookie's key: another one for every registration, so that sessions end with a change of it."""
        info = "\0".join(("chatbot sign-in session 1", self.issuer, self.client_id, self.domain))
        derived = HKDF(SHA256(), 32, salt=None, info=info.encode()).derive(self.secret_key.encode())
        return Fernet(base64.urlsafe_b64encode(derived))


class Fault(StrEnum):
    """Why somebody is not let in."""

    STATE = "state"
    DECLINED = "declined"
    CODE = "code"
    CLIENT = "client"
    UNREACHABLE = "unreachable"
    FORGED = "forged"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    NONCE = "nonce"
    EXPIRED = "expired"
    CLAIMS = "claims"
    UNVERIFIED = "unverified"
    DOMAIN = "domain"
    UNKNOWN = "unknown"


_BY_ERROR = {
    "access_denied": Fault.DECLINED,
    "invalid_grant": Fault.CODE,
    "server_error": Fault.UNREACHABLE,
    "temporarily_unavailable": Fault.UNREACHABLE,
}


class Refused(Exception):
    """Somebody is not let in. `detail` is for the log and never holds a token or a name, `email` is for their page."""

    def __init__(self, fault: Fault, detail: str = "", email: str = "") -> None:
        super().__init__(fault)
        self.fault, self.detail, self.email = fault, detail, email

    @classmethod
    def by_error(cls, code: object) -> Refused:
        """What an issuer's error code means."""
        shown = code if isinstance(code, str) and _ERROR_CODE.fullmatch(code) else "unnamed error"
        return cls(_BY_ERROR.get(shown, Fault.CLIENT), shown)


def is_address(address: str, *, query: bool = False) -> bool:
    """Whether it is a web address over TLS; on this machine itself it may be without."""
    try:
        parts = urlsplit(address)
        plain = not (parts.username or parts.password or parts.fragment or (parts.query and not query))
    except ValueError:
        return False
    return bool(parts.hostname) and plain and (parts.scheme == "https" or is_local(parts.scheme, parts.netloc))


def is_local(scheme: str, host: str) -> bool:
    """Whether this is plain http within this machine."""
    return scheme == "http" and is_loopback(host)


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that a browser has begun."""

    nonce: str
    verifier: str
    onward: str
    at: float
