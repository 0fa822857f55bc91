"""What Teams and Adaptive Cards 1.5 take, written down from their references without a look at the code: each thing
that is wrong, in words.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from tests.adapters.teams.marks import mark_problems

Json = Any
"""A value of JSON, as it is walked through."""

COMMON = {"type", "id", "spacing", "separator", "isVisible", "height", "fallback", "requires"}
INPUT = COMMON | {"label", "isRequired", "errorMessage"}
ACTION = {"type", "id", "title", "iconUrl", "style", "fallback", "tooltip", "isEnabled", "mode", "requires"}
KNOWN: Mapping[str, set[str]] = {
    "AdaptiveCard": {"type", "$schema", "version", "body", "actions", "fallbackText", "speak", "refresh"},
    "TextBlock": COMMON | {"text", "wrap", "style", "size", "weight", "isSubtle", "horizontalAlignment", "maxLines"},
    "RichTextBlock": COMMON | {"inlines", "horizontalAlignment"},
    "TextRun": {"type", "text", "size", "weight", "isSubtle", "italic", "strikethrough", "underline", "highlight"},
    "Container": COMMON | {"items", "style", "bleed", "selectAction"},
    "FactSet": COMMON | {"facts"},
    "ActionSet": COMMON | {"actions"},
    "Image": COMMON | {"url", "altText", "size"},
    "Input.Text": INPUT | {"isMultiline", "maxLength", "placeholder", "value", "style", "regex"},
    "Input.ChoiceSet": INPUT | {"choices", "style", "value", "placeholder", "wrap", "isMultiSelect"},
    "Action.Execute": ACTION | {"verb", "data", "associatedInputs"},
    "Action.Submit": ACTION | {"data", "associatedInputs"},
    "Action.OpenUrl": ACTION | {"url"},
}
"""The properties of version 1.5, without those for colours and pictures of our own."""
NEEDED: Mapping[str, set[str]] = {
    "AdaptiveCard": {"$schema", "version", "body", "fallbackText"},
    "TextBlock": {"text", "wrap"},
    "RichTextBlock": {"inlines"},
    "TextRun": {"text"},
    "Container": {"items"},
    "FactSet": {"facts"},
    "ActionSet": {"actions"},
    "Image": {"url", "altText"},
    "Input.Text": {"id", "label"},
    "Input.ChoiceSet": {"id", "label", "choices", "wrap"},
    "Action.Execute": {"title", "verb", "data", "fallback"},
    "Action.Submit": {"title", "data"},
    "Action.OpenUrl": {"title", "url"},
}
VALUES: Mapping[tuple[str, str], set[object]] = {
    ("AdaptiveCard", "version"): {"1.5"},
    ("AdaptiveCard", "$schema"): {"http://adaptivecards.io/schemas/adaptive-card.json"},
    ("TextBlock", "wrap"): {True},
    ("TextBlock", "style"): {"default", "heading"},
    ("TextBlock", "size"): {"default", "small", "medium", "large", "extraLarge"},
    ("TextBlock", "weight"): {"default", "lighter", "bolder"},
    ("TextRun", "size"): {"default", "small", "medium", "large", "extraLarge"},
    ("TextRun", "weight"): {"default", "lighter", "bolder"},
    ("Container", "style"): {"default", "emphasis", "good", "attention", "warning", "accent"},
    ("Input.ChoiceSet", "style"): {"compact", "expanded", "filtered"},
    ("Input.ChoiceSet", "wrap"): {True},
    ("Action.Execute", "style"): {"default", "positive", "destructive"},
    ("Action.Submit", "style"): {"default", "positive", "destructive"},
}
SPACING = {"default", "none", "small", "medium", "large", "extraLarge", "padding"}
LISTS = ("body", "items", "inlines", "facts", "actions", "choices")
LONGEST = {"title": 60, "tooltip": 200, "label": 200, "placeholder": 200, "errorMessage": 200, "value": 6_000}
FOREIGN = re.compile(r"://|\bwww\.\w|</?at\b|\{\{(DATE|TIME)\(|\$\{|\b(mailto|tel|javascript):\S", re.IGNORECASE)
"""What plain words must not hold: an address, a mention, a date that clients fill in."""
OWN = re.compile(r"https://policies\.example/[^\s()<>]*")


def problems_of(shown: Mapping[str, Json]) -> list[str]:
    """Everything that Teams would refuse, or that text which is not ours could do."""
    card: dict[str, Json] = shown["card"]
    found = list(_object(card)) + list(_ids(card))
    for thing in things_of(card):
        found += list(_object(thing)) if thing is not card else []
    size = len(json.dumps(card))
    found += [f"{size} bytes"] if size > 28_000 else []
    for key, most in (("title", 80), ("subtitle", 200)):
        text = shown.get(key)
        if text is not None and (not text.strip() or units(text) > most or FOREIGN.search(text)):
            found.append(f"{key} {text[:100]!r}")
    for text in (shown.get("text"), card.get("fallbackText"), card.get("speak")):
        found += list(spoken_problems(text)) if text is not None else []
    return found


def things_of(value: Json) -> Iterator[dict[str, Json]]:
    """Every element, run, button and card in it, but for what buttons carry."""
    if isinstance(value, dict):
        if "type" in value:
            yield value
        for key, inner in value.items():
            if key != "data":
                yield from things_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from things_of(inner)


def words_of(shown: Mapping[str, Json]) -> str:
    """All words that a reader sees, one after the other."""
    keys = ("text", "title", "label", "value", "placeholder", "tooltip")
    facts = [fact for thing in things_of(shown["card"]) for fact in thing.get("facts", [])]
    choices = [choice for thing in things_of(shown["card"]) for choice in thing.get("choices", [])]
    things = [*things_of(shown["card"]), *facts, *choices]
    said = "\n".join(thing[key] for thing in things for key in keys if isinstance(thing.get(key), str))
    return said.replace("\N{WORD JOINER}", "")


def buttons_of(shown: Mapping[str, Json]) -> list[dict[str, Json]]:
    """The buttons, without those that stand in for others."""
    rows = [thing.get("actions") or [thing.get("selectAction")] for thing in things_of(shown["card"])]
    return [button for row in rows for button in row if button is not None]


def label_problems(shown: Mapping[str, Json]) -> list[str]:
    """Buttons that do different things and are read out alike, or whose name leaves out what stands on them."""
    buttons = [
        (one.get("tooltip", one["title"]), one["title"], json.dumps(one.get("data"))) for one in buttons_of(shown)
    ]
    names = Counter(name for name, _ in {(name, data) for name, _, data in buttons})
    found = [f"read out alike: {name!r}" for name, count in names.items() if count > 1]
    return found + [f"{name!r} does not say {title!r}" for name, title, _ in buttons if title[:50] not in str(name)]


def spoken_problems(text: str) -> Iterator[str]:
    """What is wrong with text that is read out, or shown where there are no cards."""
    if not text.strip():
        yield "no text"
    if units(text) > 4_000:
        yield f"text of {units(text)}"
    if FOREIGN.search(text):
        yield f"an address or a mention in {text[:100]!r}"
    for row in text.split("\n"):
        yield from mark_problems(row, OWN)


def units(text: str) -> int:
    """How long a text is for whoever counts in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _object(thing: dict[str, Json]) -> Iterator[str]:
    kind = thing["type"]
    if kind not in KNOWN:
        yield f"there is a {kind}"
        return
    yield from (f"{kind} has {key!r}" for key in set(thing) - KNOWN[kind])
    yield from (f"{kind} without {key!r}" for key in NEEDED[kind] - set(thing))
    for (of, key), values in VALUES.items():
        if of == kind and key in thing and thing[key] not in values:
            yield f"{key} of {kind} is {thing[key]!r}"
    if str(thing.get("spacing", "none")) not in SPACING:
        yield f"spacing {thing['spacing']!r}"
    yield from _lengths(thing, kind)
    yield from _words(thing, kind)
    if kind.startswith("Action."):
        yield from _action(thing, kind)
    if kind.startswith("Input."):
        yield from _input(thing)
    if kind == "ActionSet" and len(thing["actions"]) > 6:
        yield f"{len(thing['actions'])} buttons in a row"
    if kind == "AdaptiveCard" and "refresh" in thing:
        yield from _refresh(thing["refresh"])


