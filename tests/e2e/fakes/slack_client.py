"""What a person does in Slack: talks, asks by command, presses, fills in, and looks."""

from __future__ import annotations

import copy
import uuid
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from tests.e2e.fakes import slack_forms as forms
from tests.e2e.fakes import slack_messages as messages
from tests.e2e.fakes import slack_payloads as payloads
from tests.e2e.fakes.slack_delivery import Answer
from tests.e2e.fakes.slack_forms import NotThere
from tests.e2e.fakes.slack_hooks import answered
from tests.e2e.fakes.slack_state import Channel, Json, SlackError, Team, World
from tests.e2e.fakes.slack_text import escape, rich, typed
from tests.e2e.fakes.slack_views import judged, push, replace

Given = str | int | Sequence[str] | None


class People(ABC):
    """Everybody's fingers. Each act answers with what Slack would show of it."""

    world: World

    @abstractmethod
    def ask(self, kind: str, payload: Json) -> Answer:
        """Send something that Slack sends once, and wait for the bot's answer."""

    def dm_says(self, user: str, text: str, *, thread_ts: str | None = None, files: Sequence[str] = ()) -> Json:
        """A message to the bot; with its channel and the event_id by which it was told."""
        with self.world.changed:
            return self._says(user, self.world.im(user), typed(text), thread_ts, files)

    def channel_says(
        self, user: str, channel: str, text: str, *, thread_ts: str | None = None, files: Sequence[str] = ()
    ) -> Json:
        """A message in a channel that does not name the bot."""
        with self.world.changed:
            return self._says(user, self._joined(user, channel), typed(text), thread_ts, files)

    def mention(self, user: str, channel: str, text: str, thread_ts: str | None = None) -> Json:
        """A message in a channel that names the bot."""
        with self.world.changed:
            bot = self.world.team_of(user).bot_user
            return self._says(user, self._joined(user, channel), f"<@{bot}> {typed(text)}", thread_ts, ())

    def _joined(self, user: str, channel: str) -> Channel:
        found = self.world.channel(channel)
        if user not in found.members:
            raise NotThere(f"{user} is not in {channel}")
        return found

    def _says(self, user: str, channel: Channel, text: str, thread_ts: str | None, files: Sequence[str]) -> Json:
        world, team = self.world, self.world.team_of(user)
        if world.user(user).deleted:
            raise NotThere(f"{user} is deactivated")
        if thread_ts and world.message(channel, thread_ts) is None:
            raise NotThere(f"no message {thread_ts} in {channel.id} to reply to")
        made: Json = {
            "type": "message",
            "user": user,
            "client_msg_id": str(uuid.uuid4()),
            "text": text,
            "team": team.id,
            "blocks": [rich(text, world.id("b"))],
        }
        if files:
            made |= {"subtype": "file_share", "files": [_file(world, user, each) for each in files], "upload": False}
        message = messages.place(world, channel, made, thread_ts)
        event_id = messages.tell(world, channel, messages.event_of(channel, message))
        there = team.bot_user in channel.members and channel.kind != "im"
        if there and f"<@{team.bot_user}>" in text and not files:
            event = {**messages.event_of(channel, message), "type": "app_mention"}
            del event["channel_type"]
            event_id = world.emit(team, event, "app_mention")
        return {**copy.deepcopy(message), "channel": channel.id, "event_id": event_id}

    def edit(self, user: str, channel: str, ts: str, text: str) -> Json:
        """Write one's own message anew."""
        with self.world.changed:
            place, message = self._own(user, channel, ts)
            fresh = {"text": typed(text), "blocks": [rich(typed(text), self.world.id("b"))]}
            messages.change(self.world, place, message, fresh, user)
            return {**copy.deepcopy(message), "channel": channel}

    def edit_dm(self, user: str, ts: str, text: str) -> Json:
        """Write one's own message to the bot anew."""
        return self.edit(user, self.world.im(user).id, ts, text)

    def delete(self, user: str, channel: str, ts: str) -> None:
        """Take one's own message back."""
        with self.world.changed:
            messages.remove(self.world, *self._own(user, channel, ts))

    def _own(self, user: str, channel: str, ts: str) -> tuple[Channel, Json]:
        place = self.world.channel(channel)
        message = self.world.message(place, ts)
        if message is None or message["user"] != user:
            raise NotThere(f"{user} has no message {ts} in {channel}")
        return place, message

    def open_home(self, user: str, tab: Literal["home", "messages"] = "home") -> str:
        """Come to the app's own place; the event_id."""
        with self.world.changed:
            event = payloads.home_opened(self.world, user, tab)
            return self.world.emit(self.world.team_of(user), event, "app_home_opened")

    def pick_prompt(self, user: str, title: str) -> Json:
        """Take one of the suggested questions."""
        offered = {each["title"]: each["message"] for each in self.world.im(user).prompts}
        if title not in offered:
            raise NotThere(f"no prompt {title!r}; there are {sorted(offered)}")
        return self.dm_says(user, offered[title])

    def command(self, user: str, channel: str, name: str, text: str = "") -> Answer:
        """A slash command. What the bot answers at once is shown to the person, or in the channel."""
        with self.world.changed:
            place = self._joined(user, channel)
            said = escape(text) if self.world.escape_commands else text
            payload = payloads.command(self.world, user, place, name, said)
        answer = self.ask("slash_commands", payload)
        with self.world.changed:
            trouble = answered(self.world, user, place, answer.body) if answer.ok else None
        return Answer(trouble, answer.status, answer.body, answer.seconds) if trouble else answer

    def global_shortcut(self, user: str, callback_id: str) -> Answer:
        """A shortcut from the menu."""
        with self.world.changed:
            payload = payloads.shortcut(self.world, user, callback_id)
        return self.ask("interactive", payload)

    def message_shortcut(self, user: str, channel: str, ts: str, callback_id: str) -> Answer:
        """A shortcut from a message's menu."""
        with self.world.changed:
            place = self._joined(user, channel)
            message = self.world.message(place, ts)
            if message is None:
                raise NotThere(f"no message {ts} in {channel}")
            payload = payloads.message_action(self.world, user, place, message, callback_id)
        return self.ask("interactive", payload)

    def press(self, user: str, where: Json, name: str, value: str | None = None) -> Answer:
        """Press a button by its words or action_id; `where` is a message, a modal or a home, also an old one."""
        with self.world.changed:
            every = forms.controls(where.get("blocks", []), user)
            buttons = [each for each in every if each.element["type"] in forms.PRESSED]
            payload = self._pressed(user, where, forms.find(buttons, name, value), None)
        return self.ask("interactive", payload)

    def select(self, user: str, where: Json, name: str, option: Given) -> Answer:
        """Choose in a menu, a picker or among boxes; in a form the bot hears of it only if it asked to."""
        with self.world.changed:
            every = forms.controls(where.get("blocks", []), user)
            control = forms.find([each for each in every if each.element["type"] not in forms.PRESSED], name)
            held = self._chosen(user, where, control, option)
            if control.block["type"] == "input" and not control.block.get("dispatch_action"):
                return Answer()
            payload = self._pressed(user, where, control, held)
        return self.ask("interactive", payload)

    def _chosen(self, user: str, where: Json, control: forms.Control, option: Given) -> Json:
        if control.element["type"] == "overflow":
            return {"selected_option": forms.chosen(control.element, option)}
        return forms.put(self._state(user, where), control, option)

    def _state(self, user: str, where: Json) -> Json:
        """What this person has entered there; kept as it is used."""
        if "root_view_id" in where:
            held: Json = self._view(where)["state"]["values"]
            return held
        key = (user, where["channel"], where["ts"])
        fresh = forms.state_of(where.get("blocks", []), self.world.entered.get(key))
        self.world.entered[key] = fresh
        return fresh

    def _view(self, where: Json) -> Json:
        found = self.world.view(where["id"])
        if found is None:
            raise NotThere(f"the view {where['id']} is closed")
        return found

    def _pressed(self, user: str, where: Json, control: forms.Control, held: Json | None) -> Json:
        action = forms.action(control, self.world.ts(), held)
        if "root_view_id" in where:
            return payloads.pressed_in_view(self.world, user, self._view(where), action)
        return payloads.pressed_in_message(self.world, user, where, self._state(user, where), action)

    def fill(self, user: str, values: Mapping[str, Given]) -> None:
        """Fill fields of the open modal, by their label, action_id or block_id."""
        with self.world.changed:
            view = self._top(user)
            fields = [each for each in forms.controls(view["blocks"], user) if each.element["type"] in forms.HELD]
            for name, given in values.items():
                forms.put(view["state"]["values"], forms.find(fields, name), given)

    def _top(self, user: str) -> Json:
        if not self.world.modals.get(user):
            raise NotThere(f"no modal is open for {user}")
        return self.world.modals[user][-1]

    def submit(self, user: str, values: Mapping[str, Given] | None = None) -> Answer:
        """Fill and send the open modal; what the bot answers is done to it."""
        self.fill(user, values or {})
        with self.world.changed:
            view = self._top(user)
            if view["submit"] is None and not any(block["type"] == "input" for block in view["blocks"]):
                raise NotThere("this modal has nothing to submit")
            if missing := forms.unfinished(view["blocks"], view["state"]["values"]):
                self.world.view_errors[view["id"]] = missing
                return Answer("unfinished", errors=missing)
            payload = payloads.submitted(self.world, user, view)
        answer = self.ask("interactive", payload)
        if not answer.ok:
            return answer
        with self.world.changed:
            try:
                errors = self._after_submit(user, view, answer.body)
            except SlackError as error:
                self.world.fault("bad_view_response", "view_submission", f"{error.error} {error.more}")
                return Answer("bad_response", answer.status, answer.body, answer.seconds)
            finally:
                self.world.changed.notify_all()
        return Answer(None, answer.status, answer.body, answer.seconds, errors=errors)

    def _after_submit(self, user: str, view: Json, body: Any) -> dict[str, str]:
        world, team = self.world, self.world.team_of(user)
        stack = world.modals.get(user, [])
        if body in (None, ""):
            if view in stack:
                stack.remove(view)
            return {}
        if not isinstance(body, dict):
            raise SlackError("invalid_response", body=str(body)[:200])
        if body.get("response_action") == "errors":
            return self._errors(view, body.get("errors"))
        world.view_errors.pop(view["id"], None)
        return self._replaced(user, team, view, body)

    def _replaced(self, user: str, team: Team, view: Json, body: Json) -> dict[str, str]:
        kind = body.get("response_action")
        if kind == "clear":
            self.world.modals[user] = []
        elif kind == "update":
            replace(self.world, team, view, judged(self.world, "view_submission", body.get("view"), "modal"))
        elif kind == "push":
            push(self.world, team, user, judged(self.world, "view_submission", body.get("view"), "modal"))
        else:
            raise SlackError("invalid_response_action", body=body)
        return {}

    def _errors(self, view: Json, errors: Any) -> dict[str, str]:
        inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise SlackError("invalid_errors", errors=errors, inputs=sorted(inputs))
        self.world.view_errors[view["id"]] = {key: str(words) for key, words in errors.items()}
        return dict(self.world.view_errors[view["id"]])

    def close_view(self, user: str, *, everything: bool = False) -> Answer:
        """Close the open modal; with `everything`, by the cross, also those beneath."""
        with self.world.changed:
            view, stack = self._top(user), self.world.modals[user]
            cleared = everything or view["clear_on_close"]
            self.world.modals[user] = [] if cleared else stack[:-1]
            self.world.changed.notify_all()
            if not view["notify_on_close"]:
                return Answer()
            payload = payloads.closed(self.world, user, view, cleared=cleared)
        return self.ask("interactive", payload)


def _file(world: World, user: str, name: str) -> Json:
    return {"id": world.id("F"), "name": name, "title": name, "mimetype": "image/png", "filetype": "png", "user": user}
