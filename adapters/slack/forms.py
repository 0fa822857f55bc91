"""Views that staff fill in: a question, a concern, a message to pass on, which school they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from adapters.chat.coaching import COACHING, DANGER, MORE, WHERE_IT_GOES
from adapters.chat.texts import is_blank
from adapters.slack.actions import (
    ASK_FORM,
    IS_OK_FORM,
    RAISE_FORM,
    REPORT_FORM,
    SCHOOL_FIELD,
    SCHOOL_FORM,
    WORDS_FIELD,
)
from adapters.slack.elements import (
    LONGEST_TITLE,
    all_of,
    bullets,
    choice_of,
    field,
    header,
    note,
    own,
    paragraph,
    quotation,
    rich,
    said,
)
from adapters.slack.texts import bounded
from chatbot.knowledge import School

_LONGEST_QUOTED = 6_000


def report_form(schools: Sequence[School], chosen: str = "", *, typed: str = "", metadata: str = "") -> View:
    """Report a concern. Of several schools the person picks one; `chosen` is theirs."""
    blocks = all_of(
        paragraph("warning", DANGER),
        rich(bullets([[said(row)] for row in COACHING])),
        _schools(schools, chosen),
        field("What has happened?", WORDS_FIELD, hint=MORE, typed=typed),
        note(WHERE_IT_GOES),
    )
    return _form("Report a concern", "Pass it on", REPORT_FORM, blocks, metadata)


def raise_form(
    schools: Sequence[School], chosen: str = "", *, message: str, typed: str = "", metadata: str = ""
) -> View:
    """Pass a message on as a concern: its words, once more, before that is done."""
    words = bounded(message, _LONGEST_QUOTED)
    blocks = all_of(
        paragraph("warning", DANGER),
        paragraph("", "These words are passed on as a safeguarding concern:"),
        quotation(words) if not is_blank(words) else (note("This message has no words."),),
        note("Pictures and files are not copied: leave them where they are. Never forward or store a sexual image."),
        _schools(schools, chosen),
        field("What you want to add", WORDS_FIELD, hint=MORE, typed=typed, optional=not is_blank(words)),
        note(WHERE_IT_GOES),
    )
    return _form("Pass to the DSL", "Pass it on", RAISE_FORM, blocks, metadata)


def ask_form(schools: Sequence[School], chosen: str = "", *, typed: str = "", metadata: str = "") -> View:
    """Ask the policy."""
    blocks = all_of(
        _schools(schools, chosen),
        field(
            "Your question", WORDS_FIELD, hint="In your own words. Only you see the answer.", typed=typed, focus=True
        ),
        note(_asked(schools)),
    )
    return _form("Ask the policy", "Ask", ASK_FORM, blocks, metadata)


def is_ok_form(schools: Sequence[School], chosen: str = "", *, message: str, metadata: str = "") -> View:
    """Is this OK? The message's words can be changed before they are looked up."""
    hint = "The words of the message: change them into your question if you like. Only you see the answer."
    blocks = all_of(
        _schools(schools, chosen),
        field("What is to be checked against the policy?", WORDS_FIELD, hint=hint, typed=message),
        note("If it worries you for a child, or about an adult’s conduct, choose “Pass to the DSL” instead."),
    )
    return _form("Is this OK?", "Check it", IS_OK_FORM, blocks, metadata)


def school_form(schools: Sequence[School], chosen: str = "", *, metadata: str = "") -> View:
    """Choose your school, where a workspace has several."""
    blocks = all_of(
        header("Which school do you work at?"),
        _schools(schools, chosen, always=True),
        note(
            "Answers come from that school’s policy, and a concern goes to its people. You can change it at any time."
        ),
    )
    return _form("Choose your school", "Save", SCHOOL_FORM, blocks, metadata)


def _form(title: str, submit: str, callback_id: str, blocks: Sequence[Block], metadata: str) -> View:
    return View(
        "modal",
        callback_id=callback_id,
        title=own(title, LONGEST_TITLE),
        submit=own(submit, LONGEST_TITLE),
        close=own("Cancel", LONGEST_TITLE),
        blocks=blocks,
        private_metadata=metadata or None,
    )


def _schools(schools: Sequence[School], chosen: str, *, always: bool = False) -> tuple[Block, ...]:
    """Which school it is about, where there is a choice."""
    if not schools or (len(schools) == 1 and not always):
        return ()
    options = [(school.id, school.name) for school in schools]
    return (choice_of("School", SCHOOL_FIELD, options, chosen=chosen, placeholder="Choose a school"),)


def _asked(schools: Sequence[School]) -> str:
    if len(schools) == 1:
        return f"The answer is what {schools[0].name}’s policy says, with the clause, or that it does not say."
    return "The answer is what the school’s policy says, with the clause, or that it does not say."
