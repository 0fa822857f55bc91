"""How one variable of the environment is read: switches, keys, hosts, ports, addresses. No message shows a secret."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

from chatbot.errors import Problem

NEW_KEY = "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
HOST = r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*"
_YES, _NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


class Fields:
    """The variables that are set, read by their kind; every problem is noted."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = given
        self.problems: list[Problem] = []

    def problem(self, name: str, text: str) -> None:
        """Note a problem of the variable `name`."""
        self.problems.append(Problem(name, None, text))

    def text(self, name: str) -> str:
        """The variable as it is; "" where it is not set."""
        return self.given.get(name, "")

    def flag(self, name: str) -> bool:
        """Whether a switch is on."""
        value = self.given.get(name, "0").lower()
        if value not in (*_YES, *_NO):
            self.problem(name, f"should be 1 or 0, not {value!r}")
        return value in _YES

    def keys(self, name: str) -> tuple[str, ...]:
        """Fernet keys with commas or spaces between."""
        keys = tuple(re.findall(r"[^,\s]+", self.text(name)))
        for number, key in enumerate(keys, 1):
            if not _is_key(key):
                text = f"key {number} of {len(keys)} is no Fernet key (44 characters with = at the end)"
                self.problem(name, f"{text}; make one with: {NEW_KEY}")
        if len(set(keys)) < len(keys):
            self.problem(name, "holds a key twice; keep it once, the newest first")
        return keys

    def host(self, name: str, usual: str = "") -> str:
        """A host name or an IP address."""
        host = self.given.get(name, usual).strip("[]")
        if host and not is_host(host):
            self.problem(name, f"should be a host name or an IP address, not {host!r}")
        return host

    def port(self, name: str, usual: int, least: int = 1) -> int:
        """A port number."""
        value = self.given.get(name, str(usual))
        if re.fullmatch("[0-9]{1,5}", value) and least <= int(value) <= 65535:
            return int(value)
        why = (
            "; Kubernetes sets it for a service named chatbot: give the service another name" if "://" in value else ""
        )
        self.problem(name, f"should be a number from {least} to 65535, not {value!r}{why}")
        return usual

    def url(self, name: str) -> str:
        """An https address, or http where it is on this machine; "" where it is not one."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
            safe = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))
            sound = safe and is_host(parts.hostname or "") and parts.port != 0 and not re.search(r"[\s?#@\\]", value)
        except ValueError:
            sound = False
        if value and not sound:
            came = "one with a password or name in it" if "@" in value else repr(value)
            self.problem(name, f"should be an address like https://policy.example.org/path, not {came}")
        return value if sound else ""

    def database(self, name: str, usual: str) -> str:
        """sqlite:///FILE or postgresql://…, as it is."""
        url = self.given.get(name, usual)
        scheme, mark, rest = url.partition("://")
        if scheme == "sqlite" and mark:
            if not re.fullmatch(r"/[^?]*[^?/]", rest) or ":memory:" in rest:
                self.problem(name, "should be sqlite:///FILE; only what is in a file survives a restart")
        elif scheme != "postgresql" or not mark:
            self.problem(name, "should start with sqlite:/// or postgresql:// (spelt just so)")
        elif not _names_database(url):
            self.problem(
                name, "should be like postgresql://user:password@host/name; in the password # is written %23, / %2F"
            )
        return url


def is_loopback(host: str | None) -> bool:
    """Whether `host` is this machine."""
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_host(host: str) -> bool:
    """Whether `host` is an IP address or a host name."""
    try:
        return bool(ip_address(host))
    except ValueError:
        return re.fullmatch(HOST, host) is not None and not re.fullmatch("[0-9.]+", host)


def _names_database(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return len(parts.path) > 1 and parts.port != 0 and not parts.fragment
    except ValueError:
        return False


def _is_key(key: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(key)
    except ValueError:
        return False
    return len(raw) == 32 and base64.urlsafe_b64encode(raw).decode() == key
