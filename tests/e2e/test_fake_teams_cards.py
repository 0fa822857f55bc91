"""The fake of Teams takes no card that is malformed, and notes what is poor in one."""

from __future__ import annotations

import re

import pytest

from tests.e2e.echo_teams import FORM, alert, block, card, execute, field
from tests.e2e.fakes.teams_cards import look_at
from tests.e2e.fakes.teams_forms import fill, find
from tests.e2e.fakes.teams_state import Json, NotThere

CHOICES = [{"title": "Ashley", "value": "a"}, {"title": "Calmore", "value": "c"}]
MENU = {"type": "Input.ChoiceSet", "id": "school", "label": "School", "choices": CHOICES}
LINK = {"type": "Action.OpenUrl", "title": "Policy", "url": "https://x.example"}
IMAGE = {"type": "Image", "url": "https://x.example/y.png", "altText": "A school"}
FACTS = {"type": "FactSet", "facts": [{"title": "Verdict", "value": "Not allowed"}]}
TABLE = {
    "type": "Table",
    "columns": [{"width": 1}, {"width": "80px"}],
    "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [block("x")]}]}],
}
COLUMNS = {"type": "ColumnSet", "columns": [{"type": "Column", "width": "auto", "items": [block("x")]}, {"items": []}]}
WHY = field("Why", "why")
SHOWN = {"type": "Action.ShowCard", "title": "More", "card": {"type": "AdaptiveCard", "body": [WHY]}}
RICH = {"type": "RichTextBlock", "inlines": ["a", {"type": "TextRun", "text": "b", "weight": "Bolder"}]}
TOGGLE = {"type": "Action.ToggleVisibility", "title": "Show", "targetElements": ["more", {"elementId": "less"}]}
EVERY = card(
    "# 4 is a number",
    execute("Do", "do"),
    LINK,
    SHOWN,
    TOGGLE,
    body=(MENU, IMAGE, FACTS, TABLE, COLUMNS, RICH, {"type": "Container", "style": "Emphasis", "items": [block("x")]}),
    fallbackText="A card",
    msteams={"width": "Full"},
)


def test_every_element_and_action_is_known() -> None:
    for good in (EVERY, FORM, alert(["29:x"])):
        assert look_at(good).problems == []
    assert [kind for kind, _ in look_at(EVERY).faults] == ["markdown"]


def within(*elements: Json) -> Json:
    return card("x", body=elements)


WRONG = {
    "no object": ("x", "must be an object"),
    "another type": ({**card("x"), "type": "Card"}, "unknown type 'Card'"),
    "no version": ({key: each for key, each in card("x").items() if key != "version"}, "lacks the property 'version'"),
    "a later version": ({**card("x"), "version": "1.6"}, "must be one of 1.0"),
    "an unknown property": ({**card("x"), "colour": "red"}, "unknown property 'colour'"),
    "an empty body": ({**card("x"), "body": []}, "nothing in its body"),
    "an unknown element": (within({"type": "Media"}), r"\$.body\[1\]: is of the unknown type 'Media'"),
    "a text without text": (within({"type": "TextBlock"}), "lacks the property 'text'"),
    "a strange size": (within(block("x", size="huge")), "must be one of default"),
    "wrap as text": (within(block("x", wrap="true")), "must be a boolean"),
    "an unknown element inside": (within({"type": "Container", "items": [{"type": "Shout"}]}), "'Shout'"),
    "an input without id": (within({"type": "Input.Text", "label": "x"}), "lacks the property 'id'"),
    "two inputs of one id": (within(field("A", "x"), field("B", "x")), "two elements with the id 'x'"),
    "a menu without choices": (within({**MENU, "choices": []}), "at least 1 items"),
    "a choice without value": (within({**MENU, "choices": [{"title": "x"}]}), "lacks the property 'value'"),
    "a picture from a file": (within({**IMAGE, "url": "file:///x.png"}), "address of an image"),
    "an unknown action": (card("x", {"type": "Action.Http", "title": "x"}), "'Action.Http'"),
    "no verb": (card("x", {"type": "Action.Execute", "title": "x"}), "lacks the property 'verb'"),
    "data as text": (card("x", {"type": "Action.Submit", "title": "x", "data": "y"}), "data: must be an object"),
    "a strange link": (card("x", {**LINK, "url": "javascript:x"}), "a link that may be opened"),
    "seven actions": (card("x", *[LINK] * 7), "at most 6 items"),
    "execute in an old card": ({**card("x", execute("x", "y")), "version": "1.3"}, "before 1.4"),
    "a refresh that submits": (
        card("x", refresh={"action": {"type": "Action.Submit"}, "userIds": []}),
        "unknown type 'Action.Submit'",
    ),
    "a refresh for everybody": (alert(["29:x"] * 61), "at most 60 items"),
    "show card on tap": (card("x", selectAction=SHOWN), "unknown type 'Action.ShowCard'"),
    "a mention without a name": (
        card("<at>A</at>", msteams={"entities": [{"type": "mention", "text": "<at>A</at>", "mentioned": {"id": "x"}}]}),
        "lacks the property 'name'",
    ),
}


