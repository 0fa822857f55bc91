"""The Web API: which methods there are, who may call them with what, and the answer to one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.e2e.fakes.slack_state import Call, Channel, Json, SlackError, Team, User, World, invalid

Answer = Callable[["Asked"], Json]


@dataclass(frozen=True)
class Method:
    """One method of the Web API. `form_only` ones do not read a JSON body."""

    name: str
    answer: Answer
    scopes: tuple[str, ...]
    required: tuple[str, ...]
    optional: tuple[str, ...]
    form_only: bool
    by: str | None


METHODS: dict[str, Method] = {}
ALWAYS = ("token", "team_id")
"""What any method may be given; the real library gives the workspace with every call."""


def method(
    name: str,
    *,
    scopes: tuple[str, ...] = (),
    required: tuple[str, ...] = (),
    optional: tuple[str, ...] = (),
    form_only: bool = False,
    by: str | None = "bot",
) -> Callable[[Answer], Answer]:
    """Register what answers a method for this kind of token; any one of `scopes` is enough."""

    def register(answer: Answer) -> Answer:
        METHODS[name] = Method(name, answer, scopes, required, optional, form_only, by)
        return answer

    return register


@dataclass(frozen=True)
class Asked:
    """One call, with what its token gives access to."""

    world: World
    call: Call
    team: Team
    teams: tuple[str, ...]

    def __getitem__(self, name: str) -> Any:
        return self.call.arguments.get(name)

    def need(self, scope: str) -> None:
        """Raises `missing_scope` unless it is granted."""
        need(self.world, (scope,))

    def channel(self, *, member: bool = True, key: str = "channel", people: bool = False) -> Channel:
        """The channel that was named, as far as the bot sees it; with `people`, somebody's id means their DM."""
        named = str(self[key])
        if people and named in self.world.users:
            return self.world.im(self.user(named, error="channel_not_found").id)
        found = self.world.channels.get(named)
        if found is None or found.team not in self.teams:
            raise SlackError("channel_not_found")
        if self.team.bot_user not in found.members and self.world.teams[found.team].bot_user not in found.members:
            if found.kind != "public":
                raise SlackError("channel_not_found")
            if member:
                raise SlackError("not_in_channel")
        return found

    def user(self, named: Any, *, error: str = "user_not_found") -> User:
        """The person who was named."""
        found = self.world.users.get(str(named))
        if found is None or found.team not in self.teams:
            raise SlackError(error)
        return found


def need(world: World, scopes: tuple[str, ...]) -> None:
    """Raises `missing_scope` unless one of them is granted."""
    if scopes and not world.scopes.intersection(scopes):
        raise SlackError("missing_scope", needed=",".join(scopes), provided=",".join(sorted(world.scopes)))


def answer(world: World, call: Call) -> Json:
    """What Slack answers to a call; the caller holds `world.changed`."""
    known = METHODS.get(call.method)
    try:
        if known is None:
            world.unknown.append(call.method)
            raise SlackError("unknown_method", req_method=call.method)
        team, teams = _access(world, call, known)
        need(world, known.scopes if known.by == "bot" else ())
        call.team = team.id if team else ""
        missing = [name for name in known.required if call.arguments.get(name) in (None, "")]
        if missing:
            raise invalid(*(f"missing required field: {name}" for name in missing))
        for name in sorted(set(call.arguments) - {*known.required, *known.optional, *ALWAYS}):
            world.fault("unknown_argument", call.method, name)
        return {"ok": True, **known.answer(Asked(world, call, team or _nobody, teams))}
    except SlackError as error:
        call.error = error.error
        return {"ok": False, "error": error.error, **error.more}
    except Exception as error:
        world.fault("the_fake_is_wrong", call.method, repr(error))
        raise


_nobody = Team("", "", "", "", "", "")


def _access(world: World, call: Call, known: Method) -> tuple[Team | None, tuple[str, ...]]:
    """The workspace of the call's token, and every workspace that the token reaches."""
    if known.by is None:
        return None, ()
    if not call.token:
        raise SlackError("not_authed")
    token = world.tokens.get(call.token)
    if token is None:
        raise SlackError("invalid_auth")
    if token.trouble:
        raise SlackError(token.trouble)
    if token.kind != known.by:
        raise SlackError("not_allowed_token_type")
    if token.kind == "app":
        return None, ()
    wanted = str(call.arguments.get("team_id") or token.teams[0])
    if wanted not in token.teams:
        if world.teams[token.teams[0]].org_install:
            raise SlackError("team_access_not_granted")
        wanted = token.teams[0]
    return world.teams[wanted], tuple(token.teams)
