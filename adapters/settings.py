"""Secrets and addresses from the environment, as one frozen value. Every problem is told at once; secrets never are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from adapters.settings_fields import HOST, NEW_KEY, Fields, is_loopback
from chatbot.errors import ChatbotError, Problem
from chatbot.knowledge.reader import suggestion

NAMES = {
    "CHATBOT": ("CONFIG", "DATABASE_URL", "HOST", "PORT", "PUBLIC_URL", "SECRET_KEY", "DEV"),
    "CHATBOT_SMTP": ("HOST", "PORT", "USER", "PASSWORD", "FROM", "TLS"),
    "CHATBOT_OIDC": ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "DOMAIN"),
    "SLACK": ("BOT_TOKEN", "SIGNING_SECRET", "APP_TOKEN", "API_URL", "CLIENT_ID", "CLIENT_SECRET"),
    "TEAMS": ("APP_ID", "APP_PASSWORD", "TENANT_ID", "APP_TYPE", "OPENID_METADATA", "TOKEN_URL"),
}
VARIABLES = tuple(f"{family}_{name}" for family, names in NAMES.items() for name in names)
"""Every variable that is read."""
APP_TYPES = ("SingleTenant", "UserAssignedMsi", "MultiTenant")
DATABASE = "sqlite:///chatbot.db"
SLACK_API = "https://slack.com/api/"
GUID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
SENDER = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
MICROSOFT = "https://login.microsoftonline.com/"


class SettingsError(ChatbotError):
    """The environment is not enough to start with, or contradicts itself; `problems` lists every fault at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Slack:
    """How to reach Slack. With an app token: Socket Mode. With a client id: workspaces install it themselves."""

    bot_token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = SLACK_API
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Teams:
    """How to reach Teams. Without an app id nothing is checked: development only."""

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenant_id: str = ""
    app_type: str = APP_TYPES[0]
    openid_metadata: str = ""
    token_url: str = ""


@dataclass(frozen=True, slots=True)
class Smtp:
    """How e-mail is sent."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = field(default="", repr=False)
    tls: Literal["starttls", "tls", "none"] = "starttls"


@dataclass(frozen=True, slots=True)
class Oidc:
    """Who vouches for the people that sign in to the inbox."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    domain: str = ""
    """Only people of this e-mail domain, where it is given."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says. None stands for what is not used."""

    config: Path | None = None
    database_url: str = field(default=DATABASE, repr=False)
    host: str = "127.0.0.1"
    port: int = 3978
    public_url: str = ""
    """Without a slash at its end."""
    secret_keys: tuple[str, ...] = field(default=(), repr=False)
    """Newest first."""
    dev: bool = False
    slack: Slack | None = None
    teams: Teams | None = None
    smtp: Smtp | None = None
    oidc: Oidc | None = None

    @property
    def inbox_url(self) -> str:
        """Where people sign in to the inbox; "" where they cannot."""
        return f"{self.public_url}/desk" if self.public_url and self.oidc else ""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], *, serving: bool = True) -> Settings:
        """The settings in `environ`. Raises SettingsError with every problem.

        Blank is as good as not set. Commands that serve nobody (`serving=False`) need neither configuration, nor key,
        nor platform; what is there is judged all the same.
        """
        reader = _Reader(environ)
        settings = reader.settings(serving)
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


