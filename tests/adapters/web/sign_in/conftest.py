"""The issuer, its keys, and a browser at a chatbot of its own."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from aiohttp import DummyCookieJar, web
from aiohttp.test_utils import TestClient, TestServer, unused_port
from joserfc.jwk import RSAKey

from adapters.web.guard import guarded
from adapters.web.sign_in import set_up, who
from tests.adapters.web.sign_in.issuing import CONTACTS, TENANT, Browser, FakeIssuer, Move, Open, made


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """The issuer's key."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@pytest.fixture(scope="session")
def other_key() -> RSAKey:
    """Somebody else's key, or the issuer's next."""
    return RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})


@pytest.fixture
async def issuer(key: RSAKey) -> AsyncIterator[FakeIssuer]:
    """An issuer that listens."""
    port = unused_port()
    fake = FakeIssuer([key], f"http://127.0.0.1:{port}/{TENANT}/v2.0")
    server = TestServer(fake.app(), port=port)
    await server.start_server()
    yield fake
    await server.close()


@pytest.fixture
async def open_browser(issuer: FakeIssuer) -> AsyncIterator[Open]:
    """Makes a browser at a chatbot of its own."""
    clients = []

    async def make(contacts: dict[str, str] = CONTACTS, **changes: str) -> Browser:
        app = web.Application(middlewares=[guarded(lambda request, status: web.Response(status=status))])
        set_up(app, made(**{"issuer": issuer.issuer, **changes}), contacts.get)

        async def named(request: web.Request) -> web.Response:
            return web.Response(text=str(await who(request)))

        app.router.add_get("/who", named)
        client = TestClient(TestServer(app), cookie_jar=DummyCookieJar())
        await client.start_server()
        clients.append(client)
        return Browser(client)

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def browser(open_browser: Open) -> Browser:
    """A browser at a chatbot with two contacts."""
    return await open_browser()


@pytest.fixture
def move(monkeypatch: pytest.MonkeyPatch) -> Move:
    """Moves the clock on by seconds."""
    real, ahead = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + sum(ahead))
    return ahead.append
