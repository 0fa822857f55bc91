"""What the demonstration refuses, and how it fails: in plain words."""

from __future__ import annotations

import logging

import pytest
from pytest_aiohttp import AiohttpClient

from adapters.web.app import make_app
from chatbot.bot import Bot
from chatbot.model import Outcome, Turn
from chatbot.respond import Engine
from tests.adapters.web.conftest import Client, FixedClock
from tests.adapters.web.desk import PLANS, MemoryDesk, RecordingLedger

REPORT = "he is going to kill himself right now on the roof"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[", "10.0.0.1"])
async def test_another_host_name_is_refused(host: str, client: Client) -> None:
    response = await client.get("/", headers={"Host": host})
    assert response.status == 421
    assert "Set-Cookie" not in response.headers
    assert "127.0.0.1" in await response.text()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_the_names_of_this_machine_are_served(host: str, client: Client) -> None:
    assert (await client.get("/", headers={"Host": host})).status == 200


async def test_a_public_address_is_served_to_its_own_pages_and_no_other_name_is(
    engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient
) -> None:
    ledger = RecordingLedger(desk)
    app = make_app(
        Bot(engine, ledger), engine.knowledge, ledger, clock, desk, PLANS, open_desk=False,
        public_url="https://chat.school.example/",
    )  # fmt: skip
    client = await aiohttp_client(app)
    public, own = {"Host": "chat.school.example"}, {"Origin": "https://chat.school.example"}
    hello = {"school": "fact", "text": "hello"}
    assert (await client.get("/", headers=public)).status == 200
    assert (await client.get("/", headers={"Host": "chat.school.example.evil.example"})).status == 421
    assert (await client.post("/turns", data=hello, headers=public | own)).status == 200
    assert (await client.post("/turns", data=hello, headers=own)).status == 200
    for origin in ("https://evil.example", "http://chat.school.example", "null", ""):
        refused = await client.post("/turns", data=hello, headers=public | {"Origin": origin})
        assert refused.status == 403, origin


@pytest.mark.parametrize("path", ["/turns", "/api/turns", "/feedback", "/forget"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_post_from_another_page_is_refused(
    path: str, headers: dict[str, str], client: Client, desk: MemoryDesk
) -> None:
    response = await client.post(path, data={"school": "fact", "text": REPORT}, headers=headers)
    assert response.status == 403
    assert desk.held == {}


async def test_a_post_from_the_own_page_is_taken(client: Client) -> None:
    own = {"Origin": f"http://{client.host}:{client.port}", "Sec-Fetch-Site": "same-origin"}
    response = await client.post("/turns", data={"school": "fact", "text": "hello"}, headers=own)
    assert response.status == 200


async def test_a_form_cannot_pass_for_json(client: Client) -> None:
    response = await client.post(
        "/api/turns", data='{"school": "fact", "text": "x"}', headers={"Content-Type": "text/plain"}
    )
    assert response.status == 415


@pytest.mark.parametrize("length", [60_001, 70_000, 500_000])
@pytest.mark.parametrize("path", ["/turns", "/api/turns"])
async def test_too_much_is_refused_in_plain_words(length: int, path: str, client: Client, engine: Engine) -> None:
    fields = {"school": "fact", "text": "a" * length}
    as_json = path == "/api/turns"
    response = await client.post(path, json=fields if as_json else None, data=None if as_json else fields)
    assert response.status == 413
    words = (await response.json())["error"] if as_json else await response.text()
    assert engine.knowledge.wording["too_long"][:30] in words


@pytest.mark.parametrize(
    "body", ["", "[]", "null", "{", '{"school": "fact"}', '{"text": 5, "school": "fact"}', "[" * 60_000]
)
async def test_a_broken_request_is_refused_in_plain_words(body: str, client: Client, engine: Engine) -> None:
    response = await client.post("/api/turns", data=body, headers={"Content-Type": "application/json"})
    assert response.status == 400
    assert (await response.json())["error"].startswith(engine.knowledge.wording["failed"][:20])


@pytest.mark.parametrize(
    "path", ["/nowhere", "/policies/atlantis", "/?school=atlantis", "/static/../app.py", "/static/"]
)
async def test_a_missing_page_says_so_in_plain_words(path: str, client: Client) -> None:
    response = await client.get(path)
    assert response.status in (403, 404)
    assert "Traceback" not in await response.text()
    assert "<main" in await response.text()


async def test_a_failure_is_plain_words_with_a_person_to_turn_to_and_no_message_in_the_log(
    client: Client, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: RecordingLedger, turn: Turn, outcome: Outcome) -> None:
        raise RuntimeError(turn.text)

    monkeypatch.setattr(RecordingLedger, "record", fail)
    with caplog.at_level(logging.DEBUG, "chatbot"):
        by_form = await client.post("/turns", data={"school": "fact", "text": "my secret words"})
        by_json = await client.post("/api/turns", json={"school": "fact", "text": "my secret words"})
    assert by_form.status == by_json.status == 500
    for words in (await by_form.text(), (await by_json.json())["error"]):
        assert engine.knowledge.wording["failed"][:20] in words
        assert "999" in words
        assert "RuntimeError" not in words
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_no_message_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "chatbot"):
        response = await client.post("/api/turns", json={"school": "fact", "text": "my secret words about the roof"})
    assert response.status == 200
    assert "secret" not in caplog.text
