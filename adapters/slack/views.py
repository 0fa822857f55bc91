"""Views that only show something: a reply, one moment, and that something did not work."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import is_blank
from adapters.escalations.standing import Number, Standing
from adapters.slack.actions import FAILED_VIEW, RESULT_VIEW
from adapters.slack.blocks import Showing, pieces_of
from adapters.slack.elements import LONGEST_TITLE, marked, note, own, paragraph, sections
from adapters.slack.pieces import Message, Piece, message_from
from adapters.slack.standing import numbers_to_phone
from adapters.slack.texts import bounded, sentence
from chatbot.knowledge import School
from chatbot.model import Kind, Reply

_TITLES = {
    Kind.ANSWER: "What the policy says",
    Kind.CLARIFY: "One more question",
    Kind.ESCALATE: "Safeguarding concern",
    Kind.NONE: "Not in the policy",
    Kind.SMALLTALK: "Policy chatbot",
}
_LONGEST_QUESTION = 300
_DANGER = "If a child may be at risk, speak to the designated safeguarding lead now; in an emergency call 999."


def result_of(
    reply: Reply,
    school: School,
    *,
    turn_id: str,
    asked: str = "",
    policy_url: PolicyUrl | None = None,
    standing: Standing | None = None,
    settled: str | None = None,
    feedback: bool = True,
    public: bool = False,
    metadata: str = "",
) -> View:
    """A reply inside a view, under the question that was `asked`."""
    showing = Showing(
        reply, school, turn_id, policy_url, standing, settled, feedback=feedback, public=public, in_view=True
    )
    blocks = message_from(pieces_of(showing)).blocks
    if not is_blank(asked) and reply.kind is not Kind.ESCALATE:
        blocks = (note(f"You asked: {bounded(asked, _LONGEST_QUESTION)}"), *blocks)
    return _view(_TITLES[reply.kind], RESULT_VIEW, blocks, metadata)


def failed_of(what: str, *, speak_to: str, numbers: tuple[Number, ...] = ()) -> View:
    """Something did not work: what, and whom to turn to."""
    return _view("That did not work", FAILED_VIEW, failed_message(what, speak_to=speak_to, numbers=numbers).blocks)


def failed_message(what: str, *, speak_to: str, numbers: tuple[Number, ...] = ()) -> Message:
    """The same as a message."""
    what, turn = sentence(bounded(what, 900)), f"Speak to {bounded(speak_to, 200)}."
    phone = (marked(numbers_to_phone(numbers)),) if numbers else ()
    return message_from(
        [
            Piece(0, f"That did not work: {what}", (paragraph("warning", "That did not work:", what),)),
            Piece(0, sentence(turn), (*sections(turn), *phone)),
            Piece(0, _DANGER, (note(_DANGER),)),
        ]
    )


def _view(title: str, callback_id: str, blocks: Sequence[Block], metadata: str = "") -> View:
    return View(
        "modal",
        callback_id=callback_id,
        title=own(title, LONGEST_TITLE),
        close=own("Close", LONGEST_TITLE),
        blocks=blocks,
        private_metadata=metadata or None,
    )
