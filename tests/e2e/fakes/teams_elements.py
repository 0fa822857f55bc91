"""The elements and actions of Adaptive Cards 1.5, as their schema has them, and what Teams adds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.e2e.fakes.teams_schema import (
    Check,
    Spot,
    an_object,
    boolean,
    both,
    choice,
    either,
    filled,
    items,
    matching,
    number,
    shape,
    string,
    typed,
)

MOST_ACTIONS = 6
MOST_REFRESHED = 60

web = matching(r"https?://[^\s<>]+", "an http(s) address")
link = matching(r"(https?|msteams)://[^\s<>]+|(mailto|tel):[^\s<>]+", "a link that may be opened")
picture = matching(r"https?://[^\s<>]+|data:image/[^\s]+", "the address of an image, or a data URI")
pixels = matching(r"\d+px", "pixels")
day = matching(r"\d{4}-\d\d-\d\d", "a date")
clock = matching(r"\d\d:\d\d", "a time")
nothing: Check = shape({})

_spacing = choice("default", "none", "small", "medium", "large", "extraLarge", "padding")
_left = choice("left", "center", "right")
_top = choice("top", "center", "bottom")
_height = choice("auto", "stretch")
_size = choice("default", "small", "medium", "large", "extraLarge")
_weight = choice("default", "lighter", "bolder")
_color = choice("default", "dark", "light", "accent", "good", "warning", "attention")
_font = choice("default", "monospace")
_style = choice("default", "emphasis", "good", "attention", "warning", "accent")
_image_size = choice("auto", "stretch", "small", "medium", "large")


def element(value: Any, spot: Spot) -> None:
    """Any element that may stand in a body."""
    typed(ELEMENTS)(value, spot)


def column(value: Any, spot: Spot) -> None:
    """A column of a ColumnSet; its type may be left out."""
    typed({"Column": _column}, "Column")(value, spot)


def action(value: Any, spot: Spot) -> None:
    """Any action."""
    typed(ACTIONS)(value, spot)


def select(value: Any, spot: Spot) -> None:
    """An action behind an element: all but ShowCard."""
    typed({kind: check for kind, check in ACTIONS.items() if kind != "Action.ShowCard"})(value, spot)


def inner_card(value: Any, spot: Spot) -> None:
    """The card of a ShowCard: it needs no version."""
    typed({"AdaptiveCard": shape({}, CARD)})(value, spot)


elements, actions = items(element), items(action, 0, MOST_ACTIONS)
_fallback: Check = either(choice("drop"), element)
_item = {"id": filled, "isVisible": boolean, "requires": an_object}
_block = {**_item, "separator": boolean, "spacing": _spacing, "height": _height, "fallback": _fallback}
_background = either(picture, shape({"url": picture}, {"fillMode": string, "horizontalAlignment": _left}))
_box = {
    "selectAction": select,
    "style": _style,
    "verticalContentAlignment": _top,
    "bleed": boolean,
    "backgroundImage": _background,
    "minHeight": pixels,
    "rtl": boolean,
}
_column = shape(
    {},
    {**_item, **_box, "items": elements, "separator": boolean, "spacing": _spacing, "fallback": _fallback}
    | {"width": either(matching(r"auto|stretch|\d+px|\d+", "a width"), number)},
)


def markdown(value: Any, spot: Spot) -> None:
    """Text of a card: what Teams does not render in it is poor."""
    string(value, spot)
    if not isinstance(value, str):
        return
    for pattern, what in UNRENDERED.items():
        if re.search(pattern, value, re.MULTILINE):
            spot.poor("markdown", f"{what} is not rendered in a card: {value[:80]!r}")


UNRENDERED = {
    r"^#{1,6} ": "a heading",
    r"^> ": "a block quote",
    r"```|`[^`]+`": "code",
    r"!\[[^\]]*\]\(": "an image",
    r"^\|.*\|\s*$": "a table",
    r"</?(?!at>)[A-Za-z][^>]*>": "HTML",
    r"\]\((?!https?:|mailto:|tel:|msteams:|#)": "a link of that kind",
}


def _wraps(value: Any, spot: Spot) -> None:
    if isinstance(value, dict) and value.get("wrap") is not True:
        spot.poor("no_wrap", "long text is cut off; set wrap to true")


def _described(value: Any, spot: Spot) -> None:
    if isinstance(value, dict) and not str(value.get("altText") or "").strip():
        spot.poor("no_alt_text", "an image without altText is not read aloud")


def _labelled(value: Any, spot: Spot) -> None:
    if isinstance(value, dict) and not str(value.get("label") or "").strip():
        spot.poor("no_label", "an input without label is not read aloud")
    if isinstance(value, dict) and value.get("isRequired") is True and not value.get("errorMessage"):
        spot.poor("no_error_message", "a required input says nothing when it is left empty")


def _input(optional: Mapping[str, Check], required: Mapping[str, Check] | None = None) -> Check:
    common = {**_block, "errorMessage": string, "isRequired": boolean, "label": string}
    del common["id"]
    return both(shape({"id": filled, **(required or {})}, {**common, **optional}), _labelled)


_text = {
    "color": _color,
    "fontType": _font,
    "isSubtle": boolean,
    "size": _size,
    "weight": _weight,
}
_run = either(
    string,
    typed(
        {
            "TextRun": shape(
                {"text": string},
                {**_text, "highlight": boolean, "italic": boolean, "selectAction": select}
                | {"strikethrough": boolean, "underline": boolean},
            )
        }
    ),
)
_image = both(
    shape(
        {"url": picture},
        {**_block, "altText": string, "backgroundColor": string, "horizontalAlignment": _left, "selectAction": select}
        | {"size": _image_size, "style": choice("default", "person"), "width": pixels, "msteams": an_object}
        | {"height": either(_height, pixels)},
    ),
    _described,
)
_choice = shape({"title": filled, "value": string}, {})
_cell = {"horizontalCellContentAlignment": _left, "verticalCellContentAlignment": _top}
_table_cell = typed({"TableCell": shape({"items": elements}, _box)}, "TableCell")
_table_row = typed({"TableRow": shape({"cells": items(_table_cell)}, {**_cell, "style": _style})}, "TableRow")
_table_column = shape({}, {**_cell, "width": either(number, pixels), "type": choice("TableColumnDefinition")})

ELEMENTS: Mapping[str, Check] = {
    "TextBlock": both(
        shape(
            {"text": markdown},
            {**_block, **_text, "horizontalAlignment": _left, "maxLines": number, "wrap": boolean}
            | {"style": choice("default", "heading", "columnHeader")},
        ),
        _wraps,
    ),
    "RichTextBlock": shape({"inlines": items(_run, 1)}, {**_block, "horizontalAlignment": _left}),
    "Image": _image,
    "ImageSet": shape({"images": items(typed({"Image": _image}, "Image"))}, {**_block, "imageSize": _image_size}),
    "Container": shape({"items": elements}, {**_block, **_box}),
    "ColumnSet": shape({}, {**_block, **_box, "columns": items(column), "horizontalAlignment": _left}),
    "FactSet": shape(
        {"facts": items(shape({"title": markdown, "value": markdown}, {"type": choice("Fact")}))},
        _block,
    ),
    "ActionSet": shape({"actions": actions}, _block),
    "Table": shape(
        {"columns": items(_table_column, 1), "rows": items(_table_row)},
        {**_block, **_cell, "firstRowAsHeader": boolean, "showGridLines": boolean, "gridStyle": _style},
    ),
    "Input.Text": _input(
        {"isMultiline": boolean, "maxLength": number, "placeholder": string, "regex": string, "value": string}
        | {"style": choice("text", "tel", "url", "email", "password"), "inlineAction": select}
    ),
    "Input.Number": _input({"max": number, "min": number, "placeholder": string, "value": number}),
    "Input.Date": _input({"max": day, "min": day, "placeholder": string, "value": day}),
    "Input.Time": _input({"max": clock, "min": clock, "placeholder": string, "value": clock}),
    "Input.Toggle": _input(
        {"value": string, "valueOn": string, "valueOff": string, "wrap": boolean}, {"title": filled}
    ),
    "Input.ChoiceSet": _input(
        {"isMultiSelect": boolean, "style": choice("compact", "expanded", "filtered"), "value": string}
        | {"placeholder": string, "wrap": boolean, "choices.data": an_object},
        {"choices": items(_choice, 1)},
    ),
}
"""Media is left out: it plays from few places in Teams."""

_action = {
    "title": filled,
    "iconUrl": picture,
    "id": filled,
    "style": choice("default", "positive", "destructive"),
    "tooltip": string,
    "isEnabled": boolean,
    "mode": choice("primary", "secondary"),
    "requires": an_object,
    "fallback": either(choice("drop"), action),
}
_sends = {**_action, "data": an_object, "associatedInputs": choice("auto", "none")}
ACTIONS: Mapping[str, Check] = {
    "Action.Execute": shape({"verb": filled}, _sends),
    "Action.Submit": shape({}, _sends),
    "Action.OpenUrl": shape({"url": link}, _action),
    "Action.ShowCard": shape({"card": inner_card}, _action),
    "Action.ToggleVisibility": shape(
        {"targetElements": items(either(filled, shape({"elementId": filled}, {"isVisible": boolean})), 1)}, _action
    ),
}
_mention = shape(
    {"type": choice("mention"), "text": filled, "mentioned": shape({"id": filled, "name": filled}, {"type": string})}
)
CARD: Mapping[str, Check] = {
    "$schema": web,
    "version": string,
    "body": elements,
    "actions": actions,
    "selectAction": select,
    "fallbackText": string,
    "speak": string,
    "lang": string,
    "rtl": boolean,
    "minHeight": pixels,
    "backgroundImage": _background,
    "verticalContentAlignment": _top,
    "refresh": shape(
        {"action": typed({"Action.Execute": ACTIONS["Action.Execute"]})},
        {"userIds": items(filled, 0, MOST_REFRESHED)},
    ),
    "authentication": an_object,
    "metadata": an_object,
    "msteams": shape({}, {"width": choice("Full"), "entities": items(_mention)}),
}
