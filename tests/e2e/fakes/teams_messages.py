"""What a bot posts: judged as the Bot Connector judges it, and kept."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterator
from typing import Any

from tests.e2e.fakes.teams_cards import AT, take_attachment
from tests.e2e.fakes.teams_state import ADAPTIVE, ConnectorError, Json, Room, World, bad_syntax

MESSAGE_BYTES = 80 * 1024
ROOT_MESSAGE = "https://schema.org/Message"
CITATIONS, CITED_NAME, CITED_ABSTRACT, KEYWORDS, KEYWORD = 20, 80, 160, 3, 28
SUGGESTED = 3
SPLIT = "Activity resulted into multiple skype activities"
# fmt: off
KNOWN = frozenset({
    "type", "id", "timestamp", "localTimestamp", "localTimezone", "callerId", "serviceUrl", "channelId", "from",
    "conversation", "recipient", "textFormat", "attachmentLayout", "membersAdded", "membersRemoved", "reactionsAdded",
    "reactionsRemoved", "topicName", "historyDisclosed", "locale", "text", "speak", "inputHint", "summary",
    "suggestedActions", "attachments", "entities", "channelData", "action", "replyToId", "label", "valueType",
    "value", "name", "relatesTo", "code", "expiration", "importance", "deliveryMode", "listenFor", "textHighlights",
    "semanticAction",
})  # what an activity may have
# fmt: on
KEPT = ("text", "summary", "textFormat", "attachments", "entities", "channelData", "suggestedActions", "importance")


def take(world: World, room: Room, activity: Any) -> Json:
    """The activity, if the service takes it; what is poor in it is remembered."""
    if not isinstance(activity, dict):
        raise bad_syntax("Activity must be an object")
    kind, where = activity.get("type"), f"{activity.get('type')} in {room.key}"
    if kind not in ("message", "typing"):
        raise bad_syntax(f"Unknown activity type '{kind}'")
    if unknown := sorted(set(activity) - KNOWN):
        world.fault("unknown_property", where, f"activity: {unknown}")
    if kind == "message":
        _size(activity)
        _content(world, where, activity)
        for fault, what in (*_addresses(world, room, activity), *_mentions(world, activity), *_extras(room, activity)):
            world.fault(fault, where, what)
    return activity


def _size(activity: Json) -> None:
    """The service counts in UTF-16."""
    content = {key: activity[key] for key in KEPT if activity.get(key) is not None}
    count = len(json.dumps(content, ensure_ascii=False).encode("utf-16-le", "surrogatepass"))
    if count > MESSAGE_BYTES:
        raise ConnectorError(413, "MessageSizeTooBig", f"Message size too large: {count} bytes.")


def _content(world: World, where: str, activity: Json) -> None:
    text, given = activity.get("text"), activity.get("attachments")
    attachments = [] if given is None else given
    for key in ("text", "summary", "speak"):
        if activity.get(key) is not None and not isinstance(activity[key], str):
            raise bad_syntax(f"'{key}' must be a string")
    if not isinstance(attachments, list):
        raise bad_syntax("'attachments' must be an array")
    if not (text or "").strip() and not attachments:
        raise bad_syntax("Activity must include non empty 'text' field or at least 1 attachment")
    for key, allowed in (("textFormat", ("plain", "markdown", "xml")), ("attachmentLayout", ("list", "carousel"))):
        if activity.get(key) not in (None, *allowed):
            raise bad_syntax(f"'{key}' must be one of {', '.join(allowed)}")
    for each in attachments:
        take_attachment(world, where, each)
    if attachments and not (text or activity.get("summary") or "").strip():
        world.fault("no_fallback", where, "a card without summary is 'sent a card' in notifications and chat lists")
    _root_message(activity)


def parts(activity: Json) -> list[Json]:
    """The messages that an activity becomes: text and each card on its own, unless the cards are a carousel."""
    attachments = activity.get("attachments") or []
    words = {key: value for key, value in activity.items() if key != "attachments"}
    made = [words] if (activity.get("text") or "").strip() or not attachments else []
    bare = {key: value for key, value in activity.items() if key != "text"}
    if activity.get("attachmentLayout") == "carousel" and attachments:
        return [*made, bare]
    return [*made, *({**bare, "attachments": [each]} for each in attachments)]


def _root_message(activity: Json) -> None:
    """The entity with citations: its errors are the service's own."""
    entities = activity.get("entities") or []
    if not isinstance(entities, list) or not all(isinstance(each, dict) and each.get("type") for each in entities):
        raise bad_syntax("'entities' must be an array of objects with a type")
    roots = [each for each in entities if each["type"] == ROOT_MESSAGE]
    if len(roots) > 1:
        raise bad_syntax("Multiple root message entities found under entities array")
    for root in roots:
        if root.get("@type") != "Message" or root.get("@context") not in (None, "https://schema.org", ""):
            raise bad_syntax("Error parsing message entity from entities array")
        citations = root.get("citation", [])
        if len(citations) > CITATIONS:
            raise bad_syntax("Bot message with more than 20 citations")
        for each in citations:
            _citation(each)


