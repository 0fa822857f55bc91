"""What an invoke is answered with, as JSON: a card, a few words for a moment, a dialog, results of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.teams.found import Found
from adapters.teams.pieces import Card, Dialog, Message
from adapters.teams.texts import bounded

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
_TEXT = "application/vnd.microsoft.activity.message"
_HERO = "application/vnd.microsoft.card.hero"

Json = dict[str, object]


def activity_of(message: Message) -> Json:
    """A message as it is posted. Words beside a card would show twice: they are its summary."""
    posted: Json = {"type": "message", "summary": message.text, "attachments": [_attached(message.card)]}
    return posted | ({"channelData": {"feedbackLoop": {"type": "default"}}} if message.feedback else {})


def shows(message: Message) -> Json:
    """The card in place of the one in which something was pressed, for whoever pressed it."""
    return {"statusCode": 200, "type": ADAPTIVE, "value": message.card}


def says(text: str) -> Json:
    """A few words, shown for a moment to whoever pressed something."""
    return {"statusCode": 200, "type": _TEXT, "value": bounded(text, 500)}


def opens(dialog: Dialog) -> Json:
    """A dialog, opened or in place of the one that was sent off."""
    size = {"height": dialog.height, "width": dialog.width}
    return {"task": {"type": "continue", "value": {"title": dialog.title, **size, "card": _attached(dialog.card)}}}


def closes(text: str) -> Json:
    """The dialog closes with a few words."""
    return {"task": {"type": "message", "value": bounded(text, 500)}}


def lists(found: Sequence[Found]) -> Json:
    """Results of a search."""
    rows = [{**_attached(each.card), "preview": _preview(each)} for each in found]
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": rows}}


def tells(text: str) -> Json:
    """Words in place of results."""
    return {"composeExtension": {"type": "message", "text": bounded(text, 300)}}


def _preview(found: Found) -> Json:
    return {"contentType": _HERO, "content": {"title": found.title, "text": found.subtitle}}


def _attached(card: Card) -> Mapping[str, object]:
    return {"contentType": ADAPTIVE, "content": card}
