"""What Slack takes, written down from its reference without a look at the code: each thing that is wrong, in words."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

Json = Any
"""A value of JSON, as it is walked through."""

TEXTS = {
    ("section", "text"): 3_000,
    ("header", "text"): 150,
    ("button", "text"): 75,
    ("button", "accessibility_label"): 75,
    ("button", "value"): 2_000,
    ("button", "url"): 3_000,
    ("input", "label"): 2_000,
    ("input", "hint"): 2_000,
    ("modal", "title"): 24,
    ("modal", "submit"): 24,
    ("modal", "close"): 24,
    ("modal", "private_metadata"): 3_000,
    ("plain_text_input", "initial_value"): 3_000,
    ("static_select", "placeholder"): 150,
}
LISTS = {("actions", "elements"): 25, ("context", "elements"): 10, ("context_actions", "elements"): 5,
         ("section", "fields"): 10, ("radio_buttons", "options"): 10, ("static_select", "options"): 100,
         ("static_select", "option_groups"): 100}  # fmt: skip
SURFACES = {
    "message": {"section", "header", "divider", "context", "context_actions", "actions", "rich_text", "image"},
    "modal": {"section", "header", "divider", "context", "actions", "rich_text", "image", "input"},
    "home": {"section", "header", "divider", "context", "actions", "rich_text", "image", "input"},
}
ICONS = re.compile(r":[a-z_]+:")
LINK = re.compile(r"<(https://policies\.example/[^<>|]*|tel:\+?[0-9]{3,20})(\|[^<>|]+)?>")
MENTION = re.compile(r"<@[UW][A-Z0-9]{2,20}>")


def problems_of(shown: Mapping[str, Json]) -> list[str]:
    """Everything that Slack would refuse, or that text which is not ours could do."""
    surface = str(shown.get("type", "message"))
    blocks: list[dict[str, Json]] = shown.get("blocks") or []
    most = 50 if surface == "message" else 100
    found = [] if 0 < len(blocks) <= most else [f"{len(blocks)} blocks"]
    found += [f"{block['type']} on {surface}" for block in blocks if block["type"] not in SURFACES[surface]]
    found += list(_ids(blocks))
    for thing in walk(shown if surface != "message" else blocks):
        found += list(_thing(thing))
    size = len(json.dumps(blocks, ensure_ascii=False))
    if surface == "message":
        found += list(fallback_problems(str(shown.get("text", ""))))
        found += [f"{size} characters in all blocks"] if size > 13_000 else []
    else:
        found += [f"{size} characters in the view"] if len(json.dumps(shown)) > 250_000 else []
        asks = any(block["type"] == "input" for block in blocks)
        found += ["a form that cannot be sent off"] if surface == "modal" and asks and "submit" not in shown else []
    return found


def walk(value: Json) -> Iterator[dict[str, Json]]:
    """Every object in it."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def texts_of(value: Json) -> str:
    """All words that a reader sees or hears, one after the other."""
    keys = ("text", "accessibility_label", "alt_text", "initial_value")
    return "\n".join(thing[key] for thing in walk(value) for key in keys if isinstance(thing.get(key), str))


def fallback_problems(text: str) -> Iterator[str]:
    """What is wrong with the text beside the blocks, which is read out as it stands."""
    if not text.strip():
        yield "no text"
    if units(text) >= 4_000:
        yield f"text of {units(text)}"
    for mark in ("<", ">", "&", "*", "`", "~", "_", "://"):
        if mark in text:
            yield f"{mark!r} in the text"
    if re.search(r"[@#]\w|:[\w+'-]+:", text):
        yield "a mention or an emoji in the text"


def units(text: str) -> int:
    """How long a text is for whoever counts in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _ids(blocks: list[dict[str, Json]]) -> Iterator[str]:
    names = Counter(block["block_id"] for block in blocks if "block_id" in block)
    yield from (f"block_id {name!r} twice" for name, count in names.items() if count > 1)
    yield from (f"block_id of {len(name)}" for name in names if not 0 < len(name) <= 255)
    for block in blocks:
        actions = Counter(thing["action_id"] for thing in walk(block) if "action_id" in thing)
        yield from (f"action_id {name!r} twice" for name, count in actions.items() if count > 1)
        yield from (f"action_id of {len(name)}" for name in actions if not 0 < len(name) <= 255)


def label_problems(shown: Mapping[str, Json]) -> list[str]:
    """Buttons that do different things and are read out alike."""
    buttons = [thing for thing in walk(shown) if thing.get("type") == "button"]
    does = {
        (thing.get("accessibility_label") or thing["text"]["text"], thing["action_id"], thing.get("value"))
        for thing in buttons
    }
    return [f"read out alike: {label!r}" for label, count in Counter(label for label, *_ in does).items() if count > 1]


def _thing(thing: dict[str, Json]) -> Iterator[str]:
    kind = str(thing.get("type", ""))
    yield from _lengths(thing, kind)
    if kind == "mrkdwn":
        yield from _markup(thing)
    if kind == "button" and not {"text", "action_id"} <= set(thing):
        yield "a button without text or id"
    if kind == "image" and not thing.get("alt_text"):
        yield "an image without words"
    if kind in ("channel", "broadcast", "usergroup", "team", "file_input"):
        yield f"there is a {kind}"
    if kind == "link" and not str(thing["url"]).startswith("https://policies.example/"):
        yield f"a link to {thing['url']}"


def _lengths(thing: dict[str, Json], kind: str) -> Iterator[str]:
    for (of, key), most in TEXTS.items():
        if of == kind and key in thing:
            text = thing[key]["text"] if isinstance(thing[key], dict) else thing[key]
            if not text.strip() or units(text) > most:
                yield f"{key} of a {kind} is {units(text)} long"
    for (of, key), count in LISTS.items():
        if of == kind and key in thing and not 0 < len(thing[key]) <= count:
            yield f"{len(thing[key])} {key} in {kind}"
    if kind in ("plain_text", "mrkdwn", "text") and not 0 < units(thing["text"]) <= 3_000:
        yield f"{kind} of {units(thing['text'])}"
    if kind == "plain_text_input" and thing.get("max_length", 3_000) > 3_000:
        yield "a field of more than 3,000"
    option = "value" in thing and "text" in thing and not kind  # of a list, or a thumb
    if option and (units(thing["text"]["text"]) > 75 or not 0 < units(thing["value"]) <= 2_000):
        yield "an option that is too long"


def _markup(thing: dict[str, Json]) -> Iterator[str]:
    """What marked-up text could do beyond our own links and the name of the reporter."""
    rest = MENTION.sub("", LINK.sub("", thing["text"]))
    if re.search(r"[<>]|&(?!amp;|lt;|gt;)", rest):
        yield f"not escaped: {rest[:80]!r}"
    if re.search(r"://|[@#]\w", rest):
        yield f"a link or a mention: {rest[:80]!r}"
    if not thing.get("verbatim"):
        yield "text in which Slack looks for links and names"


def name_problems(shown: Mapping[str, Json]) -> list[str]:
    """Buttons whose label for screen readers leaves out what stands on them: nobody could call them by voice."""
    buttons = [thing for thing in walk(shown) if thing.get("type") == "button" and "accessibility_label" in thing]
    names = [(thing["text"]["text"].rstrip("…"), thing["accessibility_label"]) for thing in buttons]
    return [f"{label!r} does not say {text!r}" for text, label in names if text[:60] not in label]
