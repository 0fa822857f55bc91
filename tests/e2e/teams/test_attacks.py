"""Requests that Teams never made, and buttons that nobody was given: refused, nothing done, nothing logged."""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle
from typing import Any

import pytest

from tests.e2e.fakes import teams_payloads as payloads
from tests.e2e.fakes.teams import FakeTeams, RawAnswer
from tests.e2e.fakes.teams_forms import find
from tests.e2e.fakes.teams_state import Json
from tests.e2e.teams.conftest import Running
from tests.e2e.teams.stories import (
    MAYBE,
    PASS,
    REPORT,
    asked_whether,
    card,
    cards_to,
    invoke,
    nothing_leaks,
    receipt,
    replies,
    reported,
    rows,
    said,
    shown,
)

IDENTITY = {"openid", "keys", "token"}
NO_ACTIVITIES = ("", "{", "[]", "[1]", "7", '"Kayleigh"', "null", "true", "NaN", "{} {}", "\x00", "\ufeff{}", "{}",
                 b"\xff\xfe{}", b'{"text": "\xff"}', "[" * 100_000, '{"a":' * 100_000)  # fmt: skip
ODD: tuple[Any, ...] = (None, 7, ["x", 1, None], {}, True, "", "x" * 3000, {"id": {"id": []}}, [[]], -1.5)


@pytest.fixture
def attacked(running: Running) -> Iterator[FakeTeams]:
    """Teams and the product; at the end nothing may have been done."""
    with running.up():
        yield running.teams
        running.teams.wait_idle()
        assert {each.operation for each in running.teams.calls} <= IDENTITY
        assert rows(running.database, "escalations") == rows(running.database, "conversations") == 0
        assert {each.status for each in running.teams.crashes} <= {501}


def clean(answer: RawAnswer) -> bool:
    """Neither what was typed nor how it failed is told to whoever asked."""
    return not any(word in answer.body for word in (b"Kayleigh", b"Traceback", b"Error:", b".py"))


def refused(answer: RawAnswer, *statuses: int) -> None:
    assert answer.status in statuses
    assert clean(answer)


def test_every_forged_token_is_refused(attacked: FakeTeams) -> None:
    for what, header in attacked.forgeries().items():
        headers = {} if header is None else {"Authorization": header}
        for activity in (attacked.activity("ana", REPORT), taking(attacked)):
            answer = attacked.raw(activity, headers, token=None)
            assert (what, answer.status) == (what, 401)
            assert clean(answer)


def taking(teams: FakeTeams, reference: str = "R-ABCDEF") -> Json:
    """A press of Dee's."""
    data = {"verb": "report.take", "reference": reference}
    action = {"type": "Action.Execute", "verb": "report.take", "data": data}
    return invoke(teams, "dee", "adaptiveCard/action", {"action": action, "trigger": "manual"})


def test_what_is_no_activity_is_refused(attacked: FakeTeams) -> None:
    for body in NO_ACTIVITIES:
        refused(attacked.raw(body), 400)
    said = attacked.activity("ana", REPORT)
    for headers in ({"Content-Type": "text/plain"}, {"Content-Type": ""}, {"Content-Type": "multipart/form-data"}):
        refused(attacked.raw(said, headers), 415)
    refused(attacked.raw(said, {"Content-Encoding": "gzip"}), 400)
    refused(attacked.raw(said, path="/api/message"), 404)
    for method in ("GET", "PUT", "DELETE"):
        refused(attacked.raw(said, method=method), 405)


def test_what_is_too_large_or_never_ends_is_refused(attacked: FakeTeams) -> None:
    said = attacked.activity("ana", REPORT)
    with suppress(BrokenPipeError, ConnectionResetError):  # refused before all of it was sent
        refused(attacked.raw({**said, "more": "x" * 10_000_000}), 413)
    refused(attacked.raw(said, withheld=1000, seconds=30), 400, 408)


def test_another_tenant_is_refused_whatever_it_sends(attacked: FakeTeams) -> None:
    other = "22222222-2222-3333-4444-555555555555"
    for activity in (attacked.activity("ana", REPORT), taking(attacked)):
        activity["channelData"]["tenant"]["id"] = other
        refused(attacked.raw(activity), 403)
        del activity["channelData"]["tenant"]
        activity["conversation"]["tenantId"] = other
        refused(attacked.raw(activity), 403)
        del activity["conversation"]["tenantId"]
        refused(attacked.raw(activity), 403)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/uk/", "file:///etc/passwd", "https://evil.example/", "x"])
