"""What Teams sends to a bot: the activities around messages, installs, presses, dialogs and searches."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e.fakes.teams_state import BOT_NAME, Json, Person, Room, World, guid_id

ZONE = "Europe/London"


def activity(world: World, person: Person, room: Room, type: str, root: str | None = None, **more: Any) -> Json:
    """Any activity of a person in a room; in a channel `root` is the message whose thread it is in."""
    now = datetime.now(UTC)
    return {
        "type": type,
        "id": guid_id(),
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z",
        "localTimestamp": now.astimezone(ZoneInfo(ZONE)).isoformat(timespec="milliseconds"),
        "localTimezone": ZONE,
        "serviceUrl": world.service_url,
        "channelId": "msteams",
        "from": {"id": person.id, "name": person.name, "aadObjectId": person.aad},
        "conversation": _conversation(world, room, root),
        "recipient": {"id": world.bot, "name": BOT_NAME},
        "entities": [
            {"locale": person.locale, "country": "GB", "platform": "Web", "timezone": ZONE, "type": "clientInfo"}
        ],
        "channelData": channel_data(world, room),
        "locale": person.locale,
        **more,
    }


def _conversation(world: World, room: Room, root: str | None) -> Json:
    thread = f";messageid={root}" if root and room.kind == "channel" else ""
    said: Json = {"conversationType": room.kind, "tenantId": world.tenant, "id": room.id + thread}
    if room.kind != "personal":
        said = {"isGroup": True, **said, "name": room.name}
    return said


def channel_data(world: World, room: Room) -> Json:
    """Tenant, and in a channel team and channel."""
    data: Json = {"tenant": {"id": world.tenant}}
    if room.team:
        team = world.teams[room.team]
        data |= {"teamsChannelId": room.id, "teamsTeamId": team.id}
        data |= {"channel": {"id": room.id}, "team": {"id": team.id}}
    return data


def message(world: World, person: Person, room: Room, said: Json, *, mention: bool) -> Json:
    """A message as it is told to the bot: escaped, with its mention, and once more as HTML."""
    text = html.escape(str(said["text"]), quote=False)
    at = f"<at>{BOT_NAME}</at>"
    told = f"{at}&nbsp;{text}" if mention else text
    root = (said["root"] or said["id"]) if room.kind == "channel" else None
    made = activity(
        world,
        person,
        room,
        "message",
        root,
        text=told,
        textFormat="plain",
        attachments=[{"contentType": "text/html", "content": f"<p>{told}</p>"}],
    )
    made["id"] = said["id"]
    if said["root"]:
        made["replyToId"] = said["root"]
    if mention:
        made["entities"] = [
            {"mentioned": {"id": world.bot, "name": BOT_NAME}, "text": at, "type": "mention"},
            *made["entities"],
        ]
    return made


def of_message(world: World, person: Person, room: Room, said: Json, type: str, event: str, **more: Any) -> Json:
    """Something that was done to a message of one's own: its id is the message's."""
    made = activity(world, person, room, type, said["root"] or said["id"], **more)
    made["id"] = said["id"]
    made["channelData"]["eventType"] = event
    return made


def installation(world: World, person: Person, room: Room, action: str) -> Json:
    """The app comes, or goes."""
    made = activity(world, person, room, "installationUpdate", action=action)
    made["channelData"]["source"] = {"name": "message"}
    if room.team:
        team = world.teams[room.team]
        made["channelData"]["team"] = {"aadGroupId": team.aad_group, "name": team.name, "id": team.id}
        if action == "add":
            made["channelData"]["settings"] = {"selectedChannel": {"id": room.id}}
    return made


def members(world: World, person: Person, room: Room, key: str, accounts: list[Json]) -> Json:
    """Somebody, or the bot, is added or removed."""
    made = {**activity(world, person, room, "conversationUpdate"), key: accounts}
    if room.team:
        team = world.teams[room.team]
        made["channelData"]["eventType"] = "teamMemberAdded" if key == "membersAdded" else "teamMemberRemoved"
        made["channelData"]["team"] = {"aadGroupId": team.aad_group, "name": team.name, "id": team.id}
    return made


def on_card(world: World, person: Person, room: Room, said: Json, type: str, value: Json, **more: Any) -> Json:
    """Something that was done to a card: `replyToId` is the message that it is in."""
    root = said["root"] or said["id"]
    made = activity(world, person, room, type, root, value=value, replyToId=said["id"], **more)
    made["channelData"]["source"] = {"name": "message"}
    made["channelData"]["legacy"] = {"replyToId": f"1:{said['id']}"}
    return made


def execute(action: Json, data: Json, trigger: str) -> Json:
    """The value of `adaptiveCard/action`."""
    told = {"type": "Action.Execute", "id": action.get("id", ""), "verb": action["verb"], "data": data}
    return {"action": told, "trigger": trigger}


def extension(world: World, person: Person, room: Room, name: str, value: Json, source: str) -> Json:
    """A search, or an action on a message, wherever the person is."""
    made = activity(world, person, room, "invoke", name=name, value=value)
    made["channelData"]["source"] = {"name": source}
    return made


def payload_of(world: World, room: Room, said: Json) -> Json:
    """A message as a message action is given it."""
    sender = world.people.get(said["from"])
    user = {"userIdentityType": "aadUser", "id": sender.aad, "displayName": sender.name} if sender else None
    bot = {"applicationIdentityType": "bot", "id": world.app_id, "displayName": BOT_NAME} if sender is None else None
    at = datetime.fromtimestamp(said["at"], UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = html.escape(str(said["text"]), quote=False)
    return {
        "id": said["id"],
        "replyToId": said["root"],
        "createdDateTime": at,
        "lastModifiedDateTime": None,
        "deleted": False,
        "subject": None,
        "summary": None,
        "importance": "normal",
        "locale": "en-gb",
        "linkToMessage": f"https://teams.microsoft.com/l/message/{room.id}/{said['id']}",
        "from": {"device": None, "conversation": None, "user": user, "application": bot},
        "body": {"contentType": "html", "content": f"<div>\n<div>{text}</div>\n</div>" if text else ""},
        "attachments": [
            {"id": str(number), "contentType": each["contentType"], "content": json.dumps(each.get("content"))}
            for number, each in enumerate(said.get("attachments") or [])
        ],
        "mentions": [],
        "reactions": [],
    }
