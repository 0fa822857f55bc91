"""Pieces of a card: elements, how they are read out, and what is left out first where they are too much."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NewType

from adapters.chat.texts import units
from adapters.teams.elements import Element, all_of, note
from adapters.teams.texts import bounded, spoken, weight, within

Card = NewType("Card", dict[str, object])

LARGEST_CARD = 28_000
"""Bytes of a card as JSON, all beyond ASCII escaped: what Teams takes in an extension, where it takes least."""
LONGEST_SPOKEN = 3_900
_ROOM_FOR_FALLBACK = 4_000
_ROOM_FOR_SPEECH = 1_000
_SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
_SHORTENED = "This is shortened: there is more than fits into a card."
_NOTHING = "There is nothing to show."


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted. `text` is the activity's summary: for notifications, screen readers and clients without cards.

    `feedback` asks for the thumbs of Teams below it (channel data `feedbackLoop`).
    """

    text: str
    card: Card
    feedback: bool = False


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a dialog shows: its title, its card and its height and width in pixels."""

    title: str
    card: Card
    height: int = 480
    width: int = 600


@dataclass(frozen=True, slots=True)
class Piece:
    """Elements that belong together and how they are read out. The greater the rank, the sooner it is left out."""

    rank: int
    spoken: str
    elements: tuple[Element, ...]


def message_from(
    pieces: Sequence[Piece],
    shortened: str = _SHORTENED,
    *,
    feedback: bool = False,
    refresh: dict[str, object] | None = None,
) -> Message:
    """The pieces as one message within the limits; `shortened` says so where something had to be left out."""
    pieces = [replace(piece, spoken=spoken(piece.spoken)) for piece in pieces]
    text = _read_out(pieces, LONGEST_SPOKEN, bounded, units)
    fallback = _read_out(pieces, _ROOM_FOR_FALLBACK, within, weight)
    speech = next((piece.spoken for piece in pieces if piece.spoken), _NOTHING)
    sizes = [sum(map(_size, piece.elements)) for piece in pieces]
    room = LARGEST_CARD - _size(card_of([note(shortened)], fallback, speech, refresh))
    kept = _kept([piece.rank for piece in pieces], sizes, room)
    body = [element for number in kept for element in pieces[number].elements]
    if len(kept) < len(pieces):
        body.append(note(shortened))
    return Message(text, card_of(body or [note(_NOTHING)], fallback, speech, refresh), feedback)


def card_of(body: Sequence[Element], fallback: str, speech: str = "", refresh: dict[str, object] | None = None) -> Card:
    """A whole card. `fallback` is read where a client cannot show it, `speech` is how it begins when read out."""
    made: dict[str, object] = {"type": "AdaptiveCard", "$schema": _SCHEMA, "version": "1.5"}
    made |= {"fallbackText": within(fallback, _ROOM_FOR_FALLBACK), "body": list(body)}
    made |= {"speak": within(speech, _ROOM_FOR_SPEECH)} if speech else {}
    return Card(made | ({"refresh": refresh} if refresh else {}))


def dialog_of(title: str, *parts: Sequence[Element] | Element, height: int = 480) -> Dialog:
    """A dialog whose card holds the parts."""
    body = all_of(*parts)
    words = (
        "This needs a newer version of Teams: use Teams in the browser. If a child may be at risk, do not wait: speak "
        "to the designated safeguarding lead now; in an emergency call 999."
    )
    return Dialog(bounded(title, 60), card_of(body, f"{title}. {words}"), height)


def _read_out(pieces: Sequence[Piece], limit: int, cut: Callable[[str, int], str], count: Callable[[str], int]) -> str:
    """The pieces as one text, within its limit."""
    texts = [cut(piece.spoken, limit // 3) for piece in pieces]
    sizes = [count(text) + 2 if text else 0 for text in texts]
    kept = _kept([piece.rank for piece in pieces], sizes, limit)
    return "\n".join(texts[number] for number in kept if texts[number]) or _NOTHING


def _kept(ranks: Sequence[int], sizes: Sequence[int], room: int) -> list[int]:
    """Which of them fit into the room together: of the greatest rank the last is left out first."""
    kept, total = list(range(len(sizes))), sum(sizes)
    for number in sorted(kept, key=lambda number: (-ranks[number], -number))[:-1]:
        if total <= room:
            break
        kept.remove(number)
        total -= sizes[number]
    return kept


def _size(part: Element | Card) -> int:
    return len(json.dumps(part)) + 2
