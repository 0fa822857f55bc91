"""What people do with cards: they look, press, fill in dialogs, search, check messages and give feedback."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from tests.e2e.fakes import teams_answers as answers
from tests.e2e.fakes import teams_payloads as payloads
from tests.e2e.fakes.teams_answers import BadAnswer
from tests.e2e.fakes.teams_delivery import Answer
from tests.e2e.fakes.teams_forms import Button, fill, find
from tests.e2e.fakes.teams_messages import card_of
from tests.e2e.fakes.teams_state import VIEW_SECONDS, Json, NotThere, Room
from tests.e2e.fakes.teams_talk import Talk

Client = Literal["universal", "legacy"]
CROWD = 60
THEME = {"theme": "default"}


class Fingers(Talk):
    """Everybody's eyes and fingers. Each act waits for the bot, and answers with what Teams would show of it."""

    def sees(self, user: str, message: Json | str) -> Json:
        """The card as this person has it before them now: their own view of it, or the card of the message."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            self._room(user, room.key)
            view = self.world.views.get((user, found["id"]))
            card = view[0] if view else card_of(found)
            if card is None or found["deleted"]:
                raise NotThere(f"no card in message {found['id']}")
            return copy.deepcopy(card)

    def looks(self, user: str, message: Json | str, *, refresh: bool = False) -> Json:
        """The card comes into view: it is refreshed for those whom it names, once a minute, or when they ask for it."""
        card = self.sees(user, message)
        with self.world.changed:
            room, found = self.world.find_message(message)
            wanted = refresh or self._automatic(user, room, found, card)
            action = (card.get("refresh") or {}).get("action")
        if wanted and action is not None:
            self._execute(user, room, found, action, {}, "manual" if refresh else "automatic")
        return self.sees(user, message)

    def _automatic(self, user: str, room: Room, message: Json, card: Json) -> bool:
        if "refresh" not in card:
            return False
        view = self.world.views.get((user, message["id"]))
        if view and self.world.now() - view[1] < VIEW_SECONDS:
            return False
        named = card["refresh"].get("userIds")
        if named is None:
            return len(self.world.members(room)) <= CROWD
        return self.world.person(user).id in named

    def press(
        self,
        user: str,
        message: Json | str,
        title: str,
        inputs: Mapping[str, Any] | None = None,
        client: Client = "universal",
    ) -> Answer:
        """Press a button by its title, id or verb; a message as it was read earlier is pressed as it was then."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            self._room(user, room.key)
            view = self.world.views.get((user, found["id"]))
            old = message.get("card") if isinstance(message, dict) else None
            button = find(view[0] if view else old or card_of(found), title)
            if client == "legacy":
                button = _old(button)
            values, errors = fill(button, inputs or {})
        if errors:
            return Answer("unfinished", errors=errors)
        action = button.action
        if action["type"] == "Action.Execute":
            return self._execute(user, room, found, action, values, "manual")
        if action["type"] == "Action.Submit":
            return self._submit(user, room, found, action, values)
        with self.world.changed:
            if action["type"] == "Action.OpenUrl":
                self.world.opened.setdefault(user, []).append(action["url"])
            return Answer()

    def _execute(self, user: str, room: Room, message: Json, action: Json, values: Json, trigger: str) -> Answer:
        data = {**action.get("data", {}), **values}
        told = payloads.execute(action, data, trigger)
        answer = self._invoke(user, room, message, "adaptiveCard/action", told)
        where = f"answer to {action['verb']}"
        return self._judged(user, answer, where, lambda: self._show(user, message, where, answer))

    def _show(self, user: str, message: Json, where: str, answer: Answer) -> Answer:
        kind, value = answers.pressed(self.world, where, answer.body)
        if kind == "card":
            self.world.views[(user, message["id"])] = (copy.deepcopy(value), self.world.now())
        else:
            self.world.toasts.setdefault(user, []).append(value)
        return replace(answer, reason="error" if kind == "error" else None, shown=value)

    def _submit(self, user: str, room: Room, message: Json, action: Json, values: Json) -> Answer:
        data = {**action.get("data", {}), **values}
        given = data.get("msteams")
        special: Json = given if isinstance(given, dict) else {}
        if special.get("type") == "task/fetch":
            answer = self._invoke(user, room, message, "task/fetch", {"data": data, "context": THEME})
            return self._task(user, answer, "task/fetch", {"source": "task", "message": message["id"]})
        with self.world.changed:
            if special.get("type") in ("imBack", "messageBack"):
                said = str(special.get("value") or special.get("text") or "")
                return Answer(shown=self.says(user, said, None if room.kind == "personal" else room.key))
            told = payloads.on_card(self.world, self.world.person(user), room, message, "message", data)
        return self.ask(told)

    def _invoke(self, user: str, room: Room, message: Json, name: str, value: Json) -> Answer:
        with self.world.changed:
            told = payloads.on_card(
                self.world, self.world.person(user), room, message, "invoke", copy.deepcopy(value), name=name
            )
        return self.ask(told)

    def _judged(self, user: str, answer: Answer, where: str, judge: Callable[[], Answer]) -> Answer:
        """What the person sees of an answer; one that Teams does not understand is a fault."""
        with self.world.changed:
            try:
                if not answer.ok:
                    return answer
                if answer.status != 200:
                    raise BadAnswer(f"an invoke is answered with 200, not {answer.status}")
                return judge()
            except BadAnswer as error:
                self.world.fault("bad_answer", where, str(error))
                return replace(answer, reason="bad_answer")
            finally:
                self.world.changed.notify_all()

    def _task(self, user: str, answer: Answer, where: str, about: Json) -> Answer:
        """Open, replace or close this person's dialog."""

        def done() -> Answer:
            kind, value = answers.dialog(self.world, f"answer to {where}", answer.body)
            self.world.dialogs.pop(user, None)
            if kind == "open":
                self.world.dialogs[user] = {**about, **copy.deepcopy(value)}
            if kind == "text":
                self.world.toasts.setdefault(user, []).append(value)
            return replace(answer, shown=value)

        return self._judged(user, answer, where, done)

    def open_dialog(
        self, user: str, message: Json | str, title: str, inputs: Mapping[str, Any] | None = None
    ) -> Answer:
        """Press a button that opens a dialog."""
        with self.world.changed:
            action = find(self.sees(user, message), title).action
            if (action.get("data", {}).get("msteams") or {}).get("type") != "task/fetch":
                raise NotThere(f"{title!r} opens no dialog: its data lacks msteams.type task/fetch")
        return self.press(user, message, title, inputs)

    def dialog(self, user: str) -> Json:
        """The dialog that is open, with its `card`; none is a LookupError."""
        with self.world.changed:
            if user not in self.world.dialogs:
                raise NotThere(f"no dialog is open for {user}")
            found = copy.deepcopy(self.world.dialogs[user])
            return {**found, "card": (found.get("card") or {}).get("content")}

    def close_dialog(self, user: str) -> None:
        """By the cross: the bot does not hear of it."""
        with self.world.changed:
            self.dialog(user)
            del self.world.dialogs[user]

    def submit_dialog(self, user: str, inputs: Mapping[str, Any] | None = None, title: str | None = None) -> Answer:
        """Fill in and send the open dialog, by its only button or the one of that title."""
        with self.world.changed:
            dialog = self.world.dialogs.get(user)
            button = find(self.dialog(user)["card"], title)
            values, errors = fill(button, inputs or {})
            if errors:
                return Answer("unfinished", errors=errors)
            if button.action["type"] != "Action.Submit" or dialog is None:
                raise NotThere(f"{button.names} is not an Action.Submit: nothing else works in a dialog")
            data = {**button.action.get("data", {}), **values}
            about: Json = {key: dialog[key] for key in ("source", "message", "value", "where") if key in dialog}
            room, message = self.world.room(dialog.get("where", user)), Json()
            if "message" in dialog:
                room, message = self.world.find_message(dialog["message"])
        if about["source"] == "task":
            answer = self._invoke(user, room, message, "task/submit", {"data": data, "context": THEME})
            return self._task(user, answer, "task/submit", about)
        value = {**about["value"], "data": data}
        answer = self._extension(user, room, "composeExtension/submitAction", value, "message")
        if isinstance(answer.body, dict) and "composeExtension" in answer.body:
            self.world.dialogs.pop(user, None)
            return self._results(user, answer, "submitAction")
        return self._task(user, answer, "composeExtension/submitAction", about)

    def _extension(self, user: str, room: Room, name: str, value: Json, source: str) -> Answer:
        with self.world.changed:
            person = self.world.person(user)
            told = payloads.extension(self.world, person, room, name, copy.deepcopy(value), source)
        return self.ask(told)

    def search(
        self,
        user: str,
        query: str | None,
        command_id: str | None = "search",
        *,
        parameter: str = "query",
        where: str | None = None,
    ) -> Answer:
        """Search for something to insert; None is the opening, before anything is typed. `shown` are the results."""
        with self.world.changed:
            room = self._room(user, where)
        asked = {"name": "initialRun", "value": "true"} if query is None else {"name": parameter, "value": query}
        value = {"commandId": command_id, "parameters": [asked], "queryOptions": {"skip": 0, "count": 25}}
        answer = self._extension(user, room, "composeExtension/query", value, "compose")
        return self._results(user, answer, "search")

    def _results(self, user: str, answer: Answer, where: str) -> Answer:
        def done() -> Answer:
            found = answers.results(self.world, f"answer to {where}", answer.body)
            return replace(answer, shown=copy.deepcopy(found))

        return self._judged(user, answer, where, done)

    def message_action(self, user: str, message: Json | str, command_id: str) -> Answer:
        """An action from a message's menu, also where the bot is not: it answers with a dialog or a text."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            self._room(user, room.key)
            value = {
                "commandId": command_id,
                "commandContext": "message",
                "requestId": uuid.uuid4().hex,
                "messagePayload": payloads.payload_of(self.world, room, found),
                "context": THEME,
            }
        answer = self._extension(user, room, "composeExtension/fetchTask", value, "message")
        about = {"source": "extension", "message": found["id"], "value": value}
        return self._task(user, answer, "composeExtension/fetchTask", about)

    def box_action(self, user: str, command_id: str, where: str | None = None) -> Answer:
        """An action of the extension beside the box in which one writes, about no message."""
        with self.world.changed:
            room = self._room(user, where)
            value: Json = {"commandId": command_id, "commandContext": "compose", "requestId": uuid.uuid4().hex}
            value |= {"context": THEME}
        answer = self._extension(user, room, "composeExtension/fetchTask", value, "compose")
        return self._task(
            user, answer, "composeExtension/fetchTask", {"source": "extension", "where": room.key, "value": value}
        )

    def feedback(self, user: str, message: Json | str, reaction: Literal["like", "dislike"], text: str = "") -> Answer:
        """A thumb under a message that asks for it, and the words in the form that Teams then shows."""
        with self.world.changed:
            room, found = self.world.find_message(message)
            self._room(user, room.key)
            data = found.get("channelData") or {}
            if (data.get("feedbackLoop") or {}).get("type") != "default" or found["deleted"]:
                raise NotThere(f"the message {found['id']} has no thumbs with the default form")
        said = {"reaction": reaction, "feedback": json.dumps({"feedbackText": text})}
        value = {"actionName": "feedback", "actionValue": said}
        answer = self._invoke(user, room, found, "message/submitAction", value)

        def done() -> Answer:
            answers.nothing(answer.body)
            return answer

        return self._judged(user, answer, "message/submitAction", done)


def _old(button: Button) -> Button:
    """A button as a client without Action.Execute shows it."""
    if button.action["type"] != "Action.Execute":
        return button
    fallback = button.action.get("fallback")
    if not isinstance(fallback, dict):
        raise NotThere(f"an old client shows no button {button.names}: it has no fallback")
    return Button(fallback, button.inputs)