def _citation(citation: Any) -> None:
    appearance = citation.get("appearance") if isinstance(citation, dict) else None
    if not appearance:
        raise bad_syntax("The appearance object is empty")
    position = citation.get("position")
    right = (
        citation.get("@type") == "Claim"
        and isinstance(position, int)
        and position > 0
        and isinstance(appearance, dict)
        and appearance.get("@type") == "DigitalDocument"
        and bool(appearance.get("name"))
    )
    if not right:
        raise bad_syntax(f"Error while parsing citation entity with ID: {position}")


def _addresses(world: World, room: Room, activity: Json) -> Iterator[tuple[str, str]]:
    conversation = activity.get("conversation")
    named = conversation.get("id") if isinstance(conversation, dict) else None
    if named and str(named).partition(";")[0] != room.id:
        yield "wrong_conversation", f"the activity names {named}"
    sender = activity.get("from")
    if isinstance(sender, dict) and sender.get("id") not in (None, "", world.bot):
        yield "wrong_sender", f"the activity is from {sender.get('id')}, not from {world.bot}"


def _mentions(world: World, activity: Json) -> Iterator[tuple[str, str]]:
    """Each `<at>` has its entity, each entity its `<at>` and somebody whom it names."""
    mentions = [each for each in activity.get("entities") or [] if each["type"] == "mention"]
    written = AT.findall(activity.get("text") or "")
    for text in written:
        if text not in [each.get("text") for each in mentions]:
            yield "mention", f"{text!r} has no entity"
    for each in mentions:
        mentioned = each.get("mentioned") or {}
        if each.get("text") not in written:
            yield "mention", f"the entity {each.get('text')!r} is nowhere in the text"
        if world.person_of(str(mentioned.get("id"))) is None or not mentioned.get("name"):
            yield "mention", f"the entity {each.get('text')!r} names nobody: {mentioned}"


def _extras(room: Room, activity: Json) -> Iterator[tuple[str, str]]:
    data = activity.get("channelData") or {}
    loop = data.get("feedbackLoop") if isinstance(data, dict) else None
    if loop is not None and (not isinstance(loop, dict) or loop.get("type") not in ("default", "custom")):
        yield "feedback", f"feedbackLoop is {loop!r}"
    suggested = (activity.get("suggestedActions") or {}).get("actions") or []
    if suggested and room.kind != "personal":
        yield "suggested_actions", "they are shown in personal chats only"
    if len(suggested) > SUGGESTED:
        yield "suggested_actions", f"{len(suggested)} of them, of which {SUGGESTED} are shown"
    for each in suggested:
        if each.get("type") != "imBack" or not each.get("title") or each.get("title") != each.get("value"):
            yield "suggested_actions", f"must be imBack with one title and value: {each}"
    yield from _cited(activity)


def _cited(activity: Json) -> Iterator[tuple[str, str]]:
    for root in (each for each in activity.get("entities") or [] if each["type"] == ROOT_MESSAGE):
        numbers = {int(found) for found in re.findall(r"\[(\d+)\]", activity.get("text") or "")}
        positions = [each["position"] for each in root.get("citation", [])]
        if sorted(positions) != sorted(set(positions)) or not set(positions) <= numbers:
            yield "citation", f"the positions {positions} are not the numbers {sorted(numbers)} of the text"
        for each in root.get("citation", []):
            shown, keywords = each["appearance"], each["appearance"].get("keywords") or []
            if len(shown["name"]) > CITED_NAME or len(shown.get("abstract") or "") > CITED_ABSTRACT:
                yield "citation", f"{each['position']}: a name over {CITED_NAME} or an abstract over {CITED_ABSTRACT}"
            if len(keywords) > KEYWORDS or any(len(word) > KEYWORD for word in keywords):
                yield "citation", f"{each['position']}: over {KEYWORDS} keywords, or one over {KEYWORD} characters"


def place(world: World, room: Room, sender: str, content: Json, root: str | None) -> Json:
    """Keep a new message; in a channel `root` is the message whose thread it belongs to."""
    made: Json = {
        "id": world.new_id(),
        "from": sender,
        "root": root,
        "replyToId": content.get("replyToId"),
        "at": time.time(),
        "edited": 0,
        "deleted": False,
        "versions": [],
        "reactions": {},
        **fresh(content),
    }
    room.messages.append(made)
    return made


def fresh(content: Json) -> Json:
    """What a message says, of an activity or of one that replaces it."""
    return {"text": ""} | {key: copy.deepcopy(content[key]) for key in KEPT if content.get(key) is not None}


def change(message: Json, content: Json) -> None:
    """Say something else in the same message; what it said is kept as a version."""
    message["versions"].append({key: message[key] for key in KEPT if key in message})
    for key in KEPT:
        message.pop(key, None)
    message.update(fresh(content), edited=message["edited"] + 1)


def card_of(message: Json) -> Json | None:
    """The Adaptive Card of a message, if it has one."""
    attached = message.get("attachments") or []
    return next((each["content"] for each in attached if each["contentType"] == ADAPTIVE), None)