class _Reader(Fields):
    """Reads one environment; a method for each family of variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__({name: value for name in VARIABLES if (value := environ.get(name, "").strip())})
        self.dev = self.flag("CHATBOT_DEV")
        for name in sorted(environ):
            self._judge_name(name)

    def _judge_name(self, name: str) -> None:
        if name.startswith("DBOS__"):
            self.problem(name, "is read by the escalation engine, which then silently changes its mode; unset it")
        elif name.startswith("CHATBOT_") and name not in VARIABLES:
            # Only what is nearly right: Kubernetes sets CHATBOT_SERVICE_HOST and the like for a service of that name.
            known = [known.removeprefix("CHATBOT_") for known in VARIABLES if known.startswith("CHATBOT_")]
            if near := suggestion(name.removeprefix("CHATBOT_"), known):
                self.problem(name, "is not read" + near.replace("'", "'CHATBOT_", 1))

    def settings(self, serving: bool) -> Settings:
        """All of it, for a server or another command."""
        path, host = self.text("CHATBOT_CONFIG"), self.host("CHATBOT_HOST", "127.0.0.1")
        settings = Settings(
            config=Path(path) if path else None,
            database_url=self.database("CHATBOT_DATABASE_URL", DATABASE),
            host=host,
            port=self.port("CHATBOT_PORT", 3978, least=0 if self.dev else 1),
            public_url=self.url("CHATBOT_PUBLIC_URL").rstrip("/"),
            secret_keys=self.keys("CHATBOT_SECRET_KEY"),
            dev=self.dev,
            slack=self._slack(),
            teams=self._teams(),
            smtp=self._smtp(),
            oidc=self._oidc(),
        )
        if self.dev and not is_loopback(host):
            self.problem(
                "CHATBOT_HOST", f"should be 127.0.0.1 with CHATBOT_DEV=1 (for this machine only), not {host!r}"
            )
        if serving:
            self._judge(settings)
        return settings

    def _judge(self, settings: Settings) -> None:
        """What a server needs besides, and what does not go together."""
        if not settings.config:
            self.problem("CHATBOT_CONFIG", "is needed: the path of chatbot.yaml (`chatbot config example` prints one)")
        if not settings.secret_keys:
            self.problem("CHATBOT_SECRET_KEY", f"is needed: reports are kept encrypted. Make a key with: {NEW_KEY}")
        if not (settings.slack or settings.teams or settings.oidc):
            self.problem("SLACK_BOT_TOKEN or TEAMS_APP_ID", "is needed: without a platform nobody can ask or report")
        if settings.oidc and not self.text("CHATBOT_PUBLIC_URL"):
            self.problem("CHATBOT_PUBLIC_URL", "is needed with CHATBOT_OIDC_…: who signs in is sent back there")
        if settings.oidc and urlsplit(settings.public_url).path:
            self.problem("CHATBOT_PUBLIC_URL", "should be a scheme and host only, with CHATBOT_OIDC_…: no path")
        if settings.slack and settings.slack.client_id and not self.text("CHATBOT_PUBLIC_URL"):
            self.problem(
                "CHATBOT_PUBLIC_URL", "is needed with SLACK_CLIENT_ID: who installs the app is sent back there"
            )
        unchecked = settings.teams is not None and not settings.teams.app_id
        if unchecked and settings.public_url and not is_loopback(urlsplit(settings.public_url).hostname):
            self.problem("CHATBOT_PUBLIC_URL", "leads here from outside, but without TEAMS_APP_ID nobody is checked")

    def _family(self, family: str, *needed: str) -> dict[str, str]:
        """The variables of a family, empty where none is set; notes each of `needed` that is missing beside others."""
        found = {name: self.text(f"{family}_{name}") for name in NAMES[family]}
        there = [f"{family}_{name}" for name, value in found.items() if value]
        for name in needed if there else ():
            if not found[name]:
                self.problem(f"{family}_{name}", f"is needed with {', '.join(there)}")
        return found if there else {}

    def _slack(self) -> Slack | None:
        installs = bool(self.text("SLACK_CLIENT_ID") or self.text("SLACK_CLIENT_SECRET"))
        found = self._family(
            "SLACK", *(("CLIENT_ID", "CLIENT_SECRET", "SIGNING_SECRET") if installs else ("BOT_TOKEN",))
        )
        if not found:
            return None
        if installs and found["BOT_TOKEN"]:
            self.problem("SLACK_BOT_TOKEN", "is of one workspace, SLACK_CLIENT_ID is for several; unset one of them")
        if installs and found["APP_TOKEN"]:
            self.problem("SLACK_APP_TOKEN", "is for Socket Mode, but installing needs HTTP; unset it")
        token, secret, app = found["BOT_TOKEN"], found["SIGNING_SECRET"], found["APP_TOKEN"]
        if token and not secret and not app:
            self.problem("SLACK_SIGNING_SECRET", "is needed with SLACK_BOT_TOKEN (or SLACK_APP_TOKEN, for Socket Mode)")
        for name, start in (("BOT_TOKEN", "xoxb-"), ("APP_TOKEN", "xapp-")):
            if found[name] and not re.fullmatch(start + r"[!-~]+", found[name]):
                self.problem(f"SLACK_{name}", f"should start with {start} and hold no spaces")
        if secret.startswith(("xox", "xapp-")) or not re.fullmatch("[!-~]*", secret):
            self.problem("SLACK_SIGNING_SECRET", "should be the app's signing secret (Basic Information), not a token")
        url = self.url("SLACK_API_URL").rstrip("/")
        api = f"{url}/" if url else SLACK_API
        return Slack(token, secret, app, api, found["CLIENT_ID"], found["CLIENT_SECRET"])

    def _teams(self) -> Teams | None:
        given = self.text("TEAMS_APP_TYPE") or APP_TYPES[0]
        kind = next((name for name in APP_TYPES if name.lower() == given.lower()), "")
        password = self.text("TEAMS_APP_PASSWORD")
        if not kind:
            self.problem("TEAMS_APP_TYPE", f"should be one of {', '.join(APP_TYPES)}, not {given!r}")
        needed = ["APP_ID"] if password or not self.dev else []
        if not self.dev:
            needed += [] if kind == "UserAssignedMsi" else ["APP_PASSWORD"]
            needed += [] if kind == "MultiTenant" else ["TENANT_ID"]
        found = self._family("TEAMS", *needed)
        if not found:
            return Teams() if self.dev else None
        if kind == "UserAssignedMsi" and password:
            self.problem("TEAMS_APP_PASSWORD", "is set, but TEAMS_APP_TYPE=UserAssignedMsi has none; unset one of them")
        for name in ("APP_ID", "TENANT_ID"):
            if found[name] and not re.fullmatch(GUID, found[name]):
                came = f"not {found[name]!r}"
                self.problem(f"TEAMS_{name}", f"should be like 11111111-2222-3333-4444-555555555555, {came}")
        metadata, token_url = self.url("TEAMS_OPENID_METADATA"), self.url("TEAMS_TOKEN_URL")
        return Teams(found["APP_ID"].lower(), password, found["TENANT_ID"].lower(), kind, metadata, token_url)

    def _smtp(self) -> Smtp | None:
        found = self._family("CHATBOT_SMTP", "HOST", "FROM")
        if not found:
            return None
        user, password = found["USER"], found["PASSWORD"]
        host, port = self.host("CHATBOT_SMTP_HOST"), self.port("CHATBOT_SMTP_PORT", 587)
        if bool(user) != bool(password):
            missing, there = ("PASSWORD", "USER") if user else ("USER", "PASSWORD")
            self.problem(f"CHATBOT_SMTP_{missing}", f"is needed with CHATBOT_SMTP_{there}; set both or neither")
        if found["FROM"] and not re.fullmatch(SENDER, found["FROM"]):
            self.problem("CHATBOT_SMTP_FROM", f"should be an address like policy@example.org, not {found['FROM']!r}")
        tls: Literal["starttls", "tls", "none"] = "starttls"
        match found["TLS"].lower():
            case "tls" | "none" as chosen:
                tls = chosen
            case "" | "starttls":
                pass
            case other:
                self.problem("CHATBOT_SMTP_TLS", f"should be starttls, tls or none, not {other!r}")
        if tls == "none" and password and not is_loopback(host):
            self.problem("CHATBOT_SMTP_TLS", "is none, so that the password would cross the network unprotected")
        if tls == "starttls" and port == 465:
            self.problem("CHATBOT_SMTP_TLS", "should be tls: port 465 is encrypted from the start")
        return Smtp(host, found["FROM"], port, user, password, tls)

    def _oidc(self) -> Oidc | None:
        found = self._family("CHATBOT_OIDC", "ISSUER", "CLIENT_ID", "CLIENT_SECRET")
        if not found:
            return None
        issuer, domain = self.url("CHATBOT_OIDC_ISSUER"), found["DOMAIN"].lower()
        tenants = f"{MICROSOFT}{GUID.replace('A-F', '')}/v2[.]0"
        if issuer.startswith(MICROSOFT) and not re.fullmatch(tenants, issuer):
            text = f"should be {MICROSOFT}TENANT-ID/v2.0, with your own tenant's id in small letters: only its people"
            self.problem("CHATBOT_OIDC_ISSUER", f"{text} may sign in")
        if domain and not ("." in domain and re.fullmatch(HOST, domain)):
            self.problem("CHATBOT_OIDC_DOMAIN", f"should be a domain like example.org, not {domain!r}")
        return Oidc(issuer, found["CLIENT_ID"], found["CLIENT_SECRET"], domain)