def _lengths(thing: dict[str, Json], kind: str) -> Iterator[str]:
    yield from (f"{kind} with no {key}" for key in LISTS if key in thing and not thing[key])
    for key, most in LONGEST.items():
        if isinstance(thing.get(key), str) and (not thing[key].strip() or units(thing[key]) > most):
            yield f"{key} of {kind} is {units(thing[key])} long"


def _words(thing: dict[str, Json], kind: str) -> Iterator[str]:
    """What words could do."""
    if kind == "TextBlock":
        yield from mark_problems(thing["text"], OWN)
    for fact in thing.get("facts", []):
        if set(fact) != {"title", "value"} or not all(text.strip() for text in fact.values()):
            yield f"a fact {fact}"
        yield from mark_problems(fact["title"], OWN)
        yield from mark_problems(fact["value"], OWN)
    for choice in thing.get("choices", []):
        if set(choice) != {"title", "value"} or not all(text.strip() for text in choice.values()):
            yield f"a choice {choice}"
        if thing.get("style") == "expanded":  # the renderer reads marks there
            yield from mark_problems(choice["title"], OWN)
        if FOREIGN.search(choice["title"]):
            yield f"a choice {choice['title'][:80]!r}"
    plain = [thing[key] for key in ("text", "title", "tooltip", "label", "placeholder") if key in thing]
    for text in plain if kind != "TextBlock" else []:
        if not text or FOREIGN.search(text):
            yield f"{kind} says {text[:80]!r}"


