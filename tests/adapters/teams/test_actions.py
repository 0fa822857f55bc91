"""What a button carries, there and back."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams import actions
from adapters.teams.actions import (
    Carried,
    Chosen,
    ClauseRef,
    Deed,
    Opening,
    Sent,
    Suggestion,
    liked,
    picked_as,
    pressed,
    school_of,
)

TURNS = st.from_regex(r"[!-~]{1,255}", fullmatch=True)
CARRIED: tuple[Carried, ...] = (
    Chosen("teams/19:x/main/17", "Under 18", "Under 18"),
    Suggestion("Can I …?"),
    ClauseRef("fairfield", ("3.a", "cyber-bullying.b")),
    *(Opening(opener, "19:x") for opener in actions.OPENERS),
    *(Deed(deed, "R-ABCDEF") for deed in actions.DEEDS),
    *(Sent(form, "R-ABCDEF", "19:x") for form in actions.FORMS),
    Sent(actions.REPORT_FORM),
)
RUBBISH: tuple[object, ...] = (
    None, 3, "verb", [], {}, {"verb": None}, {"verb": "x"}, {"verb": ["choice"]}, {"verb": "choice"},
    {"verb": "choice", "turn": "t", "value": "", "label": "l"}, {"verb": "choice", "turn": "a b", "value": "v"},
    {"verb": "choice", "turn": "t", "value": "v" * 301, "label": "l"}, {"verb": "choice", "turn": "t", "value": 3},
    *(
        {"verb": "choice", "turn": "t", "field_choice": raw}
        for raw in (3, "[1,2]", "[" * 999, '{"a":"b","c":"d"}', '"ab"')
    ),
    {"verb": "clause", "of": "fact", "clauses": []}, {"verb": "clause", "of": "fact", "clauses": ["../x"]},
    {"verb": "clause", "of": "fact", "clauses": ["3.a"] * 9}, {"verb": "clause", "of": 3, "clauses": ["3.a"]},
    {"verb": "clause", "of": "fact", "clauses": "3.a"}, {"verb": "suggestion", "question": " "},
    {"verb": "suggestion", "question": "x" * 1_001}, {"verb": "report.open", "reference": "R-abc"},
    {"verb": "report.open", "reference": "R-ABCDEF\n"}, {"verb": "report.open"},
    {"verb": "report.open", "reference": ["R-ABCDEF"]},
    {"verb": "ask", "context": 3}, {"verb": "ask", "context": "x" * 501}, {"verb": "form.close", "reference": "x"},
    {"verb": "form.note", "field_note": ["x"]}, {"verb": "form.note", "field_note": "x" * 20_001},
    {"verb": "report.open", "reference": "R-ABCDEF", **{str(at): at for at in range(60)}},
)  # fmt: skip


@pytest.mark.parametrize("carried", CARRIED, ids=repr)
def test_what_a_button_carries_comes_back_as_it_went(carried: Carried) -> None:
    data = json.loads(json.dumps(carried.data()))
    assert pressed(data) == carried
    assert pressed({**data, "msteams": {"type": "task/fetch"}}, data["verb"]) == carried
    assert pressed(data, "another") is None


@given(TURNS, st.text(min_size=1, max_size=300).filter(str.strip), st.text(max_size=75))
def test_a_choice_comes_back_as_it_went(turn: str, value: str, label: str) -> None:
    assert pressed(Chosen(turn, value, label).data()) == Chosen(turn, value, label)
    listed = {**Chosen(turn, "", "").data(), actions.CHOICE_FIELD: picked_as(value, label)}
    if len(picked_as(value, label)) <= 2_000:
        assert pressed(listed) == Chosen(turn, value, label)


def test_what_was_typed_comes_with_the_form() -> None:
    data = {**Sent(actions.CLOSE_FORM, "R-ABCDEF").data(), "field_outcome": "Done.", "field_record": None, "other": 3}
    sent = pressed(data)
    assert isinstance(sent, Sent)
    assert sent.typed(actions.OUTCOME_FIELD) == "Done."
    assert sent.typed(actions.RECORD_FIELD) == sent.typed(actions.NOTE_FIELD) == ""


@pytest.mark.parametrize("raw", RUBBISH, ids=lambda raw: repr(raw)[:60])
def test_rubbish_is_nothing(raw: object) -> None:
    assert pressed(raw) is None


@given(
    st.dictionaries(
        st.sampled_from(("verb", "turn", "value", "label", "of", "clauses", "reference", "context", "field_choice")),
        st.sampled_from((*actions.DEEDS, *actions.FORMS, "choice", "clause", "suggestion", "ask"))
        | st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=4),
    )
)
def test_whatever_comes_back_raises_nothing(raw: dict[str, object]) -> None:
    pressed(raw)
    liked(raw)
    school_of(raw)


def test_a_thumb_is_read() -> None:
    assert liked({"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": "{}"}}) is True
    assert liked({"actionName": "feedback", "actionValue": {"reaction": "dislike"}}) is False
    for raw in (None, {}, {"actionName": "feedback"}, {"actionName": "x", "actionValue": {"reaction": "like"}}):
        assert liked(raw) is None
    assert liked({"actionName": "feedback", "actionValue": {"reaction": "?"}}) is None


def test_every_verb_and_field_is_used_once() -> None:
    ids = [value for name, value in vars(actions).items() if name.isupper() and isinstance(value, str)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z_.-]{2,40}", value) for value in ids)
    assert school_of("fairfield") == "fairfield"
    assert school_of("../x") is None
