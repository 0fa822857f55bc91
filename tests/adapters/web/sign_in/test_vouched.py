"""Whom the issuer vouches for, and settings that could not work."""

from __future__ import annotations

import pytest

from adapters.web import issuer as issuer_module
from adapters.web import registration
from adapters.web.issuer import vouched
from tests.adapters.web.sign_in.issuing import (
    CLIENT_SECRET,
    DSL,
    GOOGLE,
    MICROSOFT,
    TENANT,
    Browser,
    Claims,
    FakeIssuer,
    Open,
    made,
    refused,
)


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
