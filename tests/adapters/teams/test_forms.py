"""What staff fill in."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.teams import actions
from adapters.teams.forms import ask_form, is_ok_form, raise_form, report_form, school_form
from adapters.teams.pieces import Dialog
from tests.adapters.slack.samples import OTHER, SCHOOL, WORDS
from tests.adapters.teams.golden import as_json, assert_golden
from tests.adapters.teams.limits import buttons_of, problems_of, things_of, words_of
from tests.adapters.teams.samples import NASTY

SCHOOLS = (SCHOOL, OTHER)
MESSAGE = "Can I post a photo of Year 4 on my own page? <at>Anna</at> *now*"


def test_the_forms_look_as_their_golden_dialogs() -> None:
    assert_golden("form-report", report_form([SCHOOL], context="19:x"))
    assert_golden("form-report-of-several-schools", report_form(SCHOOLS, "hillside", refusal="Write a few words."))
    assert_golden("form-pass-to-dsl", raise_form([SCHOOL], message=WORDS, context="19:x"))
    assert_golden("form-ask", ask_form([SCHOOL], "fairfield"))
    assert_golden("form-is-this-ok", is_ok_form([SCHOOL], message=MESSAGE))
    assert_golden("form-school", school_form(SCHOOLS, "fairfield"))


def sent(dialog: Dialog) -> actions.Carried | None:
    return actions.pressed(buttons_of(as_json(dialog))[-1]["data"])


def test_a_form_says_what_it_is_and_where_it_came_from() -> None:
    assert sent(report_form([SCHOOL], context="19:x")) == actions.Sent(actions.REPORT_FORM, context="19:x")
    assert sent(raise_form([SCHOOL], message="x")) == actions.Sent(actions.RAISE_FORM)
    assert sent(ask_form([SCHOOL])) == actions.Sent(actions.ASK_FORM)
    assert sent(is_ok_form([SCHOOL], message="x")) == actions.Sent(actions.IS_OK_FORM)
    assert sent(school_form(SCHOOLS)) == actions.Sent(actions.SCHOOL_FORM)


def test_a_concern_is_told_999_first_no_secrecy_and_no_pictures() -> None:
    said = words_of(as_json(report_form([SCHOOL])))
    assert said.index("999") < said.index("Write down")
    for words in ("Do not promise secrecy", "sexual image", "speak to", "need not be sure"):
        assert words.casefold() in said.casefold()


def test_what_was_typed_stands_in_its_field_as_it_was() -> None:
    (field,) = (one for one in things_of(report_form([SCHOOL], typed=MESSAGE).card) if one["type"] == "Input.Text")
    assert field["value"] == MESSAGE
    assert field["maxLength"] == actions.LONGEST_INPUT


def test_a_message_without_words_is_passed_on_only_with_some() -> None:
    def needed(message: str) -> bool:
        card = raise_form([SCHOOL], message=message).card
        return any(thing.get("isRequired") for thing in things_of(card) if thing["type"] == "Input.Text")

    assert not needed(WORDS)
    assert needed(" ")


@pytest.mark.parametrize("count", [1, 2, 8, 9, 100, 400])
def test_any_number_of_schools_can_be_chosen_from(count: int) -> None:
    schools = [replace(SCHOOL, id=f"school-{at}", name=f"School {at} " + "é" * (at % 5)) for at in range(count)]
    for dialog in (school_form(schools, "school-0"), ask_form(schools), report_form(schools, "gone")):
        assert problems_of(as_json(dialog)) == []
        assert ("more do not fit into this list" in json.dumps(dialog.card)) == (count == 400)


@pytest.mark.parametrize("words", ["x" * 100_000, NASTY * 500, "\x00", "", "\U0001f600" * 40_000, "\n\n" * 9_000 + "x"])
def test_any_message_can_be_looked_at(words: str) -> None:
    for dialog in (
        raise_form([SCHOOL], message=words, typed=words),
        is_ok_form([SCHOOL], message=words),
        ask_form([SCHOOL], typed=words),
        report_form([SCHOOL], typed=words),
    ):
        assert problems_of(as_json(dialog)) == []
