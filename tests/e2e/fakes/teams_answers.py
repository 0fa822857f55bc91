"""What a bot answers to an invoke, judged as Teams judges it: cards, toasts, dialogs and search results."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from tests.e2e.fakes.teams_cards import HERO, THUMBNAIL, take_attachment, take_card
from tests.e2e.fakes.teams_state import ADAPTIVE, ConnectorError, Json, World

CARD_ANSWER = "application/vnd.microsoft.card.adaptive"
TEXT_ANSWER = "application/vnd.microsoft.activity.message"
ERROR_ANSWER = "application/vnd.microsoft.error"
SIZES = ("small", "medium", "large")
MOST_RESULTS = 25


class BadAnswer(Exception):
    """An answer that Teams does not understand: the person sees that something went wrong."""


def _only(value: Any, what: str, required: set[str], optional: Set[str] = frozenset()) -> Json:
    if not isinstance(value, dict):
        raise BadAnswer(f"{what} must be an object, not {value!r}")
    if lacking := required - set(value):
        raise BadAnswer(f"{what} lacks {sorted(lacking)}")
    if unknown := {key for key in value if value[key] is not None} - required - optional:
        raise BadAnswer(f"{what} has the unknown {sorted(unknown)}")
    return value


def _card(world: World, where: str, card: Any) -> Json:
    try:
        take_card(world, where, card)
    except ConnectorError as error:
        raise BadAnswer(str(error)) from error
    taken: Json = card
    return taken


def pressed(world: World, where: str, body: Any) -> tuple[str, Any]:
    """Of `adaptiveCard/action`: `card` with the card for this person, `text` with a toast, or `error`."""
    answer = _only(body, "the answer", {"statusCode", "type", "value"})
    kind, value, status = answer["type"], answer["value"], answer["statusCode"]
    if not isinstance(status, int) or isinstance(status, bool):
        raise BadAnswer(f"statusCode must be a number, not {status!r}")
    if kind == CARD_ANSWER and status == 200:
        return "card", _card(world, where, value)
    if kind == TEXT_ANSWER and status == 200 and isinstance(value, str) and value:
        return "text", value
    if kind == ERROR_ANSWER and status >= 400:
        error = _only(value, "the error", {"code", "message"}, {"innerHttpError"})
        return "error", str(error["message"])
    raise BadAnswer(f"no answer of type {kind!r}, status {status!r} and value {str(value)[:100]!r} is known")


def dialog(world: World, where: str, body: Any) -> tuple[str, Any]:
    """Of `task/fetch`, `task/submit` and the like: `open` with the dialog, `text`, or `close`."""
    if body in (None, "", {}):
        return "close", None
    task = _only(_only(body, "the answer", {"task"}, {"responseType", "cacheInfo"})["task"], "task", {"type", "value"})
    if task["type"] == "message" and isinstance(task["value"], str):
        return "text", task["value"]
    if task["type"] != "continue":
        raise BadAnswer(f"task.type is {task['type']!r}")
    optional = {"title", "height", "width", "card", "url", "fallbackUrl", "completionBotId"}
    value = _only(task["value"], "task.value", set(), optional)
    for name in ("height", "width"):
        given = value.get(name)
        if given is not None and given not in SIZES and (not isinstance(given, int) or isinstance(given, bool)):
            raise BadAnswer(f"task.value.{name} must be a number or one of {', '.join(SIZES)}, not {given!r}")
    if not value.get("title"):
        world.fault("no_title", where, "a dialog without title")
    if bool(value.get("card")) == bool(value.get("url")):
        raise BadAnswer("task.value needs either card or url")
    if value.get("card"):
        attached = _only(value["card"], "task.value.card", {"contentType", "content"}, {"name"})
        if attached["contentType"] != ADAPTIVE:
            raise BadAnswer(f"a dialog shows no {attached['contentType']}")
        _card(world, where, attached["content"])
    return "open", value


def results(world: World, where: str, body: Any) -> list[Json]:
    """Of `composeExtension/query`: the attachments that a person chooses from."""
    found = _only(
        _only(body, "the answer", {"composeExtension"}, {"cacheInfo"})["composeExtension"], "it", {"type"}, _R
    )
    if found["type"] == "message":
        if not isinstance(found.get("text"), str):
            raise BadAnswer("a message needs text")
        return []
    if found["type"] != "result" or found.get("attachmentLayout") not in ("list", "grid"):
        raise BadAnswer(f"type {found['type']!r} with layout {found.get('attachmentLayout')!r} is not known")
    attachments = found.get("attachments")
    if not isinstance(attachments, list) or len(attachments) > MOST_RESULTS:
        raise BadAnswer(f"attachments must be an array of at most {MOST_RESULTS}")
    for each in attachments:
        _result(world, where, each)
    return attachments


_R = {"text", "attachments", "attachmentLayout", "suggestedActions", "activityPreview"}


def _result(world: World, where: str, attachment: Any) -> None:
    try:
        take_attachment(world, where, attachment)
        preview = attachment.get("preview")
        if preview is None and attachment["contentType"] == ADAPTIVE:
            raise BadAnswer("an Adaptive Card needs a preview to be listed by")
        if preview is not None:
            take_attachment(world, where, preview)
    except ConnectorError as error:
        raise BadAnswer(str(error)) from error
    if preview is not None and preview.get("contentType") not in (HERO, THUMBNAIL):
        raise BadAnswer(f"a preview is a hero or thumbnail card, not {preview.get('contentType')}")
    if not ((preview or attachment).get("content") or {}).get("title"):
        world.fault("no_title", where, "a result without title")


def nothing(body: Any) -> None:
    """Of `message/submitAction`: no body, or an empty one."""
    if body not in (None, "", {}):
        raise BadAnswer(f"an empty body was expected, not {str(body)[:100]!r}")
