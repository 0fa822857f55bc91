"""What can be done with a report, as buttons. Who may do it is decided when one is pressed."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import ButtonElement, ConfirmObject

from adapters.chat.deeds import REOPEN, SAYS, TAKE
from adapters.slack.elements import button, plain
from chatbot.escalation import Held


def buttons_of(held: Held, deeds: Iterable[str]) -> tuple[ButtonElement, ...]:
    """The buttons for `deeds`, each carrying the report's reference."""
    return tuple(_button(held, deed) for deed in deeds)


def _button(held: Held, deed: str) -> ButtonElement:
    text, says = SAYS[deed]
    again = ConfirmObject(
        title="Reopen this report?",
        text=plain("It is then raised again from the first person on."),
        confirm="Reopen",
        deny="Leave it closed",
    )
    return button(
        text,
        deed,
        held.reference,
        says=says.format(held.reference),
        style="primary" if deed == TAKE else None,
        confirm=again if deed == REOPEN else None,
    )
