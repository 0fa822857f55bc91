"""What a person finds in blocks, presses, chooses and types; and the state that Slack keeps of it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.fakes.slack_messages import every_block, every_element
from tests.e2e.fakes.slack_state import Json

HELD = {
    "plain_text_input": "value",
    "email_text_input": "value",
    "url_text_input": "value",
    "number_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "users_select": "selected_user",
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
}
"""The types whose state Slack keeps, and the name under which it does."""
PRESSED = ("button", "icon_button", "feedback_buttons")
PLEASE = "Please complete this required field."


class NotThere(LookupError):
    """A person looks for something to press or fill that is not on the screen."""


@dataclass(frozen=True)
class Control:
    """One thing to press or fill: `labels` are the words by which a person finds it."""

    block: Json
    element: Json
    labels: tuple[str, ...]
    value: str | None = None
    text: Json | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """All by which a test may name it."""
        return (self.element["action_id"], self.block["block_id"], *self.labels)


def words(found: Any) -> str:
    """The words of a text object."""
    return str(found["text"]) if isinstance(found, dict) and "text" in found else ""


def controls(blocks: list[Json], user: str | None = None) -> list[Control]:
    """Everything in blocks that `user` can press or fill."""
    found: list[Control] = []
    for block in every_block(blocks):
        for element in every_element(block):
            if element["type"] == "image" or user not in element.get("visible_to_user_ids", [user]):
                continue
            if element["type"] == "feedback_buttons":
                for button in (element["positive_button"], element["negative_button"]):
                    named = (words(button["text"]), button.get("accessibility_label", ""))
                    found.append(Control(block, element, named, button["value"], button["text"]))
            else:
                labels = (
                    words(element.get("text")),
                    element.get("accessibility_label", ""),
                    words(element.get("placeholder")),
                    words(block.get("label")),
                )
                found.append(Control(block, element, labels, element.get("value"), element.get("text")))
    return found


def find(every: list[Control], name: str, value: str | None = None) -> Control:
    """The one that is called so; where several are, the one with this value."""
    named = [each for each in every if name and name in each.names and value in (None, each.value)]
    if len(named) != 1:
        there = [(each.element["action_id"], *filter(None, each.labels), each.value) for each in every]
        raise NotThere(f"{len(named)} of {name!r} with value {value!r} here; there are {there}")
    return named[0]


def state_of(blocks: list[Json], before: Mapping[str, Any] | None = None) -> Json:
    """`state.values`: what each field holds at first, or held before under the same ids."""
    values: Json = {}
    for control in controls(blocks):
        element, block_id = control.element, control.block["block_id"]
        if key := HELD.get(element["type"]):
            first = element.get("initial_" + ("value" if "value" in key else key.removeprefix("selected_")))
            empty: Any = [] if key.endswith("s") else None
            held = {"type": element["type"], key: first if first is not None else empty}
            kept = (before or {}).get(block_id, {}).get(element["action_id"])
            same = kept is not None and kept["type"] == element["type"]
            values.setdefault(block_id, {})[element["action_id"]] = copy.deepcopy(kept if same else held)
    return values


def put(values: Json, control: Control, given: object) -> Json:
    """Fill one field, and give back what it now holds."""
    element = control.element
    held: Json = {"type": element["type"], HELD[element["type"]]: chosen(element, given)}
    values.setdefault(control.block["block_id"], {})[element["action_id"]] = held
    return held


def chosen(element: Json, given: object) -> Any:
    """What was typed or picked, as Slack holds it: options are named by their words or value."""
    if element["type"] in ("external_select", "multi_external_select"):
        raise NotImplementedError("options that the app supplies are not asked for here")
    several = HELD.get(element["type"], "").endswith("s")
    picked = list(given) if isinstance(given, (list, tuple, set)) else [] if given is None else [given]
    if "options" in element or "option_groups" in element:
        picked = [_option(element, each) for each in picked]
    if several:
        return picked
    return picked[0] if picked else None


def _option(element: Json, given: object) -> Json:
    inner = [each for group in element.get("option_groups", []) for each in group["options"]]
    offered = [*element.get("options", []), *inner]
    found = [each for each in offered if given in (each["value"], words(each["text"]))]
    if len(found) != 1:
        there = [(words(each["text"]), each["value"]) for each in offered]
        raise NotThere(f"{len(found)} options {given!r}; there are {there}")
    return dict(found[0])


def unfinished(blocks: list[Json], values: Json) -> dict[str, str]:
    """What the Slack client itself asks for before it sends a form: block_id and words."""
    wrong: dict[str, str] = {}
    for control in controls(blocks):
        block, element = control.block, control.element
        if block["type"] != "input":
            continue
        held = values[block["block_id"]][element["action_id"]][HELD[element["type"]]]
        if not held and held != 0:
            if not block.get("optional"):
                wrong[block["block_id"]] = PLEASE
        elif isinstance(held, str) and "max_length" in element and len(held) > element["max_length"]:
            wrong[block["block_id"]] = f"Must be at most {element['max_length']} characters."
        elif isinstance(held, str) and len(held) < element.get("min_length", 0):
            wrong[block["block_id"]] = f"Must be at least {element['min_length']} characters."
    return wrong


def action(control: Control, ts: str, held: Json | None) -> Json:
    """One entry of `actions`."""
    element = control.element
    made = {"type": element["type"], "block_id": control.block["block_id"], "action_id": element["action_id"]}
    if element["type"] in PRESSED:
        made |= {key: element[key] for key in ("style", "confirm", "icon") if key in element}
        if control.text is not None:
            made["text"] = control.text
        if control.value is not None:
            made["value"] = control.value
    else:
        made |= {key: value for key, value in element.items() if key.startswith(("initial_", "placeholder"))}
        made |= held or {}
    return {**made, "action_ts": ts}
