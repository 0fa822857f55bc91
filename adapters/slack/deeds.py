"""What can be done with a report as it stands, as buttons. Who may do it is decided when one is pressed."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import ButtonElement, ConfirmObject

from adapters.slack.actions import CLOSE, HAND_OVER, NOTE, OPEN, REOPEN, TAKE
from adapters.slack.elements import button, plain
from chatbot.escalation import OPEN as UNTAKEN
from chatbot.escalation import Held, State

_SAYS = {
    OPEN: ("Open the report", "Open the report {}"),
    TAKE: ("Take this on", "Take this on: report {}"),
    HAND_OVER: ("Hand over", "Hand over report {}"),
    CLOSE: ("Close with an outcome", "Close with an outcome: report {}"),
    NOTE: ("Add a note", "Add a note to report {}"),
    REOPEN: ("Reopen", "Reopen report {}"),
}
"""What stands on each button, and what is read out: the same and the reference, so that both can be spoken."""


def deeds_of(held: Held) -> tuple[str, ...]:
    """The ids of the buttons that make sense now, in their order."""
    if held.state is State.POSSIBLE:
        return (OPEN,)
    if held.state is State.CLOSED:
        return (OPEN, NOTE, REOPEN)
    if held.state in UNTAKEN:
        return (OPEN, TAKE, HAND_OVER, NOTE)
    return (OPEN, CLOSE, HAND_OVER, NOTE)


def buttons_of(held: Held, deeds: Iterable[str]) -> tuple[ButtonElement, ...]:
    """The buttons for `deeds`, each carrying the report's reference."""
    return tuple(_button(held, deed) for deed in deeds)


def _button(held: Held, deed: str) -> ButtonElement:
    text, says = _SAYS[deed]
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
