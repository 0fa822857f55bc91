"""`chat.*`: what the bot says, changes and takes back."""

from __future__ import annotations

import copy

from tests.e2e.fakes import slack_messages as messages
from tests.e2e.fakes.slack_messages import content
from tests.e2e.fakes.slack_methods import Asked, method
from tests.e2e.fakes.slack_state import Channel, Json, SlackError

SAID = ("text", "blocks", "attachments", "markdown_text", "metadata", "link_names", "parse")
LOOKS = ("as_user", "mrkdwn", "unfurl_links", "unfurl_media", "icon_emoji", "icon_url", "username")
RATE_SECONDS = 1.0


def _postable(asked: Asked, channel: Channel) -> None:
    """Raises where nothing may be posted now: archived, or a second message in a second if that is looked after."""
    if channel.archived:
        raise SlackError("is_archived")
    world, now = asked.world, asked.world.now()
    if world.rate_limit and now - world.posted_at.get(channel.id, 0.0) < RATE_SECONDS:
        raise SlackError("ratelimited", retry_after=1)
    world.posted_at[channel.id] = now


@method(
    "chat.postMessage",
    scopes=("chat:write",),
    required=("channel",),
    optional=(*SAID, *LOOKS, "thread_ts", "reply_broadcast"),
)
def post_message(asked: Asked) -> Json:
    """A message in a channel, or in somebody's conversation with the bot."""
    channel = asked.channel(people=True)
    made = content(asked.world, "chat.postMessage", asked.call.arguments)
    thread_ts = messages.thread_of(asked.world, "chat.postMessage", channel, asked["thread_ts"])
    _postable(asked, channel)
    message = messages.post(asked.world, asked.team, channel, made, thread_ts)
    return {"channel": channel.id, "ts": message["ts"], "message": copy.deepcopy(message)}


@method(
    "chat.postEphemeral",
    scopes=("chat:write",),
    required=("channel", "user"),
    optional=(*SAID, *LOOKS, "thread_ts"),
)
def post_ephemeral(asked: Asked) -> Json:
    """A message that one person in a channel sees."""
    channel = asked.channel()
    user = asked.user(asked["user"], error="user_not_in_channel")
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    made = content(asked.world, "chat.postEphemeral", asked.call.arguments)
    thread_ts = messages.thread_of(asked.world, "chat.postEphemeral", channel, asked["thread_ts"])
    _postable(asked, channel)
    message = messages.post_ephemeral(asked.world, asked.team, channel, user.id, made, thread_ts)
    return {"message_ts": message["ts"]}


def _own(asked: Asked, error: str) -> tuple[Channel, Json]:
    """A message of the bot's own."""
    channel = asked.channel(member=False)
    message = asked.world.message(channel, str(asked["ts"]))
    if message is None:
        raise SlackError("message_not_found")
    if message.get("user") != asked.world.teams[channel.team].bot_user:
        raise SlackError(error)
    return channel, message


@method(
    "chat.update",
    scopes=("chat:write",),
    required=("channel", "ts"),
    optional=(*SAID, "as_user", "file_ids", "reply_broadcast"),
)
def update(asked: Asked) -> Json:
    """Other words in the same message; blocks that are not given stay."""
    channel, message = _own(asked, "cant_update_message")
    made = content(asked.world, "chat.update", asked.call.arguments, text_most=messages.UPDATED_TEXT)
    if asked["blocks"] is None and message.get("blocks"):
        asked.world.fault("blocks_stay", "chat.update", "text alone: the blocks before stay as they are")
    messages.change(asked.world, channel, message, made, asked.team.bot_user)
    ts = message["ts"]
    return {"channel": channel.id, "ts": ts, "text": message["text"], "message": copy.deepcopy(message)}


@method("chat.delete", scopes=("chat:write",), required=("channel", "ts"), optional=("as_user",))
def delete(asked: Asked) -> Json:
    """Takes a message back."""
    channel, message = _own(asked, "cant_delete_message")
    messages.remove(asked.world, channel, message)
    return {"channel": channel.id, "ts": message["ts"]}


@method("chat.getPermalink", required=("channel", "message_ts"), form_only=True)
def permalink(asked: Asked) -> Json:
    """Where a message is found again."""
    channel = asked.channel(member=False)
    message = asked.world.message(channel, str(asked["message_ts"]))
    if message is None:
        raise SlackError("message_not_found")
    domain = asked.world.teams[channel.team].domain
    place = f"https://{domain}.slack.com/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    if message.get("thread_ts", message["ts"]) != message["ts"]:
        place += f"?thread_ts={message['thread_ts']}&cid={channel.id}"
    return {"channel": channel.id, "permalink": place}
