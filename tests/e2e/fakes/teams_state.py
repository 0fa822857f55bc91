"""What a Teams remembers: people, teams, chats, messages, views, dialogs, and all that was asked of it."""

from __future__ import annotations

import base64
import hashlib
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["personal", "groupChat", "channel"]
ADAPTIVE = "application/vnd.microsoft.card.adaptive"
APP_ID = "0a0a0a0a-1111-4222-8333-444444444444"
TENANT = "11111111-2222-3333-4444-555555555555"
BOT_NAME = "Policy"
PEOPLE = uuid.UUID("5d9c68c6-c50e-4b3d-a2b6-1b2f3c4d5e6f")
VIEW_SECONDS = 60.0
"""A card is not refreshed by itself while the last view of it is younger."""


class NotThere(LookupError):
    """A person looks for something that is not on the screen."""


class ConnectorError(Exception):
    """`{"error": {"code": …, "message": …}}`, or another body where the service has another shape for it."""

    def __init__(self, status: int, code: str, message: str, body: Json | None = None, retry_after: int | None = None):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.retry_after = status, code, retry_after
        self.body: Json = body or {"error": {"code": code, "message": message}}


def bad_syntax(message: str) -> ConnectorError:
    """What the bot sent is not understood."""
    return ConnectorError(400, "BadSyntax", message)


def not_in_roster() -> ConnectorError:
    """The app is not installed there."""
    return ConnectorError(403, "BotNotInConversationRoster", "The bot is not part of the conversation roster.")


@dataclass
class Person:
    """Somebody in the tenant. `blocked` is the error code that writing to them is answered with."""

    key: str
    name: str
    email: str
    role: Literal["user", "guest"] = "user"
    locale: str = "en-GB"
    blocked: str | None = None
    aad: str = ""
    id: str = ""

    def __post_init__(self) -> None:
        self.aad = self.aad or str(uuid.uuid5(PEOPLE, self.key))
        self.id = self.id or f"29:1{_letters(self.aad, 60)}"


@dataclass
class Room:
    """Where messages are. `bot` is None where the app was never installed, False where it was taken away."""

    key: str
    id: str
    kind: Kind
    name: str
    members: set[str]
    team: str | None = None
    bot: bool | None = None
    messages: list[Json] = field(default_factory=list)
    typing: int = 0
    sent_at: list[float] = field(default_factory=list)


@dataclass
class Team:
    """A team; its id is that of its first channel."""

    key: str
    id: str
    name: str
    aad_group: str
    channels: list[str]
    members: set[str]
    bot: bool = False


@dataclass
class Call:
    """One call of the connector or the identity service, and what came of it."""

    operation: str
    room: str
    path: str
    body: Any
    status: int
    at: float
    error: str | None = None
    injected: bool = False


@dataclass(frozen=True)
class Fault:
    """Something that Teams lets pass and a first-class app does not do."""

    kind: str
    where: str
    what: str


@dataclass(frozen=True)
class Delivery:
    """One activity told to the bot, and its answer. `reason` is None where the bot took it in time."""

    type: str
    name: str
    id: str
    reason: str | None
    status: int | None
    body: Any
    seconds: float


class World:
    """All state; whoever reads or changes it holds `changed`."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.app_id, self.tenant, self.bot = APP_ID, TENANT, f"28:{APP_ID}"
        self.service_url, self.rate_limit, self.ahead = "", False, 0.0
        self.people: dict[str, Person] = {}
        self.teams: dict[str, Team] = {}
        self.rooms: dict[str, Room] = {}
        self.views: dict[tuple[str, str], tuple[Json, float]] = {}
        self.dialogs: dict[str, Json] = {}
        self.toasts: dict[str, list[str]] = {}
        self.opened: dict[str, list[str]] = {}
        self.calls: list[Call] = []
        self.unknown: list[str] = []
        self.faults: list[Fault] = []
        self.deliveries: list[Delivery] = []
        self.given_up: list[str] = []
        self._last_id = 0

    def now(self) -> float:
        """The time by which tokens, views and rates grow old."""
        return time.time() + self.ahead

    def new_id(self) -> str:
        """A message's id: the time, unique and growing."""
        self._last_id = max(self._last_id + 1, int(time.time() * 1000))
        return str(self._last_id)

    def fault(self, kind: str, where: str, what: str) -> None:
        """Remember what a first-class app does not do."""
        self.faults.append(Fault(kind, where, what))

    def person(self, key: str) -> Person:
        """Who has this name; a test that names nobody is wrong."""
        if key not in self.people:
            raise LookupError(f"nobody called {key!r} here; there are {sorted(self.people)}")
        return self.people[key]

    def person_of(self, id: str) -> Person | None:
        """Who has this id of Teams or of Entra."""
        return next((each for each in self.people.values() if id in (each.id, each.aad)), None)

    def room(self, key: str) -> Room:
        """The chat or channel of this name; for a person, the chat with the bot."""
        if key in self.people and key not in self.rooms:
            return self.personal(key)
        if key not in self.rooms:
            raise LookupError(f"no chat or channel {key!r} here; there are {sorted(self.rooms)}")
        return self.rooms[key]

    def personal(self, key: str) -> Room:
        """The chat of a person and the bot, begun where there is none."""
        person = self.person(key)
        if key not in self.rooms:
            made = Room(key, f"a:1{_letters(person.aad + 'chat', 96)}", "personal", person.name, {key})
            self.rooms[key] = made
        return self.rooms[key]

    def room_of(self, id: str) -> tuple[Room, str | None] | None:
        """The room of a conversation id, and the message whose thread it names."""
        plain, _, root = id.partition(";messageid=")
        found = next((each for each in self.rooms.values() if each.id == plain), None)
        return (found, root or None) if found else None

    def here(self, room: Room) -> bool:
        """Whether the bot may write there."""
        if room.kind == "channel":
            return self.teams[room.team or ""].bot
        if room.kind == "personal" and room.bot is None:
            return any(team.bot and room.key in team.members for team in self.teams.values())
        return bool(room.bot)

    def members(self, room: Room) -> list[Person]:
        """Who is in a room."""
        inside = self.teams[room.team].members if room.team else room.members
        return [self.people[key] for key in sorted(inside)]

    def message(self, room: Room, id: str) -> Json | None:
        """The message of that id, also one that was deleted."""
        return next((each for each in room.messages if each["id"] == id), None)

    def find_message(self, message: Json | str) -> tuple[Room, Json]:
        """A message as a test holds it, or by its id, and where it stands now."""
        id = message if isinstance(message, str) else str(message["id"])
        for room in self.rooms.values():
            if (found := self.message(room, id)) is not None:
                return room, found
        raise NotThere(f"no message {id}")


def _letters(seed: str, length: int) -> str:
    made = b"".join(hashlib.sha256(f"{seed}{n}".encode()).digest() for n in range(length // 32 + 1))
    return base64.urlsafe_b64encode(made).decode()[:length]


def guid_id() -> str:
    """The id of an event or an invoke."""
    return f"f:{uuid.uuid4()}"
