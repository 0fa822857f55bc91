"""Only what Teams sends comes in, and it comes in as it was sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapters.teams import gateway, keys
from tests.adapters.teams.gates import ABSENT, SECRET, Gate, at, changed, gate
from tests.e2e.echo_teams import peopled
from tests.e2e.fakes.teams import OWN, FakeTeams

ELSEWHERE = "99999999-0000-4000-8000-000000000000"


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


def test_what_teams_sends_arrives_as_it_was_sent(door: Gate, teams: FakeTeams) -> None:
    for activity in (teams.activity("ana", "hé <b>llo"), teams.activity("ana", "to all", "general")):
        assert teams.raw(activity).status == 200
        assert door.seen[-1] == activity
    pressed = changed(teams.activity("ana"), value={"ref": None, "deep": [{"a": 1.5}]}, text=None)
    assert teams.raw(pressed).status == 200
    assert door.seen[-1] == {name: value for name, value in pressed.items() if name != "text"}


class TestTokens:
    def test_every_forgery_is_refused(self, door: Gate, teams: FakeTeams) -> None:
        activity = teams.activity("ana", SECRET)
        forgeries = teams.forgeries() | {"never ends": f"Bearer {teams.token(exp=None)}", "odd end": "Bearer \udce9"}
        forgeries |= {"ends some time": f"Bearer {teams.token(exp='later')}", "no object": "Bearer bnVsbA.bnVsbA.x"}
        forgeries |= {"two audiences": f"Bearer {teams.token(aud=[teams.app_id, 'other'])}"}
        for what, header in forgeries.items():
            sent = {} if header is None else {"Authorization": header.replace("\udce9", "é")}
            assert teams.raw(activity, sent, token=None).status == 401, what
        assert teams.raw(activity).status == 200
        assert door.seen == [activity]

    def test_a_token_is_good_until_five_minutes_after_its_end(self, door: Gate, teams: FakeTeams) -> None:
        now, activity = int(time.time()), teams.activity("ana", "hello")
        assert teams.raw(activity, token=teams.token(exp=now - 200)).status == 200
        assert teams.raw(activity, token=teams.token(exp=now - 301)).status == 401
        assert len(door.seen) == 1

    def test_the_service_is_the_one_that_the_token_names(self, door: Gate, teams: FakeTeams) -> None:
        activity = teams.activity("ana", SECRET)
        assert teams.raw(changed(activity, serviceUrl="http://127.0.0.1:9/")).status == 401
        named = teams.token(serviceurl=None, serviceUrl=teams.service_url)
        assert teams.raw(activity, token=named).status == 200
        for url in ("ftp://127.0.0.1/", "https://smba@evil.example/", "https://", "https://[", "//x/", "nowhere"):
            assert teams.raw(changed(activity, serviceUrl=url), token=teams.token(serviceurl=url)).status == 400, url
        assert door.seen == [activity]

    def test_a_key_that_is_not_endorsed_for_teams_is_none(self, door: Gate, teams: FakeTeams) -> None:
        activity = changed(teams.activity("ana", SECRET), channelId="webchat")
        assert teams.raw(activity, token=teams.token(signer="unendorsed")).status == 401
        assert teams.raw(activity).status == 400
        assert door.seen == []

    def test_another_tenant_is_refused(self, door: Gate, teams: FakeTeams) -> None:
        activity = teams.activity("ana", SECRET)
        elsewhere = {**activity["channelData"], "tenant": {"id": ELSEWHERE}}
        assert teams.raw(changed(activity, channelData=elsewhere)).status == 403
        assert teams.raw(at(at(activity, ("channelData",), ABSENT), ("conversation", "tenantId"), None)).status == 403
        assert door.seen == []
        assert teams.raw(at(activity, ("channelData",), ABSENT)).status == 200
        assert teams.raw(at(activity, ("channelData", "tenant", "id"), teams.tenant.upper())).status == 200

    def test_without_an_app_id_nobody_is_asked_for_a_token(self, teams: FakeTeams) -> None:
        with gate(teams, app_id="", app_password="") as door:
            activity = teams.activity("ana", "hello")
            assert teams.raw(activity, token=None).status == 200
            assert teams.raw(activity, token="x.y.z").status == 200  # noqa: S106  # it is none
            assert teams.raw({}, token=None).status == 400
            assert teams.raw(at(activity, ("channelData", "tenant", "id"), ELSEWHERE), token=None).status == 403
            assert door.seen == [activity, activity]
            assert teams.called("token") == teams.called("keys") == []


class TestKeys:
    def test_a_new_key_is_found_and_an_old_one_is_good_while_it_is_published(
        self, door: Gate, teams: FakeTeams
    ) -> None:
        old, activity = teams.token(), teams.activity("ana", "hello")
        assert teams.raw(activity).status == 200
        teams.rotate_keys()
        assert [teams.raw(activity).status, teams.raw(activity, token=old).status] == [200, 200]
        middle = teams.token()
        teams.rotate_keys(keep_old=False)
        assert [teams.raw(activity).status, teams.raw(activity, token=middle).status] == [200, 401]
        assert len(door.seen) == 4

    def test_keys_that_nobody_knows_do_not_make_it_ask_for_ever(self, door: Gate, teams: FakeTeams) -> None:
        activity = teams.activity("ana", "hello")
        for _ in range(10):
            assert teams.raw(activity, token=teams.token(kid="nobody")).status == 401
        assert len(teams.called("keys")) == 1 + keys.RENEWALS
        assert teams.raw(activity).status == 200
        assert len(door.seen) == 1

    def test_many_with_a_new_key_at_once_let_it_be_fetched_once(self, door: Gate, teams: FakeTeams) -> None:
        activity = teams.activity("ana", "hello")
        assert teams.raw(activity).status == 200
        teams.rotate_keys()
        teams.token()
        with ThreadPoolExecutor(8) as pool:
            assert {each.status for each in pool.map(lambda _: teams.raw(activity), range(24))} == {200}
        assert len(teams.called("keys")) == 2
        assert len(door.seen) == 25

    @pytest.mark.parametrize("trouble", [{"status": 500}, {"status": 200}, {"cut": "before"}], ids=str)
    @pytest.mark.parametrize("what", ["openid", "keys"])
    def test_without_keys_nobody_is_believed_until_they_are_back(
        self, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch, what: str, trouble: dict[str, Any]
    ) -> None:
        monkeypatch.setattr(keys, "PAUSE", 0.0)
        teams.fail(what, None, **trouble)
        with gate(teams) as door:
            activity = teams.activity("ana", "hello")
            assert teams.raw(activity).status == 401
            teams.heal()
            assert teams.raw(activity).status == 200
            assert door.seen == [activity]

    def test_keys_are_used_for_some_days_where_they_cannot_be_fetched(
        self, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keys, "FRESH", 0.0)
        activity = teams.activity("ana", "hello")
        with gate(teams):
            assert teams.raw(activity).status == 200
            teams.fail("keys", None, status=500)
            assert teams.raw(activity).status == 200
        teams.heal()
        monkeypatch.setattr(keys, "LONGEST", 0.0)
        with gate(teams):
            assert teams.raw(activity).status == 401

    def test_everything_else_goes_on_while_keys_and_token_are_slow(
        self, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for what in ("token", "keys"):
            teams.fail(what, None, slow=6.0)
        monkeypatch.setattr(gateway, "SECONDS", 20.0)
        with gate(teams) as door, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(teams.raw, teams.activity("ana", "hello"), seconds=20)
            for _ in range(10):
                door.run(asyncio.sleep(0))
            assert not asked.done()
            door.run(door.gateway.close())
            assert asked.result(20).status == 401


def test_refusals_say_what_and_never_what_was_typed(
    door: Gate, teams: FakeTeams, caplog: pytest.LogCaptureFixture
) -> None:
    activity = teams.activity("ana", SECRET)
    for token, more in (("hello", {}), (OWN, {"type": 7}), (OWN, {"channelData": {"tenant": {"id": SECRET}}})):
        teams.raw(changed(activity, **more), token=token)
    assert [each.status for each in teams.deliveries] == [401, 400, 403]
    assert [each.getMessage() for each in caplog.records if each.name == "chatbot.teams"] == [
        "a request was refused: its token is not from Teams (DecodeError)",
        "an activity was refused: it comes from a tenant that is not configured",
    ]
    assert door.seen == []
