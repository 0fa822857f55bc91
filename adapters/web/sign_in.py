"""Sign-in at the desk with the school's own Microsoft or Google account: OpenID Connect, by authorization code.

Everything that decides who somebody is happens here: PKCE, state and nonce, the token's signature and claims, which
address an issuer vouches for. What a browser keeps is one encrypted cookie; no token of the issuer is kept anywhere.
"""

from __future__ import annotations

import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import astuple

from aiohttp import web
from aiohttp_session import Session
from aiohttp_session.cookie_storage import EncryptedCookieStorage

from adapters.web.issuer import Issuer, vouched
from adapters.web.pages import make_environment
from adapters.web.registration import Begun, Fault, Refused, SignIn, log

ContactOf = Callable[[str], str | None]
"""The id of the contact with this lower-case e-mail address, None for nobody."""
_PATH = re.compile(r"/(?!/)[!-\[\]-~]{0,200}")
TABS = 3
"""Sign-ins that one browser can have begun: more would outgrow a cookie."""
BEGUN = 600
"""Seconds to finish a sign-in in."""
SESSION = 8 * 3600
"""Seconds that a sign-in holds; nothing prolongs it."""
HOME = "/desk"
"""Where somebody goes who did not say where they wanted to go."""

_STATUS = {Fault.STATE: 400, Fault.CODE: 400, Fault.CLIENT: 503, Fault.UNREACHABLE: 503}


def set_up(app: web.Application, settings: SignIn, contact_of: ContactOf) -> None:
    """Add the sign-in with its routes /sign-in, /sign-in/back and /sign-out to `app`."""
    routes = _Routes(settings, contact_of)
    app[_ROUTES] = routes
    app.add_routes(
        [
            web.get("/sign-in", routes.start, name="signin", allow_head=False),
            web.get("/sign-in/back", routes.back, name="signin-back", allow_head=False),
            web.post("/sign-out", routes.leave, name="signout"),
        ]
    )


async def who(request: web.Request) -> str | None:
    """The id of the contact who has signed in, None for nobody; always None in an app without a sign-in."""
    routes = request.config_dict.get(_ROUTES)
    return None if routes is None else await routes.contact(request)


