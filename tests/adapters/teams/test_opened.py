"""A report opened, and the forms of those who work on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.escalations.history import Event
from adapters.teams import actions
from adapters.teams.deed_forms import (
    close_form,
    hand_over_form,
    note_form,
    person_chosen,
    person_key,
    problems_of_close,
    problems_of_note,
    reopen_form,
)
from adapters.teams.opened import opened_of
from adapters.teams.pieces import Dialog
from chatbot.escalation import Opened, Remark
from chatbot.plan import Contact, Plan
from chatbot.reply import Route
from tests.adapters.slack.samples import CLOSED, HELD, LEAD, MINUTE, NOW, OPENED, SCHOOL, SENT, STATES, TAKEN, WORDS
from tests.adapters.teams.golden import as_json, assert_golden
from tests.adapters.teams.limits import buttons_of, problems_of, words_of
from tests.adapters.teams.samples import NASTY, PLAN, REPORT_URL, REPORTER


def event(when: str, who: str, what: str) -> Event:
    return Event(NOW, when, who, what)


HISTORY = (event("at 13:56", "The reporter", "raised (route: DSL)"), event("at 13:59", "Anna Patel", "acknowledged"))


def view(opened: Opened, **more: Any) -> Dialog:
    return opened_of(opened, PLAN, SCHOOL.name, NOW, **{"viewer": "lead", "reporter": REPORTER, **more})


def said(opened: Opened, **more: Any) -> str:
    return words_of(as_json(view(opened, **more)))


def test_an_opened_report_shows_its_words_notes_and_history() -> None:
    assert_golden("opened-acknowledged", view(OPENED, history=HISTORY, report_url=REPORT_URL))
    words = said(OPENED, history=HISTORY)
    for part in (WORDS, "Spoke to Zara’s class teacher.", "raised (route: DSL), at 13:56", f"by {REPORTER}."):
        assert part in words


@pytest.mark.parametrize(
    ("name", "opened"),
    [
        ("delivered", replace(OPENED, held=replace(STATES["emergency"], seen_by="lead"), remarks=())),
        ("closed", replace(OPENED, held=CLOSED)),
        ("possible", Opened(STATES["possible"], WORDS)),
        ("erased", Opened(CLOSED, None)),
        ("unreadable", Opened(SENT, None, unreadable=True)),
    ],
)
def test_an_opened_report_says_how_it_stands(name: str, opened: Opened) -> None:
    assert_golden(f"opened-{name}", view(opened, history=HISTORY))


def test_words_that_are_gone_are_said_to_be() -> None:
    assert "The words have been erased." in said(Opened(CLOSED, None))
    assert "The record lives in CPOMS." in said(Opened(CLOSED, None))
    assert "The words cannot be read here." in said(Opened(SENT, None, unreadable=True))
    assert "(no words)" in said(Opened(SENT, " \n"))


@pytest.mark.parametrize(
    "words", ["word " * 20_000, "é" * 100_000, "\U0001f600" * 100_000, "&" * 100_000, "x\n\n" * 30_000, NASTY * 400]
)
@pytest.mark.parametrize("url", ["", REPORT_URL])
def test_words_without_end_are_cut_and_said_to_be_elsewhere(words: str, url: str) -> None:
    remarks = tuple(Remark("lead", NOW, "\U0001f600" * 3_000) for _ in range(40))
    history = tuple(event("at 14:00", "Anna Patel" * 50, "opened " * 100) for _ in range(500))
    held = replace(CLOSED, outcome="\U0001f600" * 3_000, record="\U0001f600" * 3_000)
    shown = view(Opened(held, words, remarks), history=history, report_url=url, refusal="No. " * 500)
    assert problems_of(as_json(shown)) == []
    text = words_of(as_json(shown))
    assert "more characters of the report are not shown here." in text
    assert "32 earlier notes are not shown here." in text
    assert "488 earlier lines are not shown here." in text
    assert ("Read all of it in the inbox" in text) == bool(url)
    assert ("ask whoever runs the chatbot" in text) != bool(url)


def test_a_report_of_twenty_thousand_letters_is_shown_whole() -> None:
    words = "Something happened again. " * 770
    assert words.strip() in said(Opened(SENT, words))


def test_what_was_pressed_in_vain_is_explained_at_the_top() -> None:
    shown = as_json(view(OPENED, refusal="Beth O’Brien took this on at 13:58."))
    assert words_of(shown).startswith("Not done:") or "Not done:" in words_of(shown)[:40]
    assert problems_of(shown) == []


def test_an_opened_report_offers_what_can_be_done_and_not_to_open_it() -> None:
    def deeds(opened: Opened) -> list[str]:
        buttons = buttons_of(as_json(view(opened)))
        assert {button["type"] for button in buttons} <= {"Action.Submit"}  # a dialog knows nothing else
        assert not any("msteams" in button["data"] for button in buttons)
        return [button["data"]["verb"] for button in buttons]

    assert deeds(Opened(SENT, WORDS)) == [actions.TAKE, actions.HAND_OVER, actions.NOTE]
    assert deeds(Opened(TAKEN, WORDS)) == [actions.CLOSE, actions.HAND_OVER, actions.NOTE]
    assert deeds(Opened(STATES["possible"], WORDS)) == []


def test_the_forms_look_as_their_golden_dialogs() -> None:
    assert_golden("form-hand-over", hand_over_form(SENT, PLAN, viewer="lead"))
    assert_golden("form-close", close_form(TAKEN, outcome="Spoke to the family."))
    assert_golden("form-note", note_form(TAKEN, refusal="There are no words in the note."))
    assert_golden("form-reopen", reopen_form(CLOSED))
    alone = replace(HELD, excluded=frozenset({"deputy", "head"}))
    assert_golden("form-hand-over-nobody", hand_over_form(alone, PLAN, viewer="lead"))


def test_nobody_whom_a_report_is_about_is_offered_it() -> None:
    held = replace(SENT, route=Route.HEADTEACHER, excluded=frozenset({"head"}))
    shown = words_of(as_json(hand_over_form(held, PLAN, viewer="lead")))
    assert "Carl Small" not in shown
    assert "Dina Church" in shown


@pytest.mark.parametrize("count", [1, 8, 9, 100, 250])
def test_many_people_become_a_list(count: int) -> None:
    people = tuple(Contact(f"{'x' * 200}{at}@example.org", f"Person {at}", MINUTE) for at in range(count))
    shown = hand_over_form(SENT, Plan("fairfield", {Route.DSL: people}), viewer="lead")
    assert problems_of(as_json(shown)) == []


def test_a_person_is_found_again_by_the_key_of_the_list() -> None:
    long = Contact("x" * 300, "Long", MINUTE)
    plan = Plan("fairfield", {Route.DSL: (LEAD, long)})
    assert person_chosen(person_key("lead"), plan) == LEAD
    assert person_chosen(person_key(long.id), plan) == long
    for rubbish in (None, "", "nobody", 3, ["lead"]):
        assert person_chosen(rubbish, plan) is None


def test_what_is_missing_is_said_at_its_field() -> None:
    assert set(problems_of_close("", " ")) == {actions.OUTCOME_FIELD, actions.RECORD_FIELD}
    assert set(problems_of_close("Done", "\u200b")) == {actions.RECORD_FIELD}
    assert problems_of_close("Done", "CPOMS") == {}
    assert set(problems_of_close("x" * 3_001, "CPOMS")) == {actions.OUTCOME_FIELD}
    assert problems_of_note("A note") == {}
    assert problems_of_note(" ") == {actions.NOTE_FIELD: "There are no words in the note."}


def test_what_was_typed_is_still_there_after_a_refusal() -> None:
    shown = close_form(TAKEN, outcome="Spoke to the family.", record="x", refusal="Beth O’Brien has taken it on.")
    assert "Spoke to the family." in words_of(as_json(shown))
    assert "Beth O’Brien has taken it on." in words_of(as_json(shown))
    assert problems_of(as_json(close_form(TAKEN, outcome="\U0001f600" * 9_000, record="\x00" + NASTY))) == []
