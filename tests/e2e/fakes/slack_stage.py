"""Who and what is there, and what a test sees of it: everything is given as a copy."""

from __future__ import annotations

import copy
import secrets
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from tests.e2e.fakes.slack_forms import NotThere
from tests.e2e.fakes.slack_state import (
    Call,
    Channel,
    Delivery,
    Fault,
    Json,
    Kind,
    Team,
    Token,
    User,
    UserGroup,
    World,
)

T = TypeVar("T")
LOOK_SECONDS = 0.02


class Stage:
    """Sets the scene, and looks at it."""

    world: World
    team: Team

    def add_team(
        self, team_id: str, name: str = "", *, enterprise_id: str | None = None, org_install: bool = False
    ) -> Team:
        """A workspace with the app in it; those of an organization that installed it share one token."""
        with self.world.changed:
            same = [
                each
                for each in self.world.teams.values()
                if org_install and each.org_install and each.enterprise_id == enterprise_id
            ]
            token = same[0].bot_token if same else f"xoxb-{team_id}-{secrets.token_hex(12)}"
            bot = f"UBOT{team_id}"
            team = Team(
                team_id,
                name or f"School {team_id}",
                f"school-{team_id.lower()}",
                bot,
                f"B{team_id}",
                token,
                enterprise_id,
                org_install,
            )
            self.world.teams[team_id] = team
            self.world.tokens.setdefault(token, Token("bot", [])).teams.append(team_id)
            self.world.users[bot] = User(bot, team_id, "policy", "", is_bot=True)
            return team

    def add_user(
        self,
        user_id: str,
        name: str = "",
        *,
        email: str = "",
        team: str | None = None,
        is_bot: bool = False,
        deleted: bool = False,
    ) -> User:
        """Somebody in a workspace."""
        with self.world.changed:
            home = team or self.team.id
            made = User(user_id, home, name or user_id, email or f"{user_id.lower()}@school.example", is_bot, deleted)
            self.world.users[user_id] = made
            return made

    def add_group(self, group_id: str, handle: str, users: Iterable[str], *, team: str | None = None) -> UserGroup:
        """A user group."""
        with self.world.changed:
            made = UserGroup(group_id, team or self.team.id, handle, list(users))
            self.world.groups[group_id] = made
            return made

    def add_channel(
        self,
        channel_id: str,
        name: str,
        members: Iterable[str] = (),
        *,
        kind: Kind = "public",
        bot: bool = True,
        team: str | None = None,
    ) -> Channel:
        """A channel; the bot is in it unless told otherwise."""
        with self.world.changed:
            home = self.world.teams[team] if team else self.team
            inside = {*members, *([home.bot_user] if bot else [])}
            return self.world.add_channel(Channel(channel_id, home.id, kind, name, inside))

    def install_code(self, team_id: str) -> str:
        """Somebody approves the app: the code that comes with the redirect."""
        with self.world.changed:
            code = secrets.token_hex(16)
            self.world.codes[code] = team_id
            return code

    def spoil_token(self, token: str, trouble: str | None = "token_revoked") -> None:
        """From now on a token is answered with this error, or is good again."""
        with self.world.changed:
            self.world.tokens[token].trouble = trouble

    def messages(self, channel: str) -> list[Json]:
        """All messages in a channel, oldest first."""
        with self.world.changed:
            return [{**copy.deepcopy(each), "channel": channel} for each in self.world.channel(channel).messages]

    def dm(self, user: str) -> list[Json]:
        """All messages between a person and the bot."""
        with self.world.changed:
            return self.messages(self.world.im(user).id)

    def ephemerals(self, user: str, channel: str | None = None) -> list[Json]:
        """Messages that only this person sees."""
        with self.world.changed:
            self.world.user(user)
            return [
                copy.deepcopy(each)
                for each in self.world.ephemerals.get(user, [])
                if channel in (None, each["channel"])
            ]

    def modals(self, user: str) -> list[Json]:
        """A person's open modals, the one on top last; `errors` are those shown beside fields."""
        with self.world.changed:
            self.world.user(user)
            stack = self.world.modals.get(user, [])
            return [
                {**copy.deepcopy(each), "errors": dict(self.world.view_errors.get(each["id"], {}))} for each in stack
            ]

    def modal(self, user: str) -> Json:
        """The modal that is open; none is a LookupError."""
        if not (stack := self.modals(user)):
            raise NotThere(f"no modal is open for {user}")
        return stack[-1]

    def home(self, user: str) -> Json:
        """A person's home tab; none published is a LookupError."""
        with self.world.changed:
            if user not in self.world.homes:
                raise NotThere(f"no home tab was published for {user}")
            return copy.deepcopy(self.world.homes[user])

    def prompts(self, user: str) -> list[Json]:
        """The questions that are suggested to a person."""
        with self.world.changed:
            return copy.deepcopy(self.world.im(user).prompts)

    def status(self, user: str) -> str:
        """What the bot says it is doing, in the conversation with a person."""
        return self.world.im(user).status

    def attempts(self, id: str) -> list[Delivery]:
        """Every attempt to tell the bot of an event."""
        with self.world.changed:
            return [each for each in self.world.deliveries if each.id == id]

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API and every post to a response_url (method `response_url`)."""
        with self.world.changed:
            return list(self.world.calls)

    def called(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [each for each in self.calls if each.method == method]

    @property
    def errors(self) -> list[Call]:
        """Calls that Slack answered with an error of its own, not one that a test ordered."""
        return [each for each in self.calls if each.error and not each.injected]

    @property
    def unknown(self) -> list[str]:
        """Methods and addresses that Slack does not have."""
        with self.world.changed:
            return list(self.world.unknown)

    @property
    def faults(self) -> list[Fault]:
        """What Slack takes and a first-class app does not do."""
        with self.world.changed:
            return list(self.world.faults)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every attempt to tell the bot anything."""
        with self.world.changed:
            return list(self.world.deliveries)

    @property
    def given_up(self) -> list[str]:
        """The event_ids that the bot never took."""
        with self.world.changed:
            return list(self.world.given_up)

    @property
    def withheld(self) -> list[str]:
        """Events that the app asked for and lacks the scope or a good token for."""
        with self.world.changed:
            return list(self.world.withheld)

    @property
    def scopes(self) -> set[str]:
        """What the app was granted; a test may take some away."""
        return self.world.scopes

    def advance(self, seconds: float) -> None:
        """Let triggers, response_urls and rates grow older. Signatures and message times keep the real time."""
        with self.world.changed:
            self.world.ahead += seconds

    def wait_for(self, look: Callable[[], T], seconds: float = 20.0) -> T:
        """Look again and again until there is something; a LookupError means not yet."""
        until, missing = time.monotonic() + seconds, ""
        while True:
            try:
                if seen := look():
                    return seen
                missing = repr(seen)
            except LookupError as error:
                missing = repr(error)
            if time.monotonic() > until:
                raise AssertionError(f"not within {seconds} s: {missing}; {self.summary()}")
            with self.world.changed:
                self.world.changed.wait(LOOK_SECONDS)

    def summary(self) -> str:
        """What went wrong so far, for a failing test."""
        errors = [f"{each.method}: {each.error} {each.arguments}" for each in self.errors]
        refused = [each for each in self.deliveries if each.reason]
        return f"errors {errors}, unknown {self.unknown}, faults {self.faults}, refused {refused}"

    def check(self) -> None:
        """Fails on any unknown method, any error of the Web API and any fault."""
        if self.unknown or self.errors or self.faults:
            raise AssertionError(self.summary())
