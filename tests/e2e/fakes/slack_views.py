"""`views.*`: modals in a stack of at most three, and home tabs."""

from __future__ import annotations

import copy
import json
import secrets
from typing import Any

from tests.e2e.fakes.slack_blocks import VIEW_BYTES, view_problems
from tests.e2e.fakes.slack_forms import state_of
from tests.e2e.fakes.slack_messages import structure, with_ids
from tests.e2e.fakes.slack_methods import Asked, method
from tests.e2e.fakes.slack_state import APP_ID, TRIGGER_SECONDS, Json, SlackError, Team, Trigger, World, invalid
from tests.e2e.fakes.slack_text import dangers_in

STACK = 3


def judged(world: World, where: str, given: Any, kind: str) -> Json:
    """A view that Slack takes, or what it answers to one that it does not."""
    view = structure(given, "invalid_arguments")
    if problems := view_problems(view, kind):
        raise invalid(*problems)
    if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES:
        raise SlackError("view_too_large")
    for danger, spot, piece in dangers_in(None, view["blocks"]):
        world.fault(danger, f"{where}{spot}", piece)
    return dict(view)


def made(world: World, team: Team, view: Json, *, root: Json | None = None, before: Json | None = None) -> Json:
    """The view as Slack holds it. `before` is what stood in its place, `root` the lowest of its stack."""
    external = view.get("external_id")
    other = next((each for each in _open(world, team) if external and each["external_id"] == external), None)
    if other is not None and (before is None or other["id"] != before["id"]):
        raise SlackError("duplicate_external_id")
    blocks = with_ids(world, view["blocks"])
    view_id = before["id"] if before else world.id("V")
    stack_root = before["root_view_id"] if before else root["id"] if root else view_id
    return {
        "id": view_id,
        "team_id": team.id,
        "type": view["type"],
        "blocks": blocks,
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "state": {"values": state_of(blocks, before["state"]["values"] if before else None)},
        "hash": f"{int(world.now())}.{secrets.token_hex(4)}",
        "title": view.get("title"),
        "submit": view.get("submit"),
        "close": view.get("close"),
        "clear_on_close": view.get("clear_on_close", False),
        "notify_on_close": view.get("notify_on_close", False),
        "submit_disabled": view.get("submit_disabled", False),
        "root_view_id": stack_root,
        "previous_view_id": before["previous_view_id"] if before else None,
        "external_id": external or "",
        "app_id": APP_ID,
        "app_installed_team_id": team.id,
        "bot_id": team.bot_id,
    }


def _open(world: World, team: Team) -> list[Json]:
    every = [view for stack in world.modals.values() for view in stack] + list(world.homes.values())
    return [view for view in every if view["team_id"] == team.id]


def _exchanged(asked: Asked) -> Trigger:
    """The trigger that was given, which is spent by it."""
    named = asked["trigger_id"] or asked["interactivity_pointer"]
    if not named:
        raise invalid("missing required field: trigger_id")
    trigger = asked.world.triggers.get(str(named))
    if trigger is None or trigger.team not in asked.teams:
        raise SlackError("invalid_trigger_id")
    if trigger.used:
        raise SlackError("exchanged_trigger_id")
    if asked.world.now() - trigger.at > TRIGGER_SECONDS:
        raise SlackError("expired_trigger_id")
    return trigger


TRIGGERED = ("trigger_id", "interactivity_pointer")


@method("views.open", required=("view",), optional=TRIGGERED)
def open_view(asked: Asked) -> Json:
    """A modal, in the place of whatever was open."""
    view = judged(asked.world, "views.open", asked["view"], "modal")
    trigger = _exchanged(asked)
    held = made(asked.world, asked.team, view)
    trigger.used = True
    asked.world.modals[trigger.user] = [held]
    return {"view": copy.deepcopy(held)}


@method("views.push", required=("view",), optional=TRIGGERED)
def push_view(asked: Asked) -> Json:
    """A modal on top of the one that was acted in."""
    view = judged(asked.world, "views.push", asked["view"], "modal")
    trigger = _exchanged(asked)
    held = push(asked.world, asked.team, trigger.user, view)
    trigger.used = True
    return {"view": copy.deepcopy(held)}


def push(world: World, team: Team, user: str, view: Json) -> Json:
    """Put a modal on top of a person's stack."""
    stack = world.modals.get(user) or []
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= STACK:
        raise SlackError("push_limit_reached")
    held = made(world, team, view, root=stack[0])
    held["previous_view_id"] = stack[-1]["id"]
    stack.append(held)
    return held


@method("views.update", required=("view",), optional=("view_id", "external_id", "hash"))
def update_view(asked: Asked) -> Json:
    """Other contents in an open view."""
    if bool(asked["view_id"]) == bool(asked["external_id"]):
        both = asked["view_id"] is not None
        raise invalid("Cannot provide both `view_id` and `external_id`" if both else "missing required field: view_id")
    key = "id" if asked["view_id"] else "external_id"
    named = asked["view_id"] or asked["external_id"]
    old = next((each for each in _open(asked.world, asked.team) if each[key] == named), None)
    if old is None:
        raise SlackError("not_found")
    view = judged(asked.world, "views.update", asked["view"], old["type"])
    if asked["hash"] and asked["hash"] != old["hash"]:
        raise SlackError("hash_conflict")
    return {"view": copy.deepcopy(replace(asked.world, asked.team, old, view))}


def replace(world: World, team: Team, old: Json, view: Json) -> Json:
    """Write an open view anew; what a person typed stays where ids are the same."""
    fresh = made(world, team, view, before=old)
    old.update(fresh)
    world.view_errors.pop(old["id"], None)
    return old


@method("views.publish", required=("user_id", "view"), optional=("hash",))
def publish(asked: Asked) -> Json:
    """A person's home tab."""
    user = asked.user(asked["user_id"])
    view = judged(asked.world, "views.publish", asked["view"], "home")
    old = asked.world.homes.get(user.id)
    if old and asked["hash"] and asked["hash"] != old["hash"]:
        raise SlackError("hash_conflict")
    fresh = made(asked.world, asked.world.teams[user.team], view, before=old)
    asked.world.homes[user.id] = fresh
    return {"view": copy.deepcopy(fresh)}
