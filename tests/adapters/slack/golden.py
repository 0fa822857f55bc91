"""Golden files: what a view looks like as JSON, indented for reading. `GOLDEN=1 pytest` rewrites them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from slack_sdk.models.views import View

from adapters.slack.pieces import Message
from tests.adapters.slack.limits import label_problems, name_problems, problems_of

_FOLDER = Path(__file__).parent / "golden"


def as_json(shown: Message | View) -> dict[str, object]:
    """What would be sent."""
    if isinstance(shown, Message):
        return {"text": shown.text, "blocks": [block.to_dict() for block in shown.blocks]}
    view: dict[str, object] = shown.to_dict()
    return view


def assert_golden(name: str, shown: Message | View) -> None:
    """It is as in its golden file, and within Slack's limits."""
    made = as_json(shown)
    assert problems_of(made) + label_problems(made) + name_problems(made) == []
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    path = _FOLDER / f"{name}.json"
    if os.environ.get("GOLDEN") == "1":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
