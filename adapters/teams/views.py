"""Cards and dialogs that only show something: a welcome, help, a reply, one moment, and that something did not work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from adapters.chat.links import PolicyUrl
from adapters.chat.texts import is_blank, one_line
from adapters.escalations.standing import Number, Standing
from adapters.teams.actions import LONGEST_CONTEXT, REPORT, SCHOOL, Opening, Suggestion
from adapters.teams.cards import Showing, pieces_of
from adapters.teams.clauses import address_of
from adapters.teams.elements import (
    Action,
    actions,
    box,
    bullets,
    execute,
    heading,
    leads_to,
    note,
    opens,
    paragraph,
    questions,
)
from adapters.teams.pieces import Dialog, Message, Piece, message_from
from adapters.teams.standing import numbers_to_phone
from adapters.teams.texts import bounded, sentence
from chatbot.knowledge import School
from chatbot.model import Kind, Reply

DANGER = "If anybody is in immediate danger, call 999 first."
AT_RISK = "If a child may be at risk, speak to the designated safeguarding lead now; in an emergency call 999."
_TITLES = {
    Kind.ANSWER: "What the policy says",
    Kind.CLARIFY: "One more question",
    Kind.ESCALATE: "Safeguarding concern",
    Kind.NONE: "Not in the policy",
    Kind.SMALLTALK: "Policy chatbot",
}
_MOST_SUGGESTIONS = 5
_LONGEST_QUESTION = 300


def welcome_of(
    school: School | None,
    *,
    today: date,
    several: bool = False,
    reviews: Sequence[str] = (),
    policy_url: PolicyUrl | None = None,
    asked: str = "",
) -> Message:
    """What stands first in a conversation. `school` is None where it is not known yet.

    `several`: the tenant has more than one. `reviews` say what is out of date about the policy. `asked`: the question
    that waits until a school is chosen.
    """
    if school is None:
        return _nowhere(several, asked)
    name = one_line(school.name)
    title = f"{name}: ask about the social media policy"
    text = (
        f"Ask in your own words. The answer is what {name}’s policy says, with the clause, or that it does not say. "
        "I also pass safeguarding concerns on to a person. I am a program, not a person, and no language model."
    )
    return message_from(
        [
            Piece(0, sentence(title), (heading(title, large=True),)),
            Piece(0, text, (paragraph("", "", text),)),
            Piece(0, DANGER, (note(DANGER, "⚠️"), *actions(list(_starts(school, several, policy_url))))),
            *_review(school, today, reviews),
            *_suggested(school),
        ]
    )


def help_of(school: School, *, several: bool = False, policy_url: PolicyUrl | None = None) -> Message:
    """What can be done here."""
    name = one_line(school.name)
    can = (
        f"Ask in your own words. The answer is what {name}’s policy says, with the clause, or that it does not say.",
        "Tell me about a concern for a child or about an adult’s conduct, and I pass it on to a person. You see here "
        "whether somebody has taken it on.",
        "On any message, choose “Is this OK?” to check it against the policy, or “Pass to the DSL” to pass it on.",
        "In a channel or a group chat, mention me first. What may concern a child is answered in private.",
        "“my reports”, “stop”, “start again”, “which school” and “help” work at any time.",
    )
    return message_from(
        [
            Piece(0, "What I can do.", (heading("What I can do"),)),
            Piece(0, " ".join(can), bullets(can)),
            Piece(0, DANGER, (note(DANGER, "⚠️"), *actions(list(_starts(school, several, policy_url))))),
            *_suggested(school),
        ]
    )


def result_of(
    reply: Reply,
    school: School,
    *,
    turn_id: str,
    asked: str = "",
    policy_url: PolicyUrl | None = None,
    standing: Standing | None = None,
    settled: str | None = None,
    public: bool = False,
) -> Dialog:
    """A reply inside a dialog, under the question that was `asked`."""
    showing = Showing(reply, school, turn_id, policy_url, standing, settled, public, in_dialog=True)
    pieces = pieces_of(showing)
    if not is_blank(asked) and reply.kind is not Kind.ESCALATE:
        question = f"You asked: {bounded(one_line(asked), _LONGEST_QUESTION)}"
        pieces = (Piece(0, sentence(question), (note(question),)), *pieces)
    return Dialog(_TITLES[reply.kind], message_from(pieces).card)


def notice_of(text: str, small: str = "", *, button: str = "", opener: str = SCHOOL) -> Message:
    """A short message that is no reply to a question: what is missing, what came of a press, where to look."""
    text = bounded(text, 2_000)
    opened = actions([opens(button, Opening(opener), positive=True)]) if button else ()
    below = [Piece(0, sentence(small), (note(small, "⚠️"),))] if small else []
    return message_from([Piece(0, sentence(text), (paragraph("", "", text),)), *below, Piece(0, "", opened)])


def notice_dialog(title: str, text: str) -> Dialog:
    """The same as a dialog."""
    return Dialog(bounded(one_line(title), 60), notice_of(text).card, 200)


def failed_of(what: str, *, speak_to: str, numbers: Sequence[Number] = ()) -> Dialog:
    """Something did not work: what, and whom to turn to."""
    return Dialog("That did not work", failed_message(what, speak_to=speak_to, numbers=numbers).card, 320)


def failed_message(what: str, *, speak_to: str, numbers: Sequence[Number] = ()) -> Message:
    """The same as a message."""
    what, turn = sentence(bounded(what, 900)), f"Speak to {bounded(speak_to, 200)}."
    phone = numbers_to_phone(numbers)
    return message_from(
        [
            Piece(0, f"That did not work: {what}", (box([paragraph("⚠️", "That did not work:", what)], "attention"),)),
            Piece(0, sentence(turn), (paragraph("", turn), *phone)),
            Piece(0, AT_RISK, (note(AT_RISK),)),
        ]
    )


def _starts(school: School, several: bool, policy_url: PolicyUrl | None) -> Iterator[Action]:
    """The buttons of a beginning."""
    yield opens("Report a concern", Opening(REPORT))
    url = address_of(school.id, (), policy_url)
    if url:
        yield leads_to("Read the policy", url)
    if several:
        yield opens("Change school", Opening(SCHOOL), says=f"Change school; it is {one_line(school.name)} now")


def _review(school: School, today: date, reviews: Sequence[str]) -> Iterator[Piece]:
    due = one_line(school.due_shown)
    if today > school.due:
        since = "" if reviews else f"The policy was due for review in {due}."
        yield Piece(1, f"Review overdue. {since}".strip(), (paragraph("⏳", "Review overdue.", since),))
    else:
        words = f"The next review is due in {due}."
        yield Piece(1, f"In date. {words}", (paragraph("", "In date.", words),))
    for words in [text for text in reviews if not is_blank(text)][:3]:
        yield Piece(1, sentence(words), (note(words, "⏳", spacing="small"),))


def _suggested(school: School) -> Iterator[Piece]:
    suggested = [text for text in school.suggestions if not is_blank(text)][:_MOST_SUGGESTIONS]
    if suggested:
        asks = questions([execute(text, Suggestion(text), says=f"Ask: {text}") for text in suggested])
        aloud = "For example: " + " ".join(sentence(text) for text in suggested)
        yield Piece(1, aloud, (paragraph("", "For example"), *asks))


def _nowhere(several: bool, asked: str) -> Message:
    """Nobody knows yet which school this person works at."""
    if several:
        title = "Choose your school first"
        text = "Several schools share this Teams. Answers come from your own school’s policy."
        waits = asked if len(asked) <= LONGEST_CONTEXT else ""  # half a question is another one
        start = actions([opens("Choose your school", Opening(SCHOOL, waits), positive=True)])
    else:
        title, start = "No school is set up here yet", ()
        text = "This Teams is not connected with a school. Ask whoever runs the chatbot for your school."
    return message_from(
        [
            Piece(0, sentence(title), (heading(title),)),
            Piece(0, text, (paragraph("", "", text), *start)),
            Piece(0, AT_RISK, (note(AT_RISK, "⚠️"),)),
        ]
    )
