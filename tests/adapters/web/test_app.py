"""The chat, its inbox, and what it refuses."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from adapters.memory import MemoryLedger
from chatbot.model import Outcome, Turn
from tests.adapters.web.conftest import Client, FixedClock

REPORT = "he is going to kill himself right now on the roof"
QUESTION = "Can I share the school's post of my class on my own page?"


async def _ask(client: Client, text: str, school: str = "fact") -> dict[str, object]:
    response = await client.post("/api/turns", json={"conversation": "main", "school": school, "text": text})
    assert response.status == 200, await response.text()
    said: dict[str, object] = await response.json()
    return said


async def test_a_question_by_json_brings_the_reply_and_its_html(client: Client) -> None:
    said = await _ask(client, QUESTION)
    reply = said["reply"]
    assert isinstance(reply, dict)
    assert reply["verdict"] == "allowed"
    assert reply["citations"][0]["clause"] == "3.i"
    assert 'class="verdict allowed"' in str(said["html"])


async def test_without_javascript_a_form_is_answered_and_a_reload_sends_nothing_twice(
    client: Client, ledger: MemoryLedger
) -> None:
    first = await client.get("/?school=fact")
    html = await first.text()
    assert '<form class="ask" action="/turns" method="post"' in html
    assert '<label for="question">' in html
    sent = await client.post("/turns", data={"school": "fact", "text": QUESTION}, allow_redirects=False)
    assert sent.status == 303
    assert re.fullmatch(r"/\?school=fact#turn-[0-9a-f]+", sent.headers["Location"])
    for _ in range(2):
        html = await (await client.get("/?school=fact")).text()
        assert html.count('class="exchange"') == 1
        assert "Can I share the school&#39;s post of my class on my own page?" in html
        assert 'class="verdict allowed"' in html


async def test_a_choice_pressed_without_javascript_answers_the_question(client: Client, possible_report: str) -> None:
    await client.get("/?school=fact")
    await client.post("/turns", data={"school": "fact", "text": possible_report})
    await client.post("/turns", data={"school": "fact", "text": "concern:withdraw"})
    html = await (await client.get("/?school=fact")).text()
    assert "You chose: <strong>No, only asking</strong>" in html
    assert "concern:withdraw" not in html


async def test_each_school_has_a_conversation_of_its_own(client: Client) -> None:
    await client.get("/")
    await client.post("/turns", data={"school": "fact", "text": QUESTION})
    assert 'class="exchange"' not in await (await client.get("/?school=yeadon")).text()


async def test_the_cookie_is_random_and_out_of_reach_of_scripts_and_other_sites(client: Client) -> None:
    response = await client.get("/")
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert re.match(r"conversation=[\w-]{24};", cookie)
    assert "Set-Cookie" not in (await client.get("/")).headers


async def test_nobody_can_name_the_conversation_of_another(client: Client, ledger: MemoryLedger) -> None:
    await client.get("/")
    await _ask(client, QUESTION)
    (theirs,) = ledger._conversations
    client.session.cookie_jar.clear()
    response = await client.post("/api/turns", json={"conversation": theirs, "school": "fact", "text": "hello"})
    assert response.status == 400
    assert len(ledger.exchanges(theirs)) == 1


async def test_a_report_comes_to_the_inbox_and_emergencies_stand_first(
    client: Client, possible_report: str, clock: FixedClock
) -> None:
    await _ask(client, REPORT)
    clock.advance(timedelta(minutes=1))
    await _ask(client, possible_report)
    html = await (await client.get("/inbox?school=fact")).text()
    assert html.count('<li class="item') == 2
    assert html.index("item-emergency") < html.index("Possible report")
    assert 'data-count="2"' in html
    assert "Nobody is told" in html
    assert "Possible report" not in await (await client.get("/inbox?school=yeadon")).text()


async def test_a_possible_report_without_an_answer_is_shown_as_unconfirmed(
    client: Client, possible_report: str, clock: FixedClock
) -> None:
    await _ask(client, possible_report)
    assert "until 09:40" in await (await client.get("/inbox?school=fact")).text()
    clock.advance(timedelta(minutes=10))
    assert "Unconfirmed" in await (await client.get("/inbox?school=fact")).text()


async def test_a_withdrawn_report_stays_in_the_inbox(client: Client, possible_report: str) -> None:
    await _ask(client, possible_report)
    await _ask(client, "concern:withdraw")
    assert "Withdrawn" in await (await client.get("/inbox?school=fact")).text()


async def test_a_report_about_the_headteacher_is_not_among_the_dsls(client: Client) -> None:
    said = await _ask(client, "The headteacher hit a child in the corridor today, I saw it")
    reply = said["reply"]
    assert isinstance(reply, dict)
    assert reply["route"] == "chair_of_governors"
    html = await (await client.get("/inbox?school=fact")).text()
    dsl = html[html.index('id="route-dsl"') : html.index('id="route-chair_of_governors"')]
    assert str(reply["reference"]) not in dsl
    assert str(reply["reference"]) in html


async def test_clearing_the_conversation_keeps_what_was_escalated(client: Client) -> None:
    await client.get("/")
    await client.post("/turns", data={"school": "fact", "text": REPORT})
    await client.post("/forget", data={"school": "fact"})
    html = await (await client.get("/?school=fact")).text()
    assert 'class="exchange"' not in html
    assert "item-emergency" in html


async def test_feedback_is_noted_once_given(client: Client) -> None:
    await client.get("/")
    said = await _ask(client, QUESTION)
    found = re.search(r'id="turn-(\w+)"', str(said["html"]))
    assert found
    answered = await client.post("/feedback", data={"school": "fact", "turn": found[1], "right": "no"})
    assert answered.status == 200
    html = await (await client.get("/?school=fact")).text()
    assert "Noted as not right" in html
    assert "Was this right?" not in html
    assert (await client.post("/feedback", data={"school": "fact", "turn": "x", "right": "no"})).status == 404
    assert (await client.post("/feedback", data={"school": "fact", "turn": found[1], "right": "?"})).status == 400


async def test_what_a_person_typed_is_only_ever_text(client: Client) -> None:
    typed = "<script>alert('x')</script><b>bold</b> {{ 7*7 }} https://evil.example/"
    await client.get("/")
    said = await _ask(client, typed)
    for html in (str(said["html"]), await (await client.get("/?school=fact")).text()):
        assert "<script>alert" not in html
        assert "<b>bold" not in html
        assert "&lt;b&gt;bold&lt;/b&gt; {{ 7*7 }}" in html
        assert 'href="https:' not in html


@pytest.mark.parametrize(
    "text", ["", "   ", "\x00\x01", "\ud800 lone", "🙂🙂", "\u202eabc", "' OR 1=1 --", "%s%n{0}", "a" * 60_000]
)
async def test_any_text_gets_a_reply_with_words(text: str, client: Client) -> None:
    await client.get("/")
    said = await _ask(client, text)
    reply = said["reply"]
    assert isinstance(reply, dict)
    assert reply["text"].strip()
    assert (await client.get("/?school=fact")).status == 200


async def test_two_turns_at_once_are_answered_one_after_the_other(
    client: Client, ledger: MemoryLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get("/")
    running, most = 0, 0
    record = MemoryLedger.record

    async def slowly(self: MemoryLedger, turn: Turn, outcome: Outcome) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await record(self, turn, outcome)
        running -= 1

    monkeypatch.setattr(MemoryLedger, "record", slowly)
    await asyncio.gather(*(_ask(client, f"hello {number}") for number in range(5)))
    assert most == 1
    (conversation,) = ledger._conversations
    assert len(ledger.exchanges(conversation)) == 5


@pytest.mark.parametrize("path", ["/", "/policies", "/policies/fact", "/inbox?school=fact", "/static/chat.js", "/x"])
async def test_every_page_carries_the_security_headers(path: str, client: Client) -> None:
    response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/policies/yeadon"])
async def test_a_page_holds_no_inline_script_or_style_and_names_no_other_host(path: str, client: Client) -> None:
    html = await (await client.get(path)).text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", html)
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', html)


async def test_the_probes_answer(client: Client) -> None:
    assert (await client.get("/livez")).status == 200
    assert (await (await client.get("/readyz")).json())["ready"] is True