def _action(thing: dict[str, Json], kind: str) -> Iterator[str]:
    if kind == "Action.OpenUrl":
        if not OWN.fullmatch(thing["url"]):
            yield f"leads to {thing['url']}"
        return
    data = thing["data"]
    if not isinstance(data, dict) or not isinstance(data.get("verb"), str):
        yield f"{kind} carries {data!r}"
        return
    if data.get("msteams", {"type": "task/fetch"}) != {"type": "task/fetch"}:
        yield f"{kind} does {data['msteams']}"
    if kind == "Action.Execute":
        spare = thing["fallback"]
        same = isinstance(spare, dict) and spare.get("type") == "Action.Submit" and spare.get("data") == data
        if not same or spare["title"] != thing["title"] or thing["verb"] != data["verb"]:
            yield f"no spare button for {thing['title']!r}"


def _input(thing: dict[str, Json]) -> Iterator[str]:
    if thing.get("isRequired") and not thing.get("errorMessage"):
        yield f"{thing['id']} does not say what is missing"
    values = [choice["value"] for choice in thing.get("choices", [])]
    if len(values) != len(set(values)):
        yield "a choice twice"
    if values and "value" in thing and thing["value"] not in values:
        yield "what is chosen is not there"


def _refresh(refresh: Json) -> Iterator[str]:
    users = refresh.get("userIds", [])
    if not 0 < len(users) <= 60 or len(set(users)) != len(users):
        yield f"a refresh for {len(users)}"
    if not all(re.fullmatch(r"29:[\w-]+|8:orgid:[0-9a-f-]{36}", user) for user in users):
        yield f"a refresh for {users}"
    if refresh["action"]["type"] != "Action.Execute":
        yield "a refresh by something else"


def _ids(card: dict[str, Json]) -> Iterator[str]:
    names = Counter(thing["id"] for thing in things_of(card) if "id" in thing)
    yield from (f"id {name!r} twice" for name, count in names.items() if count > 1)
    kinds = [thing["type"] for thing in things_of(card)]
    asks = any(kind.startswith("Input.") for kind in kinds)
    if asks and "Action.Submit" not in kinds:
        yield "a form that cannot be sent off"
