"""Dialogs that staff fill in: a question, a concern, a message to pass on, which school they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.chat.coaching import COACHING, DANGER, MORE, WHERE_IT_GOES
from adapters.chat.texts import visible
from adapters.teams.actions import (
    ASK_FORM,
    IS_OK_FORM,
    RAISE_FORM,
    REPORT_FORM,
    SCHOOL_FIELD,
    SCHOOL_FORM,
    WORDS_FIELD,
    Sent,
)
from adapters.teams.elements import (
    Element,
    actions,
    all_of,
    box,
    bullets,
    choice_of,
    field,
    heading,
    note,
    paragraph,
    submit,
    words,
)
from adapters.teams.pieces import Dialog, dialog_of
from adapters.teams.texts import bounded, within
from chatbot.knowledge import School

_ROOM_FOR_TYPED = 8_000
"""Bytes as JSON of what stands in a field before it is filled in."""
_ROOM_FOR_MESSAGE = 6_000


def report_form(
    schools: Sequence[School], chosen: str = "", *, typed: str = "", context: str = "", refusal: str = ""
) -> Dialog:
    """Report a concern. Of several schools the person picks one; `chosen` is theirs. `refusal`: what was missing."""
    return _form(
        "Report a concern", "Pass it on", Sent(REPORT_FORM, context=context), refusal,
        bullets(COACHING),
        _schools(schools, chosen),
        _typed("What has happened?", MORE, typed),
        note(WHERE_IT_GOES),
        height=640,
        danger=True,
    )  # fmt: skip


def raise_form(
    schools: Sequence[School], chosen: str = "", *, message: str, typed: str = "", context: str = "", refusal: str = ""
) -> Dialog:
    """Pass a message on as a concern: its words, once more, before that is done."""
    quoted = words(message, _ROOM_FOR_MESSAGE, boxed=True)
    return _form(
        "Pass to the DSL", "Pass it on", Sent(RAISE_FORM, context=context), refusal,
        paragraph("", "These words are passed on as a safeguarding concern:"),
        quoted or note("This message has no words."),
        note("Pictures and files are not copied: leave them where they are. Never forward or store a sexual image."),
        _schools(schools, chosen),
        _typed("What you want to add", MORE, typed, optional=bool(quoted)),
        note(WHERE_IT_GOES),
        height=640,
        danger=True,
    )  # fmt: skip


def ask_form(
    schools: Sequence[School], chosen: str = "", *, typed: str = "", context: str = "", refusal: str = ""
) -> Dialog:
    """Ask the policy."""
    return _form(
        "Ask the policy", "Ask", Sent(ASK_FORM, context=context), refusal,
        _schools(schools, chosen),
        _typed("Your question", "In your own words. Only you see the answer.", typed),
        note(_asked(schools)),
        height=360,
    )  # fmt: skip


def is_ok_form(
    schools: Sequence[School], chosen: str = "", *, message: str, context: str = "", refusal: str = ""
) -> Dialog:
    """Is this OK? The message's words can be changed before they are looked up."""
    hint = "The words of the message: change them into your question if you like. Only you see the answer."
    return _form(
        "Is this OK?", "Check it", Sent(IS_OK_FORM, context=context), refusal,
        _schools(schools, chosen),
        _typed("What is to be checked against the policy?", hint, message),
        note("If it worries you for a child, or about an adult’s conduct, choose “Pass to the DSL” instead."),
        height=420,
    )  # fmt: skip


def school_form(schools: Sequence[School], chosen: str = "", *, context: str = "", refusal: str = "") -> Dialog:
    """Choose your school, where a tenant has several."""
    where = "Answers come from that school’s policy, and a concern goes to its people. You can change it at any time."
    return _form(
        "Choose your school", "Save", Sent(SCHOOL_FORM, context=context), refusal,
        heading("Which school do you work at?"),
        _schools(schools, chosen, always=True),
        note(where),
        height=400,
    )  # fmt: skip


def _form(
    title: str,
    sends: str,
    sent: Sent,
    refusal: str,
    *parts: Sequence[Element] | Element,
    height: int,
    danger: bool = False,
) -> Dialog:
    lead = (box([paragraph("⚠️", DANGER)], "attention", bleed=True),) if danger else ()
    return form_of(title, sends, sent, all_of(*parts), lead=lead, refusal=refusal, height=height)


def form_of(
    title: str,
    sends: str,
    sent: Sent,
    body: Sequence[Element],
    *,
    lead: Sequence[Element] = (),
    refusal: str = "",
    height: int = 360,
) -> Dialog:
    """A dialog to fill in; `refusal` says why it was not taken as it was."""
    why = [box([paragraph("⚠️", "Not done:", bounded(refusal, 500))], "warning")] if refusal else []
    button = actions([submit(sends, sent, positive=True)]) if sends else ()
    return dialog_of(title, lead, why, body, button, height=height)


def _typed(label: str, hint: str, typed: str, *, optional: bool = False) -> tuple[Element, ...]:
    typed = within(visible(typed), _ROOM_FOR_TYPED)
    return field(label, WORDS_FIELD, error="Write a few words.", hint=hint, typed=typed, optional=optional)


def _schools(schools: Sequence[School], chosen: str, *, always: bool = False) -> tuple[Element, ...]:
    """Which school it is about, where there is a choice."""
    if not schools or (len(schools) == 1 and not always):
        return ()
    options = [(school.id, school.name) for school in schools]
    error, placeholder = "Choose your school.", "Choose a school"
    return choice_of("School", SCHOOL_FIELD, options, error=error, chosen=chosen, placeholder=placeholder)


def _asked(schools: Sequence[School]) -> str:
    if len(schools) == 1:
        return f"The answer is what {schools[0].name}’s policy says, with the clause, or that it does not say."
    return "The answer is what the school’s policy says, with the clause, or that it does not say."
