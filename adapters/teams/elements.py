"""The small parts of Adaptive Cards 1.5 that the views are made of. Words that are not ours stand in runs, where
Teams looks for no marks, or are defused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NewType
from urllib.parse import quote as percent

from adapters.chat.texts import is_blank, one_line, units, visible
from adapters.teams.actions import CHOICE_FIELD, IN_DIALOG, LONGEST_INPUT, VERB, Carried
from adapters.teams.texts import bounded, defused, inert, weight, within

Element = NewType("Element", dict[str, object])
"""Something in the body of a card."""
Action = NewType("Action", dict[str, object])
"""A button."""
Run = NewType("Run", dict[str, object])
"""A stretch of words in a block of rich text."""

MOST_ACTIONS = 6
LONGEST_TITLE = 60
ROOM_FOR_TEXT = 9_000
"""Bytes as JSON of one paragraph."""
_LONGEST_HEADING = 150
_LONGEST_NOTE = 1_000
_LONGEST_LABEL = 200
_FEW_OPTIONS = 8
_PHONE, _LETTER, _FRAME = 312, 8, 36
"""Pixels: of a card on a phone, of a letter on a button, of what is around it."""
_ROOM_FOR_OPTIONS = 16_000
"""Bytes as JSON."""
_BRACKETS = str.maketrans("[]", "()")
_ADDRESS = re.compile(r"https?://[^\s/?#]+[^\s]*", re.IGNORECASE)


def said(text: str, *, bold: bool = False, small: bool = False) -> Run:
    """A run of words, as they are."""
    run: dict[str, object] = {"type": "TextRun", "text": inert(text) or "…"}
    run |= {"weight": "bolder"} if bold else {}
    return Run(run | ({"size": "small", "isSubtle": True} if small else {}))


def line(*runs: Run, spacing: str = "") -> Element:
    """Runs that follow each other, as a paragraph."""
    return _spaced({"type": "RichTextBlock", "inlines": list(runs) or [said("")]}, spacing)


def paragraph(icon: str, lead: str, text: str = "", *, spacing: str = "") -> Element:
    """A picture, what matters in bold, and the rest."""
    runs = [said(f"{icon} ")] if icon else []
    runs += [said(lead, bold=True)] if lead else []
    runs += [said(f" {text}" if lead else text)] if text else []
    return line(*runs, spacing=spacing)


def words(text: str, room: int, *, boxed: bool = False) -> tuple[Element, ...]:
    """Words that are not ours, as much of them as `room` bytes of JSON take; none where there are none."""
    if is_blank(text):
        return ()
    element = line(said(within(inert(text.strip()), room)))
    return (box([element], "emphasis") if boxed else element,)


def heading(text: str, icon: str = "", *, large: bool = False, spacing: str = "") -> Element:
    """A heading, for the eye and for screen readers."""
    words = defused(bounded(one_line(text), _LONGEST_HEADING)) or "…"
    return _spaced(
        {
            "type": "TextBlock", "text": f"{icon} {words}" if icon else words, "wrap": True, "style": "heading",
            "weight": "bolder", "size": "large" if large else "medium",
        },
        spacing,
    )  # fmt: skip


def note(text: str, icon: str = "", *, spacing: str = "") -> Element:
    """A line in small type."""
    words = bounded(one_line(text), _LONGEST_NOTE)
    return line(said(f"{icon} {words}" if icon else words, small=True), spacing=spacing)


def bullets(items: Iterable[str]) -> tuple[Element, ...]:
    """A list. In marks, Microsoft's renderer cuts off the right edge of one."""
    return tuple(line(said(f"• {item}"), spacing="small" if at else "") for at, item in enumerate(items))


def linked(before: str, text: str, address: str, *, small: bool = False, spacing: str = "") -> Element:
    """Words, then a link to an address of our own or a number to phone."""
    before, text = (defused(part).translate(_BRACKETS) for part in (before, text))
    words = f"{before} [{text}]({address})" if before else f"[{text}]({address})"
    block: dict[str, object] = {"type": "TextBlock", "text": words, "wrap": True}
    return _spaced(block | ({"size": "small"} if small else {}), spacing)


def address(url: str) -> str:
    """`url` as it can stand in a link; nothing where it is no address of a page."""
    if not _ADDRESS.fullmatch(url) or len(url) > 2_000:
        return ""
    return percent(visible(url), safe="/:?#@!$&=,;+%~-._'")


def box(items: Iterable[Element], style: str, *, bleed: bool = False, spacing: str = "") -> Element:
    """Elements on a ground of their own."""
    made: dict[str, object] = {"type": "Container", "style": style, "items": list(items)}
    return _spaced(made | ({"bleed": True} if bleed else {}), spacing)


def facts(rows: Iterable[tuple[str, str]]) -> Element:
    """Names and values side by side."""
    pairs = [{"title": defused(name), "value": defused(value) or "…"} for name, value in rows]
    return Element({"type": "FactSet", "facts": pairs})


def execute(title: str, carried: Carried, *, says: str = "", positive: bool = False) -> Action:
    """A button that is carried out where it stands; clients that do not know it send the same as a message."""
    data = carried.data()
    fallback = {**_button("Action.Submit", title, says, positive), "data": data}
    made = {**_button("Action.Execute", title, says, positive), "verb": data[VERB], "data": data}
    return Action({**made, "fallback": fallback})


def submit(title: str, carried: Carried, *, says: str = "", positive: bool = False) -> Action:
    """A button of a dialog, or one that sends off what was filled in."""
    return Action({**_button("Action.Submit", title, says, positive), "data": carried.data()})


