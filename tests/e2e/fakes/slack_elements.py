"""The shapes of Block Kit's small parts: texts, options, confirmations, and the elements that people use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.e2e.fakes.slack_schema import (
    Check,
    Spot,
    anything,
    boolean,
    both,
    choice,
    day,
    integer,
    items,
    link,
    matching,
    one_of,
    shape,
    string,
    typed,
    web_address,
)


def plain(most: int) -> Check:
    """A plain_text object."""
    return typed({"plain_text": shape({"text": string(most)}, {"emoji": boolean})})


def text(most: int) -> Check:
    """A plain_text or mrkdwn object."""
    marked = shape({"text": string(most)}, {"verbatim": boolean})
    return typed({"plain_text": shape({"text": string(most)}, {"emoji": boolean}), "mrkdwn": marked})


confirm = shape(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": choice("primary", "danger")},
)
option = shape({"text": plain(75), "value": string(150)}, {"description": plain(75)})
marked_option = shape({"text": text(75), "value": string(150)}, {"description": text(75)})
linked_option = shape({"text": plain(75), "value": string(150)}, {"description": plain(75), "url": link})
group = shape({"label": plain(75), "options": items(option, 100)})
style = choice("primary", "danger")
acted = {"action_id": string(255), "confirm": confirm}
focused = {**acted, "focus_on_load": boolean}
asked = {**focused, "placeholder": plain(150)}
slack_file = both(shape({}, {"id": string(255), "url": web_address}), one_of("id", "url", exactly=True))
filter_of = shape(
    {},
    {
        "include": items(choice("im", "mpim", "private", "public"), 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
)
image = both(
    shape({"alt_text": string(2000)}, {"image_url": web_address, "slack_file": slack_file}),
    one_of("image_url", "slack_file", exactly=True),
)
feedback = shape({"text": plain(75), "value": string(2000)}, {"accessibility_label": string(75)})
dispatch = shape({}, {"trigger_actions_on": items(choice("on_enter_pressed", "on_character_entered"), 2)})


def chosen(*initial: str) -> Check:
    """What is chosen at first is one of the options, word for word."""

    def check(value: Any, spot: Spot) -> None:
        groups = [each for each in _list(value, "option_groups") if isinstance(each, dict)]
        offered = [*_list(value, "options"), *(each for one in groups for each in _list(one, "options"))]
        for key in initial:
            if isinstance(value, dict) and key in value:
                wanted = _list(value, key) if key.endswith("s") else [value[key]]
                if any(each not in offered for each in wanted):
                    spot.at(key).bad("must exactly match one of the options")

    return check


def _list(value: Any, key: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def menu(**more: Check) -> Check:
    """A select menu whose options come from Slack."""
    return shape({}, {**asked, **more})


def listed(**more: Check) -> Check:
    """A select menu with options of its own."""
    offered = {"options": items(option, 100), "option_groups": items(group, 100)}
    return both(
        shape({}, {**asked, **offered, **more}),
        one_of("options", "option_groups", exactly=True),
        chosen("initial_option", "initial_options"),
    )


def line(**more: Check) -> Check:
    """A field for typing."""
    return shape({}, {**asked, "dispatch_action_config": dispatch, **more})


def without_confirm(check: Check) -> Check:
    """Elements that are no press of a button have nothing to confirm."""

    def checked(value: Any, spot: Spot) -> None:
        if isinstance(value, dict) and "confirm" in value:
            spot.bad("invalid additional property: confirm")
        check(value, spot)

    return checked


several = {"max_selected_items": integer(1, 100)}
ids = items(string(255), 100)
query = {"min_query_length": integer(0, 3000)}
conversation = {"default_to_current_conversation": boolean, "filter": filter_of}
clock = matching(r"([01]\d|2[0-3]):[0-5]\d", "must be a valid time string")
number = matching(r"-?\d+(\.\d+)?", "must be a valid number")

ELEMENTS: Mapping[str, Check] = {
    "button": shape(
        {"text": plain(75)},
        {**acted, "url": link, "value": string(2000), "style": style, "accessibility_label": string(75)},
    ),
    "icon_button": shape(
        {"icon": choice("trash"), "text": plain(75)},
        {
            **acted,
            "value": string(2000),
            "accessibility_label": string(75),
            "visible_to_user_ids": items(string(255), 10),
        },
    ),
    "feedback_buttons": shape({"positive_button": feedback, "negative_button": feedback}, {"action_id": string(255)}),
    "image": image,
    "checkboxes": both(
        shape({"options": items(marked_option, 10)}, {**focused, "initial_options": items(marked_option, 10)}),
        chosen("initial_options"),
    ),
    "radio_buttons": both(
        shape({"options": items(marked_option, 10)}, {**focused, "initial_option": marked_option}),
        chosen("initial_option"),
    ),
    "overflow": shape({"options": items(linked_option, 5)}, acted),
    "datepicker": menu(initial_date=day),
    "timepicker": menu(initial_time=clock, timezone=string(255)),
    "datetimepicker": shape({}, {**focused, "initial_date_time": integer(0, 9_999_999_999)}),
    "static_select": listed(initial_option=option),
    "multi_static_select": listed(initial_options=items(option, 100), **several),
    "external_select": menu(initial_option=option, **query),
    "multi_external_select": menu(initial_options=items(option, 100), **query, **several),
    "users_select": menu(initial_user=string(255)),
    "multi_users_select": menu(initial_users=ids, **several),
    "conversations_select": menu(initial_conversation=string(255), response_url_enabled=boolean, **conversation),
    "multi_conversations_select": menu(initial_conversations=ids, **conversation, **several),
    "channels_select": menu(initial_channel=string(255), response_url_enabled=boolean),
    "multi_channels_select": menu(initial_channels=ids, **several),
    "plain_text_input": without_confirm(
        line(
            initial_value=string(3000),
            multiline=boolean,
            min_length=integer(0, 3000),
            max_length=integer(1, 3000),
        )
    ),
    "email_text_input": without_confirm(line(initial_value=string(3000))),
    "url_text_input": without_confirm(line(initial_value=string(3000))),
    "number_input": without_confirm(
        both(
            line(is_decimal_allowed=boolean, initial_value=number, min_value=number, max_value=number),
            one_of("is_decimal_allowed"),
        )
    ),
    "rich_text_input": without_confirm(line(initial_value=anything)),
    "file_input": shape(
        {}, {"action_id": string(255), "filetypes": items(string(255), 100), "max_files": integer(1, 10)}
    ),
}

SINGLE = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI = tuple(f"multi_{each}" for each in SINGLE)
PICKED = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
TYPED = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")
IN_ACTIONS = ("button", "overflow", "datetimepicker", *PICKED, *SINGLE, *MULTI)
IN_SECTION = ("button", "overflow", "image", *PICKED, *SINGLE, *MULTI)
IN_INPUT = ("datetimepicker", "file_input", *PICKED, *SINGLE, *MULTI, *TYPED)

_styled = shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_part = {"style": _styled}
_RICH_PARTS: Mapping[str, Check] = {
    "text": shape({"text": string(40_000)}, _part),
    "link": shape({"url": link}, {"text": string(40_000), "unsafe": boolean, **_part}),
    "user": shape({"user_id": string(255)}, _part),
    "usergroup": shape({"usergroup_id": string(255)}, _part),
    "channel": shape({"channel_id": string(255)}, _part),
    "emoji": shape({"name": string(255)}, {"unicode": string(255), "skin_tone": integer(2, 6), **_part}),
    "broadcast": shape({"range": choice("here", "channel", "everyone")}, _part),
    "date": shape(
        {"timestamp": integer(0, 9_999_999_999), "format": string(255)},
        {"url": link, "fallback": string(3000), **_part},
    ),
    "color": shape({"value": matching(r"#[0-9a-fA-F]{6}", "must be a valid color")}, _part),
}
_parts = items(typed(_RICH_PARTS), 1000, 0)
_RICH: Mapping[str, Check] = {
    "rich_text_section": shape({"elements": _parts}),
    "rich_text_list": shape(
        {
            "style": choice("bullet", "ordered"),
            "elements": items(typed({"rich_text_section": shape({"elements": _parts})}), 1000),
        },
        {"indent": integer(0, 8), "offset": integer(0, 10_000), "border": integer(0, 1)},
    ),
    "rich_text_quote": shape({"elements": _parts}, {"border": integer(0, 1)}),
    "rich_text_preformatted": shape({"elements": _parts}, {"border": integer(0, 1), "language": string(255)}),
}
rich_elements = items(typed(_RICH), 1000)
