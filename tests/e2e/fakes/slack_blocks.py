"""Whether blocks, messages and views are as Block Kit's reference says; each problem with its JSON pointer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.e2e.fakes.slack_elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_INPUT,
    IN_SECTION,
    image,
    plain,
    rich_elements,
    slack_file,
    text,
)
from tests.e2e.fakes.slack_schema import (
    Check,
    Spot,
    Surface,
    anything,
    boolean,
    both,
    choice,
    items,
    link,
    one_of,
    shape,
    string,
    typed,
    unique,
    web_address,
)
from tests.e2e.fakes.slack_state import Json

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
ALL_BLOCKS = 13_000
"""Characters of all blocks of one message; more than about this is `msg_blocks_too_long`."""
VIEW_BYTES = 250_000

named = {"block_id": string(255)}
_image = typed({"image": image})
_rich = {"rich_text": shape({"elements": rich_elements}, named)}
_cell = typed(
    {
        **_rich,
        "raw_text": shape({"text": string(10_000)}),
        "raw_number": shape({"value": anything, "text": string(255)}),
    }
)
_column = shape({}, {"align": choice("left", "center", "right"), "is_wrapped": boolean})


def only_on(*surfaces: Surface) -> Check:
    """A block that stands on these surfaces only."""

    def check(value: Any, spot: Spot) -> None:
        if spot.surface not in surfaces:
            spot.at("type").bad(f"unsupported type here: it stands in {' and '.join(surfaces)} only")

    return check


def _same_width(value: Any, spot: Spot) -> None:
    rows = value.get("rows") if isinstance(value, dict) else None
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        spot.at("rows").bad("all rows must have the same number of cells")


_card = both(
    shape(
        {},
        {
            **named,
            "hero_image": _image,
            "icon": _image,
            "title": text(150),
            "subtitle": text(150),
            "body": text(200),
            "actions": items(typed(ELEMENTS, ("button",)), 3),
        },
    ),
    one_of("hero_image", "title", "actions", "body"),
)


def _children(value: Any, spot: Spot) -> None:
    items(typed(BLOCKS, set(BLOCKS) - {"container"}), 10)(value, spot)


BLOCKS: Mapping[str, Check] = {
    "section": both(
        shape(
            {},
            {
                **named,
                "text": text(3000),
                "fields": items(text(2000), 10),
                "accessory": typed(ELEMENTS, IN_SECTION),
                "expand": boolean,
            },
        ),
        one_of("text", "fields"),
    ),
    "header": shape({"text": plain(150)}, named),
    "divider": shape({}, named),
    "context": shape(
        {
            "elements": items(
                typed(
                    {
                        "image": image,
                        "plain_text": shape({"text": string(3000)}, {"emoji": boolean}),
                        "mrkdwn": shape({"text": string(3000)}, {"verbatim": boolean}),
                    }
                ),
                10,
            )
        },
        named,
    ),
    "actions": shape({"elements": items(typed(ELEMENTS, IN_ACTIONS), 25)}, named),
    "context_actions": both(
        only_on("message"),
        shape({"elements": items(typed(ELEMENTS, ("feedback_buttons", "icon_button")), 5)}, named),
    ),
    "input": shape(
        {"label": plain(2000), "element": typed(ELEMENTS, IN_INPUT)},
        {**named, "hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "image": both(
        shape(
            {"alt_text": string(2000)},
            {**named, "image_url": web_address, "slack_file": slack_file, "title": plain(2000)},
        ),
        one_of("image_url", "slack_file", exactly=True),
    ),
    "rich_text": shape({"elements": rich_elements}, named),
    "markdown": both(only_on("message"), shape({"text": string(12_000)}, named)),
    "table": both(
        only_on("message"),
        shape({"rows": items(items(_cell, 20), 100)}, {**named, "column_settings": items(_column, 20, 0)}),
        _same_width,
    ),
    "alert": both(
        only_on("modal"),
        shape(
            {"text": text(200)},
            {**named, "level": choice("default", "info", "warning", "error", "success")},
        ),
    ),
    "card": _card,
    "carousel": both(only_on("message", "home"), shape({"elements": items(typed({"card": _card}), 10)}, named)),
    "container": both(
        only_on("message"),
        shape(
            {"child_blocks": _children},
            {
                **named,
                "title": plain(150),
                "rich_text_title": typed(_rich),
                "subtitle": text(150),
                "width": choice("narrow", "standard", "wide", "full"),
                "icon": _image,
                "is_collapsible": boolean,
                "default_collapsed": boolean,
                "has_header_divider": boolean,
            },
        ),
        one_of("title", "rich_text_title"),
    ),
    "video": shape(
        {"alt_text": string(2000), "video_url": web_address, "thumbnail_url": web_address, "title": plain(199)},
        {
            **named,
            "title_url": link,
            "description": plain(200),
            "provider_icon_url": web_address,
            "provider_name": string(255),
            "author_name": string(49),
        },
    ),
}


def within(value: Any, spot: Spot) -> Iterator[tuple[Json, Spot]]:
    """Every object in blocks, with where it stands."""
    if isinstance(value, dict):
        yield value, spot
        for key, inner in value.items():
            yield from within(inner, spot.at(key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from within(each, spot.at(index))


def _blocks(blocks: Any, spot: Spot, most: int, least: int) -> None:
    items(typed(BLOCKS), most, least)(blocks, spot)
    every = list(within(blocks, spot))
    unique("block_id", every)
    for block, at in every:
        if at.path.count("/") == spot.path.count("/") + 1:
            unique("action_id", within(block, at))
    if sum(block.get("type") == "table" for block, _ in every) > 1:
        spot.bad("only one table allowed")
    if sum(block.get("focus_on_load") is True for block, _ in every) > 1:
        spot.bad("only one element may have focus_on_load")


def message_problems(blocks: Any) -> list[str]:
    """What is wrong with a message's blocks."""
    spot = Spot("/blocks", "message")
    _blocks(blocks, spot, MESSAGE_BLOCKS, 0)
    return spot.problems


def too_long(blocks: list[Json]) -> bool:
    """Whether all blocks together are more than Slack takes."""
    return len(json.dumps(blocks, ensure_ascii=False, separators=(",", ":"))) > ALL_BLOCKS


_view = {
    "blocks": anything,
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_VIEWS: Mapping[str, Check] = {
    "modal": shape(
        {"title": plain(24), "blocks": anything},
        {
            **_view,
            "submit": plain(24),
            "close": plain(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
            "submit_disabled": boolean,
        },
    ),
    "home": shape({"blocks": anything}, _view),
}


def view_problems(view: Any, *kinds: str) -> list[str]:
    """What is wrong with a view, which has to be of one of `kinds`."""
    surface: Surface = "home" if isinstance(view, dict) and view.get("type") == "home" else "modal"
    spot = Spot("/view", surface)
    typed(_VIEWS, kinds)(view, spot)
    if isinstance(view, dict) and "blocks" in view:
        blocks = view["blocks"]
        _blocks(blocks, spot.at("blocks"), VIEW_BLOCKS, 1)
        asks = isinstance(blocks, list) and any(
            isinstance(block, dict) and block.get("type") == "input" for block in blocks
        )
        if surface == "modal" and asks and "submit" not in view:
            spot.bad("missing required field: submit, as there are input blocks")
    return spot.problems
