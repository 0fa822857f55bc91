"""The gateway in a loop of its own, before the fake of Teams."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pytest
from aiohttp import web

from adapters.settings import Teams
from adapters.teams.gateway import Gateway, Reference, TeamsFailed
from tests.e2e.echo_teams import served
from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.fakes.teams_state import Json

SECRET = "Wrenfield"  # noqa: S105  # what a person typed
ABSENT = object()


@dataclass
class Gate:
    """What came in; `run` runs a coroutine in the gateway's loop."""

    teams: FakeTeams
    gateway: Gateway
    run: Callable[[Any], Any]
    seen: list[Json] = field(default_factory=list)

    def at(self, where: str) -> Reference:
        return {"service_url": self.teams.service_url, "conversation": self.teams.room(where).id}

    def send(self, where: str = "ana", **activity: Any) -> str:
        said = activity or {"type": "message", "text": "hello"}
        return str(self.run(self.gateway.send(self.at(where), said)))

    def failing(self, work: Any) -> TeamsFailed:
        with pytest.raises(TeamsFailed) as raised:
            self.run(work)
        return raised.value

    def sending(self, where: str = "ana") -> TeamsFailed:
        return self.failing(self.gateway.send(self.at(where), {"type": "message", "text": SECRET}))


def given(teams: FakeTeams) -> Teams:
    """The settings that lead to the fake."""
    return Teams(teams.app_id, teams.app_password, teams.tenant, "SingleTenant", teams.openid_metadata, teams.token_url)


@contextmanager
def gate(teams: FakeTeams, **changed: str) -> Iterator[Gate]:
    """A gateway with those settings, but for what is changed."""
    gateway = Gateway(replace(given(teams), **changed), frozenset({teams.tenant}))
    seen = list[Json]()
    signers: tuple[Literal["own", "unendorsed"], ...] = ("own", "unendorsed")
    for signer in signers:  # keys are made once: not by two threads at a time
        teams.token(signer=signer)

    async def take(request: web.Request) -> web.Response:
        seen.append(await gateway.received(request))
        return web.Response()

    with served(teams, take) as run:
        run(gateway.open())
        try:
            yield Gate(teams, gateway, run, seen)
        finally:
            run(gateway.close())


def changed(activity: Json, **more: Any) -> Json:
    return {**copy.deepcopy(activity), **more}


def at(activity: Json, path: tuple[str | int, ...], value: Any) -> Json:
    """The activity with something else at one place."""
    made: Any = copy.deepcopy(activity)
    inner = made
    for step in path[:-1]:
        inner = inner[step]
    if value is ABSENT:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return dict(made)
