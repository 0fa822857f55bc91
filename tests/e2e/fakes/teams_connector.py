"""The Bot Connector's operations: each looks at the world or changes it, and answers with a status and a body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.fakes import teams_messages as messages
from tests.e2e.fakes.teams_state import ConnectorError, Json, Person, Room, World, bad_syntax, not_in_roster

Answered = tuple[int, Any]
PAGE_LEAST, PAGE_MOST = 50, 500
RATES = ((1.0, 7), (2.0, 8), (30.0, 60))
"""Seconds, and how many messages one bot may send to one conversation in them."""
BLOCKED = {
    "ConversationBlockedByUser": "User blocked the conversation with the bot.",
    "BotDisabledByAdmin": "The tenant admin disabled this bot.",
    "MessageWritesBlocked": "Thread is blocked from message writes.",
}


@dataclass(frozen=True)
class Asked:
    """One call: the parts of its path, its query, its body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


def _found(world: World, id: str) -> tuple[Room, str | None]:
    found = world.room_of(id)
    if found is None or (found[1] and world.message(found[0], found[1]) is None):
        raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
    return found


def _may_write(world: World, room: Room) -> None:
    blocked = world.people[room.key].blocked if room.kind == "personal" else None
    if blocked == "MessageWritesBlocked":
        inner = json.dumps({"subCode": blocked, "details": BLOCKED[blocked], "errorCode": None, "errorSubCode": None})
        raise ConnectorError(403, blocked, BLOCKED[blocked], {"errorCode": 209, "message": inner})
    if blocked:
        raise ConnectorError(403, blocked, BLOCKED.get(blocked, "Forbidden."))
    if not world.here(room):
        raise not_in_roster()


def _count(world: World, room: Room) -> None:
    """The documented rates, where a test wants them."""
    now = world.now()
    room.sent_at = [at for at in room.sent_at if now - at < RATES[-1][0]]
    for seconds, most in RATES:
        inside = [at for at in room.sent_at if now - at < seconds]
        if world.rate_limit and len(inside) >= most:
            wait = max(1, round(seconds - (now - inside[0])))
            raise ConnectorError(429, "Throttled", "Too many requests.", retry_after=wait)
    room.sent_at.append(now)


def create(world: World, asked: Asked) -> Answered:
    """A chat with one person, or a new post in a channel; nothing else can be begun."""
    wrong = bad_syntax("Incorrect conversation creation parameters")
    body = asked.body
    if not isinstance(body, dict):
        raise wrong
    given = body.get("channelData")
    data: Json = given if isinstance(given, dict) else {}
    named = next((value for key, value in body.items() if key.lower() == "tenantid" and value), None)
    tenant = named or (data.get("tenant") or {}).get("id")
    if tenant is None:
        raise wrong
    if tenant != world.tenant:
        raise not_in_roster()
    bot = body.get("bot")
    if isinstance(bot, dict) and bot.get("id") not in (None, world.bot):
        world.fault("wrong_sender", "create", f"bot is {bot.get('id')}, not {world.bot}")
    if body.get("isGroup"):
        return _post(world, body, data, wrong)
    return _begin(world, body, wrong)


def _post(world: World, body: Json, data: Json, wrong: ConnectorError) -> Answered:
    channel, activity = (data.get("channel") or {}).get("id"), body.get("activity")
    if not channel or not activity:
        raise wrong
    room, _ = _found(world, str(channel).partition(";")[0])
    if room.kind != "channel":
        raise wrong
    _may_write(world, room)
    _count(world, room)
    said = messages.take(world, room, activity)
    if len(messages.parts(said)) > 1:
        raise bad_syntax(messages.SPLIT)
    made = messages.place(world, room, "bot", said, None)
    return 201, {"id": f"{room.id};messageid={made['id']}", "activityId": made["id"]}


def _begin(world: World, body: Json, wrong: ConnectorError) -> Answered:
    members = body.get("members")
    if not isinstance(members, list) or len(members) != 1 or not isinstance(members[0], dict):
        raise wrong
    id = str(members[0].get("id"))
    person = world.person_of(id)
    if person is None or person.id != id:
        if id.startswith("29:"):
            raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
        raise ConnectorError(400, "BadArgument", "Invalid user identity in provided tenant")
    room = world.personal(person.key)
    if not world.here(room):
        raise not_in_roster()
    if body.get("activity"):
        _say(world, room, body["activity"], None)
    return 201, {"id": room.id}


def send(world: World, asked: Asked) -> Answered:
    """A message to a conversation; in a channel without a thread in its id it is a new post."""
    room, root = _found(world, asked.path["conversation"])
    return _say(world, room, asked.body, root)


def _say(world: World, room: Room, activity: Any, root: str | None) -> Answered:
    _may_write(world, room)
    _count(world, room)
    said = messages.take(world, room, activity)
    if said["type"] == "typing":
        room.typing += 1
        return 201, {"id": world.new_id()}
    pieces = messages.parts(said)
    made = [messages.place(world, room, "bot", each, root) for each in pieces]
    if len(made) > 1:
        world.fault("split", f"message in {room.key}", "text beside a card, or several cards: no id to change it by")
        return 202, None
    return 201, {"id": made[0]["id"]}


