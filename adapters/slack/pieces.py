"""Pieces of a message: blocks, how they are read out, and what is left out first where they are too much."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slack_sdk.models.blocks import Block

from adapters.slack.elements import note
from adapters.slack.texts import LONGEST_SPOKEN, bounded, length

MOST_BLOCKS = 50
LONGEST_MESSAGE = 12_000
"""Characters of all blocks as JSON; Slack refuses somewhere above."""
_SHORTENED = "This is shortened: there is more than fits into a message."
_NOTHING = "There is nothing to show."


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: the blocks, and the text for notifications and screen readers."""

    text: str
    blocks: tuple[Block, ...]
    sent: tuple[dict[str, object], ...] = field(default=(), compare=False, repr=False)
    """The blocks as JSON, where they have been turned into it already."""

    @property
    def json(self) -> list[dict[str, object]]:
        """The blocks as they are sent."""
        return list(self.sent) or [block.to_dict() for block in self.blocks]


@dataclass(frozen=True, slots=True)
class Piece:
    """Blocks that belong together and how they are read out. The greater the rank, the sooner it is left out."""

    rank: int
    spoken: str
    blocks: tuple[Block, ...]


def message_from(pieces: Sequence[Piece], shortened: str = _SHORTENED) -> Message:
    """The pieces as one message within Slack's limits; `shortened` says so where something had to be left out."""
    made = [[block.to_dict() for block in piece.blocks] for piece in pieces]
    sizes = [(sum(map(_size, rows)), len(rows)) for rows in made]
    kept = list(range(len(pieces)))
    while len(kept) > 1 and not _fits([sizes[number] for number in kept]):
        kept.remove(max(kept, key=lambda number: (pieces[number].rank, number)))
    blocks = [block for number in kept for block in pieces[number].blocks]
    sent = [row for number in kept for row in made[number]]
    if len(kept) < len(pieces) or not blocks:
        blocks.append(note(shortened if blocks else _NOTHING))
        sent.append(blocks[-1].to_dict())
    return Message(_read_out(pieces), tuple(blocks), tuple(sent))


def _read_out(pieces: Sequence[Piece]) -> str:
    """The pieces as one text, within its limit."""
    kept = [(piece.rank, bounded(piece.spoken, LONGEST_SPOKEN // 3)) for piece in pieces if piece.spoken]
    while len(kept) > 1 and sum(length(text) + 1 for _, text in kept) > LONGEST_SPOKEN:
        del kept[max(range(len(kept)), key=lambda number: (kept[number][0], number))]
    return "\n".join(text for _, text in kept) or _NOTHING


def _fits(sizes: Sequence[tuple[int, int]]) -> bool:
    return sum(size for size, _ in sizes) <= LONGEST_MESSAGE and sum(count for _, count in sizes) < MOST_BLOCKS


def _size(block: Mapping[str, object]) -> int:
    return len(json.dumps(block, ensure_ascii=False, separators=(",", ":"))) + 1
