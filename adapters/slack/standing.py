"""How a report stands, for the person who made it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from adapters.chat.texts import one_line
from adapters.escalations.standing import Number, Standing
from adapters.slack.actions import STANDING_BLOCK
from adapters.slack.elements import marked
from adapters.slack.pieces import Piece
from adapters.slack.texts import bounded, defused, sentence, spoken

ICONS: Mapping[str, str] = {
    "alone": "bell",
    "waiting": "question",
    "taken": "white_check_mark",
    "closed": "lock",
}
_SHOWN = re.compile(r"[0-9+(][0-9+() ./-]*")
_DIALLED = re.compile(r"\+?[0-9]{3,20}")
_LONGEST = 900
_MOST_NUMBERS = 5


def standing_piece(standing: Standing, *, named: bool = False, number: int = 0) -> Piece:
    """How a report stands now, with the numbers to phone; the `number`th of several, then it is `named`."""
    reference = bounded(one_line(standing.reference), 40)
    lead = f"Report {reference}." if named else "At the moment:"
    text = bounded(one_line(standing.text), _LONGEST)
    numbers = standing.numbers[:_MOST_NUMBERS]
    rows = [f":{ICONS.get(standing.tone, 'bell')}: *{defused(lead)}* {defused(text)}"]
    rows += [numbers_to_phone(numbers)] if numbers else []
    block_id = f"{STANDING_BLOCK}.{number}" if number else STANDING_BLOCK
    return Piece(0, _spoken(lead, text, numbers), (marked("\n".join(rows), block_id=block_id),))


def numbers_to_phone(numbers: tuple[Number, ...]) -> str:
    """Numbers as lines of mrkdwn that can be tapped."""
    return "\n".join(f":telephone_receiver: {_number(number)}" for number in numbers[:_MOST_NUMBERS])


def _number(number: Number) -> str:
    name, shown = bounded(one_line(number.name), 80), bounded(one_line(number.number), 40)
    digits = number.href.removeprefix("tel:")
    if not _SHOWN.fullmatch(shown) or not _DIALLED.fullmatch(digits):
        return f"{defused(name)}: {defused(shown)}"
    return f"{defused(name)}: <tel:{digits}|{defused(shown)}>"


def _spoken(lead: str, text: str, numbers: tuple[Number, ...]) -> str:
    phone = "; ".join(f"{spoken(number.name)}, {spoken(number.number)}" for number in numbers)
    return sentence(f"{lead} {text}") + (f" To phone: {phone}." if phone else "")
