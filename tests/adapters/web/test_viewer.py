"""Who is let in at the desk, and as whom."""

from __future__ import annotations

import pytest
from pytest_aiohttp import AiohttpClient

from adapters.web.app import make_app
from adapters.web.viewer import Who
from chatbot.bot import Bot
from chatbot.respond import Engine
from tests.adapters.web.conftest import Client, FixedClock
from tests.adapters.web.desk import PLANS, MemoryDesk, RecordingLedger
from tests.adapters.web.test_desk import ABOUT_HEAD, CHAIR, LEAD, report, text_of


def _always(contact: str | None) -> Who:
    async def who(_: object) -> str | None:
        return contact

    return who


async def _signed_in(
    engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient, who: Who | None
) -> Client:
    ledger = RecordingLedger(desk)
    app = make_app(Bot(engine, ledger), engine.knowledge, ledger, clock, desk, PLANS, open_desk=False, who=who)
    return await aiohttp_client(app)


async def test_a_signed_in_person_is_never_whom_the_address_names(
    engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient
) -> None:
    client = await _signed_in(engine, desk, clock, aiohttp_client, _always("fact-head"))
    reference = await report(client, desk, ABOUT_HEAD)
    assert (await client.get(f"/desk/{reference}{CHAIR}")).status == 404
    child = await report(client, desk)
    html = await text_of(client, f"/desk/{child}?as=fact-lead")
    assert "You are C. Head." in html
    assert "as=" not in html
    assert desk.held[child].seen_by == "fact-head"
    inbox = await text_of(client, "/desk")
    assert "You are signed in as C. Head." in inbox
    assert 'name="as"' not in inbox
    assert "emonstration" not in inbox
    assert (await client.get("/desk?school=yeadon")).status == 404


async def test_beside_the_chat_there_is_an_inbox_at_the_open_desk_alone(
    client: Client, engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient
) -> None:
    assert "You are" in await text_of(client, "/?school=fact&as=fact-head")
    assert "You are" not in await text_of(client, "/?school=calmore")
    closed = await _signed_in(engine, desk, clock, aiohttp_client, _always("fact-lead"))
    html = await text_of(closed, "/?school=fact")
    assert "data-desk" not in html
    assert "emonstration" not in html


@pytest.mark.parametrize("who", [None, _always(None)])
async def test_nobody_signed_in_is_sent_to_sign_in_and_nothing_is_done(
    who: Who | None, engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient
) -> None:
    client = await _signed_in(engine, desk, clock, aiohttp_client, who)
    reference = await report(client, desk)
    page = await client.get(f"/desk/{reference}{LEAD}", allow_redirects=False)
    assert page.status == 303
    assert page.headers["Location"].startswith(f"/sign-in?next=/desk/{reference}?school%3Dfact")
    part = await client.get(f"/desk/list{LEAD}", headers={"Sec-Fetch-Dest": "empty"})
    assert part.status == 401
    pressed = await client.post(f"/desk/{reference}/acknowledge{LEAD}")
    assert pressed.status == 401
    assert "Nothing was done." in await pressed.text()
    assert desk.held[reference].acknowledged_by == desk.held[reference].seen_by == ""


async def test_where_staff_ask_elsewhere_there_is_only_the_desk_and_the_policies(
    engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient
) -> None:
    ledger = RecordingLedger(desk)
    app = make_app(
        Bot(engine, ledger), engine.knowledge, ledger, clock, desk, PLANS, open_desk=False, who=_always("fact-lead"),
        chat=False,
    )  # fmt: skip
    client = await aiohttp_client(app)
    for path in ("/turns", "/api/turns", "/feedback", "/forget"):
        assert (await client.post(path, data={"school": "fact", "text": "hello"})).status == 404
    assert (await client.get("/standing?school=fact")).status == 404
    for path in ("/", "/desk", "/policies", "/policies/fact", "/nowhere"):
        html = await (await client.get(path)).text()
        assert "Inbox" in html or path.startswith("/policies/") or "To the inbox" in html
        assert ">Chat<" not in html
        assert "To the chat" not in html


def test_an_open_desk_and_a_sign_in_exclude_each_other(engine: Engine, desk: MemoryDesk, clock: FixedClock) -> None:
    ledger = RecordingLedger(desk)
    with pytest.raises(ValueError, match="cannot have a sign-in as well"):
        make_app(Bot(engine, ledger), engine.knowledge, ledger, clock, desk, PLANS, open_desk=True, who=_always("x"))
