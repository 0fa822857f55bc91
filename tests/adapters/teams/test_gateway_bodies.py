"""Whatever comes instead of an activity is refused, and what comes in is of the kinds that everything relies on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given as for_all
from hypothesis import strategies as st

from adapters import body
from adapters.teams.intake import parsed
from tests.adapters.teams.gates import ABSENT, SECRET, Gate, at, changed, gate
from tests.e2e.echo_teams import peopled
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

ODD: tuple[Any, ...] = (
    ABSENT,
    None,
    7,
    -1.5,
    True,
    "",
    "x",
    [],
    {},
    [7],
    [None],
    {"id": 7},
    {"id": None},
    "\0",
    "x" * 3000,
)
NO_ACTIVITIES = ("", "not json", "[]", "7", "null", '"x"', "{}", '{"type": "message"}', b"\xff\xfe", "\ufeff{}",
                 "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500, '{"a": NaN}', "1" * 10_000)  # fmt: skip
NAMES = st.sampled_from(
    ["type", "id", "from", "conversation", "channelData", "tenant", "entities", "serviceUrl", "channelId", "x"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """Teams with people."""
    with FakeTeams() as made:
        yield peopled(made)


@pytest.fixture
def door(teams: FakeTeams, caplog: pytest.LogCaptureFixture) -> Iterator[Gate]:
    """The gateway; nothing that was typed is ever in its log, and it never fails."""
    with gate(teams) as made:
        yield made
    assert teams.crashes == []
    for record in (*caplog.get_records("call"), *caplog.get_records("setup")):
        assert SECRET not in record.getMessage()
        assert record.exc_info is None


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in an activity."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*path, key)
        yield from places(each, (*path, key))


def kinds_are_right(activity: Json) -> None:
    """What everything relies on."""
    ids = [activity["type"], activity["serviceUrl"], activity["channelId"], activity["conversation"]["id"]]
    data = activity.get("channelData", {})
    if activity["type"] in ("message", "invoke"):
        ids += [activity["id"], activity["from"]["id"]]
    ids += [
        each["id"] for each in (data.get("tenant", {}), data.get("team", {}), data.get("channel", {})) if "id" in each
    ]
    people = [activity.get("from", {}), activity.get("recipient", {}), *activity.get("membersAdded", [])]
    people += [each["mentioned"] for each in activity.get("entities", []) if "mentioned" in each]
    texts = [each[name] for each in people for name in ("id", "name", "aadObjectId") if name in each]
    texts += [activity[name] for name in ("text", "replyToId", "name") if name in activity]
    texts += [each["text"] for each in activity.get("entities", []) if "text" in each]
    texts += [each["contentType"] for each in activity.get("attachments", []) if "contentType" in each]
    assert all(isinstance(each, str) for each in (*ids, *texts))
    assert None not in activity.values()


def test_what_is_no_activity_is_refused(door: Gate, teams: FakeTeams) -> None:
    for sent in NO_ACTIVITIES:
        assert teams.raw(sent).status == 400, sent[:20]
    assert door.seen == []


def test_what_is_nested_too_deep_is_refused(door: Gate, teams: FakeTeams) -> None:
    deep: Any = SECRET
    for _ in range(100):
        deep = [deep]
    assert teams.raw(changed(teams.activity("ana"), value={"x": deep})).status == 400
    assert door.seen == []


def test_only_json_is_read(door: Gate, teams: FakeTeams) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "", "application/json2", "/"):
        assert teams.raw(teams.activity("ana"), {"Content-Type": kind}).status == 415, kind
    assert door.seen == []


def test_a_body_that_is_too_large_or_never_ends_is_refused(
    door: Gate, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert teams.raw(b" " * 10_000_000).status == 413
    packed = gzip.compress(b" " * 10_000_000)
    assert teams.raw(packed, {"Content-Encoding": "gzip"}).status in (400, 413)
    for broken in (b"no gzip", b"no gzip" * 100_000):
        assert teams.raw(broken, {"Content-Encoding": "gzip"}).status == 400
    monkeypatch.setattr(body, "PATIENCE", 0.2)
    assert teams.raw(teams.activity("ana"), withheld=10).status == 408
    assert door.seen == []


def test_half_a_character_becomes_a_question_mark(door: Gate, teams: FakeTeams) -> None:
    assert teams.raw(json.dumps(teams.activity("ana", "a\ud83d b 🙂"))).status == 200
    assert door.seen[0]["text"] == "a? b 🙂"


def test_each_field_may_be_missing_or_odd(door: Gate, teams: FakeTeams) -> None:
    spoken = changed(teams.activity("ana", SECRET, "general"), membersAdded=[{"id": "28:x"}], replyToId="1")
    pressed = changed(spoken, type="invoke", name="adaptiveCard/action", value={"action": {}})
    every = [spoken, *(at(spoken, path, odd) for path in places(spoken) for odd in ODD)]
    every += [at(pressed, (name,), odd) for name in ("name", "value", "id", "from") for odd in ODD]
    for activity in every:
        try:
            kinds_are_right(parsed(json.dumps(activity).encode()))
        except web.HTTPBadRequest:
            continue
    answers = {teams.raw(activity).status for activity in every[:: max(1, len(every) // 100)]}
    assert {200, 400} <= answers <= {200, 400, 403}


def test_what_everything_relies_on_is_there_and_of_its_kind(teams: FakeTeams) -> None:
    for name in ("type", "id", "serviceUrl", "channelId", "conversation", "from"):
        for odd in (ABSENT, None, 7, "", [], {}, "\0", "x" * 3000):
            with pytest.raises(web.HTTPBadRequest):
                parsed(json.dumps(at(teams.activity("ana", "hello"), (name,), odd)).encode())


def test_what_needs_no_id_may_have_none(door: Gate, teams: FakeTeams) -> None:
    bare = {name: teams.activity("ana")[name] for name in ("serviceUrl", "channelId", "conversation")}
    assert teams.raw({**bare, "type": "conversationUpdate"}).status == 200
    assert teams.raw({**bare, "type": "something new"}).status == 200
    assert len(door.seen) == 2


@for_all(ANY)
def test_any_json_is_an_activity_or_refused(sent: Any) -> None:
    with pytest.raises(web.HTTPBadRequest):
        parsed(json.dumps(sent).encode())
    base = {"type": "x", "serviceUrl": "https://x/", "channelId": "msteams", "conversation": {"id": "1"}}
    try:
        kinds_are_right(parsed(json.dumps({**base, **sent} if isinstance(sent, dict) else base).encode()))
    except web.HTTPBadRequest:
        assert isinstance(sent, dict)
