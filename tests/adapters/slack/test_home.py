"""The Home tab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.chat.told import Pile
from adapters.escalations.standing import Standing
from adapters.slack import actions
from adapters.slack.home import home_of
from tests.adapters.slack.golden import as_json, assert_golden
from tests.adapters.slack.limits import label_problems, problems_of, texts_of, walk
from tests.adapters.slack.samples import (
    ALONE,
    NOW,
    OTHER,
    PLAN,
    REVIEW,
    SCHOOL,
    SENT,
    STATES,
    TAKEN,
    TODAY,
    WAITING,
    policy_url,
)

INBOX = "https://policies.example/desk"
NAMES = ("closed", "acknowledged", "possible", "withdrawn", "delivered", "emergency")
HELD = tuple(replace(STATES[name], reference=f"R-{at:04}") for at, name in enumerate(NAMES))


def test_a_member_of_staff_sees_what_to_do_and_how_their_reports_stand() -> None:
    view = home_of(
        SCHOOL, today=TODAY, now=NOW, several=True, reports=(ALONE, WAITING), reviews=(REVIEW.text,),
        policy_url=policy_url,
    )  # fmt: skip
    assert_golden("home-staff", view)


def test_a_member_of_staff_without_reports_reads_so() -> None:
    assert_golden("home-staff-empty", home_of(OTHER, today=TODAY, now=NOW))


def test_those_who_are_told_see_what_waits_first_of_all() -> None:
    pile = Pile(PLAN, SCHOOL.name, HELD, "lead")
    view = home_of(SCHOOL, today=TODAY, now=NOW, piles=(pile,), inbox_url=INBOX)
    assert_golden("home-dsl", view)
    said = texts_of(as_json(view))
    order = [said.index(reference) for reference in ("R-0005", "R-0004", "R-0001", "R-0002", "R-0003")]
    assert order == sorted(order)
    assert "R-0000" not in said  # closed


def test_those_who_are_told_of_nothing_read_so() -> None:
    assert_golden("home-dsl-empty", home_of(SCHOOL, today=TODAY, now=NOW, piles=(Pile(PLAN, SCHOOL.name, (), "lead"),)))


def test_without_a_school_there_is_one_thing_to_do() -> None:
    assert_golden("home-choose-school", home_of(None, today=TODAY, now=NOW, several=True))
    assert_golden("home-no-school", home_of(None, today=TODAY, now=NOW))


@pytest.mark.parametrize("count", [24, 25, 26, 62, 900])
def test_however_many_there_are_it_fits_and_says_how_many_more(count: int) -> None:
    states = list(STATES.values())
    held = tuple(replace(states[at % 8], reference=f"R-{at:04}") for at in range(count))
    reports = tuple(replace(ALONE, reference=f"R-X{at:04}") for at in range(count))
    questions = tuple(f"Question {at}?" for at in range(count))
    view = as_json(
        home_of(
            replace(SCHOOL, suggestions=questions), today=TODAY, now=NOW, several=True, reports=reports,
            piles=(Pile(PLAN, SCHOOL.name, held, "lead"),), reviews=("x",) * 9, inbox_url=INBOX,
        )
    )  # fmt: skip
    assert problems_of(view) + label_problems(view) == []
    said = texts_of(view)
    assert (f"And {count - 25} more." in said) == (count > 25)
    assert f"And {count - 8} earlier ones." in said


def test_reports_of_several_schools_stand_together_by_urgency() -> None:
    here = Pile(PLAN, SCHOOL.name, (replace(TAKEN, reference="R-HERE"),), "lead")
    there = Pile(replace(PLAN, school="hillside"), OTHER.name, (replace(SENT, reference="R-THERE"),), "lead")
    said = texts_of(as_json(home_of(SCHOOL, today=TODAY, now=NOW, piles=(here, there))))
    assert said.index("R-THERE") < said.index("R-HERE")
    assert "Hillside School." in said


def test_a_question_to_ask_carries_itself() -> None:
    view = as_json(home_of(SCHOOL, today=TODAY, now=NOW))
    asked = [thing for thing in walk(view) if actions.SUGGESTIONS.fullmatch(str(thing.get("action_id")))]
    assert [actions.question_of(thing["value"]) for thing in asked] == list(SCHOOL.suggestions)


@pytest.mark.parametrize("text", ["<!channel> *x* https://evil.example", "", "\x00", "x" * 9_000])
def test_nothing_on_it_becomes_markup(text: str) -> None:
    school = replace(SCHOOL, name=text, due_shown=text, suggestions=(text, text))
    standing = Standing(text, text, text)
    pile = Pile(PLAN, text, (replace(SENT, reporter=text),), "lead")
    view = home_of(school, today=TODAY, now=NOW, reports=(standing,), piles=(pile,), reviews=(text,), several=True)
    assert problems_of(as_json(view)) == []
