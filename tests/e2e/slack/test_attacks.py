"""Requests that Slack never made, over HTTP: refused before anything is read, nothing done, nothing logged."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.e2e.fakes import slack_payloads as payloads
from tests.e2e.fakes.slack import FakeSlack, RawAnswer
from tests.e2e.fakes.slack_delivery import signed
from tests.e2e.fakes.slack_state import Json
from tests.e2e.slack.conftest import Running
from tests.e2e.slack.stories import MAYBE, REPORT, card, receipt, replies, reported

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ODD: tuple[Any, ...] = (None, 7, ["x", 1, None], "x" * 5000, {})


def event(slack: FakeSlack, text: str = REPORT) -> Json:
    """A direct message as Slack would post it."""
    with slack.world.changed:
        said = {
            "type": "message", "channel": slack.world.im("U1").id, "channel_type": "im", "user": "U1", "text": text,
            "ts": slack.world.ts(), "event_ts": slack.world.ts(), "client_msg_id": "a", "team": "T1",
        }  # fmt: skip
        return payloads.event_callback(slack.world, slack.team, said)


@pytest.fixture
def attacked(http: Running) -> Iterator[FakeSlack]:
    """Slack and the product; at the end nothing may have been done."""
    with http.up():
        yield http.slack
        http.slack.wait_idle()
        assert [each.method for each in http.slack.calls if each.method != "auth.test"] == []


def refused(answer: RawAnswer, *statuses: int) -> None:
    assert answer.status in (statuses or (401,))
    assert b"Kayleigh" not in answer.body


def test_an_unsigned_request_is_refused(attacked: FakeSlack) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), sign=False))


@pytest.mark.parametrize("ahead", [-310, -86_400, 310, 86_400 * 365])
def test_a_stale_request_and_one_from_the_future_are_refused(attacked: FakeSlack, ahead: int) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), timestamp=int(time.time()) + ahead))


@pytest.mark.parametrize("stamp", ["", "soon", "١٢٣", "1e9", "-1", "9" * 40, "1 2"])
def test_a_timestamp_that_is_no_number_is_refused(attacked: FakeSlack, stamp: str) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), timestamp=stamp), 400, 401)


@pytest.mark.parametrize("signature", ["", "v0=", "v0=00", "v1=abc", "ünder", "v0=" + "0" * 64, "0" * 5000])
def test_a_signature_that_is_none_is_refused(attacked: FakeSlack, signature: str) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), {"X-Slack-Signature": signature}), 400, 401)


def test_a_body_that_was_changed_after_it_was_signed_is_refused(attacked: FakeSlack) -> None:
    body, now = json.dumps(event(attacked)), str(int(time.time()))
    signature = signed(attacked.signing_secret, now, body.encode())
    changed = body.replace("Kayleigh", "Kayleihg")
    headers = {"X-Slack-Request-Timestamp": now, "X-Slack-Signature": signature}
    refused(attacked.raw(changed, headers, sign=False))


def test_another_apps_secret_is_refused(attacked: FakeSlack) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), secret="0123456789abcdef0123456789abcdef"))  # noqa: S106 -- not ours


def test_a_body_of_ten_megabytes_is_refused(attacked: FakeSlack) -> None:
    body = json.dumps({**event(attacked), "more": "x" * 10_000_000})
    try:
        refused(attacked.raw(body), 413)
    except (BrokenPipeError, ConnectionResetError):
        return  # refused before all of it was sent


def test_a_body_that_never_ends_is_given_up(attacked: FakeSlack) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), withheld=1000, seconds=30), 400, 408)


def _nested(mark: str) -> str:
    return mark * 100_000


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{'a': 1}", b"[]", b"[1]", b"7", b'"Kayleigh"', b"null", b"true", b"NaN",
     _nested("["), _nested('{"a":'), "{} {}", b"\x00", b"\xef\xbb\xbf{}"],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_a_signed_body_that_is_no_object_is_refused(attacked: FakeSlack, body: bytes | str) -> None:
    refused(attacked.raw(body), 400)
    refused(attacked.raw(body, FORM), 400)


@pytest.mark.parametrize(
    "headers",
    [{"Content-Type": "application/json; charset=utf-99"}, {"Content-Type": "application/json; charset=utf-16"},
     {"Content-Type": "text/xml"}, {"Content-Type": ""}, {"Content-Type": "multipart/form-data"},
     {"Content-Encoding": "br"}, {"Content-Encoding": "zebra"}],
    ids=str,
)  # fmt: skip
def test_an_odd_content_type_or_encoding_is_no_fault(http: Running, headers: dict[str, str]) -> None:
    with http.up():
        answer = http.slack.raw(json.dumps(event(http.slack, "hello")), headers)
        assert answer.status < 500
        assert b"Traceback" not in answer.body


@pytest.mark.parametrize("body", [b"\xff\xfe{}", b'{"text": "\xff"}'], ids=["start", "inside"])
def test_a_body_in_bad_utf_8_is_refused(attacked: FakeSlack, body: bytes) -> None:
    refused(attacked.raw(body), 400)
    refused(attacked.raw(body, sign=False, timestamp=0))


def test_a_body_that_is_not_packed_as_it_says_is_refused(attacked: FakeSlack) -> None:
    refused(attacked.raw(json.dumps(event(attacked)), {"Content-Encoding": "gzip"}), 400, 401)


@pytest.mark.parametrize("header", ["X-Slack-Bolt-Lazy-Only", "X-Slack-Bolt-Lazy-Function-Name"])
def test_bolts_own_headers_from_outside_lose_no_message(http: Running, header: str) -> None:
    slack = http.slack
    with http.up():
        assert slack.raw(json.dumps(event(slack)), {header: "1"}).status == 200
        receipt(slack)
        card(slack)
        slack.check()


def test_a_replayed_request_has_one_effect(http: Running) -> None:
    slack = http.slack
    with http.up():
        body = json.dumps(event(slack))
        now = int(time.time())
        for _ in range(3):
            assert slack.raw(body, timestamp=now).status == 200
        receipt(slack)
        card(slack)
        assert len(replies(slack, "U1")) == 2
        assert len(slack.messages("CDSL")) == 1
        slack.check()


def test_slacks_challenge_is_answered_only_where_it_is_signed(http: Running) -> None:
    with http.up():
        assert http.slack.verify_url()
        challenge = json.dumps({"type": "url_verification", "challenge": "abc"})
        assert http.slack.raw(challenge, sign=False).status == 401


@pytest.mark.parametrize("kind", ["slack", "GET", "PUT"])
def test_other_methods_and_addresses_are_no_way_in(attacked: FakeSlack, kind: str) -> None:
    if kind == "slack":
        refused(attacked.raw(json.dumps(event(attacked)), path="/slack"), 404)
    else:
        refused(attacked.raw(json.dumps(event(attacked)), method=kind), 405)


def real(slack: FakeSlack) -> dict[str, Json]:
    """One payload of every kind, as Slack makes them."""
    reported(slack)
    first = card(slack)
    slack.dm_says("U2", MAYBE)
    asked = slack.wait_for(lambda: [each for each in replies(slack, "U2") if "Shall I" in each["text"]][0])  # noqa: RUF015 -- none yet is a LookupError
    slack.open_home("U1")
    home = slack.wait_for(lambda: slack.home("U1"))
    slack.global_shortcut("U1", "ask_policy")
    form = slack.wait_for(lambda: slack.modal("U1"))
    written = slack.channel_says("U2", "C1", "is it ok?")
    slack.wait_idle()
    world = slack.world
    pressed = {"type": "button", "block_id": "b", "action_ts": "1.1"}
    with world.changed:
        held = {"field.words": {"typed": {"type": "plain_text_input", "value": "hello"}}}
        return {
            "event": event(slack, "hello"),
            "edit": payloads.event_callback(world, slack.team, {
                "type": "message", "subtype": "message_changed", "channel": world.im("U1").id, "channel_type": "im",
                "ts": "9.9", "message": {"type": "message", "user": "U1", "text": "hello", "ts": "9.8",
                                         "edited": {"user": "U1", "ts": "9.9"}},
                "previous_message": {"type": "message", "user": "U1", "text": "hi", "ts": "9.8"}}),
            "home": payloads.event_callback(world, slack.team, payloads.home_opened(world, "U1", "home")),
            "take": payloads.pressed_in_message(
                world, "UODD", first, {}, {**pressed, "action_id": "report.take", "value": first["text"][20:28]}),
            "choice": payloads.pressed_in_message(
                world, "U1", asked, {}, {**pressed, "action_id": "choice.9", "value": "[]"}),
            "suggestion": payloads.pressed_in_view(
                world, "U1", home, {**pressed, "action_id": "suggestion.0", "value": "hello"}),
            "submit": payloads.submitted(world, "U1", {**form, "state": {"values": held}}),
            "shortcut": payloads.shortcut(world, "U1", "ask_policy"),
            "message_shortcut": payloads.message_action(
                world, "U1", world.channel("C1"), world.message(world.channel("C1"), written["ts"]) or {},
                "is_this_ok"),
        }  # fmt: skip


def spoiled(payload: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The payload with one key missing, or holding something odd, wherever keys are but inside blocks."""
    for key in list(payload) if isinstance(payload, dict) else range(len(payload)):
        inner = payload[key]
        here = (*path, key)
        for odd in ("missing", *ODD):
            if odd == "missing" and isinstance(payload, list):
                continue
            other = copy.copy(payload)
            if odd == "missing":
                del other[key]
            else:
                other[key] = odd
            yield f"{here}: {str(odd)[:12]}", other
        if isinstance(inner, dict | list) and len(here) < 5:
            for name, changed in spoiled(inner, here):
                other = copy.copy(payload)
                other[key] = changed
                yield name, other


