"""The environment becomes settings, or a list of everything that is wrong with it; what is secret is never shown."""

from __future__ import annotations

import base64
import dataclasses
import re
from pathlib import Path

import pytest

from adapters.files import CHECKOUT
from adapters.settings import VARIABLES, Oidc, Settings, SettingsError, Slack, Smtp, Teams

KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()
OLD_KEY = base64.urlsafe_b64encode(bytes(range(1, 33))).decode()
GUID = "AAAAAAAA-2222-3333-4444-555555555555"
BASE = {"CHATBOT_CONFIG": "chatbot.yaml", "CHATBOT_SECRET_KEY": KEY}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-hidden", "SLACK_SIGNING_SECRET": "hidden-signing"}
TEAMS = {"TEAMS_APP_ID": GUID, "TEAMS_APP_PASSWORD": "hidden-password", "TEAMS_TENANT_ID": GUID}
SMTP = {"CHATBOT_SMTP_HOST": "smtp.example.org", "CHATBOT_SMTP_FROM": "policy@example.org"}
LOGIN = {"CHATBOT_SMTP_USER": "policy", "CHATBOT_SMTP_PASSWORD": "hidden-mail"}
OIDC = {
    "CHATBOT_OIDC_ISSUER": "https://login.example.org/tenant/v2.0",
    "CHATBOT_OIDC_CLIENT_ID": "client",
    "CHATBOT_OIDC_CLIENT_SECRET": "hidden-client",
    "CHATBOT_PUBLIC_URL": "https://policy.example.org",
}
ENOUGH = BASE | SLACK
EVERYTHING = ENOUGH | TEAMS | SMTP | LOGIN | OIDC | {"CHATBOT_DATABASE_URL": "postgresql://bot:hidden-db@db/chatbot"}
DEV = BASE | {"CHATBOT_DEV": "1"}
EXAMPLE = (CHECKOUT / ".env.example").read_text(encoding="utf-8")


def problems_of(environ: dict[str, str], *, serving: bool = True) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environ(environ, serving=serving)
    assert str(caught.value).splitlines() == [str(problem) for problem in caught.value.problems]
    return [str(problem) for problem in caught.value.problems]


def without(environ: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in names}


def test_the_least_that_serves_has_every_default() -> None:
    assert Settings.from_environ(ENOUGH) == Settings(
        config=Path("chatbot.yaml"),
        database_url="sqlite:///chatbot.db",
        host="127.0.0.1",
        port=3978,
        secret_keys=(KEY,),
        slack=Slack("xoxb-hidden", "hidden-signing"),
    )


def test_everything_is_read() -> None:
    settings = Settings.from_environ(EVERYTHING | {"CHATBOT_HOST": "192.168.1.4", "CHATBOT_PORT": "80"})
    assert (settings.host, settings.port, settings.public_url) == ("192.168.1.4", 80, "https://policy.example.org")
    assert settings.teams == Teams(GUID.lower(), "hidden-password", GUID.lower(), "SingleTenant")
    assert settings.smtp == Smtp("smtp.example.org", "policy@example.org", 587, "policy", "hidden-mail", "starttls")
    assert settings.oidc == Oidc("https://login.example.org/tenant/v2.0", "client", "hidden-client")


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings.from_environ(ENOUGH).port = 1  # type: ignore[misc]  # that is what is tested


def test_no_secret_is_shown() -> None:
    shown = repr(Settings.from_environ(EVERYTHING | {"SLACK_APP_TOKEN": "xapp-hidden"}))
    assert "hidden" not in shown
    assert KEY not in shown


@pytest.mark.parametrize(
    "name", ["CHATBOT_SECRET_KEY", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "CHATBOT_DATABASE_URL", "CHATBOT_PUBLIC_URL"]
)
def test_no_problem_shows_a_secret(name: str) -> None:
    problems = problems_of(ENOUGH | {name: "oops://bot:hidden@db/x"})
    assert any(problem.startswith(name) for problem in problems)
    assert "hidden" not in "".join(problems)


@pytest.mark.parametrize("name", VARIABLES)
def test_blank_is_as_good_as_not_set(name: str) -> None:
    assert Settings.from_environ({name: "  "}, serving=False) == Settings()


