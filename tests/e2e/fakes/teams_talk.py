"""What people do with words: they install the app, write, edit, take back and react."""

from __future__ import annotations

import copy
import html
from abc import ABC, abstractmethod
from typing import Any

from tests.e2e.fakes import teams_messages as messages
from tests.e2e.fakes import teams_payloads as payloads
from tests.e2e.fakes.teams_delivery import Answer
from tests.e2e.fakes.teams_state import ADAPTIVE, Json, NotThere, Room, World


def shown(room: Room, message: Json) -> Json:
    """A message as tests read it: a copy, with where it is and its Adaptive Card."""
    made = copy.deepcopy(message)
    return {**made, "where": room.key, "conversationId": room.id, "card": messages.card_of(made)}


class Talk(ABC):
    """Everybody's voice. What is said is told to the bot at once, and nobody waits for its answer."""

    world: World

    @abstractmethod
    def ask(self, activity: Json) -> Answer:
        """Send an activity, and wait for the bot's answer."""

    @abstractmethod
    def emit(self, activity: Json) -> None:
        """Send an activity, and do not wait."""

    def install(self, user: str) -> Json:
        """A person adds the app for themselves: the installationUpdate that was sent, after the conversationUpdate."""
        with self.world.changed:
            person, room = self.world.person(user), self.world.personal(user)
            room.bot = True
            bot = [{"id": self.world.bot}]
            self.emit(payloads.members(self.world, person, room, "membersAdded", bot))
            made = payloads.installation(self.world, person, room, "add")
            self.emit(made)
            return made

    def uninstall(self, user: str) -> Json:
        """They take it away: from now on the bot cannot write to them."""
        with self.world.changed:
            room = self.world.personal(user)
            room.bot = False
            made = payloads.installation(self.world, self.world.person(user), room, "remove")
            self.emit(made)
            return made

    def install_team(self, team: str, by: str | None = None, channel: str | None = None) -> Json:
        """An owner adds the app to a team, in one of its channels."""
        return self._team(team, by, channel, "add")

    def uninstall_team(self, team: str, by: str | None = None) -> Json:
        """And takes it away."""
        return self._team(team, by, None, "remove")

    def _team(self, team: str, by: str | None, channel: str | None, action: str) -> Json:
        with self.world.changed:
            found = self.world.teams[team]
            person = self.world.person(by or min(found.members))
            room = self.world.room(channel or found.channels[0])
            found.bot = action == "add"
            key = "membersAdded" if found.bot else "membersRemoved"
            self.emit(payloads.members(self.world, person, room, key, [{"id": self.world.bot}]))
            made = payloads.installation(self.world, person, room, action)
            self.emit(made)
            return made

    def says(
        self,
        user: str,
        text: str,
        where: str | None = None,
        reply_to: Json | str | None = None,
        *,
        mention: bool = True,
    ) -> Json:
        """A message: to the bot, or in a group chat or channel, where the bot hears of it if it is mentioned."""
        with self.world.changed:
            room = self._room(user, where)
            root = self._root(room, reply_to)
            made = messages.place(self.world, room, user, {"text": text}, root)
            named = mention and room.kind != "personal"
            if self._heard(room, named=named):
                made["mention"] = named
                self.emit(payloads.message(self.world, self.world.person(user), room, made, mention=named))
            return shown(room, made)

    def activity(self, user: str, text: str = "", where: str | None = None, **more: Any) -> Json:
        """A message activity that is not sent: to be changed, and sent by `raw`."""
        with self.world.changed:
            room = self._room(user, where)
            made = messages.place(self.world, room, user, {"text": text}, None)
            room.messages.remove(made)
            told = payloads.message(self.world, self.world.person(user), room, made, mention=room.kind != "personal")
            return {**told, **more}

    def _room(self, user: str, where: str | None) -> Room:
        self.world.person(user)
        room = self.world.room(where or user)
        if user not in (self.world.teams[room.team].members if room.team else room.members):
            raise NotThere(f"{user} is not in {room.key}")
        return room

    def _root(self, room: Room, reply_to: Json | str | None) -> str | None:
        if reply_to is None or room.kind != "channel":
            return None
        there, message = self.world.find_message(reply_to)
        if there is not room:
            raise NotThere(f"the message {message['id']} is in {there.key}, not in {room.key}")
        return str(message["root"] or message["id"])

    def _heard(self, room: Room, *, named: bool) -> bool:
        return (named or room.kind == "personal") and self.world.here(room)

    def _own(self, user: str, message: Json | str) -> tuple[Room, Json]:
        room, found = self.world.find_message(message)
        if found["from"] != user or found["deleted"]:
            raise NotThere(f"{user} has no message {found['id']} in {room.key}")
        return room, found

    def edits(self, user: str, message: Json | str, text: str) -> Json:
        """One's own message says something else."""
        with self.world.changed:
            room, found = self._own(user, message)
            messages.change(found, {"text": text})
            return self._changed(user, room, found, "messageUpdate", "editMessage")

    def deletes(self, user: str, message: Json | str) -> Json:
        """One's own message is taken back."""
        with self.world.changed:
            room, found = self._own(user, message)
            found["deleted"] = True
            return self._changed(user, room, found, "messageDelete", "softDeleteMessage")

    def undeletes(self, user: str, message: Json | str) -> Json:
        """And put back."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            found["deleted"] = False
            return self._changed(user, room, found, "messageUpdate", "undeleteMessage")

    def _changed(self, user: str, room: Room, message: Json, type: str, event: str) -> Json:
        more = {} if type == "messageDelete" else {"text": html.escape(message["text"], quote=False)}
        if self._heard(room, named=bool(message.get("mention"))):
            person = self.world.person(user)
            self.emit(payloads.of_message(self.world, person, room, message, type, event, **more))
        return shown(room, message)

    def reacts(self, user: str, message: Json | str, reaction: str = "like", *, remove: bool = False) -> Json:
        """A reaction to a message; the bot hears of those to its own."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            self._room(user, room.key)
            people = found["reactions"].setdefault(reaction, [])
            if remove:
                people.remove(user)
            elif user not in people:
                people.append(user)
            if found["from"] == "bot" and self.world.here(room):
                key = "reactionsRemoved" if remove else "reactionsAdded"
                told = {key: [{"type": reaction}], "replyToId": found["id"]}
                root = found["root"] or found["id"]
                person = self.world.person(user)
                self.emit(payloads.activity(self.world, person, room, "messageReaction", root, **told))
            return shown(room, found)

    def picks(self, user: str, title: str) -> Json:
        """Take one of the suggested actions under the bot's last message: it is said as one's own."""
        with self.world.changed:
            said = [each for each in self.world.personal(user).messages if not each["deleted"]]
            offered = ((said[-1].get("suggestedActions") or {}).get("actions") or []) if said else []
            if title not in [each["title"] for each in offered[: messages.SUGGESTED]]:
                raise NotThere(f"no suggestion {title!r}; there are {[each['title'] for each in offered]}")
            return self.says(user, next(str(each["value"]) for each in offered if each["title"] == title))

    def inserts(self, user: str, attachment: Json, where: str | None = None) -> Json:
        """Send a search result in a chat, as a message of one's own with the card in it."""
        with self.world.changed:
            room = self._room(user, where)
            kept = {key: value for key, value in attachment.items() if key != "preview"}
            made = messages.place(self.world, room, user, {"attachments": [kept]}, None)
            made["via"] = "bot" if kept["contentType"] == ADAPTIVE else None
            return shown(room, made)
