"""Short messages that are no reply to a question: what went wrong, what is missing, where to look."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from adapters.slack.actions import SCHOOL
from adapters.slack.elements import actions, button, note, paragraph, sections
from adapters.slack.pieces import Message, Piece, message_from
from chatbot.knowledge import School

AT_RISK = (
    "If a child may be at risk, do not wait: speak to the designated safeguarding lead now; in an emergency call 999."
)


def stranger() -> Message:
    """Nobody has said which school this workspace belongs to."""
    return _notice("This workspace is not connected with a school, so I cannot answer or pass anything on.", AT_RISK)


def choose_school(now: School | None = None) -> Message:
    """Several schools share the workspace and this person has not chosen theirs, or wants to change it."""
    if now is None:
        text, label = "Which school do you work at? Choose it once, then ask again.", "Choose your school"
    else:
        text, label = f"You are asking about {now.name}.", "Change school"
    return _notice(text, AT_RISK if now is None else "", actions([button(label, SCHOOL, style="primary")]))


def elsewhere() -> Message:
    """What may concern a child is not answered where others read it."""
    lead = "This may be about somebody’s safety, so I have answered you privately, in our direct messages."
    return _notice(lead, "Please delete your message here. Nothing of it is lost.")


def unopened() -> Message:
    """A form or view could not be opened."""
    return _notice(
        "This could not be opened. Write to me here instead, in your own words, or type /policy and your question; "
        "a concern after /policy report.",
        AT_RISK,
    )


def not_yours() -> Message:
    """Somebody presses a button under a question that another person was asked, or that is settled."""
    return _notice("This was asked of somebody else, or it has been answered already. Ask me yourself at any time.")


def too_old() -> Message:
    """An answer that cannot be shared any more."""
    return _notice("This answer is too old to be shared. Ask again, and share the new one.")


def chosen(school: School) -> Message:
    """The school has been chosen."""
    return _notice(f"You are asking about {school.name}’s social media policy now. What is your question?")


def settled(text: str) -> Message:
    """What came of a press, in a sentence."""
    return _notice(text)


def failed(whom: str) -> Message:
    """It did not work; `whom` to speak to. Whoever wrote it must not think that anybody has been told."""
    text = "Something went wrong and nothing has been recorded. "
    return _notice(f"{text}If it was about a child, speak to {whom} now; in an emergency 999.")


def _notice(text: str, small: str = "", more: tuple[Block, ...] = ()) -> Message:
    pieces = [Piece(0, text, sections(text) or (paragraph("", text),)), Piece(0, "", more)]
    if small:
        pieces.insert(1, Piece(0, small, (note(small, "warning"),)))
    return message_from([piece for piece in pieces if piece.blocks])
