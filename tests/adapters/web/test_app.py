"""The chat, its inbox, and what it refuses."""

from __future__ import annotations

import asyncio
import logging
import re
from datetime import timedelta

import pytest

from adapters.memory import MemoryLedger
from chatbot.model import Outcome, Turn
from chatbot.respond import Engine
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


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "[", "10.0.0.1"])
async def test_another_host_name_is_refused(host: str, client: Client) -> None:
    response = await client.get("/", headers={"Host": host})
    assert response.status == 421
    assert "Set-Cookie" not in response.headers
    assert "127.0.0.1" in await response.text()


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000"])
async def test_the_names_of_this_machine_are_served(host: str, client: Client) -> None:
    assert (await client.get("/", headers={"Host": host})).status == 200


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
    path: str, headers: dict[str, str], client: Client, ledger: MemoryLedger
) -> None:
    response = await client.post(path, data={"school": "fact", "text": REPORT}, headers=headers)
    assert response.status == 403
    assert ledger.escalations("fact") == ()


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
    async def fail(self: MemoryLedger, turn: Turn, outcome: Outcome) -> None:
        raise RuntimeError(turn.text)

    monkeypatch.setattr(MemoryLedger, "record", fail)
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
        await _ask(client, "my secret words about the roof")
    assert "secret" not in caplog.text


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
