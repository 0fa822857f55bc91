"""What a button carries, there and back."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack import actions
from adapters.slack.actions import (
    Chosen,
    ClauseRef,
    Feedback,
    question_of,
    reference_of,
    school_of,
    turn_of,
)

TURNS = st.from_regex(r"[!-~]{1,255}", fullmatch=True)
RUBBISH: tuple[object, ...] = (
    None, 3, b"x", [], {}, "", " ", "yes", "no ", "yes " + "t" * 256, "[]", "[1,2,3]", '["t"]', "[" * 2_000,
    '["t","",""]', '["","v","l"]', '["a b","v","l"]', "fact", "fact 3 f/../x", "fact <3>", "x" * 2_001, "R-abc", "R-",
    "R-ABCDEF\n", "R-" + "A" * 17, "<@U1>", "\x00",
)  # fmt: skip


@given(TURNS, st.text(min_size=1, max_size=300).filter(str.strip), st.text(max_size=75))
def test_a_choice_comes_back_as_it_went(turn: str, value: str, label: str) -> None:
    carried = str(Chosen(turn, value, label))
    if len(carried) <= actions.LONGEST_VALUE:
        assert Chosen.parse(carried) == Chosen(turn, value, label)


@given(TURNS, st.booleans())
def test_feedback_comes_back_as_it_went(turn: str, right: bool) -> None:
    assert Feedback.parse(str(Feedback(turn, right))) == Feedback(turn, right)


def test_clauses_come_back_as_they_went() -> None:
    ref = ClauseRef("fairfield", ("3.a", "cyber-bullying.b"))
    assert ClauseRef.parse(str(ref)) == ref
    assert reference_of("R-ABCDEF") == "R-ABCDEF"
    assert turn_of("slack/T1/C1/main/17.5") == "slack/T1/C1/main/17.5"
    assert question_of(" Can I …? ") == "Can I …?"
    assert school_of("fairfield") == "fairfield"


@pytest.mark.parametrize("raw", RUBBISH, ids=repr)
def test_rubbish_is_nothing(raw: object) -> None:
    assert Chosen.parse(raw) is None
    assert Feedback.parse(raw) is None
    assert ClauseRef.parse(raw) is None
    assert reference_of(raw) is None


@given(st.text() | st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=4))
def test_whatever_comes_back_raises_nothing(raw: object) -> None:
    for read in (Chosen.parse, Feedback.parse, ClauseRef.parse, reference_of, turn_of, question_of, school_of):
        read(raw)


def test_every_id_is_used_once() -> None:
    ids = [value for name, value in vars(actions).items() if name.isupper() and isinstance(value, str)]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"/?[a-z_.-]{2,40}", value) for value in ids)
    for pattern, name in ((actions.CHOICES, "choice.12"), (actions.SUGGESTIONS, "suggestion.0")):
        assert pattern.fullmatch(name)
    assert all(
        actions.FEEDBACKS.fullmatch(name) for name in (actions.FEEDBACK, actions.FEEDBACK_YES, actions.FEEDBACK_NO)
    )