def test_another_command_needs_nothing_but_what_is_there_is_judged() -> None:
    assert Settings.from_environ({}, serving=False) == Settings()
    assert problems_of({"CHATBOT_PORT": "x"}, serving=False) == [
        "CHATBOT_PORT: should be a number from 1 to 65535, not 'x'"
    ]


def test_everything_that_is_missing_is_told_at_once() -> None:
    told = "\n".join(problems_of({"CHATBOT_PORT": "no", "CHATBOT_SMTP_USER": "me", "TEAMS_APP_ID": "x"}))
    for name in ("CONFIG", "SECRET_KEY", "PORT", "SMTP_HOST", "SMTP_FROM", "SMTP_PASSWORD"):
        assert f"CHATBOT_{name}: " in told
    assert "TEAMS_APP_PASSWORD: " in told


def test_a_server_without_a_platform_is_refused() -> None:
    (problem,) = problems_of(BASE)
    assert problem.startswith("SLACK_BOT_TOKEN or TEAMS_APP_ID: is needed")


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        (without(ENOUGH, "CHATBOT_CONFIG"), "CHATBOT_CONFIG"),
        (without(ENOUGH, "CHATBOT_SECRET_KEY"), "CHATBOT_SECRET_KEY"),
        (ENOUGH | {"CHATBOT_SECRET_KEY": " , "}, "CHATBOT_SECRET_KEY"),
        (without(ENOUGH, "SLACK_BOT_TOKEN"), "SLACK_BOT_TOKEN"),
        (without(ENOUGH, "SLACK_SIGNING_SECRET"), "SLACK_SIGNING_SECRET"),
        (BASE | {"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
        (ENOUGH | without(TEAMS, "TEAMS_APP_PASSWORD"), "TEAMS_APP_PASSWORD"),
        (ENOUGH | without(TEAMS, "TEAMS_APP_ID"), "TEAMS_APP_ID"),
        (ENOUGH | without(TEAMS, "TEAMS_TENANT_ID"), "TEAMS_TENANT_ID"),
        (ENOUGH | TEAMS | {"TEAMS_APP_ID": " "}, "TEAMS_APP_ID"),
        (DEV | {"TEAMS_APP_PASSWORD": "x"}, "TEAMS_APP_ID"),
        (ENOUGH | SMTP | {"CHATBOT_SMTP_USER": "me"}, "CHATBOT_SMTP_PASSWORD"),
        (ENOUGH | SMTP | {"CHATBOT_SMTP_PASSWORD": "x"}, "CHATBOT_SMTP_USER"),
        (ENOUGH | without(SMTP, "CHATBOT_SMTP_HOST"), "CHATBOT_SMTP_HOST"),
        (ENOUGH | without(SMTP, "CHATBOT_SMTP_FROM"), "CHATBOT_SMTP_FROM"),
        (BASE | without(OIDC, "CHATBOT_OIDC_ISSUER"), "CHATBOT_OIDC_ISSUER"),
        (BASE | without(OIDC, "CHATBOT_OIDC_CLIENT_ID"), "CHATBOT_OIDC_CLIENT_ID"),
        (BASE | without(OIDC, "CHATBOT_OIDC_CLIENT_SECRET"), "CHATBOT_OIDC_CLIENT_SECRET"),
        (BASE | without(OIDC, "CHATBOT_PUBLIC_URL"), "CHATBOT_PUBLIC_URL"),
        (ENOUGH | {"CHATBOT_OIDC_DOMAIN": "example.org", "CHATBOT_OIDC_CLIENT_ID": "c"}, "CHATBOT_OIDC_ISSUER"),
    ],
)
def test_half_of_what_belongs_together_is_refused(environ: dict[str, str], missing: str) -> None:
    assert [p for p in problems_of(environ) if p.startswith(f"{missing}: is needed")]


