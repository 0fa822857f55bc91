"""What is done with a message that a bot gives back: by a response_url, or as the answer to a command."""

from __future__ import annotations

from typing import Any

from tests.e2e.fakes import slack_messages as messages
from tests.e2e.fakes.slack_messages import flag
from tests.e2e.fakes.slack_state import (
    RESPONSE_URL_SECONDS,
    RESPONSE_URL_USES,
    Channel,
    Json,
    ResponseUrl,
    SlackError,
    World,
)

KEYS = {"text", "blocks", "attachments", "response_type", "replace_original", "delete_original", "thread_ts", "parse"}
KEYS |= {"metadata", "link_names", "mrkdwn", "unfurl_links", "unfurl_media"}


def responded(world: World, path: str, body: Any) -> tuple[int, str]:
    """What is answered to a post at a response_url: status and error, or `ok`."""
    url = world.response_urls.get(path)
    if url is None:
        return 404, "no_service"
    if world.now() - url.at > RESPONSE_URL_SECONDS:
        return 404, "expired_url"
    if url.uses >= RESPONSE_URL_USES:
        return 404, "used_url"
    if not isinstance(body, dict):
        return 400, "invalid_payload"
    url.uses += 1
    try:
        _carry_out(world, url, body)
    except SlackError as error:
        return 400, error.error
    return 200, "ok"


def _carry_out(world: World, url: ResponseUrl, body: Json) -> None:
    channel, source = world.channel(url.channel), url.source
    if flag(body.get("delete_original")):
        if source is not None:
            _forget(world, channel, url.user, source)
        return
    if flag(body.get("replace_original")) and source is not None:
        _rewrite(world, channel, url.user, source, messages.content(world, "response_url", body))
        return
    say(world, "response_url", channel, url.user, body)


def say(world: World, where: str, channel: Channel, user: str, body: Json) -> None:
    """A new message: for one person unless `in_channel` is asked for."""
    for name in sorted(set(body) - KEYS):
        world.fault("unknown_argument", where, name)
    made = messages.content(world, where, body)
    team = world.teams[channel.team]
    kind = body.get("response_type", "ephemeral")
    if kind == "in_channel":
        thread = messages.thread_of(world, where, channel, body.get("thread_ts"))
        messages.post(world, team, channel, made, thread, subtype="bot_message")
    elif kind == "ephemeral":
        messages.post_ephemeral(world, team, channel, user, made, body.get("thread_ts"))
    else:
        raise SlackError("invalid_response_type")


def _mine(world: World, user: str, source: Json) -> Json | None:
    return next((each for each in world.ephemerals.get(user, []) if each["ts"] == source["ts"]), None)


def _forget(world: World, channel: Channel, user: str, source: Json) -> None:
    if source.get("is_ephemeral"):
        if held := _mine(world, user, source):
            world.ephemerals[user].remove(held)
    elif message := world.message(channel, source["ts"]):
        messages.remove(world, channel, message)


def _rewrite(world: World, channel: Channel, user: str, source: Json, made: Json) -> None:
    fresh = {"blocks": [], **made}
    if source.get("is_ephemeral"):
        if held := _mine(world, user, source):
            held.update(fresh)
    elif message := world.message(channel, source["ts"]):
        messages.change(world, channel, message, fresh, world.teams[channel.team].bot_user)


def answered(world: World, user: str, channel: Channel, body: Any) -> str | None:
    """Carry out what a bot answered to a slash command; what Slack tells the person if it cannot."""
    if body in (None, "", b""):
        return None
    try:
        say(world, "slash command", channel, user, body if isinstance(body, dict) else {"text": str(body)})
    except SlackError as error:
        world.fault("invalid_command_response", "slash command", f"{error.error} {error.more.get('errors', '')}")
        return "invalid_command_response"
    return None
