"""What a person finds in a card, presses and fills in; and the data that a client makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.fakes.teams_cards import within
from tests.e2e.fakes.teams_state import Json, NotThere

HIDDEN = ("data", "fallback", "card")
PLEASE = "Please fill out this field."


@dataclass(frozen=True)
class Button:
    """An action, and the inputs that go with it: those of its card and of the cards around it."""

    action: Json
    inputs: tuple[Json, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """All by which a test may name it."""
        return tuple(str(self.action[key]) for key in ("title", "id", "verb") if self.action.get(key))


def buttons(card: Json, around: tuple[Json, ...] = ()) -> Iterator[Button]:
    """Every action that a card offers, also those of the cards that it opens."""
    seen = list(within(card.get("body"), HIDDEN))
    inputs = (*around, *(each for each in seen if str(each.get("type")).startswith("Input.")))
    for each in (*seen, *_listed(card.get("actions")), *_listed(card.get("selectAction"))):
        if not str(each.get("type")).startswith("Action."):
            continue
        yield Button(each, inputs)
        if each["type"] == "Action.ShowCard":
            yield from buttons(each["card"], inputs)


def _listed(value: Any) -> list[Json]:
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def find(card: Json | None, name: str | None) -> Button:
    """The button of that title, id or verb; without a name, the only one that sends."""
    every = list(buttons(card or {}))
    if name is None:
        found = [each for each in every if each.action["type"] in ("Action.Execute", "Action.Submit")]
    else:
        found = [each for each in every if name in each.names]
    if len(found) != 1:
        raise NotThere(f"{len(found)} buttons {name!r}; there are {[each.names for each in every]}")
    if found[0].action.get("isEnabled") is False:
        raise NotThere(f"{name!r} is greyed out")
    return found[0]


def fill(button: Button, given: Mapping[str, Any]) -> tuple[Json, dict[str, str]]:
    """The inputs' values as a client sends them, all as text, and what it says beside those that are not right."""
    left, values, errors = dict(given), dict[str, Any](), dict[str, str]()
    alone = button.action.get("associatedInputs", "auto").lower() == "none"
    for each in () if alone else button.inputs:
        named = [name for name in (each.get("id"), each.get("label")) if name in left]
        value = left.pop(named[0]) if named else _untouched(each)
        if named and each["type"] == "Input.ChoiceSet":
            value = _chosen(each, value)
        if wrong := _wrong(each, value):
            errors[each["id"]] = wrong
        if value is not None:
            values[each["id"]] = _text(value)
    if left:
        raise NotThere(f"no input {sorted(left)}; there are {[each.get('id') for each in button.inputs]}")
    return values, errors


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _untouched(field: Json) -> Any:
    """What is in an input that nobody touched: nothing at all in numbers and choices."""
    kind = field["type"]
    if kind == "Input.Toggle":
        return field.get("value") or field.get("valueOff", "false")
    if kind in ("Input.Number", "Input.ChoiceSet"):
        return field.get("value")
    return field.get("value", "")


def _chosen(field: Json, given: Any) -> Any:
    """The values of the choices that are named by title or value."""
    known = {each["title"]: each["value"] for each in field["choices"]} | {
        each["value"]: each["value"] for each in field["choices"]
    }
    wanted = given if isinstance(given, list | tuple) else [given]
    if any(each not in known for each in wanted):
        raise NotThere(f"no choice {given!r}; there are {sorted(known)}")
    if len(wanted) > 1 and not field.get("isMultiSelect"):
        raise NotThere(f"only one choice may be made in {field['id']}")
    return [known[each] for each in wanted]


def _wrong(field: Json, value: Any) -> str | None:
    text = "" if value is None else _text(value)
    refused = field.get("errorMessage") or PLEASE
    if not text:
        return refused if field.get("isRequired") else None
    if field["type"] == "Input.Text" and len(text) > field.get("maxLength", len(text)):
        return f"at most {field['maxLength']} characters"
    if field["type"] == "Input.Text" and field.get("regex") and not re.search(field["regex"], text):
        return str(refused)
    return None