BAD = {
    "CHATBOT_DATABASE_URL": [
        "sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite:///file:x?mode=memory&uri=true", "chatbot.db",
        "sqlite", "mysql://u@host/name", "postgres://u@host/name", "postgresql+psycopg://u@host/name",
        "postgresql://u@host", "postgresql://u:p#x@host/name", "postgresql://host:port/name",
    ],
    "CHATBOT_HOST": ["two words", "999.1.1.1", "http://localhost"],
    "CHATBOT_PORT": ["0", "65536", "-1", "٣", "tcp://10.0.0.1:3978"],
    "CHATBOT_PUBLIC_URL": [
        "policy.example.org", "http://policy.example.org", "https://", "https://example.org/?a=b",
        "https://example.org:x", "https://[::1", "javascript:alert(1)", "https://example.org/path",
    ],
    "CHATBOT_SECRET_KEY": [
        "secret", KEY[:-1], KEY.replace("=", ""), "+" + KEY[1:], "ключ" + KEY[4:], f"{KEY},short", f"{KEY},{KEY}",
    ],
    "CHATBOT_DEV": ["maybe"],
    "SLACK_BOT_TOKEN": ["xoxp-1", "xapp-1", "xoxb-1 2"],
    "SLACK_APP_TOKEN": ["xoxb-1"],
    "SLACK_SIGNING_SECRET": ["xoxb-1"],
    "SLACK_API_URL": ["http://slack.example.org"],
    "TEAMS_APP_ID": ["my-bot"],
    "TEAMS_TENANT_ID": ["school.onmicrosoft.com"],
    "TEAMS_APP_TYPE": ["Single"],
    "TEAMS_OPENID_METADATA": ["login"],
    "TEAMS_TOKEN_URL": ["http://login.example.org"],
    "CHATBOT_SMTP_HOST": ["smtp://host"],
    "CHATBOT_SMTP_PORT": ["smtp"],
    "CHATBOT_SMTP_FROM": ["policy", "Bot <a@b.org>", "Bot\r\nBcc: x <a@example.org>"],
    "CHATBOT_SMTP_TLS": ["ssl", "none"],
    "CHATBOT_OIDC_ISSUER": [
        "http://login.example.org", "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/school.org.uk/v2.0",
    ],
    "CHATBOT_OIDC_DOMAIN": ["@example.org", "example"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_the_one_problem(name: str, value: str) -> None:
    (problem,) = problems_of(EVERYTHING | {name: value})
    assert problem.startswith(f"{name}: ")


GOOD = [
    ("CHATBOT_DATABASE_URL", "sqlite:////var/lib/chatbot/chatbot.db", "database_url", None),
    ("CHATBOT_DATABASE_URL", "postgresql://u:p%23x@[::1]:5432/name?sslmode=require", "database_url", None),
    ("CHATBOT_DATABASE_URL", "postgresql:///name?host=/run/postgresql", "database_url", None),
    ("CHATBOT_HOST", "::", "host", None),
    ("CHATBOT_HOST", "chatbot.internal", "host", None),
    ("CHATBOT_PUBLIC_URL", "https://example.org:8443/policy/", "public_url", "https://example.org:8443/policy"),
    ("CHATBOT_PUBLIC_URL", "http://127.0.0.1:3978", "public_url", None),
    ("CHATBOT_SECRET_KEY", f" {KEY}, {OLD_KEY} ", "secret_keys", (KEY, OLD_KEY)),
    ("CHATBOT_SECRET_KEY", f"{KEY}\n{OLD_KEY}", "secret_keys", (KEY, OLD_KEY)),
    ("CHATBOT_DEV", "off", "dev", False),
]


@pytest.mark.parametrize(("name", "value", "field", "expected"), GOOD)
def test_a_good_value_is_taken(name: str, value: str, field: str, expected: object) -> None:
    assert getattr(Settings.from_environ(ENOUGH | {name: value}), field) == (value if expected is None else expected)


@pytest.mark.parametrize("name", ["DBOS__CLOUD", "DBOS__VMID", "DBOS__CONDUCTOR_KEY", "DBOS__ANYTHING"])
def test_a_variable_that_switches_the_engine_is_refused(name: str) -> None:
    (problem,) = problems_of(ENOUGH | {name: "hidden"})
    assert problem == f"{name}: is read by the escalation engine, which then silently changes its mode; unset it"


def test_a_misspelt_variable_is_told() -> None:
    assert problems_of(ENOUGH | {"CHATBOT_SMTP_PASWORD": "x"}) == [
        "CHATBOT_SMTP_PASWORD: is not read; did you mean 'CHATBOT_SMTP_PASSWORD'?"
    ]


def test_what_kubernetes_sets_for_a_service_named_chatbot_does_no_harm() -> None:
    service = {"CHATBOT_SERVICE_HOST": "10.0.0.1", "CHATBOT_SERVICE_PORT": "3978", "CHATBOT_PORT_3978_TCP_ADDR": "10.0"}
    assert Settings.from_environ(ENOUGH | service) == Settings.from_environ(ENOUGH)


def test_socket_mode_needs_no_signing_secret() -> None:
    settings = Settings.from_environ(BASE | {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"})
    assert settings.slack == Slack("xoxb-1", "", "xapp-1")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8888/api", "http://127.0.0.1:8888/api/"])
def test_the_slack_address_ends_with_one_slash(url: str) -> None:
    slack = Settings.from_environ(ENOUGH | {"SLACK_API_URL": url}).slack
    assert slack is not None
    assert slack.api_url == "http://127.0.0.1:8888/api/"


def test_a_managed_identity_has_no_password() -> None:
    managed = TEAMS | {"TEAMS_APP_TYPE": "UserAssignedMSI"}
    (problem,) = problems_of(ENOUGH | managed)
    assert problem.startswith("TEAMS_APP_PASSWORD: is set, but")
    teams = Settings.from_environ(ENOUGH | without(managed, "TEAMS_APP_PASSWORD")).teams
    assert teams == Teams(GUID.lower(), "", GUID.lower(), "UserAssignedMsi")


def test_an_app_of_many_tenants_needs_no_tenant() -> None:
    environ = ENOUGH | without(TEAMS, "TEAMS_TENANT_ID") | {"TEAMS_APP_TYPE": "multitenant"}
    assert Settings.from_environ(environ).teams == Teams(GUID.lower(), "hidden-password", "", "MultiTenant")


def test_without_development_there_is_no_unchecked_teams() -> None:
    assert Settings.from_environ(ENOUGH).teams is None
    assert Settings.from_environ(DEV).teams == Teams()


def test_development_allows_an_app_id_without_a_password_and_any_free_port() -> None:
    settings = Settings.from_environ(DEV | {"TEAMS_APP_ID": GUID, "CHATBOT_PORT": "0"})
    assert (settings.teams, settings.port) == (Teams(GUID.lower()), 0)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "example.org"])  # noqa: S104 -- what is refused
def test_development_stays_on_this_machine(host: str) -> None:
    (problem,) = problems_of(DEV | {"CHATBOT_HOST": host})
    assert problem.startswith("CHATBOT_HOST: should be 127.0.0.1 with CHATBOT_DEV=1")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "[::1]", "localhost"])
