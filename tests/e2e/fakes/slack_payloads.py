"""What Slack sends to an app: the envelopes around events, commands, and people's presses."""

from __future__ import annotations

import copy
import time
from typing import Any

from tests.e2e.fakes.slack_state import APP_ID, Channel, Json, Team, World
from tests.e2e.fakes.slack_text import as_sent_back

OUTSIDE = {"im": "directmessage", "mpim": "privategroup", "private": "privategroup"}
"""What a channel is called in payloads, for those whose name is nobody's business."""


def event_callback(world: World, team: Team, event: Json) -> Json:
    """An event as it is posted."""
    installed = {
        "enterprise_id": team.enterprise_id,
        "team_id": None if team.org_install else team.id,
        "user_id": team.bot_user,
        "is_bot": True,
        "is_enterprise_install": team.org_install,
    }
    return {
        "token": world.verification_token,
        "team_id": team.id,
        **({"enterprise_id": team.enterprise_id} if team.enterprise_id else {}),
        "context_team_id": team.id,
        "context_enterprise_id": team.enterprise_id,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": world.id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [installed],
        "is_ext_shared_channel": False,
        "event_context": f"4-{world.id('x')}",
    }


def _common(world: World, user: str) -> Json:
    team, person = world.team_of(user), world.user(user)
    enterprise = {"id": team.enterprise_id, "name": "Grid"} if team.enterprise_id else None
    of_grid = {"enterprise_id": team.enterprise_id, "enterprise_name": "Grid"} if team.enterprise_id else {}
    name = person.name.lower().replace(" ", ".")
    return {
        "user": {"id": user, "username": name, "name": name, "team_id": team.id},
        "api_app_id": APP_ID,
        "token": world.verification_token,
        "team": {"id": team.id, "domain": team.domain, **of_grid},
        "enterprise": enterprise,
        "is_enterprise_install": team.org_install,
    }


def _channel(channel: Channel) -> Json:
    return {"id": channel.id, "name": OUTSIDE.get(channel.kind, channel.name)}


def shown_view(view: Json) -> Json:
    """A view as payloads hold it."""
    return dict(as_sent_back(copy.deepcopy(view)))


def shown_message(message: Json) -> Json:
    """A message as payloads hold it."""
    return {**copy.deepcopy(message), "blocks": as_sent_back(copy.deepcopy(message.get("blocks", [])))}


def command(world: World, user: str, channel: Channel, name: str, text: str) -> Json:
    """A slash command; over HTTP it is a form."""
    team, person = world.team_of(user), world.user(user)
    of_grid = {"enterprise_id": team.enterprise_id, "enterprise_name": "Grid"} if team.enterprise_id else {}
    return {
        "token": world.verification_token,
        "team_id": team.id,
        "team_domain": team.domain,
        **of_grid,
        "channel_id": channel.id,
        "channel_name": _channel(channel)["name"],
        "user_id": user,
        "user_name": person.name.lower().replace(" ", "."),
        "command": name,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "true" if team.org_install else "false",
        "response_url": world.response_url(user, channel, "commands"),
        "trigger_id": world.trigger(user),
    }


def pressed_in_message(world: World, user: str, message: Json, state: Json, action: Json) -> Json:
    """`block_actions` from a message; of an ephemeral one only its place is told."""
    channel = world.channel(message["channel"])
    fleeting = bool(message.get("is_ephemeral"))
    container: Json = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": fleeting,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    stored = None if fleeting else world.message(channel, message["ts"])
    return {
        "type": "block_actions",
        **_common(world, user),
        "container": container,
        "trigger_id": world.trigger(user),
        "channel": _channel(channel),
        **({} if stored is None else {"message": shown_message(stored)}),
        "state": {"values": copy.deepcopy(state)},
        "response_url": world.response_url(user, channel, "actions", message),
        "actions": [as_sent_back(action)],
    }


def pressed_in_view(world: World, user: str, view: Json, action: Json) -> Json:
    """`block_actions` from a modal or a home tab."""
    return {
        "type": "block_actions",
        **_common(world, user),
        "container": {"type": "view", "view_id": view["id"]},
        "trigger_id": world.trigger(user, view["id"]),
        "view": shown_view(view),
        "actions": [as_sent_back(action)],
    }


def submitted(world: World, user: str, view: Json) -> Json:
    """`view_submission`."""
    return {
        "type": "view_submission",
        **_common(world, user),
        "trigger_id": world.trigger(user, view["id"]),
        "view": shown_view(view),
        "response_urls": [],
    }


def closed(world: World, user: str, view: Json, *, cleared: bool) -> Json:
    """`view_closed`."""
    return {"type": "view_closed", **_common(world, user), "view": shown_view(view), "is_cleared": cleared}


def shortcut(world: World, user: str, callback_id: str) -> Json:
    """A global shortcut."""
    return {
        "type": "shortcut",
        **_common(world, user),
        "action_ts": world.ts(),
        "callback_id": callback_id,
        "trigger_id": world.trigger(user),
    }


def message_action(world: World, user: str, channel: Channel, message: Json, callback_id: str) -> Json:
    """A message shortcut."""
    return {
        "type": "message_action",
        **_common(world, user),
        "action_ts": world.ts(),
        "callback_id": callback_id,
        "trigger_id": world.trigger(user),
        "response_url": world.response_url(user, channel, "app"),
        "message_ts": message["ts"],
        "channel": _channel(channel),
        "message": shown_message(message) if "blocks" in message else copy.deepcopy(message),
    }


def home_opened(world: World, user: str, tab: str) -> Json:
    """The event of somebody coming to the app's own place."""
    event: dict[str, Any] = {
        "type": "app_home_opened",
        "user": user,
        "channel": world.im(user).id,
        "tab": tab,
        "event_ts": world.ts(),
    }
    if tab == "home" and user in world.homes:
        event["view"] = copy.deepcopy(world.homes[user])
    return event
