"""The fake of Teams signs as Teams does, forges as an attacker would, and is told from both by the real library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.echo_teams import peopled, running, token_of
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json


@pytest.fixture
def seen() -> list[Json]:
    """The activities that the small bot was given."""
    return []


@pytest.fixture
def teams(seen: list[Json]) -> Iterator[FakeTeams]:
    """Teams with people and the small bot."""
    with FakeTeams() as made, running(peopled(made), seen):
        yield made


def test_every_forgery_is_refused(teams: FakeTeams, seen: list[Json]) -> None:
    activity = teams.activity("ana", "hello")
    for what, header in teams.forgeries().items():
        answer = teams.raw(activity, {} if header is None else {"Authorization": header}, token=None)
        assert answer.status == 401, what
    assert seen == []
    assert teams.crashes == []
    assert {each.status for each in teams.deliveries} == {401}
    assert teams.raw(activity).status == 200
    assert teams.raw(activity, token=teams.token()).status == 200


def test_malformed_bodies_are_refused(teams: FakeTeams, seen: list[Json]) -> None:
    for body in ("", "not json", "[]", "7", {}, {"type": "message"}, b"\xff\xfe"):
        assert teams.raw(body).status == 400, body
    activity = teams.activity("ana", "hello")
    for name in ("serviceUrl", "conversation", "type", "channelId"):
        assert teams.raw({key: value for key, value in activity.items() if key != name}).status == 400
    assert teams.raw({**activity, "channelId": "webchat"}, token=teams.token(signer="unendorsed")).status == 400
    assert teams.raw({**activity, "serviceUrl": "https://evil.example/"}).status == 401
    assert teams.raw(activity, {"Content-Type": "text/plain"}).status == 415
    assert teams.raw(path="/elsewhere").status == 404
    assert seen == []
    with pytest.raises(TimeoutError):
        teams.raw(activity, withheld=10, seconds=0.3)


def test_keys_change_and_the_bot_finds_the_new_one(teams: FakeTeams) -> None:
    old = teams.token()
    activity = teams.activity("ana", "hello")
    assert teams.raw(activity).status == 200
    teams.rotate_keys()
    assert teams.raw(activity).status == 200
    assert teams.raw(activity, token=old).status == 200
    assert len(teams.called("keys")) == 2
    teams.rotate_keys(keep_old=False)
    assert teams.raw(activity).status == 200
    assert teams.raw(activity, token=old).status == 200
    for _ in range(5):
        assert teams.raw(activity, token=teams.token(kid="nobody")).status == 401
    assert len(teams.called("keys")) == 4


def test_the_login_gives_tokens_to_the_app_only() -> None:
    with FakeTeams() as teams:
        status, given = token_of(teams)
        assert (status, given["token_type"], given["expires_in"]) == (200, "Bearer", 3599)
        for changed, refused, says in (
            ({"client_id": "other"}, 400, "AADSTS700016"),
            ({"client_secret": "other"}, 401, "AADSTS7000215"),
            ({"scope": "https://graph.microsoft.com/.default"}, 400, "AADSTS70011"),
            ({"grant_type": "password"}, 400, "AADSTS70003"),
        ):
            status, body = token_of(teams, **changed)
            assert (status, body["error_description"].startswith(says)) == (refused, True)
        teams.token_url = teams.token_url.replace(teams.tenant, "botframework.com")
        assert token_of(teams)[1]["error_description"].startswith("AADSTS90002")
        assert [each.status for each in teams.called("token")] == [200, 400, 401, 400, 400, 400]


def test_the_connector_wants_a_token_that_is_still_good(teams: FakeTeams) -> None:
    teams.says("ana", "hello")
    teams.wait_for(lambda: teams.chat("ana")[1])
    teams.wait_idle()
    teams.revoke_tokens()
    said = teams.says("ana", "hello again")
    teams.wait_idle()
    assert teams.errors[0].status == 401
    assert teams.answers(said["id"])[0].status == 500
    assert len(teams.chat("ana")) == 3


def test_tokens_grow_old(teams: FakeTeams) -> None:
    teams.says("ana", "hello")
    teams.wait_for(lambda: teams.chat("ana")[1])
    teams.advance(3600)
    teams.says("ana", "hello again")
    teams.wait_for(lambda: teams.errors)
    assert teams.errors[0].error == "Unauthorized"
