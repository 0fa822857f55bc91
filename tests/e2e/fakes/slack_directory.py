"""`conversations.*`, `users.*`, `usergroups.*`: where people are, and who they are."""

from __future__ import annotations

import base64
import binascii
import copy
from collections.abc import Sequence
from typing import Any

from tests.e2e.fakes.slack_messages import flag
from tests.e2e.fakes.slack_methods import Asked, method
from tests.e2e.fakes.slack_state import Channel, Json, SlackError, User, UserGroup

KINDS = {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}
READ = tuple(f"{each}:read" for each in KINDS.values())
HISTORY = tuple(f"{each}:history" for each in KINDS.values())
WRITE = ("channels:manage", "groups:write", "im:write", "mpim:write")
TYPES = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
PAGED = ("cursor", "limit")


def _page(asked: Asked, key: str, every: Sequence[Any], usual: int = 100) -> Json:
    """One page of a list, and where the next begins."""
    try:
        start = int(base64.b64decode(asked["cursor"] or b"MA==", validate=True).decode().removeprefix("next:"))
        most = int(asked["limit"] or usual)
    except (TypeError, ValueError, binascii.Error):
        raise SlackError("invalid_cursor") from None
    if not 1 <= most <= 1000:
        raise SlackError("invalid_limit")
    more = start + most < len(every)
    cursor = base64.b64encode(f"next:{start + most}".encode()).decode() if more else ""
    return {key: list(every[start : start + most]), "response_metadata": {"next_cursor": cursor}}


def _shown(asked: Asked, channel: Channel) -> Json:
    bot = asked.world.teams[channel.team].bot_user
    common: Json = {
        "id": channel.id,
        "created": channel.created,
        "is_archived": channel.archived,
        "is_org_shared": False,
        "context_team_id": channel.team,
        "is_im": channel.kind == "im",
    }
    if channel.kind == "im":
        return {**common, "user": next(each for each in channel.members if each != bot), "is_user_deleted": False}
    return {
        **common,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": channel.kind == "public",
        "is_group": channel.kind == "private",
        "is_mpim": channel.kind == "mpim",
        "is_private": channel.kind != "public",
        "is_general": False,
        "is_member": bot in channel.members,
    }


@method(
    "conversations.open",
    scopes=WRITE,
    optional=("users", "channel", "return_im", "prevent_creation"),
)
def open_conversation(asked: Asked) -> Json:
    """The conversation of the bot and one person, or several."""
    if asked["channel"]:
        channel = asked.channel()
    else:
        given = asked["users"]
        named = given if isinstance(given, list) else [each for each in str(given or "").split(",") if each]
        if not named:
            raise SlackError("users_list_not_supplied")
        users = [asked.user(str(each).strip()) for each in named]
        if any(user.deleted for user in users):
            raise SlackError("user_disabled")
        if any(user.id == asked.team.bot_user or user.is_bot for user in users):
            raise SlackError("cannot_dm_bot")
        asked.need("im:write" if len(users) == 1 else "mpim:write")
        if len(users) == 1:
            channel = asked.world.im(users[0].id)
        else:
            members = {asked.team.bot_user, *(user.id for user in users)}
            same = (each for each in asked.world.channels.values() if each.kind == "mpim" and each.members == members)
            made = Channel(asked.world.id("G"), asked.team.id, "mpim", "mpdm-" + "-".join(sorted(members)), members)
            channel = next(same, None) or asked.world.add_channel(made)
    return {"channel": _shown(asked, channel) if flag(asked["return_im"]) else {"id": channel.id}}


@method(
    "conversations.info",
    scopes=READ,
    required=("channel",),
    optional=("include_locale", "include_num_members"),
    form_only=True,
)
def info(asked: Asked) -> Json:
    """What a channel is."""
    channel = asked.channel(member=False)
    asked.need(f"{KINDS[channel.kind]}:read")
    members = {"num_members": len(channel.members)} if flag(asked["include_num_members"]) else {}
    return {"channel": {**_shown(asked, channel), **members}}


@method(
    "conversations.list",
    scopes=READ,
    optional=("types", "exclude_archived", *PAGED),
    form_only=True,
)
def list_conversations(asked: Asked) -> Json:
    """The channels that the bot can see, of the kinds asked for."""
    kinds = []
    for each in str(asked["types"] or "public_channel").split(","):
        if each.strip() not in TYPES:
            raise SlackError("invalid_types")
        kinds.append(TYPES[each.strip()])
    for kind in kinds:
        asked.need(f"{KINDS[kind]}:read")
    seen = [
        _shown(asked, each)
        for each in asked.world.channels.values()
        if each.kind in kinds
        and each.team == asked.team.id
        and (each.kind == "public" or asked.team.bot_user in each.members)
        and not (each.archived and flag(asked["exclude_archived"]))
    ]
    return _page(asked, "channels", seen)


