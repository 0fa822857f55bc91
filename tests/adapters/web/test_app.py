"""The chat, and what its reporter is told."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest

from adapters.memory import Exchanges
from chatbot.model import Outcome, Turn
from tests.adapters.web.conftest import Client, FixedClock
from tests.adapters.web.desk import MemoryDesk, RecordingLedger

CHILD = "a year 4 girl just told me that her dad hits her with a belt"
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
    client: Client,
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


async def test_nobody_can_name_the_conversation_of_another(client: Client, ledger: RecordingLedger) -> None:
    await client.get("/")
    await _ask(client, QUESTION)
    (theirs,) = ledger.memories
    client.session.cookie_jar.clear()
    response = await client.post("/api/turns", json={"conversation": theirs, "school": "fact", "text": "hello"})
    assert response.status == 400
    assert len(ledger.turns) == 1


async def _standing(client: Client) -> str:
    response = await client.get("/standing?school=fact")
    assert response.status == 200
    return await response.text()


async def test_a_report_is_shown_as_it_stands_under_the_reply_that_speaks_of_it(
    client: Client, desk: MemoryDesk, clock: FixedClock
) -> None:
    said = await _ask(client, CHILD)
    found = re.search(r'id="(standing-\w+)"', str(said["html"]))
    assert found
    assert "nobody has seen it yet" in str(said["html"])
    assert "At 09:30 on 21 November:" in str(said["html"])
    (reference,) = desk.held
    clock.advance(timedelta(minutes=2))
    await client.post(f"/desk/{reference}/acknowledge?school=fact&as=fact-deputy")
    html = await _standing(client)
    assert f'id="{found[1]}"' in html
    assert "B. Deputy has taken this on at 09:32." in html
    assert "B. Deputy has taken this on at 09:32." in await (await client.get("/?school=fact")).text()


async def test_nobody_is_said_to_know_of_it_before_somebody_has_taken_it_on(
    client: Client, desk: MemoryDesk, possible_report: str, clock: FixedClock
) -> None:
    await _ask(client, possible_report)
    for minutes, said in ((0, "Waiting for your answer; at 09:40"), (10, "passed on as unconfirmed"), (5, "B. Deputy")):
        clock.advance(timedelta(minutes=minutes))
        html = await _standing(client)
        assert said in html
        assert "informed" not in html
        assert "taken this on" not in html
    (reference,) = desk.held
    await client.get(f"/desk/{reference}?school=fact&as=fact-lead")
    assert "A. Lead has opened it. Nobody has taken it on yet." in await _standing(client)


async def test_the_line_moves_to_the_latest_reply_about_the_same_report(client: Client, possible_report: str) -> None:
    first = await _ask(client, possible_report)
    second = await _ask(client, "concern:confirm")
    html = await _standing(client)
    ids = [re.findall(r'id="(standing-\w+)"', str(said["html"])) for said in (first, second)]
    assert [len(one) for one in ids] == [1, 1]
    assert ids[0][0] not in html
    assert ids[1][0] in html


async def test_a_withdrawn_report_is_shown_as_that_to_both_sides(client: Client, possible_report: str) -> None:
    await _ask(client, possible_report)
    await _ask(client, "concern:withdraw")
    assert "You said that you were only asking" in await _standing(client)
    assert "Withdrawn: the reporter was only asking" in await (await client.get("/desk?school=fact")).text()


async def test_clearing_the_conversation_keeps_what_was_escalated_in_sight_of_its_reporter(
    client: Client, ledger: RecordingLedger, possible_report: str
) -> None:
    await client.get("/")
    await client.post("/turns", data={"school": "fact", "text": CHILD})
    await client.post("/turns", data={"school": "fact", "text": possible_report})
    waiting = [memory.pending for memory in ledger.memories.values()]
    await client.post("/forget", data={"school": "fact"})
    html = await (await client.get("/?school=fact")).text()
    assert 'class="exchange"' not in html
    assert "Your earlier reports" in html
    assert "Sent to A. Lead; nobody has seen it yet" in html
    assert '<button class="choice" name="text" value="concern:confirm">Pass it on</button>' in html
    assert [memory.pending for memory in ledger.memories.values()] == waiting
    await client.post("/turns", data={"school": "fact", "text": "concern:confirm"})
    assert "Waiting for your answer" not in await _standing(client)


async def test_a_desk_that_fails_keeps_no_reply_back_and_is_not_taken_for_good_news(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: MemoryDesk, conversation: str) -> None:
        raise RuntimeError(conversation)

    monkeypatch.setattr(MemoryDesk, "standing", fail)
    said = await _ask(client, CHILD)
    assert "How this stands cannot be shown at the moment. Speak to A. Lead now." in str(said["html"])
    assert "cannot be shown" in await _standing(client)
    assert "RuntimeError" in caplog.text


async def test_how_it_stands_is_sent_again_only_when_it_has_changed(client: Client, clock: FixedClock) -> None:
    await _ask(client, CHILD)
    tag = (await client.get("/standing?school=fact")).headers["ETag"]
    again = await client.get("/standing?school=fact", headers={"If-None-Match": tag})
    assert (again.status, await again.text()) == (304, "")
    clock.advance(timedelta(minutes=5))
    assert (await client.get("/standing?school=fact", headers={"If-None-Match": tag})).status == 200


async def test_nobody_sees_how_the_reports_of_another_stand(client: Client) -> None:
    await _ask(client, CHILD)
    client.session.cookie_jar.clear()
    assert "R-" not in await _standing(client)
    assert (await client.get("/standing?school=atlantis")).status == 404


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
    client: Client, ledger: RecordingLedger, exchanges: Exchanges, monkeypatch: pytest.MonkeyPatch
) -> None:
    await client.get("/")
    running, most = 0, 0
    record = RecordingLedger.record

    async def slowly(self: RecordingLedger, turn: Turn, outcome: Outcome) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await record(self, turn, outcome)
        running -= 1

    monkeypatch.setattr(RecordingLedger, "record", slowly)
    await asyncio.gather(*(_ask(client, f"hello {number}") for number in range(5)))
    assert most == 1
    (conversation,) = ledger.memories
    assert len(exchanges.of(conversation)) == 5


@pytest.mark.parametrize(
    "path", ["/", "/policies", "/policies/fact", "/desk", "/standing?school=fact", "/static/chat.js", "/x"]
)
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


@pytest.mark.parametrize("path", ["/", "/desk", "/policies/yeadon"])
async def test_a_page_holds_no_inline_script_or_style_and_names_no_other_host(path: str, client: Client) -> None:
    html = await (await client.get(path)).text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=\"/static/)", html)
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', html)


async def test_the_probes_answer(client: Client) -> None:
    assert (await client.get("/livez")).status == 200
    assert (await (await client.get("/readyz")).json())["ready"] is True