def test_development_takes_every_name_of_this_machine(host: str) -> None:
    assert Settings.from_environ(DEV | {"CHATBOT_HOST": host}).dev


def test_an_unchecked_teams_is_not_opened_to_the_outside() -> None:
    (problem,) = problems_of(DEV | {"CHATBOT_PUBLIC_URL": "https://tunnel.example.org"})
    assert problem.startswith("CHATBOT_PUBLIC_URL: leads here from outside")
    assert Settings.from_environ(DEV | TEAMS | {"CHATBOT_PUBLIC_URL": "https://tunnel.example.org"}).teams


def test_port_465_is_encrypted_from_the_start() -> None:
    mail = ENOUGH | SMTP | LOGIN | {"CHATBOT_SMTP_PORT": "465"}
    (problem,) = problems_of(mail)
    assert problem.startswith("CHATBOT_SMTP_TLS: should be tls")
    assert Settings.from_environ(mail | {"CHATBOT_SMTP_TLS": "TLS"}).smtp


def test_mail_may_go_unencrypted_on_this_machine_or_without_a_password() -> None:
    plain = ENOUGH | SMTP | {"CHATBOT_SMTP_TLS": "none"}
    assert Settings.from_environ(plain).smtp
    assert Settings.from_environ(plain | LOGIN | {"CHATBOT_SMTP_HOST": "127.0.0.1"}).smtp


def test_the_example_names_every_variable_once_and_holds_no_secret() -> None:
    named = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE)
    assert sorted(name for name, _ in named) == sorted((*VARIABLES, "XDG_CACHE_HOME"))
    assert not [value for name, value in named if re.search("TOKEN$|SECRET|PASSWORD", name) and value]


def test_the_example_starts_once_the_key_and_a_platform_are_filled_in() -> None:
    set_there = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    (key, platform) = problems_of(set_there)
    assert key.startswith("CHATBOT_SECRET_KEY: is needed")
    assert platform.startswith("SLACK_BOT_TOKEN or TEAMS_APP_ID: is needed")
    assert Settings.from_environ(set_there | BASE | SLACK).config == Path("chatbot.yaml")