KINDS = ("event", "edit", "home", "take", "choice", "suggestion", "submit", "shortcut", "message_shortcut")


@pytest.mark.parametrize("kind", KINDS)
def test_no_missing_or_odd_field_is_a_fault(http: Running, kind: str) -> None:
    slack = http.slack
    with http.up():
        payload = real(slack)[kind]
        faults = []
        for name, changed in spoiled(payload):
            body: str = json.dumps(changed)
            form = kind not in ("event", "edit", "home")
            answer = slack.raw(urlencode({"payload": body}) if form else body, FORM if form else None, seconds=30)
            if answer.status >= 500:
                faults.append(name)
        assert not faults, f"{len(faults)}: {'; '.join(faults)[:4000]}"
        assert len(slack.messages("CDSL")) == 1


def test_no_missing_or_odd_field_of_a_command_is_a_fault(http: Running) -> None:
    slack = http.slack
    with http.up():
        with slack.world.changed:
            place = slack.world.channel("C1")
            fields = payloads.command(slack.world, "U1", place, "/policy", "hello")
        faults = []
        for key in fields:
            for odd in ("missing", "", "x" * 5000, "7", "[]", "null", "%00"):
                changed = {name: value for name, value in fields.items() if name != key}
                if odd != "missing":
                    changed[key] = odd
                if slack.raw(urlencode(changed), FORM, seconds=30).status >= 500:
                    faults.append(f"{key}: {odd[:9]}")
        assert faults == []
