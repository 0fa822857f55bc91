"""How a report stands, for the person who made it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from adapters.chat.texts import one_line
from adapters.escalations.standing import Number, Standing
from adapters.teams.elements import Element, box, linked, paragraph
from adapters.teams.pieces import Message, Piece, message_from
from adapters.teams.texts import bounded, sentence, spoken

TONES: Mapping[str, tuple[str, str]] = {
    "alone": ("🔔", "warning"),
    "waiting": ("❓", "accent"),
    "taken": ("✅", "good"),
    "closed": ("🔒", "emphasis"),
}
"""The picture and the ground of each; the words say the same."""
_SHOWN = re.compile(r"[0-9+(][0-9+() ./-]*")
_DIALLED = re.compile(r"\+?[0-9]{3,20}")
_LONGEST = 900
_MOST_NUMBERS = 5
_MOST_STANDINGS = 8


def receipt_of(standings: Sequence[Standing]) -> Message:
    """How one's own reports stand, as a message of its own."""
    if not standings:
        words = "You have reported nothing here. What you report, and how it stands, shows in this place."
        return message_from([Piece(0, words, (paragraph("", words),))])
    pieces = [standing_piece(standing, named=True) for standing in standings[:_MOST_STANDINGS]]
    left = len(standings) - _MOST_STANDINGS
    more = f"And {left} earlier ones."
    return message_from([*pieces, *([Piece(1, more, (paragraph("", more),))] if left > 0 else [])])


def standing_piece(standing: Standing, *, named: bool = False) -> Piece:
    """How a report stands now, with the numbers to phone; one of several is `named`."""
    lead = f"Report {bounded(one_line(standing.reference), 40)}." if named else "At the moment:"
    text = bounded(one_line(standing.text), _LONGEST)
    numbers = standing.numbers[:_MOST_NUMBERS]
    icon, style = TONES.get(standing.tone, TONES["alone"])
    elements = (paragraph(icon, lead, text), *numbers_to_phone(numbers))
    return Piece(0, _spoken(lead, text, numbers), (box(elements, style),))


def numbers_to_phone(numbers: Sequence[Number]) -> tuple[Element, ...]:
    """Numbers that can be tapped, each on a line of its own."""
    return tuple(_number(number) for number in numbers[:_MOST_NUMBERS])


def _number(number: Number) -> Element:
    name, shown = bounded(one_line(number.name), 80), bounded(one_line(number.number), 40)
    digits = number.href.removeprefix("tel:")
    if not _SHOWN.fullmatch(shown) or not _DIALLED.fullmatch(digits):
        return paragraph("📞", f"{name}:", shown, spacing="small")
    return linked(f"📞 {name}:", shown, f"tel:{digits}", spacing="small")


def _spoken(lead: str, text: str, numbers: Sequence[Number]) -> str:
    phone = "; ".join(f"{spoken(number.name)}, {spoken(number.number)}" for number in numbers)
    return sentence(f"{lead} {text}") + (f" To phone: {phone}." if phone else "")