class _Routes:
    """The pages of the sign-in."""

    def __init__(self, settings: SignIn, contact_of: ContactOf) -> None:
        self._settings = settings
        self._contact_of = contact_of
        self._issuer = Issuer(settings)
        self._cookie = _Cookie(settings)
        self._ended = _Spent(SESSION)
        self._answered = _Spent(BEGUN)
        self._templates = make_environment()

    async def contact(self, request: web.Request) -> str | None:
        """Who has signed in; looked up each time, so that a person taken out of the settings is out at once."""
        session = await self._cookie.load_session(request)
        if session.get("id", "") in self._ended or "email" not in session:
            return None
        return self._contact_of(session["email"])

    async def start(self, request: web.Request) -> web.Response:
        """Send the browser to the issuer, and remember where it wanted to go."""
        onward = request.query.get("next", "")
        onward = onward if _PATH.fullmatch(onward) and not onward.startswith("/sign-") else HOME
        if await who(request) is not None:
            return _see(onward)
        begun = _begun(await self._cookie.load_session(request))
        state, one = secrets.token_urlsafe(32), Begun(_random(), _random(), onward, time.time())
        try:
            address = await self._issuer.address(state, one)
        except Refused as refused:
            return self._refusal(refused)
        begun = dict([*begun.items(), (state, one)][-TABS:])
        return await self._remembered(request, _see(address), begun=_kept(begun))

    async def back(self, request: web.Request) -> web.Response:
        """The browser comes back from the issuer: let its person in, or say why not."""
        begun = _begun(await self._cookie.load_session(request))
        state = request.query.get("state", "")
        one = begun.pop(state, None)
        try:
            if one is None or not self._answered.add(state):
                raise Refused(Fault.STATE)
            if request.query.get("iss", self._settings.issuer) != self._settings.issuer:
                raise Refused(Fault.ISSUER, "of the answer")
            if "error" in request.query:
                raise Refused.by_error(request.query["error"])
            claims = await self._issuer.claims(request.query.get("code", ""), one)
            email, contact = self._named(vouched(claims, self._settings.issuer))
        except Refused as refused:
            return self._refusal(refused)  # the cookie stays as it is: no failure prolongs a session
        log.info("signed in: %s", contact)
        # a new session: only what other tabs wait for lives on
        return await self._remembered(request, _see(one.onward), id=_random(), email=email, begun=_kept(begun))

    async def leave(self, request: web.Request) -> web.Response:
        """Sign out here; the account's own sign-in at the issuer is not ours to end."""
        session = await self._cookie.load_session(request)
        response = self._page("sign_in_ended.html", 200)
        if "id" in session:
            self._ended.add(session["id"])
        if not session.empty:
            session.invalidate()
            await self._cookie.save_session(request, response, session)
        return response

    async def _remembered(self, request: web.Request, response: web.Response, **content: object) -> web.Response:
        """`response` with a new session of this content."""
        session = await self._cookie.new_session()
        session.update(content)
        await self._cookie.save_session(request, response, session)
        return response

    def _named(self, emails: tuple[str, ...]) -> tuple[str, str]:
        """The first of these addresses that a contact has, and the contact's id."""
        if not emails:
            raise Refused(Fault.UNVERIFIED)
        domain = self._settings.domain
        own = [email for email in emails if not domain or email.endswith(f"@{domain}")]
        if not own:
            raise Refused(Fault.DOMAIN, email=emails[0])
        for email in own:
            contact = self._contact_of(email)
            if contact is not None:
                return email, contact
        raise Refused(Fault.UNKNOWN, email=own[0])

    def _refusal(self, refused: Refused) -> web.Response:
        log.warning("sign-in refused: %s %s", refused.fault, refused.detail)
        words = {"fault": refused.fault.value, "email": refused.email, "domain": self._settings.domain}
        return self._page("sign_in_refused.html", _STATUS.get(refused.fault, 403), **words)

    def _page(self, template: str, status: int, **words: str) -> web.Response:
        # base.html may ask whether this is the demonstration: there is no sign-in in that
        html = self._templates.get_template(template).render(demonstration=False, **words)
        headers = {"Cache-Control": "no-store"}
        return web.Response(text=html, status=status, content_type="text/html", charset="utf-8", headers=headers)


_ROUTES = web.AppKey("sign-in", _Routes)


class _Cookie(EncryptedCookieStorage):
    """The session as a cookie that no script reads and no other site sends along."""

    def __init__(self, settings: SignIn) -> None:
        # a browser takes a cookie of that prefix only from this very host, over TLS
        name = "__Host-desk" if settings.is_secure else "desk"
        secure = settings.is_secure
        super().__init__(
            settings.session_key(), cookie_name=name, max_age=SESSION, secure=secure, httponly=True, samesite="Lax"
        )

    def save_cookie(self, response: web.StreamResponse, cookie_data: str, *, max_age: int | None = None) -> None:
        """As in the library, but a cookie is deleted with the marks without which a browser would keep it."""
        if cookie_data:
            super().save_cookie(response, cookie_data, max_age=max_age)
        else:
            secure = self.cookie_params["secure"]
            response.del_cookie(self.cookie_name, path="/", secure=secure, httponly=True, samesite="Lax")


class _Spent:
    """Names that must not be used again while they might be believed. Of this process, until it restarts."""

    def __init__(self, keep: float) -> None:
        self._keep = keep
        self._until: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        return name in self._until

    def add(self, name: str) -> bool:
        """Whether it was new."""
        while self._until and next(iter(self._until.values())) < time.time():
            self._until.popitem(last=False)
        if name in self._until:
            return False
        self._until[name] = time.time() + self._keep
        return True


def _kept(begun: Mapping[str, Begun]) -> dict[str, tuple[object, ...]]:
    return {state: astuple(one) for state, one in begun.items()}


def _begun(session: Session) -> dict[str, Begun]:
    """The sign-ins that this browser has begun and may still finish."""
    found = {state: Begun(*kept) for state, kept in session.get("begun", {}).items()}
    return {state: one for state, one in found.items() if one.at > time.time() - BEGUN}


def _random() -> str:
    return secrets.token_urlsafe(32)


def _see(address: str) -> web.Response:
    """Go there; answered and not raised, for the guard's headers and the session's cookie."""
    return web.Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})
