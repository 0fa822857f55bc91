"""Buttons that have been pressed: what was chosen stands in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from slack_sdk.models.blocks import Block

from adapters.chat.texts import one_line
from adapters.slack.actions import CHOICES_BLOCK, SETTLED_BLOCK
from adapters.slack.elements import LONGEST_BUTTON, emoji, line, rich, said
from adapters.slack.texts import bounded


def settled_block(label: str, before: int = 0) -> Block:
    """What stands in place of buttons once one was pressed; `before` is how many such blocks stand there already."""
    chosen = bounded(one_line(label), LONGEST_BUTTON) or "…"
    words = line(emoji("ballot_box_with_check"), said(" You chose: "), said(chosen, bold=True))
    return rich(words, block_id=f"{SETTLED_BLOCK}.{before}" if before else SETTLED_BLOCK)


def settled_in(blocks: Iterable[Mapping[str, object]], label: str) -> tuple[Block, ...]:
    """The blocks of a message as Slack sends them back, with what was chosen in place of the buttons."""
    before = [dict(raw) for raw in blocks]
    ids = [str(raw.get("block_id", "")) for raw in before]
    first = next((at for at, name in enumerate(ids) if name.startswith(CHOICES_BLOCK)), None)
    settled: list[Block] = []
    for at, raw in enumerate(before):
        if at == first:
            settled.append(settled_block(label, sum(name.startswith(SETTLED_BLOCK) for name in ids)))
        elif not ids[at].startswith(CHOICES_BLOCK):
            block = Block.parse(_as_sent(raw))
            settled += [block] if block is not None else []
    return tuple(settled)


def _as_sent(value: Any) -> Any:
    """Slack escapes plain text when it sends it back."""
    if isinstance(value, list):
        return [_as_sent(each) for each in value]
    if not isinstance(value, dict):
        return value
    back = {key: _as_sent(inner) for key, inner in value.items()}
    if back.get("type") == "plain_text" and isinstance(back.get("text"), str):
        back["text"] = back["text"].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return back