@pytest.mark.parametrize(("malformed", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_malformed_card_is_refused(malformed: Json, says: str) -> None:
    problems = look_at(malformed).problems
    assert any(re.search(says, each) for each in problems), problems


def submit(title: str) -> Json:
    return {"type": "Action.Submit", "title": title}


POOR = {
    "no schema": ({"type": "AdaptiveCard", "version": "1.5", "body": [block("x")]}, "no_schema"),
    "cut text": (within({"type": "TextBlock", "text": "x"}), "no_wrap"),
    "a silent picture": (within({"type": "Image", "url": "https://x.example/y.png"}), "no_alt_text"),
    "an input without label": (within({"type": "Input.Text", "id": "x"}), "no_label"),
    "a silent requirement": (within(field("x", "x", isRequired=True)), "no_error_message"),
    "nothing for old clients": (card("x", {"type": "Action.Execute", "title": "x", "verb": "x"}), "no_fallback_action"),
    "execute for a dialog": (card("x", execute("x", "x", msteams={"type": "task/fetch"})), "execute_with_msteams"),
    "a heading": (card("## x"), "markdown"),
    "HTML": (card("a <b>c</b>"), "markdown"),
    "code": (card("a `b`"), "markdown"),
    "a mention of nobody": (card("<at>Ana</at>"), "mention"),
    "an entity of nothing": (
        card(
            "x",
            msteams={"entities": [{"type": "mention", "text": "<at>A</at>", "mentioned": {"id": "29:x", "name": "A"}}]},
        ),
        "mention",
    ),
}


@pytest.mark.parametrize(("poor", "kind"), POOR.values(), ids=POOR.keys())
def test_a_poor_card_is_taken_and_noted(poor: Json, kind: str) -> None:
    spot = look_at(poor)
    assert spot.problems == []
    assert [each for each, _ in spot.faults] == [kind]


class TestFilling:
    def test_inputs_go_with_their_card_and_those_around_it(self) -> None:
        number = {"type": "Input.Number", "id": "age", "label": "Age"}
        toggle = {"type": "Input.Toggle", "id": "sure", "label": "Sure?", "title": "Yes"}
        inner = {**SHOWN, "card": {"type": "AdaptiveCard", "body": [WHY], "actions": [submit("Send")]}}
        asked = card("x", inner, submit("Skip"), body=(MENU, number, toggle, field("Words", "words", maxLength=3)))
        sent = find(asked, "Send")
        assert fill(sent, {"School": "Calmore", "age": 7, "why": "so"}) == (
            {"school": "c", "age": "7", "sure": "false", "words": "", "why": "so"},
            {},
        )
        assert fill(find(asked, "Skip"), {})[0] == {"sure": "false", "words": ""}
        assert fill(sent, {"words": "long"})[1] == {"words": "at most 3 characters"}
        alone = card(
            "x", {**submit("Go"), "associatedInputs": "none"}, body=(field("Words", "words", isRequired=True),)
        )
        assert fill(find(alone, "Go"), {}) == ({}, {})
        with pytest.raises(NotThere, match="no input"):
            fill(find(asked, "Skip"), {"why": "so"})
        with pytest.raises(NotThere, match="no choice 'Fact'"):
            fill(sent, {"School": "Fact"})

    def test_a_button_is_found_by_its_words_if_there_is_one(self) -> None:
        asked = card("x", submit("Send"), {**submit("Off"), "isEnabled": False}, body=({"type": "ActionSet"},))
        asked["body"][1]["actions"] = [execute("Do", "do")]
        assert find(asked, "do").action["title"] == "Do"
        for name in ("Nothing", None, "Off"):
            with pytest.raises(NotThere):
                find(asked, name)
