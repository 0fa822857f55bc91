"""Whether a card is one that Teams takes: Adaptive Cards up to 1.5, with their limits; hero cards as previews."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.e2e.fakes.teams_elements import CARD
from tests.e2e.fakes.teams_schema import Check, Spot, items, shape, string, typed
from tests.e2e.fakes.teams_state import ADAPTIVE, ConnectorError, Json, World, bad_syntax

VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5")
CARD_BYTES = 28 * 1024
HERO = "application/vnd.microsoft.card.hero"
THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
AT = re.compile(r"<at>.*?</at>", re.DOTALL)

_button = shape({"type": string}, {"title": string, "value": string, "image": string, "text": string})
_hero = {"title": string, "subtitle": string, "text": string, "images": items(shape({"url": string}, {"alt": string}))}
SMALL_CARD: Check = shape({}, {**_hero, "buttons": items(_button, 0, 6), "tap": _button})


def within(value: Any, but: tuple[str, ...] = ("data",)) -> Iterator[Json]:
    """Every object in a card, but for those under some keys."""
    if isinstance(value, dict):
        yield value
        for key, inner in value.items():
            if key not in but:
                yield from within(inner, but)
    elif isinstance(value, list):
        for each in value:
            yield from within(each, but)


def look_at(card: Any) -> Spot:
    """What is wrong with an Adaptive Card, and what is poor."""
    spot = Spot()
    typed({"AdaptiveCard": shape({"version": _version}, CARD)})(card, spot)
    if isinstance(card, dict):
        _one_of_each(card, spot)
        _executes(card, spot)
        _mentions(card, spot)
        if "$schema" not in card:
            spot.poor("no_schema", "a card names its $schema")
        if not card.get("body"):
            spot.bad("has nothing in its body")
    return spot


def _version(value: Any, spot: Spot) -> None:
    if value not in VERSIONS:
        spot.bad(f"must be one of {', '.join(VERSIONS)}, not {value!r}")


def _one_of_each(card: Json, spot: Spot) -> None:
    seen = set[str]()
    for each in within(card.get("body")):
        id = each.get("id")
        if isinstance(id, str) and isinstance(each.get("type"), str):
            if id in seen:
                spot.bad(f"has two elements with the id {id!r}")
            seen.add(id)


def _executes(card: Json, spot: Spot) -> None:
    every = [each for each in within(card) if each.get("type") == "Action.Execute"]
    refresh = card.get("refresh")
    hidden = refresh.get("action") if isinstance(refresh, dict) else None
    if (every or refresh) and str(card.get("version")) < "1.4":
        spot.bad("has Action.Execute or refresh, and a version before 1.4")
    for each in every:
        fallback = each.get("fallback")
        if each is not hidden and not (isinstance(fallback, dict) and fallback.get("type") == "Action.Submit"):
            spot.poor("no_fallback_action", f"{each.get('title')!r} does nothing in an old client: no Action.Submit")
        data = each.get("data")
        if isinstance(data, dict) and "msteams" in data:
            spot.poor("execute_with_msteams", f"{each.get('title')!r}: only Action.Submit does what data.msteams says")


def _mentions(card: Json, spot: Spot) -> None:
    teams = card.get("msteams")
    entities = teams.get("entities", []) if isinstance(teams, dict) else []
    texts = [each.get("text") for each in entities if isinstance(each, dict)] if isinstance(entities, list) else []
    written = set[str]()
    for each in within(card.get("body")):
        for name in ("text", "title", "value"):
            if isinstance(each.get(name), str):
                written |= set(AT.findall(each[name]))
    for said in written - set(texts):
        spot.poor("mention", f"{said!r} has no entity in msteams")
    for text in set(texts) - written:
        spot.poor("mention", f"the entity {text!r} is nowhere in the card")


def size(value: Any) -> int:
    """Bytes of something as JSON."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def take_card(world: World, where: str, card: Any) -> None:
    """Raise if the service would refuse this card; remember what is poor in it."""
    spot = look_at(card)
    if spot.problems:
        raise bad_syntax(f"Failed to parse Adaptive Card: {'; '.join(spot.problems[:5])}")
    if size(card) > CARD_BYTES:
        raise ConnectorError(413, "MessageSizeTooBig", f"Message size too large: a card of {size(card)} bytes.")
    for kind, what in spot.faults:
        world.fault(kind, where, what)


def take_attachment(world: World, where: str, attachment: Any) -> None:
    """The same for anything that is attached."""
    if not isinstance(attachment, dict) or not isinstance(attachment.get("contentType"), str):
        raise bad_syntax(f"an attachment needs a contentType: {str(attachment)[:100]}")
    kind, content = attachment["contentType"], attachment.get("content")
    if unknown := set(attachment) - {"contentType", "content", "contentUrl", "name", "thumbnailUrl", "preview"}:
        world.fault("unknown_property", where, f"attachment: {sorted(unknown)}")
    if kind == ADAPTIVE:
        take_card(world, where, content)
    elif kind in (HERO, THUMBNAIL):
        spot = Spot()
        SMALL_CARD(content, spot)
        if spot.problems:
            raise bad_syntax(f"Failed to parse card: {'; '.join(spot.problems[:5])}")
    elif not kind.startswith("image/"):
        raise ConnectorError(400, "BadArgument", f"Unknown attachment type {kind}")
