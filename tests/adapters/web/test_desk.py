"""The desk: who sees what, what can be done, and what everybody else gets."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from pytest_aiohttp import AiohttpClient

from adapters.memory import Exchanges
from adapters.web.app import make_app
from chatbot.bot import Bot
from chatbot.escalation import Refusal, State
from chatbot.respond import Engine
from tests.adapters.web.conftest import Client, FixedClock
from tests.adapters.web.desk import PLANS, MemoryDesk, RecordingLedger

CHILD = "a year 4 girl just told me that her dad hits her with a belt"
EMERGENCY = "he is going to kill himself right now on the roof"
ABOUT_HEAD = "The headteacher hit a child in the corridor today, I saw it"
LEAD, DEPUTY, HEAD, CHAIR = ("?school=fact&as=fact-" + name for name in ("lead", "deputy", "head", "chair"))


async def report(client: Client, desk: MemoryDesk, text: str = CHILD, school: str = "fact") -> str:
    """The reference of a report just made."""
    known = set(desk.held)
    assert (await client.post("/turns", data={"school": school, "text": text})).status == 200
    (reference,) = set(desk.held) - known
    return reference


async def text_of(client: Client, address: str) -> str:
    response = await client.get(address)
    assert response.status == 200, address
    return await response.text()


async def test_the_inbox_lists_by_urgency_what_each_person_may_see(client: Client, desk: MemoryDesk) -> None:
    child, emergency, head = [await report(client, desk, text) for text in (CHILD, EMERGENCY, ABOUT_HEAD)]
    html = await text_of(client, f"/desk{LEAD}")
    assert html.index(emergency) < html.index(child)
    assert head not in html
    assert head in await text_of(client, f"/desk{CHAIR}")
    assert child not in await text_of(client, "/desk?school=yeadon")
    assert CHILD not in html


async def test_a_line_says_who_is_told_next_and_when(client: Client, desk: MemoryDesk, clock: FixedClock) -> None:
    await report(client, desk)
    html = await text_of(client, f"/desk/list{LEAD}")
    assert "If nobody takes it on, B. Deputy is told at 09:35." in html
    assert "just now" in html
    clock.advance(timedelta(minutes=5))
    html = await text_of(client, f"/desk/list{LEAD}")
    assert "the latest is for B. Deputy" in html
    assert "5 minutes ago" in html


async def test_opening_a_report_shows_its_words_as_text_and_is_recorded(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk, f"{CHILD} <script>alert(1)</script>")
    html = await text_of(client, f"/desk/{reference}{LEAD}")
    assert "her dad hits her with a belt &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "<script>" not in html
    assert desk.held[reference].seen_by == "fact-lead"
    opened = [entry.actor for entry in desk.trail(reference) if entry.what == "opened"]
    assert opened == ["fact-lead"]


async def test_looking_at_the_list_or_how_it_stands_does_not_count_as_opening_it(
    client: Client, desk: MemoryDesk
) -> None:
    reference = await report(client, desk)
    await text_of(client, f"/desk{LEAD}")
    await text_of(client, f"/desk/{reference}/state{LEAD}")
    assert (await client.head(f"/desk/{reference}{LEAD}")).status == 405
    guessed = await client.get(f"/desk/{reference}{LEAD}", headers={"Sec-Purpose": "prefetch;prerender"})
    assert guessed.status == 503
    assert desk.held[reference].seen_by == ""


async def test_the_whole_way_from_taking_on_to_an_outcome_and_back(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    here = f"/desk/{reference}"
    taken = await client.post(f"{here}/acknowledge{LEAD}", allow_redirects=False)
    assert (taken.status, taken.headers["Location"]) == (303, f"{here}{LEAD}")
    await client.post(f"{here}/note{LEAD}", data={"text": "Spoke to <b>mum</b>."})
    await client.post(f"{here}/hand-over{LEAD}", data={"to": "fact-deputy"})
    assert "Alert sent; the latest is for B. Deputy." in await text_of(client, f"{here}{LEAD}")
    await client.post(f"{here}/acknowledge{DEPUTY}")
    await client.post(f"{here}/close{DEPUTY}", data={"outcome": "Referred.", "record": "CPOMS 7"})
    assert desk.held[reference].state is State.CLOSED
    html = await text_of(client, f"{here}{LEAD}")
    assert "Spoke to &lt;b&gt;mum&lt;/b&gt;." in html
    assert "Referred." in html
    assert "B. Deputy took this on" in html
    assert "handed over (B. Deputy)" in html
    await client.post(f"{here}/reopen{LEAD}")
    assert "Take this on" in await text_of(client, f"{here}{LEAD}")


async def test_of_two_who_press_at_once_one_has_it_and_the_other_reads_who(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    answers = await asyncio.gather(
        *(client.post(f"/desk/{reference}/acknowledge{who}", allow_redirects=False) for who in (LEAD, DEPUTY))
    )
    assert sorted(answer.status for answer in answers) == [303, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    winner = desk.held[reference].acknowledged_by
    name = {"fact-lead": "A. Lead", "fact-deputy": "B. Deputy"}[winner]
    html = await refused.text()
    assert f'id="refusal" tabindex="-1">{name} took this on at 09:30.</p>' in html
    assert "Take this on" not in html


async def test_pressing_twice_is_no_failure(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    for _ in range(2):
        assert (await client.post(f"/desk/{reference}/acknowledge{LEAD}", allow_redirects=False)).status == 303


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("close", {"outcome": "x", "record": "y"}, "Nobody has taken this on at the moment."),
        ("reopen", {}, "This has been reopened already."),
        ("hand-over", {"to": "fact-chair"}, "Choose somebody else from the list"),
        ("hand-over", {}, "Choose somebody else from the list"),
        ("note", {"text": "  \n"}, "there are no words in the note"),
    ],
)
async def test_a_refusal_is_plain_words_above_the_report_as_it_is(
    action: str, fields: dict[str, str], said: str, client: Client, desk: MemoryDesk
) -> None:
    reference = await report(client, desk)
    response = await client.post(f"/desk/{reference}/{action}{LEAD}", data=fields)
    html = await response.text()
    assert response.status == 409
    assert said in html
    assert f"Report {reference}" in html
    again = await client.get(f"/desk/{reference}/{action}{LEAD}", allow_redirects=False)
    assert again.headers["Location"] == f"/desk/{reference}{LEAD}"


async def test_what_was_typed_into_a_refused_form_is_not_lost(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    here = f"/desk/{reference}"
    await client.post(f"{here}/acknowledge{LEAD}")
    half = await client.post(f"{here}/close{LEAD}", data={"outcome": "A long <i>story</i>", "record": " "})
    html = await half.text()
    assert "Not closed: say what came of it and where the record is kept" in html
    assert "A long &lt;i&gt;story&lt;/i&gt;</textarea>" in html
    assert '<details id="do-close" open>' in html
    await client.post(f"{here}/close{LEAD}", data={"outcome": "One", "record": "CPOMS"})
    late = await client.post(f"{here}/close{DEPUTY}", data={"outcome": "Two", "record": "File"})
    html = await late.text()
    assert "This was closed at 09:30." in html
    assert "<q>Two</q> <q>File</q>" in html


async def test_a_possible_report_can_be_read_but_not_acted_on(
    client: Client, desk: MemoryDesk, possible_report: str
) -> None:
    reference = await report(client, desk, possible_report)
    html = await text_of(client, f"/desk/{reference}{LEAD}")
    assert "Without an answer it is raised as unconfirmed at 09:40." in html
    assert 'method="post"' not in html
    refused = await client.post(f"/desk/{reference}/acknowledge{LEAD}")
    assert "The reporter has not said yet" in await refused.text()


async def test_unknown_foreign_malformed_and_about_oneself_are_the_same_page(client: Client, desk: MemoryDesk) -> None:
    child, about_head = await report(client, desk), await report(client, desk, ABOUT_HEAD)
    nowhere = await client.get("/nowhere")
    expected = (nowhere.status, await nowhere.text())
    assert expected[0] == 404
    tried = [
        f"/desk/{about_head}{HEAD}", f"/desk/{about_head}{LEAD}", f"/desk/R-ZZZZZZ{LEAD}", f"/desk/r-1{LEAD}",
        f"/desk/%3Cscript%3E{LEAD}", f"/desk/{child}?school=yeadon&as=yeadon-lead", f"/desk/{child}?as=yeadon-lead",
        f"/desk/{child}?school=fact&as=yeadon-lead", f"/desk/{child}?school=yeadon&as=fact-lead",
        f"/desk/{child}?school=atlantis", f"/desk/{child}?as=nobody", f"/desk/{child}?as=", "/desk?school=atlantis",
        f"/desk/{child}.pdf{LEAD}", f"/desk/{child}.exe{LEAD}", "/desk?school=fact&as=nobody",
    ]  # fmt: skip
    for address in tried:
        response = await client.get(address)
        assert (response.status, await response.text()) == expected, address
    for query in (HEAD, LEAD):
        part = await client.get(f"/desk/{about_head}/state{query}")
        assert (part.status, await part.text()) == expected
    for reference, query in ((about_head, HEAD), ("R-ZZZZZZ", LEAD), ("x", LEAD), (child, "?as=yeadon-lead")):
        for action in ("acknowledge", "note", "hand-over", "close", "reopen", "explode"):
            response = await client.post(f"/desk/{reference}/{action}{query}", data={"text": " "})
            assert (response.status, await response.text()) == expected, (reference, action)
    assert desk.held[about_head].seen_by == desk.held[about_head].acknowledged_by == ""


async def test_whom_a_report_is_about_is_not_among_those_it_can_be_handed_to(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk, "Mr Head hit a child in the corridor today, I saw it")
    html = await text_of(client, f"/desk/{reference}{CHAIR}")
    assert "C. Head" not in html
    assert "Hand over" not in html


async def test_an_open_page_learns_that_it_is_out_of_date_without_counting_as_opened(
    client: Client, desk: MemoryDesk
) -> None:
    reference = await report(client, desk)
    html = await text_of(client, f"/desk/{reference}{LEAD}")
    found = re.search(r'data-poll="([^"]+)"', html)
    assert found
    address = found[1].replace("&amp;", "&")
    first = await client.get(address)
    assert "This has changed" not in await first.text()
    again = await client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    await client.post(f"/desk/{reference}/acknowledge{DEPUTY}")
    html = await text_of(client, address)
    assert "This has changed since you opened it." in html
    assert "B. Deputy took this on" in html


async def test_the_list_is_sent_again_only_when_it_has_changed(client: Client, desk: MemoryDesk) -> None:
    tag = (await client.get(f"/desk/list{LEAD}")).headers["ETag"]
    assert (await client.get(f"/desk/list{LEAD}", headers={"If-None-Match": tag})).status == 304
    await report(client, desk)
    changed = await client.get(f"/desk/list{LEAD}", headers={"If-None-Match": tag})
    assert changed.status == 200
    assert 'data-count="1"' in await changed.text()


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_another_page_cannot_take_a_report_on(headers: dict[str, str], client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    response = await client.post(f"/desk/{reference}/acknowledge{LEAD}", headers=headers)
    assert response.status == 403
    assert desk.held[reference].acknowledged_by == ""


async def test_words_that_are_gone_or_cannot_be_read_are_said_to_be(client: Client, desk: MemoryDesk) -> None:
    reference = await report(client, desk)
    desk.words_kept = False
    assert "The words have been erased." in await text_of(client, f"/desk/{reference}{LEAD}")


async def test_exports_are_offered_where_there_are_any_and_only_to_whom_it_is_shown(
    engine: Engine, desk: MemoryDesk, clock: FixedClock, aiohttp_client: AiohttpClient, client: Client
) -> None:
    async def export(reference: str, contact: str, kind: str) -> bytes | Refusal:
        opened = await desk.open(reference, contact)
        return opened if isinstance(opened, Refusal) else f"{kind} of {reference}".encode()

    reference = await report(client, desk)
    assert "Save as PDF" not in await text_of(client, f"/desk/{reference}{LEAD}")
    ledger = RecordingLedger(desk)
    app = make_app(
        Bot(engine, ledger), engine.knowledge, ledger, clock, desk, PLANS, open_desk=True, export=export,
        exchanges=Exchanges(),
    )  # fmt: skip
    other = await aiohttp_client(app)
    assert f'href="/desk/{reference}.pdf?school=fact&amp;as=fact-lead"' in await text_of(
        other, f"/desk/{reference}{LEAD}"
    )
    made = await other.get(f"/desk/{reference}.csv{LEAD}")
    assert made.headers["Content-Disposition"] == f'attachment; filename="{reference}.csv"'
    assert made.content_type == "text/csv"
    assert await made.read() == f"csv of {reference}".encode()
    assert (await other.get(f"/desk/{reference}.pdf?school=yeadon&as=yeadon-lead")).status == 404
    assert (await other.get(f"/desk/{reference}.exe{LEAD}")).status == 404