def opens(title: str, carried: Carried, *, says: str = "", positive: bool = False) -> Action:
    """A button that opens a dialog; clients that have none send the same as a message."""
    data = {**carried.data(), "msteams": {"type": "task/fetch"}}
    return Action({**_button("Action.Submit", title, says, positive), "data": data})


def button(title: str, carried: Carried, *, says: str = "", positive: bool = False, dialog: bool = False) -> Action:
    """The button that fits what it carries. `dialog`: it stands in one."""
    if dialog:
        return submit(title, carried, says=says, positive=positive)
    make = opens if carried.data()[VERB] in IN_DIALOG else execute
    return make(title, carried, says=says, positive=positive)


def leads_to(title: str, url: str) -> Action:
    """A button that opens an address of our own."""
    return Action({**_button("Action.OpenUrl", title, "", positive=False), "url": url})


def actions(buttons: Sequence[Action]) -> tuple[Element, ...]:
    """Buttons in rows that a phone is wide enough for: a client shortens what it has no room for."""
    rows: list[list[Action]] = []
    room = 0
    for one in buttons:
        wide = _width(one)
        if wide > room or len(rows[-1]) == MOST_ACTIONS:
            rows.append([])
            room = _PHONE
        rows[-1].append(one)
        room -= wide
    made = [Element({"type": "ActionSet", "actions": row}) for row in rows]
    return tuple(_spaced(row, "small" if at else "") for at, row in enumerate(made))


def questions(buttons: Sequence[Action]) -> tuple[Element, ...]:
    """Buttons that ask something: where one is too long for a phone, each is a line of text that can be pressed.

    What such a line carries always comes as a message: a client has no spare action for one.
    """
    if all(_width(one) <= _PHONE for one in buttons):
        return actions(buttons)
    texts = [str(one.get("tooltip", one["title"])).removeprefix("Ask: ") for one in buttons]
    boxes = [box([line(said(f"💬 {text}"))], "emphasis") for text in texts]
    rows = [
        Element({**made, "selectAction": one.get("fallback", one)}) for made, one in zip(boxes, buttons, strict=True)
    ]
    return tuple(_spaced(row, "small") for row in rows)


def apart(element: Element) -> Element:
    """`element` with a line above it."""
    return Element({**element, "separator": True})


def field(
    label: str, name: str, *, error: str, hint: str = "", typed: str = "", lines: bool = True, optional: bool = False,
) -> tuple[Element, ...]:  # fmt: skip
    """A field to type in, with what was typed before; `error` is shown where it is left empty."""
    typed = bounded(visible(typed), LONGEST_INPUT)
    made: dict[str, object] = {
        "type": "Input.Text", "id": name, "label": _label(label), "isMultiline": lines, "maxLength": LONGEST_INPUT,
    }  # fmt: skip
    made |= {} if is_blank(typed) else {"value": typed}
    made |= {} if optional else {"isRequired": True, "errorMessage": error}
    return (Element(made), *((note(hint, spacing="small"),) if hint else ()))


def choice_of(
    label: str, name: str, options: Sequence[tuple[str, str]], *, error: str, chosen: str = "", placeholder: str
) -> tuple[Element, ...]:
    """A field to choose in: a few are all shown, many are a list. `options` are values and texts."""
    rows = [{"title": bounded(inert(one_line(text)), 100) or "…", "value": value} for value, text in options]
    room, shown = _ROOM_FOR_OPTIONS, 0
    while shown < len(rows) and (room := room - _size(rows[shown])) >= 0:
        shown += 1
    few = len(rows) <= _FEW_OPTIONS
    if few:
        rows = [{**row, "title": defused(row["title"])} for row in rows]
    made: dict[str, object] = {
        "type": "Input.ChoiceSet", "id": name, "label": _label(label), "style": "expanded" if few else "compact",
        "wrap": True, "choices": rows[:shown], "placeholder": _label(placeholder), "isRequired": True,
        "errorMessage": error,
    }  # fmt: skip
    made |= {"value": chosen} if chosen in (row["value"] for row in rows[:shown]) else {}
    left = len(rows) - shown
    more = f"{left} more do not fit into this list. Ask whoever runs the chatbot."
    return (Element(made), *((note(more),) if left else ()))


def picked_from(label: str, options: Sequence[tuple[str, str]]) -> tuple[Element, ...]:
    """More answers than there can be buttons, as a list."""
    return choice_of(label, CHOICE_FIELD, options, error="Choose one of these.", placeholder="Choose one")


def all_of(*parts: Iterable[Element] | Element) -> tuple[Element, ...]:
    """Elements and rows of elements as one row."""
    return tuple(one for part in parts for one in ((Element(part),) if isinstance(part, dict) else part))


def _button(kind: str, title: str, says: str, positive: bool) -> dict[str, object]:
    made: dict[str, object] = {"type": kind, "title": bounded(inert(one_line(title)), LONGEST_TITLE) or "…"}
    made |= {"tooltip": bounded(inert(one_line(says)), _LONGEST_LABEL)} if says else {}
    return made | ({"style": "positive"} if positive else {})


def _width(button: Action) -> int:
    return units(str(button["title"])) * _LETTER + _FRAME


def _label(text: str) -> str:
    return bounded(inert(one_line(text)), _LONGEST_LABEL)


def _spaced(element: dict[str, object], spacing: str) -> Element:
    return Element({**element, "spacing": spacing} if spacing else element)


def _size(row: dict[str, str]) -> int:
    return sum(weight(text) for pair in row.items() for text in pair) + 16