def _own(world: World, asked: Asked) -> tuple[Room, Json]:
    room, _ = _found(world, asked.path["conversation"])
    _may_write(world, room)
    message = world.message(room, asked.path["activity"])
    if message is None or message["deleted"]:
        raise ConnectorError(404, "ActivityNotFoundInConversation", "Conversation not found.")
    if message["from"] != "bot":
        raise ConnectorError(403, "NotEnoughPermissions", "A bot changes its own messages only.")
    return room, message


def update(world: World, asked: Asked) -> Answered:
    """Another content for a message; whoever saw a view of their own sees the new one."""
    room, message = _own(world, asked)
    said = messages.take(world, room, asked.body)
    if said["type"] != "message":
        raise bad_syntax("only a message can be updated")
    if len(messages.parts(said)) > 1:
        raise bad_syntax(messages.SPLIT)
    messages.change(message, said)
    for key in [key for key in world.views if key[1] == message["id"]]:
        del world.views[key]
    return 200, {"id": message["id"]}


def delete(world: World, asked: Asked) -> Answered:
    """Take a message back."""
    _, message = _own(world, asked)
    message["deleted"] = True
    return 200, None


def _account(world: World, person: Person) -> Json:
    given, _, surname = person.name.partition(" ")
    return {
        "id": person.id,
        "name": person.name,
        "aadObjectId": person.aad,
        "objectId": person.aad,
        "givenName": given,
        "surname": surname,
        "email": person.email,
        "userPrincipalName": person.email,
        "tenantId": world.tenant,
        "userRole": person.role,
    }


def _roster(world: World, asked: Asked) -> list[Person]:
    room, _ = _found(world, asked.path["conversation"])
    if not world.here(room):
        raise not_in_roster()
    return world.members(room)


def members(world: World, asked: Asked) -> Answered:
    """Everybody in a conversation."""
    return 200, [_account(world, each) for each in _roster(world, asked)]


def paged_members(world: World, asked: Asked) -> Answered:
    """The same in pages of at least fifty."""
    every = _roster(world, asked)
    wanted, token = asked.query.get("pageSize", "200"), asked.query.get("continuationToken", "0")
    if not wanted.isdigit() or not token.isdigit():
        raise ConnectorError(400, "BadArgument", "pageSize or continuationToken is not valid")
    begin, length = int(token), min(PAGE_MOST, max(PAGE_LEAST, int(wanted)))
    page: Json = {"members": [_account(world, each) for each in every[begin : begin + length]]}
    if begin + length < len(every):
        page["continuationToken"] = str(begin + length)
    return 200, page


def member(world: World, asked: Asked) -> Answered:
    """One of them, by the id of Teams or of Entra."""
    for each in _roster(world, asked):
        if asked.path["member"] in (each.id, each.aad):
            return 200, _account(world, each)
    raise ConnectorError(404, "MemberNotFoundInConversation", "Member not found in conversation.")


def team(world: World, asked: Asked) -> Answered:
    """A team's name and size."""
    found = next((each for each in world.teams.values() if each.id == asked.path["team"]), None)
    if found is None:
        raise ConnectorError(404, "ConversationNotFound", "Conversation not found.")
    if not found.bot:
        raise not_in_roster()
    counts = {"channelCount": len(found.channels), "memberCount": len(found.members)}
    return 200, {"id": found.id, "name": found.name, "aadGroupId": found.aad_group, "type": "standard", **counts}


def team_channels(world: World, asked: Asked) -> Answered:
    """A team's channels; the first one has no name."""
    team(world, asked)
    rooms = [each for each in world.rooms.values() if each.team and world.teams[each.team].id == asked.path["team"]]
    return 200, {
        "conversations": [
            {"id": each.id, "name": None if each.id == asked.path["team"] else each.name} for each in rooms
        ]
    }


Operation = Callable[[World, Asked], Answered]
_CONVERSATION = "/v3/conversations/{conversation}"
ROUTES: tuple[tuple[str, str, str, Operation], ...] = (
    ("POST", "/v3/conversations", "create", create),
    ("POST", f"{_CONVERSATION}/activities", "send", send),
    ("POST", f"{_CONVERSATION}/activities/{{activity}}", "send", send),
    ("PUT", f"{_CONVERSATION}/activities/{{activity}}", "update", update),
    ("DELETE", f"{_CONVERSATION}/activities/{{activity}}", "delete", delete),
    ("GET", f"{_CONVERSATION}/members", "members", members),
    ("GET", f"{_CONVERSATION}/pagedmembers", "paged_members", paged_members),
    ("GET", f"{_CONVERSATION}/members/{{member}}", "member", member),
    ("GET", "/v3/teams/{team}", "team", team),
    ("GET", "/v3/teams/{team}/conversations", "team_channels", team_channels),
)
OPERATIONS = frozenset({operation for _, _, operation, _ in ROUTES} | {"token", "openid", "keys"})