def test_another_service_than_the_tokens_is_refused(attacked: FakeTeams, url: str) -> None:
    refused(attacked.raw({**attacked.activity("ana", REPORT), "serviceUrl": url}), 400, 401)


def test_a_captured_request_has_one_effect_however_often_it_is_replayed(running: Running) -> None:
    teams = running.teams
    with running.up():
        activity, token = teams.activity("ana", REPORT), teams.token()
        for _ in range(3):
            assert teams.raw(activity, token=token).status == 200
        receipt(teams)
        card(teams)
        teams.wait_idle()
        assert len(replies(teams)) == 2
        assert len(teams.channel("dsl")) == rows(running.database, "escalations") == 1
        teams.check()


def real(teams: FakeTeams) -> dict[str, Json]:
    """One activity of every kind, as Teams makes them."""
    reference = reported(teams)
    first, message = card(teams), teams.says("bo", "is it ok?", "art", mention=False)
    teams.wait_idle()
    typed = {"field_words": "hello", "field_note": "x", "field_school": "ashley"}
    with teams.world.changed:
        room, found = teams.world.find_message(message)
        passed = {"commandId": "is_this_ok", "messagePayload": payloads.payload_of(teams.world, room, found)}
        mine, person = teams.room("bo"), teams.user("bo")
        edited = payloads.of_message(
            teams.world, person, mine, {"id": "1", "root": None}, "messageUpdate", "editMessage", text="hello"
        )
        added = payloads.installation(teams.world, person, teams.room("art"), "remove-upgrade")
        came = payloads.members(teams.world, person, teams.room("art"), "membersAdded", [{"id": "29:x"}])
    take = {"verb": "report.take", "reference": reference}
    query = {"commandId": "search_policy", "parameters": [{"name": "query", "value": "photo"}],
             "queryOptions": {"skip": 0, "count": 25}}  # fmt: skip
    like = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}
    return {
        "message": teams.activity("bo", "hello", "art"),
        "press": invoke(teams, "odd", "adaptiveCard/action", payloads.execute({**take}, take, "manual"), first),
        "fetch": invoke(teams, "odd", "task/fetch", {"data": {"verb": "report.open", "reference": reference}}, first),
        "form": invoke(teams, "odd", "task/submit", {"data": {"verb": "form.note", "reference": reference, **typed}}),
        "ask": invoke(teams, "bo", "task/submit", {"data": {"verb": "form.ask", **typed}}),
        "search": invoke(teams, "bo", "composeExtension/query", query),
        "check": invoke(teams, "bo", "composeExtension/fetchTask", passed),
        "sent": invoke(
            teams, "bo", "composeExtension/submitAction", {**passed, "data": {"verb": "form.is-ok", **typed}}),
        "thumb": invoke(teams, "bo", "message/submitAction", like),
        "edit": edited, "removed": added, "came": came,
        "old": {**teams.activity("odd"), "value": take, "text": None},
    }  # fmt: skip


KINDS = (
    "message",
    "press",
    "fetch",
    "form",
    "ask",
    "search",
    "check",
    "sent",
    "thumb",
    "edit",
    "removed",
    "came",
    "old",
)


