"""What is sent arrives unchanged, is repeated where that may help, and ends in time with one word for what is wrong."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from adapters.teams import connector
from adapters.teams.gateway import Gateway, Reference
from chatbot.ports import DeliveryFailed
from tests.adapters.teams.gates import SECRET, Gate, gate, given
from tests.e2e.echo_teams import attached, card, peopled
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

HELLO: Json = {"type": "message", "text": SECRET}
RICH: Json = {
    **attached(card("Report", refresh={"userIds": ["29:x"], "action": {"type": "Action.Execute", "verb": "r"}})),
    "entities": [
        {"type": "https://schema.org/Message", "@type": "Message", "@context": "https://schema.org", "new": [1]}
    ],
    "channelData": {"feedbackLoop": {"type": "default"}, "notification": {"alert": True}, "odd": None},
    "suggestedActions": {
        "to": ["29:x"],
        "actions": [{"type": "imBack", "title": "é", "value": "é", "later": {"a": []}}],
    },
    "summary": "A “report”",
    "notOfThisLibrary": {"deep": [None, 1.5, {"when": "2026-01-01T00:00:00Z"}]},
}

MAY_PASS: tuple[Json, ...] = (
    {"status": 412}, {"status": 429, "retry_after": 0}, {"status": 502}, {"status": 503}, {"status": 504},
    {"status": 503, "retry_after": 0}, {"cut": "before"}, {"status": 200}, {"status": 201},
)  # fmt: skip
WILL_NOT_PASS = {
    400: "http_400", 403: "forbidden", 404: "not_found", 410: "http_410", 413: "http_413", 302: "http_302",
    500: "http_500", 501: "http_501",
}  # fmt: skip
FOR_GOOD = (400, 403, 404, 410, 413)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connector, "FIRST_WAIT", 0.01)


@pytest.fixture
def teams() -> Iterator[FakeTeams]:
    """Teams with people."""
    with FakeTeams() as made:
        yield peopled(made)


@pytest.fixture
def door(teams: FakeTeams, caplog: pytest.LogCaptureFixture) -> Iterator[Gate]:
    """The gateway; nothing of what it sends is ever in a log."""
    caplog.set_level(logging.DEBUG)
    with gate(teams) as made:
        yield made
    assert SECRET not in "".join(each.getMessage() for each in caplog.get_records("call"))


class TestWhatIsSent:
    def test_it_arrives_unchanged_and_so_does_its_update(self, door: Gate, teams: FakeTeams) -> None:
        id = door.send("ana", **RICH)
        assert teams.called("send")[0].body == RICH
        assert teams.chat("ana")[0]["id"] == id
        door.run(door.gateway.update(door.at("ana"), id, {**RICH, "summary": "Taken on"}))
        assert teams.called("update")[0].body == {**RICH, "summary": "Taken on"}
        assert teams.message(id)["edited"] == 1
        teams.check(allow={"unknown_property"})

    def test_a_chat_is_begun_and_written_to(self, door: Gate, teams: FakeTeams) -> None:
        chat = door.run(door.gateway.begin(teams.service_url, teams.tenant, teams.user("dee").id))
        assert chat == door.at("dee")
        assert door.run(door.gateway.send(chat, HELLO)) == teams.chat("dee")[0]["id"]
        teams.check()

    def test_a_post_begins_a_thread(self, door: Gate, teams: FakeTeams) -> None:
        channel = teams.room("dsl").id
        thread, id = door.run(door.gateway.post(teams.service_url, teams.tenant, channel, attached(card("Report"))))
        assert thread == {"service_url": teams.service_url, "conversation": f"{channel};messageid={id}"}
        assert teams.called("create")[0].body["activity"] == attached(card("Report"))
        door.run(door.gateway.send(thread, HELLO))
        door.run(door.gateway.update(thread, id, attached(card("Taken on"))))
        assert [each["text"] for each in teams.replies(id)] == [SECRET]
        assert teams.message(id)["card"] == card("Taken on")
        assert door.run(door.gateway.member(thread, teams.user("dee").aad))["name"] == "Dee Lead"
        teams.check()

    def test_a_member_is_told_with_all_that_teams_says(self, door: Gate, teams: FakeTeams) -> None:
        found = door.run(door.gateway.member(door.at("leaders"), teams.user("ana").id))
        assert (found["aadObjectId"], found["userRole"]) == (teams.user("ana").aad, "user")
        failed = door.failing(door.gateway.member(door.at("leaders"), teams.user("sam").id))
        assert (failed.kind, failed.for_good) == ("not_found", True)

    def test_that_it_is_typing_is_shown(self, door: Gate, teams: FakeTeams) -> None:
        door.send("ana", type="typing")
        assert teams.typing("ana") == 1

    def test_an_answer_without_an_id_is_taken_where_teams_splits_a_message(self, door: Gate, teams: FakeTeams) -> None:
        assert door.send("ana", **attached(card("one"), text="two")) == ""
        assert len(teams.chat("ana")) == 2

    def test_many_at_once_ask_for_one_token(self, door: Gate, teams: FakeTeams) -> None:
        async def all_of_them() -> list[str]:
            return await asyncio.gather(*(door.gateway.send(door.at("ana"), HELLO) for _ in range(30)))

        assert len(set(door.run(all_of_them()))) == 30
        assert len(teams.called("token")) == 1


class TestTrouble:
    def test_what_may_pass_is_tried_again(self, door: Gate, teams: FakeTeams) -> None:
        for number, trouble in enumerate(MAY_PASS, 1):
            teams.fail("send", 4, **trouble)
            id = door.send("ana")
            assert teams.chat("ana")[-1]["id"] == id
            assert len(teams.chat("ana")) == number, trouble
            assert len(teams.called("send")) == number * connector.TRIES

    def test_what_was_cut_after_it_got_through_is_sent_twice_and_not_lost(self, door: Gate, teams: FakeTeams) -> None:
        teams.fail("send", cut="after")
        assert door.send("ana") == teams.chat("ana")[1]["id"]

    def test_what_will_not_pass_is_said_at_once(self, door: Gate, teams: FakeTeams) -> None:
        for number, (status, kind) in enumerate(WILL_NOT_PASS.items(), 1):
            teams.fail("send", status=status)
            failed = door.sending()
            assert isinstance(failed, DeliveryFailed)
            assert (failed.kind, failed.for_good, failed.retry_after) == (kind, status in FOR_GOOD, None)
            assert len(teams.called("send")) == number

    def test_where_the_bot_may_not_write_it_is_forbidden(self, door: Gate, teams: FakeTeams) -> None:
        for code in ("ConversationBlockedByUser", "MessageWritesBlocked"):
            teams.block("ana", code)
            assert (door.sending().kind, door.sending().for_good) == ("forbidden", True)
        begun = door.failing(door.gateway.begin(teams.service_url, teams.tenant, teams.user("sam").id))
        assert (begun.kind, begun.for_good) == ("forbidden", True)

    def test_an_update_is_tried_again_after_any_error_of_the_service(self, door: Gate, teams: FakeTeams) -> None:
        id = door.send("ana")
        for trouble in ({"status": 500}, {"status": 429, "retry_after": 0}, {"cut": "before"}, {"cut": "after"}):
            teams.fail("update", 2, **trouble)
            door.run(door.gateway.update(door.at("ana"), id, HELLO))
        assert len(teams.chat("ana")) == 1

    @pytest.mark.parametrize("operation", ["create", "member"])
    def test_so_is_everything_else(self, door: Gate, teams: FakeTeams, operation: str) -> None:
        teams.fail(operation, 2, status=502)
        user = teams.user("ana").id
        begun = door.gateway.begin(teams.service_url, teams.tenant, user)
        door.run(begun if operation == "create" else door.gateway.member(door.at("ana"), user))
        begun.close()
        assert len(teams.called(operation)) == 3

    def test_it_gives_up_after_a_few_tries(self, door: Gate, teams: FakeTeams) -> None:
        teams.fail("send", None, status=502)
        failed = door.sending()
        assert (failed.kind, failed.for_good) == ("http_502", False)
        assert len(teams.called("send")) == connector.TRIES
        teams.heal()
        teams.fail("send", None, status=200)
        assert door.sending().kind == "unreadable"
        teams.fail("create", status=202)
        begun = door.gateway.begin(teams.service_url, teams.tenant, teams.user("ana").id)
        assert door.failing(begun).kind == "unreadable"

    def test_a_short_wait_that_teams_asks_for_is_waited(self, door: Gate, teams: FakeTeams) -> None:
        teams.fail("send", status=429, retry_after=1)
        door.send("ana")
        first, second = teams.called("send")
        assert second.at - first.at >= 1

    def test_a_long_one_is_passed_on(self, door: Gate, teams: FakeTeams) -> None:
        teams.fail("send", None, status=429, retry_after=60)
        failed = door.sending()
        assert (failed.kind, failed.retry_after, failed.for_good) == ("rate_limited", 60, False)
        assert len(teams.called("send")) == 1

    def test_no_call_takes_longer_than_its_time(
        self, door: Gate, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        door.send("ana")
        teams.fail("*", None, slow=30)
        with monkeypatch.context() as shorter:
            shorter.setattr(connector, "SECONDS", 0.3)
            assert door.sending().kind == "timeout"
            assert door.failing(door.gateway.update(door.at("ana"), "1", HELLO)).kind == "timeout"
        monkeypatch.setattr(connector, "FIRST_WAIT", 60)
        teams.heal()
        teams.fail("send", status=503)
        assert door.sending().kind == "http_503"

    def test_while_nothing_listens_there_is_no_connection(self, door: Gate, teams: FakeTeams) -> None:
        door.send("ana")
        with teams.away():
            assert (door.sending().kind, door.sending().for_good) == ("no_connection", False)
        door.send("ana")

    def test_what_is_no_place_is_no_place_for_good(self, door: Gate, teams: FakeTeams) -> None:
        places: list[Reference] = [
            {},
            {"service_url": teams.service_url},
            {**door.at("ana"), "conversation": 7},
            {**door.at("ana"), "service_url": "ftp://x/"},
            {**door.at("ana"), "service_url": "https://smba@x/"},
        ]
        for place in places:
            failed = door.failing(door.gateway.send(place, HELLO))
            assert (failed.kind, failed.for_good) == ("bad_address", True)
        assert teams.called("send") == []

    def test_no_token_goes_over_plain_http(self, teams: FakeTeams) -> None:
        with gate(teams, openid_metadata="", token_url="https://login.example/") as door:  # noqa: S106  # an address
            assert door.sending().kind == "bad_address"

    def test_nothing_but_a_failed_delivery_is_raised(self, door: Gate, teams: FakeTeams) -> None:
        assert door.failing(door.gateway.send(door.at("ana"), {"text": {1}})).kind == "not_json"
        early = Gateway(replace(given(teams), app_id=""), frozenset())
        assert door.failing(early.send(door.at("ana"), HELLO)).kind == "not_started"
