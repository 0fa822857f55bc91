"""A report opened, and the forms of those who work on it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.models.views import View

from adapters.escalations.history import Event
from adapters.slack import actions
from adapters.slack.modals import (
    close_form,
    hand_over_form,
    note_form,
    opened_of,
    person_chosen,
    person_key,
    problems_of_close,
    problems_of_note,
)
from chatbot.escalation import Opened, Remark
from chatbot.plan import Contact, Plan
from chatbot.reply import Route
from tests.adapters.slack.golden import as_json, assert_golden
from tests.adapters.slack.limits import problems_of, texts_of, walk
from tests.adapters.slack.samples import (
    CLOSED,
    HELD,
    LEAD,
    MINUTE,
    NOW,
    OPENED,
    PLAN,
    SCHOOL,
    SENT,
    STATES,
    TAKEN,
    WORDS,
)

URL = "https://policies.example/desk/R-ABCDEF"


def event(when: str, who: str, what: str) -> Event:
    return Event(NOW, when, who, what)


HISTORY = (event("at 13:56", "The reporter", "raised (route: DSL)"), event("at 13:59", "Anna Patel", "acknowledged"))


def view(opened: Opened, **more: Any) -> View:
    return opened_of(opened, PLAN, SCHOOL.name, NOW, viewer="lead", **more)


def said(opened: Opened, **more: Any) -> str:
    return texts_of(as_json(view(opened, **more)))


def test_an_opened_report_shows_its_words_notes_and_history() -> None:
    shown = view(OPENED, history=HISTORY, report_url=URL)
    assert_golden("opened-acknowledged", shown)
    quoted = [thing for thing in walk(as_json(shown)) if thing.get("type") == "rich_text_quote"]
    assert quoted[0]["elements"][0]["text"] == WORDS
    assert shown.private_metadata == "R-ABCDEF"


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
    "words", ["word " * 20_000, "é" * 100_000, "\U0001f600" * 100_000, "&" * 100_000, "x\n" * 50_000]
)
@pytest.mark.parametrize("url", ["", URL])
def test_words_without_end_are_cut_and_said_to_be_elsewhere(words: str, url: str) -> None:
    remarks = tuple(Remark("lead", NOW, "\U0001f600" * 3_000) for _ in range(40))
    history = tuple(event("at 14:00", "Anna Patel" * 50, "opened " * 100) for _ in range(500))
    held = replace(CLOSED, outcome="\U0001f600" * 3_000, record="\U0001f600" * 3_000)
    shown = view(Opened(held, words, remarks), history=history, report_url=url, refusal="No. " * 500)
    assert problems_of(as_json(shown)) == []
    assert len(json.dumps(as_json(shown))) < 250_000
    text = texts_of(as_json(shown))
    assert "more characters of the report are not shown here." in text
    assert "28 earlier notes are not shown here." in text
    assert "470 earlier lines are not shown here." in text
    assert ("Read all of it in the inbox" in text) == bool(url)
    assert ("ask whoever runs the chatbot" in text) != bool(url)


def test_a_report_as_long_as_slack_sends_is_shown_whole() -> None:
    words = "Something happened again. " * 1_500
    shown = view(Opened(SENT, words))
    quotes = [thing["elements"] for thing in walk(as_json(shown)) if thing.get("type") == "rich_text_quote"]
    quoted = "".join(part["text"] for parts in quotes for part in parts)
    assert "".join(quoted.split()) == "".join(words.split())


def test_what_was_pressed_in_vain_is_explained_at_the_top() -> None:
    shown = as_json(view(OPENED, refusal="Beth O’Brien took this on at 13:58."))
    assert "Not done:" in json.dumps(shown["blocks"][0])  # type: ignore[index]  # JSON
    assert problems_of(shown) == []


def test_an_opened_report_offers_what_can_be_done_and_not_to_open_it() -> None:
    def deeds(opened: Opened) -> list[str]:
        return [thing["action_id"] for thing in walk(as_json(view(opened))) if thing.get("type") == "button"]

    assert deeds(Opened(SENT, WORDS)) == [actions.TAKE, actions.HAND_OVER, actions.NOTE]
    assert deeds(Opened(TAKEN, WORDS)) == [actions.CLOSE, actions.HAND_OVER, actions.NOTE]
    assert deeds(Opened(STATES["possible"], WORDS)) == []


def test_the_forms_look_as_their_golden_views() -> None:
    assert_golden("form-hand-over", hand_over_form(SENT, PLAN, viewer="lead"))
    assert_golden("form-close", close_form(TAKEN, outcome="Spoke to the family."))
    assert_golden("form-note", note_form(TAKEN))
    alone = replace(HELD, excluded=frozenset({"deputy", "head"}))
    assert_golden("form-hand-over-nobody", hand_over_form(alone, PLAN, viewer="lead"))


def test_nobody_whom_a_report_is_about_is_offered_it() -> None:
    held = replace(SENT, route=Route.HEADTEACHER, excluded=frozenset({"head"}))
    assert "Carl Small" not in texts_of(as_json(hand_over_form(held, PLAN, viewer="lead")))
    assert "Dina Church" in texts_of(as_json(hand_over_form(held, PLAN, viewer="lead")))


@pytest.mark.parametrize("count", [1, 10, 11, 100, 101, 250])
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
    assert "Spoke to the family." in texts_of(as_json(close_form(TAKEN, outcome="Spoke to the family.", record="x")))
    assert problems_of(as_json(close_form(TAKEN, outcome="\U0001f600" * 9_000, record="\x00"))) == []
