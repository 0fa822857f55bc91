"""Messages as a bot makes them: judged, stored, changed, taken back, and told to the app as events."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from tests.e2e.fakes.slack_blocks import message_problems, too_long
from tests.e2e.fakes.slack_state import APP_ID, Channel, Json, SlackError, Team, World, invalid
from tests.e2e.fakes.slack_text import dangers_in

POSTED_TEXT, UPDATED_TEXT, MARKDOWN_TEXT = 40_000, 4_000, 12_000


def flag(value: Any) -> bool:
    """Whether an argument says yes, in whichever way it travelled."""
    return value in (True, 1, "1", "true", "True")


def structure(value: Any, error: str) -> Any:
    """An argument that is JSON, or JSON as text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise SlackError(error) from None


def content(world: World, where: str, arguments: Json, *, text_most: int = POSTED_TEXT) -> Json:
    """What a message is to hold, or the error that Slack gives; what a good app avoids is noted."""
    text, markdown = arguments.get("text"), arguments.get("markdown_text")
    blocks = structure(arguments.get("blocks"), "invalid_blocks_format")
    attachments = structure(arguments.get("attachments"), "invalid_attachments")
    if markdown is not None and (text is not None or blocks is not None):
        raise SlackError("markdown_text_conflict")
    if not isinstance(text, str | None) or not isinstance(markdown, str | None):
        raise invalid("must provide a string [json-pointer:/text]")
    if not (text or blocks or attachments or markdown):
        raise SlackError("no_text")
    if len(text or "") > text_most or len(markdown or "") > MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    if blocks is not None:
        judge(blocks)
    said = text or markdown or ""
    _note(world, where, said, blocks, arguments)
    made: Json = {"text": said}
    if blocks is not None:
        made["blocks"] = with_ids(world, blocks)
    for key, value in (("attachments", attachments), ("metadata", arguments.get("metadata"))):
        if value:
            made[key] = structure(value, "invalid_metadata_format")
    return made


def _note(world: World, where: str, said: str, blocks: list[Json] | None, arguments: Json) -> None:
    """Remember what Slack takes and a first-class app does not send."""
    if blocks and not said.strip():
        world.fault("no_text_fallback", where, "blocks without text: screen readers and notifications read it")
    if arguments.get("attachments"):
        world.fault("attachments", where, "attachments are for old apps")
    if flag(arguments.get("link_names")) or arguments.get("parse") == "full":
        world.fault("broadcast", where, "link_names and parse=full make mentions of plain words")
    for kind, spot, piece in dangers_in(said, blocks):
        world.fault(kind, f"{where}{spot}", piece)


def judge(blocks: Any) -> None:
    """Raises what Slack answers to blocks that it does not take."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if problems := message_problems(blocks):
        told = [f"[ERROR] {each}" for each in problems]
        raise SlackError("invalid_blocks", errors=problems, response_metadata={"messages": told})
    if too_long(blocks):
        raise SlackError("msg_blocks_too_long")


def with_ids(world: World, blocks: list[Json]) -> list[Json]:
    """The blocks, each with a block_id and each thing to press with an action_id."""
    made = copy.deepcopy(blocks)
    for block in every_block(made):
        block.setdefault("block_id", world.id("b"))
        for element in every_element(block):
            if element["type"] != "image":
                element.setdefault("action_id", world.id("a"))
    return made


def every_block(blocks: list[Json]) -> Iterator[Json]:
    """The blocks, and those that stand in others."""
    for block in blocks:
        yield block
        if block["type"] in ("container", "carousel"):
            yield from every_block(block.get("child_blocks") or block.get("elements") or [])


def every_element(block: Json) -> Iterator[Json]:
    """What people see and use in one block."""
    inside = [block.get("accessory"), block.get("element")]
    if block["type"] in ("actions", "context_actions", "card"):
        inside += block.get("elements") or block.get("actions") or []
    yield from (each for each in inside if each)


def authored(team: Team, made: Json) -> Json:
    """The same, with whose message it is."""
    profile = {"id": team.bot_id, "app_id": APP_ID, "name": "policy", "deleted": False, "team_id": team.id}
    who = {"user": team.bot_user, "bot_id": team.bot_id, "app_id": APP_ID, "team": team.id, "bot_profile": profile}
    return {"type": "message", **who, **made}


def thread_of(world: World, where: str, channel: Channel, thread_ts: Any) -> str | None:
    """The thread that a message goes to."""
    if not thread_ts:
        return None
    parent = world.message(channel, str(thread_ts))
    if parent is None:
        raise SlackError("thread_not_found")
    if parent.get("thread_ts", parent["ts"]) != parent["ts"]:
        world.fault("reply_as_parent", where, "thread_ts is a reply's ts: use its parent's")
        return str(parent["thread_ts"])
    return str(parent["ts"])


def place(world: World, channel: Channel, message: Json, thread_ts: str | None) -> Json:
    """Put a message into a channel, and into its thread."""
    message = {**message, "ts": world.ts()}
    if thread_ts and (parent := world.message(channel, thread_ts)):
        message |= {"thread_ts": thread_ts, "parent_user_id": parent.get("user")}
        parent["thread_ts"], parent["reply_count"] = thread_ts, parent.get("reply_count", 0) + 1
    channel.messages.append(message)
    return message


def event_of(channel: Channel, message: Json) -> Json:
    """The event that tells of a message."""
    kinds = {"public": "channel", "private": "group"}
    return {
        **{key: value for key, value in message.items() if key != "reply_count"},
        "channel": channel.id,
        "event_ts": message["ts"],
        "channel_type": kinds.get(channel.kind, channel.kind),
    }


def subscription(channel: Channel) -> str:
    """The name of the event that tells of messages in such a channel."""
    return "message." + {"public": "channels", "private": "groups"}.get(channel.kind, channel.kind)


def tell(world: World, channel: Channel, event: Json) -> str:
    """Tell the app of something in a channel, if it is there and wants to know."""
    team = world.teams[channel.team]
    if team.bot_user not in channel.members:
        return ""
    return world.emit(team, event, subscription(channel))


def post(world: World, team: Team, channel: Channel, made: Json, thread_ts: str | None, **more: Any) -> Json:
    """A bot's message, told back to the app as Slack does."""
    message = place(world, channel, {**authored(team, made), **more}, thread_ts)
    tell(world, channel, event_of(channel, message))
    return message


def post_ephemeral(world: World, team: Team, channel: Channel, user: str, made: Json, thread_ts: str | None) -> Json:
    """A message that one person sees."""
    message = {**authored(team, made), "ts": world.ts(), "channel": channel.id, "is_ephemeral": True, "to": user}
    if thread_ts:
        message["thread_ts"] = thread_ts
    world.ephemerals.setdefault(user, []).append(message)
    return message


def change(world: World, channel: Channel, message: Json, made: Json, editor: str) -> None:
    """Write a message anew, in its place."""
    before = copy.deepcopy(message)
    message.update(made)
    message["edited"] = {"user": editor, "ts": world.ts()}
    _hidden(world, channel, "message_changed", message=copy.deepcopy(message), previous_message=before)


def remove(world: World, channel: Channel, message: Json) -> None:
    """Take a message back."""
    channel.messages.remove(message)
    _hidden(world, channel, "message_deleted", deleted_ts=message["ts"], previous_message=copy.deepcopy(message))


def _hidden(world: World, channel: Channel, subtype: str, **what: Any) -> None:
    event = {"type": "message", "subtype": subtype, "hidden": True, "ts": world.ts(), **what}
    tell(world, channel, event_of(channel, event))
