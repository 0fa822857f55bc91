"""What a Slack remembers: teams, people, channels, messages, views, triggers, and all that was asked of it."""

from __future__ import annotations

import base64
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["public", "private", "im", "mpim"]

TRIGGER_SECONDS = 3.0
RESPONSE_URL_SECONDS = 30 * 60.0
RESPONSE_URL_USES = 5
APP_ID = "A0FAKE0APP"


class SlackError(Exception):
    """`{"ok": false, "error": …}` with whatever else the answer holds."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error, self.more = error, more


def invalid(*messages: str) -> SlackError:
    """`invalid_arguments`, saying which."""
    return SlackError("invalid_arguments", response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})


@dataclass
class Team:
    """A workspace in which the app is installed."""

    id: str
    name: str
    domain: str
    bot_user: str
    bot_id: str
    bot_token: str
    enterprise_id: str | None = None
    org_install: bool = False


@dataclass
class User:
    """Somebody in a workspace, or a bot."""

    id: str
    team: str
    name: str
    email: str
    is_bot: bool = False
    deleted: bool = False
    tz: str = "Europe/London"


@dataclass
class UserGroup:
    """People who are mentioned together."""

    id: str
    team: str
    handle: str
    users: list[str]
    disabled: bool = False


@dataclass
class Channel:
    """Where messages are: a channel, or a conversation of two or more."""

    id: str
    team: str
    kind: Kind
    name: str
    members: set[str]
    archived: bool = False
    messages: list[Json] = field(default_factory=list)
    prompts: list[Json] = field(default_factory=list)
    status: str = ""
    titles: dict[str, str] = field(default_factory=dict)
    created: int = field(default_factory=lambda: int(time.time()))


@dataclass
class Trigger:
    """What a person's act allows once, for three seconds."""

    user: str
    team: str
    at: float
    view_id: str | None
    used: bool = False


@dataclass
class ResponseUrl:
    """Where an answer to one act may be posted, five times in half an hour."""

    user: str
    channel: str
    at: float
    source: Json | None
    uses: int = 0


@dataclass
class Token:
    """What a token is good for: `app` opens sockets, `bot` does everything else."""

    kind: Literal["bot", "app"]
    teams: list[str]
    trouble: str | None = None


@dataclass
class Call:
    """One call of the Web API, or one post to a response_url, and what came of it."""

    method: str
    arguments: Json
    token: str | None
    team: str
    at: float
    error: str | None = None
    injected: bool = False


@dataclass(frozen=True)
class Fault:
    """Something that Slack lets pass and a first-class app does not do."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True)
class Delivery:
    """One attempt to tell the bot something. `reason` is None where the bot acknowledged it in time."""

    kind: str
    id: str
    attempt: int
    reason: str | None
    status: int | None
    seconds: float


class World:
    """All state; whoever reads or changes it holds `changed`."""

    def __init__(self, scopes: frozenset[str], subscribed: frozenset[str], *, agent: bool) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.scopes, self.subscribed, self.agent = set(scopes), set(subscribed), agent
        self.rate_limit, self.escape_commands, self.ahead = False, True, 0.0
        self.client_id, self.client_secret, self.rotates = "1111.2222", secrets.token_hex(16), False
        self.signing_secret, self.verification_token = secrets.token_hex(16), secrets.token_hex(12)
        self.app_token = f"xapp-1-{APP_ID}-{secrets.token_hex(8)}"
        self.teams: dict[str, Team] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.tokens: dict[str, Token] = {self.app_token: Token("app", [])}
        self.codes: dict[str, str] = {}
        self.refreshes: dict[str, str] = {}
        self.ephemerals: dict[str, list[Json]] = {}
        self.modals: dict[str, list[Json]] = {}
        self.homes: dict[str, Json] = {}
        self.view_errors: dict[str, dict[str, str]] = {}
        self.entered: dict[tuple[str, str, str], Json] = {}
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.tickets: set[str] = set()
        self.posted_at: dict[str, float] = {}
        self.calls: list[Call] = []
        self.unknown: list[str] = []
        self.faults: list[Fault] = []
        self.deliveries: list[Delivery] = []
        self.given_up: list[str] = []
        self.withheld: list[str] = []
        self.base = ""
        self.emit: Callable[[Team, Json, str], str] = lambda team, event, subscription: ""
        self._last_ts, self._count = 0, 0

    def now(self) -> float:
        """The time by which triggers, response_urls and rates grow old."""
        return time.time() + self.ahead

    def ts(self) -> str:
        """A message's time: unique and growing."""
        self._last_ts = max(self._last_ts + 1, int(time.time() * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def id(self, letter: str) -> str:
        """A new id, like Slack's."""
        self._count += 1
        return f"{letter}0{base64.b32encode(self._count.to_bytes(5, 'big')).decode()}"

    def fault(self, kind: str, where: str, what: str) -> None:
        """Remember what a first-class app does not do."""
        self.faults.append(Fault(kind, where, what))

    def team_of(self, user: str) -> Team:
        """The workspace that `user` is in."""
        return self.teams[self.user(user).team]

    def user(self, user: str) -> User:
        """Who has this id; a test that names nobody is wrong."""
        if user not in self.users:
            raise LookupError(f"no user {user!r} here; there are {sorted(self.users)}")
        return self.users[user]

    def channel(self, channel: str) -> Channel:
        """The channel with this id; a test that names none is wrong."""
        if channel not in self.channels:
            raise LookupError(f"no channel {channel!r} here; there are {sorted(self.channels)}")
        return self.channels[channel]

    def im(self, user: str) -> Channel:
        """The conversation of `user` and the bot, begun where there is none."""
        team = self.team_of(user)
        members = {user, team.bot_user}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == members:
                return channel
        return self.add_channel(Channel(f"D{user[1:]}", team.id, "im", "directmessage", members))

    def add_channel(self, channel: Channel) -> Channel:
        """Remember a new channel."""
        if channel.id in self.channels:
            raise ValueError(f"there is a channel {channel.id!r} already")
        self.channels[channel.id] = channel
        return channel

    def message(self, channel: Channel, ts: str) -> Json | None:
        """The message of that time."""
        return next((each for each in channel.messages if each["ts"] == ts), None)

    def trigger(self, user: str, view_id: str | None = None) -> str:
        """A new trigger_id."""
        team = self.team_of(user)
        self._count += 1
        made = f"{int(self.now() * 1000)}.{self._count}.{secrets.token_hex(16)}"
        self.triggers[made] = Trigger(user, team.id, self.now(), view_id)
        return made

    def response_url(self, user: str, channel: Channel, kind: str, source: Json | None = None) -> str:
        """A new response_url; `source` is the message that was acted upon."""
        path = f"/{kind}/{channel.team}/{secrets.randbelow(10**12)}/{secrets.token_urlsafe(18)}"
        self.response_urls[path] = ResponseUrl(user, channel.id, self.now(), source)
        return self.base + path

    def view(self, view_id: str) -> Json | None:
        """An open view, of whatever user."""
        every = [view for stack in self.modals.values() for view in stack] + list(self.homes.values())
        return next((view for view in every if view["id"] == view_id), None)