@method("conversations.members", scopes=READ, required=("channel",), optional=PAGED, form_only=True)
def members(asked: Asked) -> Json:
    """Who is in a channel."""
    channel = asked.channel(member=False)
    asked.need(f"{KINDS[channel.kind]}:read")
    return _page(asked, "members", sorted(channel.members))


def _messages(asked: Asked, found: list[Json], newest_first: bool) -> Json:
    for key in ("oldest", "latest"):
        if asked[key] and not str(asked[key]).replace(".", "", 1).isdigit():
            raise SlackError(f"invalid_ts_{key}")
    oldest, latest = float(asked["oldest"] or 0), float(asked["latest"] or "inf")
    inside = [
        each
        for each in found
        if oldest < float(each["ts"]) < latest or (flag(asked["inclusive"]) and float(each["ts"]) in (oldest, latest))
    ]
    page = _page(asked, "messages", copy.deepcopy(inside[::-1] if newest_first else inside))
    return {**page, "has_more": bool(page["response_metadata"]["next_cursor"])}


RANGE = ("oldest", "latest", "inclusive", "include_all_metadata", *PAGED)


@method("conversations.history", scopes=HISTORY, required=("channel",), optional=RANGE, form_only=True)
def history(asked: Asked) -> Json:
    """A channel's messages, newest first, without the replies in threads."""
    channel = asked.channel()
    asked.need(f"{KINDS[channel.kind]}:history")
    found = [each for each in channel.messages if each.get("thread_ts", each["ts"]) == each["ts"]]
    return _messages(asked, found, newest_first=True)


@method("conversations.replies", scopes=HISTORY, required=("channel", "ts"), optional=RANGE, form_only=True)
def replies(asked: Asked) -> Json:
    """A thread, from its first message."""
    channel = asked.channel()
    asked.need(f"{KINDS[channel.kind]}:history")
    parent = asked.world.message(channel, str(asked["ts"]))
    if parent is None:
        raise SlackError("thread_not_found")
    found = [each for each in channel.messages if asked["ts"] in (each["ts"], each.get("thread_ts"))]
    return _messages(asked, found, newest_first=False)


@method("conversations.join", scopes=("channels:join",), required=("channel",))
def join(asked: Asked) -> Json:
    """The bot goes into a public channel."""
    channel = asked.channel(member=False)
    if channel.kind != "public":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackError("is_archived")
    already = asked.team.bot_user in channel.members
    channel.members.add(asked.team.bot_user)
    return {"channel": _shown(asked, channel), **({"warning": "already_in_channel"} if already else {})}


def _person(asked: Asked, user: User) -> Json:
    profile = {"real_name": user.name, "display_name": user.name, "team": user.team}
    if "users:read.email" in asked.world.scopes and not user.is_bot:
        profile["email"] = user.email
    return {
        "id": user.id,
        "team_id": user.team,
        "name": user.name.lower().replace(" ", "."),
        "real_name": user.name,
        "deleted": user.deleted,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "tz": user.tz,
        "profile": profile,
    }


@method("users.info", scopes=("users:read",), required=("user",), optional=("include_locale",), form_only=True)
def user_info(asked: Asked) -> Json:
    """Who somebody is."""
    return {"user": _person(asked, asked.user(asked["user"]))}


@method("users.lookupByEmail", scopes=("users:read.email",), required=("email",), form_only=True)
def lookup(asked: Asked) -> Json:
    """Who has an address."""
    wanted = str(asked["email"]).lower()
    for user in asked.world.users.values():
        if user.email.lower() == wanted and user.team in asked.teams and not user.deleted and not user.is_bot:
            return {"user": _person(asked, user)}
    raise SlackError("users_not_found")


def _group(asked: Asked, group: UserGroup) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": group.team,
        "is_usergroup": True,
        "name": group.handle,
        "handle": group.handle,
        "date_delete": 1 if group.disabled else 0,
    }
    if flag(asked["include_users"]):
        shown["users"] = list(group.users)
    return {**shown, "user_count": str(len(group.users))} if flag(asked["include_count"]) else shown


@method(
    "usergroups.list",
    scopes=("usergroups:read",),
    optional=("include_users", "include_count", "include_disabled"),
    form_only=True,
)
def list_groups(asked: Asked) -> Json:
    """The user groups of a workspace."""
    found = [
        _group(asked, each)
        for each in asked.world.groups.values()
        if each.team == asked.team.id and (not each.disabled or flag(asked["include_disabled"]))
    ]
    return {"usergroups": found}


@method(
    "usergroups.users.list",
    scopes=("usergroups:read",),
    required=("usergroup",),
    optional=("include_disabled",),
    form_only=True,
)
def group_users(asked: Asked) -> Json:
    """Who is in a user group."""
    group = asked.world.groups.get(str(asked["usergroup"]))
    if group is None or group.team not in asked.teams or (group.disabled and not flag(asked["include_disabled"])):
        raise SlackError("no_such_subteam")
    return {"users": [each for each in group.users if not asked.world.users[each].deleted]}