def spoiled(payload: Any, odd: Iterator[Any], path: tuple[str | int, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The activity with one field missing, null or holding something odd, wherever there is one."""
    for key in list(payload) if isinstance(payload, dict) else range(len(payload)):
        here, inner = (*path, key), payload[key]
        for other in ("missing", None, next(odd)):
            changed = copy.copy(payload)
            if other != "missing":
                changed[key] = other
            elif isinstance(payload, dict):
                del changed[key]
            yield f"{here}: {str(other)[:12]}", changed
        if isinstance(inner, dict | list):
            for name, deeper in spoiled(inner, odd, here):
                changed = copy.copy(payload)
                changed[key] = deeper
                yield name, changed


def test_no_missing_or_odd_field_of_any_activity_is_a_fault(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    teams = running.teams
    with running.up():
        faults, odd = [], cycle(ODD)
        activities = real(teams)
        assert tuple(activities) == KINDS
        for kind, activity in activities.items():
            assert teams.raw(activity, seconds=30).status == 200, kind
            for name, changed in spoiled(activity, odd):
                answer = teams.raw(changed, seconds=30)
                if answer.status not in (200, 400, 401, 403, 501) or not clean(answer):
                    faults.append(f"{kind} {name}: {answer.status}")
        assert not faults, f"{len(faults)}: {'; '.join(faults)[:4000]}"
        assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []
        teams.wait_idle()
        assert rows(running.database, "audit", "what in ('opened', 'acknowledged', 'noted')") == 0
        assert len(teams.channel("dsl")) == 1
        nothing_leaks(teams, "Kayleigh", "belt")


def test_forged_buttons_do_nothing_and_are_answered_with_plain_words(running: Running) -> None:
    teams = running.teams
    running.schools = ("ashley", "calmore")
    running.where = "{tenant: TENANT, groups: []}".replace("TENANT", teams.tenant)
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    with running.up():
        teams.says("ana", MAYBE)
        asked = asked_whether(teams)
        choice = find(asked["card"], PASS).action["data"]
        turn = choice["turn"]
        forged: list[Any] = [
            *({**choice, "turn": turn.replace("ashley", other)} for other in ("calmore", "nowhere")),
            {**choice, "turn": "slack/T1/C1/ashley/1"}, {**choice, "turn": "x"}, {**choice, "turn": "x" * 300},
            {**choice, "value": "x" * 400}, {**choice, "value": deep}, {**choice, "turn": deep}, {"verb": deep}, deep,
            {**choice, "field_choice": "[" * 900}, {"verb": "clause", "of": "nowhere", "clauses": ["1"]},
            {"verb": "clause", "of": "ashley", "clauses": ["../../etc/passwd"]},
            {"verb": "suggestion", "question": deep}, {f"k{number}": number for number in range(99)},
            {"verb": "report.open", "reference": "R-XXXXXX"}, {"verb": "report.open", "reference": "' OR 1=1 --"},
            {"verb": "form.close", "reference": "R-XXXXXX", "field_outcome": "x" * 30_000},
        ]  # fmt: skip
        for data in forged:
            verb = data.get("verb") if isinstance(data, dict) else None
            for name, value in (
                ("adaptiveCard/action", {"action": {"type": "Action.Execute", "verb": verb, "data": data}}),
                ("task/fetch", {"data": data}), ("task/submit", {"data": data}),
                ("composeExtension/submitAction", {"commandId": "pass_to_dsl", "data": data, "messagePayload": data}),
            ):  # fmt: skip
                answer = teams.raw(invoke(teams, "bo", name, value, asked if verb else None))
                assert answer.status == 200, (name, data)
                assert clean(answer)
                assert b"Tamsin" not in answer.body
        teams.wait_idle()
        assert rows(running.database, "audit", "what in ('confirmed', 'raised', 'withdrawn', 'opened')") == 0
        assert teams.channel("dsl") == []
        assert cards_to(teams, "dee") == []
        assert "Waiting" in said(receipt(teams))


def test_nobody_answers_the_question_that_another_person_was_asked(running: Running) -> None:
    teams = running.teams
    with running.up():
        teams.says("ana", MAYBE)
        data = find(asked_whether(teams)["card"], "No, only asking").action["data"]
        told = {"action": {"type": "Action.Execute", "verb": data["verb"], "data": data}, "trigger": "manual"}
        answer = teams.ask(invoke(teams, "bo", "adaptiveCard/action", told))
        assert answer.ok
        assert "Tamsin" not in shown(answer.body)
        teams.wait_idle()
        assert rows(running.database, "escalations", "state = 'possible'") == 1
        assert "Waiting" in said(receipt(teams))


def test_what_is_unknown_is_taken_in_silence(attacked: FakeTeams) -> None:
    for kind in ("typing", "event", "messageReaction", "endOfConversation", "something new"):
        assert attacked.raw({**attacked.activity("ana", REPORT), "type": kind}).status == 200
    assert attacked.raw(invoke(attacked, "ana", "fileConsent/invoke", {"x": json.dumps({})})).status == 501
