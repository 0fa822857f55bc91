"""What comes in from Teams, as plain JSON: one object whose fields are of the kinds that everything relies on."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from aiohttp import web

CHANNEL = "msteams"
LONGEST_ID = 2_000
"""Characters of an id or address; those of Teams stay far below."""
DEEPEST = 60
"""How deep an activity may be nested; a card of Teams' own stays far below."""
_NAMED = ("message", "messageUpdate", "messageDelete", "invoke")
"""These have an id, and somebody whom they are from; other activities of Teams may lack them."""

Kinds = Mapping[str, Any]
_PERSON: Kinds = {"id": "id", "name": str, "aadObjectId": "id", "role": str}
_PLACE: Kinds = {"id": "id", "name": str}
_CONVERSATION: Kinds = {"id": "id", "name": str, "conversationType": str, "tenantId": "id", "isGroup": bool}
_DATA: Kinds = {
    "tenant": {"id": "id"},
    "team": {**_PLACE, "aadGroupId": "id"},
    "channel": _PLACE,
    "eventType": str,
    "source": {"name": str},
    "settings": {"selectedChannel": _PLACE},
    "teamsTeamId": "id",
    "teamsChannelId": "id",
}
_ACTIVITY: Kinds = {
    **dict.fromkeys(("type", "id", "serviceUrl", "channelId", "replyToId", "name", "action"), "id"),
    **dict.fromkeys(("text", "textFormat", "locale", "timestamp", "localTimestamp", "localTimezone"), str),
    "from": _PERSON,
    "recipient": _PERSON,
    "conversation": _CONVERSATION,
    "channelData": _DATA,
    "membersAdded": [_PERSON],
    "membersRemoved": [_PERSON],
    "reactionsAdded": [{"type": str}],
    "reactionsRemoved": [{"type": str}],
    "entities": [{"type": str, "text": str, "locale": str, "mentioned": _PERSON}],
    "attachments": [{"contentType": str, "contentUrl": str, "name": str}],
}
"""What is not named here is as it came: `value` above all, what a press or form holds."""


def parsed(body: bytes) -> dict[str, object]:
    """The activity in `body`. Raises HTTPBadRequest.

    What is named above is of its kind or not there, never null. It has a type, a serviceUrl, a conversation with an id,
    and comes from Teams; a message and an invoke have an id and somebody whom they are from. The value of an invoke, if
    it has one, is an object.
    """
    try:
        found = json.loads(body.decode("utf-8"), parse_constant=_refuse)
        _depth(found)
        if re.search(rb"\\u[dD][89a-fA-F]", body):  # half a character cannot be kept anywhere
            found = json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
        activity: dict[str, object] = _shaped(found, _ACTIVITY)
        _complete(activity)
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest from error
    return activity


def tenant_of(activity: Mapping[str, object]) -> str:
    """The tenant that an activity comes from, in small letters; empty where it does not say."""
    data, conversation = activity.get("channelData"), activity.get("conversation")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    named = tenant.get("id") if isinstance(tenant, dict) else None
    if named is None and isinstance(conversation, dict):
        named = conversation.get("tenantId")
    return str(named or "").lower()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _depth(value: object, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError("nested too deep")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(inner, dict | list):
            _depth(inner, depth + 1)


def _shaped(value: object, kinds: Any, name: str = "it") -> Any:
    """The value without the nulls of what is named. Raises ValueError where something is of another kind."""
    if kinds == "id":
        if isinstance(value, str) and len(value) <= LONGEST_ID and value.isprintable():
            return value
    elif isinstance(kinds, type):
        if isinstance(value, kinds):
            return value
    elif isinstance(kinds, list):
        if isinstance(value, list):
            return [_shaped(each, kinds[0], name) for each in value]
    elif isinstance(value, dict):
        named = {key: _shaped(value[key], kind, key) for key, kind in kinds.items() if value.get(key) is not None}
        return {key: inner for key, inner in value.items() if key not in kinds and inner is not None} | named
    raise ValueError(f"{name} is of the wrong kind")


def _complete(activity: Mapping[str, Any]) -> None:
    if not (activity.get("type") and activity.get("serviceUrl") and activity.get("conversation", {}).get("id")):
        raise ValueError("not an activity")
    if activity.get("channelId") != CHANNEL:
        raise ValueError("not from Teams")
    if activity["type"] in _NAMED and not (activity.get("id") and activity.get("from", {}).get("id")):
        raise ValueError("without an id, or from nobody")
    if activity["type"] == "invoke" and not (activity.get("name") and isinstance(activity.get("value", {}), dict)):
        raise ValueError("not an invoke")
