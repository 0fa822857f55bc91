"""Who and what is there, and what a test sees of it: everything is given as a copy."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Collection, Iterable
from typing import Literal, TypeVar

from tests.e2e.fakes.teams_state import (
    BOT_NAME,
    PEOPLE,
    Call,
    Delivery,
    Fault,
    Json,
    Person,
    Room,
    Team,
    World,
)
from tests.e2e.fakes.teams_talk import shown

T = TypeVar("T")
LOOK_SECONDS = 0.02


class Stage:
    """Sets the scene, and looks at it."""

    world: World

    def add_user(
        self,
        key: str,
        name: str = "",
        *,
        email: str = "",
        aad: str = "",
        role: Literal["user", "guest"] = "user",
        installed: bool = False,
    ) -> Person:
        """Somebody in the tenant; `installed` means that they have had the app for long."""
        with self.world.changed:
            made = Person(key, name or key.title(), email or f"{key}@school.example", role, aad=aad)
            self.world.people[key] = made
            if installed:
                self.world.personal(key).bot = True
            return made

    def add_team(
        self, key: str, channels: Iterable[str], members: Iterable[str], *, name: str = "", installed: bool = True
    ) -> Team:
        """A team and its channels, whose names have to be the only ones; the first is its general one."""
        with self.world.changed:
            names = list(channels)
            ids = {each: f"19:{uuid.uuid5(PEOPLE, f'{key}/{each}').hex}@thread.tacv2" for each in names}
            inside = {self.world.person(each).key for each in members}
            group = str(uuid.uuid5(PEOPLE, key))
            team = Team(key, ids[names[0]], name or key.title(), group, names, inside, installed)
            self.world.teams[key] = team
            for each in names:
                self._add(Room(each, ids[each], "channel", each.title(), set(), key))
            return team

    def add_group(self, key: str, members: Iterable[str], *, bot: bool = True) -> Room:
        """A group chat; without `bot` the app is not in it."""
        with self.world.changed:
            inside = {self.world.person(each).key for each in members}
            id = f"19:{uuid.uuid5(PEOPLE, f'group/{key}').hex}@thread.v2"
            return self._add(Room(key, id, "groupChat", key.title(), inside, bot=bot or None))

    def _add(self, room: Room) -> Room:
        if room.key in self.world.rooms or room.key in self.world.people:
            raise ValueError(f"there is a {room.key!r} already")
        self.world.rooms[room.key] = room
        return room

    def block(self, user: str, code: str | None = "ConversationBlockedByUser") -> None:
        """Writing to this person is 403 from now on: also `MessageWritesBlocked` (in its other shape) and
        `BotDisabledByAdmin`; None takes it back."""
        with self.world.changed:
            self.world.person(user).blocked = code

    def user(self, key: str) -> Person:
        """Somebody, with `id` (29:…) and `aad`."""
        return self.world.person(key)

    def room(self, key: str) -> Room:
        """A chat or channel, with its `id`; by a person's name their chat with the bot."""
        with self.world.changed:
            return self.world.room(key)

    def messages(self, where: str) -> list[Json]:
        """All messages in a chat or channel, replies too, oldest first; none that were deleted."""
        with self.world.changed:
            room = self.world.room(where)
            return [shown(room, each) for each in room.messages if not each["deleted"]]

    def chat(self, user: str) -> list[Json]:
        """The messages between a person and the bot."""
        with self.world.changed:
            self.world.person(user)
            return self.messages(user)

    def channel(self, name: str) -> list[Json]:
        """The posts in a channel, without the replies."""
        return [each for each in self.messages(name) if each["root"] is None]

    def replies(self, message: Json | str) -> list[Json]:
        """The replies to a post."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            return [each for each in self.messages(room.key) if each["root"] == found["id"]]

    def message(self, message: Json | str) -> Json:
        """A message as it is now, also one that was deleted."""
        with self.world.changed:
            return shown(*self.world.find_message(message))

    def from_bot(self, where: str) -> list[Json]:
        """The bot's own messages there."""
        return [each for each in self.messages(where) if each["from"] == "bot"]

    def typing(self, where: str) -> int:
        """How often the bot has shown that it is typing."""
        return self.room(where).typing

    def toasts(self, user: str) -> list[str]:
        """Texts that were shown to a person for a moment."""
        with self.world.changed:
            return list(self.world.toasts.get(user, []))

    def opened(self, user: str) -> list[str]:
        """Links that a person opened by a button."""
        with self.world.changed:
            return list(self.world.opened.get(user, []))

    @property
    def bot(self) -> Json:
        """The bot's account."""
        return {"id": self.world.bot, "name": BOT_NAME}

    @property
    def calls(self) -> list[Call]:
        """Every call of the connector, the login and the keys."""
        with self.world.changed:
            return list(self.world.calls)

    def called(self, operation: str, where: str | None = None) -> list[Call]:
        """The calls of one operation, of one chat or channel if it is named."""
        return [each for each in self.calls if each.operation == operation and where in (None, each.room)]

    @property
    def errors(self) -> list[Call]:
        """Calls that were answered with an error of Teams' own, not one that a test ordered.

        That somebody is not among the members is an answer: there is no other way to ask.
        """
        wrong = [each for each in self.calls if each.status >= 400 and not each.injected]
        return [each for each in wrong if each.error != "MemberNotFoundInConversation"]

    @property
    def unknown(self) -> list[str]:
        """Addresses that Teams does not have."""
        with self.world.changed:
            return list(self.world.unknown)

    @property
    def faults(self) -> list[Fault]:
        """What Teams takes and a first-class app does not do."""
        with self.world.changed:
            return list(self.world.faults)

    @property
    def deliveries(self) -> list[Delivery]:
        """Every activity told to the bot, raw ones too, with its answer."""
        with self.world.changed:
            return list(self.world.deliveries)

    def answers(self, id: str) -> list[Delivery]:
        """The answers to one activity and its copies."""
        return [each for each in self.deliveries if each.id == id]

    @property
    def crashes(self) -> list[Delivery]:
        """Answers of 500 and more."""
        return [each for each in self.deliveries if (each.status or 0) >= 500]

    @property
    def given_up(self) -> list[str]:
        """The ids of activities that the bot did not take: Teams does not send them again."""
        with self.world.changed:
            return list(self.world.given_up)

    def advance(self, seconds: float) -> None:
        """Let views, rates and the bot's tokens grow older. Tokens of Teams and message times keep the real time."""
        with self.world.changed:
            self.world.ahead += seconds

    def wait_for(self, look: Callable[[], T], seconds: float = 20.0) -> T:
        """Look again and again until there is something; a LookupError, or `next` of nothing, means not yet."""
        until, missing = time.monotonic() + seconds, ""
        while True:
            try:
                if seen := look():
                    return seen
                missing = repr(seen)
            except (LookupError, StopIteration) as error:
                missing = repr(error)
            if time.monotonic() > until:
                raise AssertionError(f"not within {seconds} s: {missing}; {self.summary()}")
            with self.world.changed:
                self.world.changed.wait(LOOK_SECONDS)

    def summary(self) -> str:
        """What went wrong so far, for a failing test."""
        errors = [f"{each.operation}: {each.status} {each.error} {str(each.body)[:500]}" for each in self.errors]
        refused = [each for each in self.deliveries if each.reason]
        return f"errors {errors}, unknown {self.unknown}, faults {self.faults}, refused {refused}"

    def check(self, allow: Collection[str] = ()) -> None:
        """Fails on unknown addresses, errors of the connector, answers of 500, and faults but for those kinds."""
        faults = [each for each in self.faults if each.kind not in allow]
        if self.unknown or self.errors or faults or self.crashes:
            raise AssertionError(self.summary())
