"""The fake of Slack takes no block that Slack refuses."""

from __future__ import annotations

import pytest

from tests.e2e.echo_bot import CARD, FORM, HOME, MENU, OPTIONS, button, field, plain, section
from tests.e2e.fakes.slack_blocks import message_problems, view_problems
from tests.e2e.fakes.slack_state import Json

WRONG_BLOCKS = {
    "an unknown type": ({"type": "shout"}, "unsupported type: shout"),
    "no type": ({"text": plain("x")}, "missing required field: type"),
    "an unknown key": ({"type": "divider", "text": "x"}, "invalid additional property: text"),
    "a header in mrkdwn": ({"type": "header", "text": {"type": "mrkdwn", "text": "x"}}, "unsupported type: mrkdwn"),
    "a long header": ({"type": "header", "text": plain("x" * 151)}, "less than 151"),
    "an empty section": ({"type": "section"}, "missing required field: text or fields"),
    "a text as string": ({"type": "section", "text": "x"}, "must provide an object"),
    "an empty text": (section(""), "more than 0 characters"),
    "emoji on mrkdwn": ({"type": "section", "text": {**section("x")["text"], "emoji": True}}, "additional property"),
    "a long button": ({"type": "actions", "elements": [button("x" * 76)]}, "less than 76"),
    "a long value": ({"type": "actions", "elements": [button("x", value="x" * 2001)]}, "less than 2001"),
    "a long action_id": ({"type": "actions", "elements": [button("x", "x" * 256)]}, "less than 256"),
    "a strange style": ({"type": "actions", "elements": [button("x", style="red")]}, "one of the following"),
    "a strange link": ({"type": "actions", "elements": [button("x", url="javascript:x")]}, "valid URL"),
    "two of one action_id": ({"type": "actions", "elements": [button("x"), button("y")]}, "already exists"),
    "too many buttons": ({"type": "actions", "elements": [button("x", str(n)) for n in range(26)]}, "no more than 25"),
    "a typed field among buttons": ({"type": "actions", "elements": [field("x", "y")["element"]]}, "unsupported type"),
    "too much context": ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10"),
    "no alt text": ({"type": "image", "image_url": "https://x.example/y.png"}, "missing required field: alt_text"),
    "a half confirmation": (
        {"type": "actions", "elements": [button("x", confirm={"title": plain("x")})]},
        "missing required field: deny",
    ),
    "a menu with too many options": (
        {"type": "actions", "elements": [{**MENU, "options": OPTIONS * 51}]},
        "no more than 100",
    ),
    "a long option": (
        {"type": "actions", "elements": [{**MENU, "options": [{"text": plain("x" * 76), "value": "x"}]}]},
        "less than 76",
    ),
    "a first choice that is none": (
        {"type": "actions", "elements": [{**MENU, "initial_option": {"text": plain("x"), "value": "x"}}]},
        "exactly match",
    ),
    "eleven circles": (
        {"type": "actions", "elements": [{"type": "radio_buttons", "action_id": "r", "options": OPTIONS * 6}]},
        "no more than 10",
    ),
    "an alert in a message": ({"type": "alert", "text": plain("x")}, "in modal only"),
    "half feedback": (
        {"type": "context_actions", "elements": [{"type": "feedback_buttons", "positive_button": {}}]},
        "missing required field: negative_button",
    ),
    "rows of different lengths": (
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}], []]},
        "same number of cells",
    ),
}


@pytest.mark.parametrize(("block", "says"), WRONG_BLOCKS.values(), ids=WRONG_BLOCKS.keys())
def test_a_malformed_block_is_an_error(block: Json, says: str) -> None:
    assert any(says in each for each in message_problems([block])), message_problems([block])


def test_blocks_are_counted_and_named_apart() -> None:
    assert message_problems(CARD) == []
    assert "no more than 50" in message_problems([section("x")] * 51)[0]
    assert "already exists" in message_problems([{**section("x"), "block_id": "b"}] * 2)[0]


def test_views_are_of_their_kind() -> None:
    assert view_problems(FORM, "modal") == []
    assert view_problems(HOME, "home") == []
    assert view_problems({**FORM, "blocks": [{"type": "alert", "text": plain("x")}]}, "modal") == []
    without = {key: value for key, value in FORM.items() if key != "submit"}
    assert "submit" in view_problems(without, "modal")[0]
    assert "unsupported type" in view_problems({**FORM, "blocks": [{"type": "markdown", "text": "x"}]}, "modal")[0]
    assert "no more than 100" in view_problems({**HOME, "blocks": [section("x")] * 101}, "home")[0]
    assert "additional property: hash" in view_problems({**HOME, "hash": "x"}, "home")[0]
