"""read_age(): a child or an adult, by years, words, the year of teaching or the stage of school."""

from __future__ import annotations

from datetime import date

import pytest

from chatbot.knowledge import Knowledge
from tests.talk import facts


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("an ex pupil, 19 now, added me", "adult"),
        ("ex pupil aged 18", "adult"),
        ("former pupil who is 17", "child"),
        ("an old pupil, she's 16", "child"),
        ("ex pupil 14 yo", "child"),
        ("a former pupil who just turned 18", "adult"),
        ("a 22 year old i used to teach", "adult"),
        ("a former pupil, nineteen, added me", "adult"),
        ("a former pupil, fifteen, added me", "child"),
        ("ex pupil who's twenty one", "adult"),
        ("a former pupil, an adult now", "adult"),
        ("ex pupil, over 18", "adult"),
        ("ex pupil, under 18", "child"),
        ("ex pupil, still a child", "child"),
        ("ex pupil in year 8 now", "child"),
        ("he's gone up to secondary", "child"),
        ("she's in sixth form now", "child"),
        ("a former pupil at uni", "adult"),
        ("ex pupil, she's a nurse now", "adult"),
        ("ex pupil getting married", "adult"),
        ("a lad i taught in 2012", "adult"),
        ("a girl i taught in 2024", "child"),
        ("a boy i taught 20 years ago", "adult"),
        ("a boy i taught two years ago", "child"),
    ],
)
def test_the_age_is_read_from_numbers_words_years_and_school_stages(text: str, age: str, knowledge: Knowledge) -> None:
    assert facts(text, knowledge).get("age") == age


@pytest.mark.parametrize(
    "text", ["a boy i taught in 2018", "a girl i taught eight years ago", "an ex pupil", "a lad i taught in 2090"]
)
def test_an_age_that_the_words_leave_open_is_not_read(text: str, knowledge: Knowledge) -> None:
    assert "age" not in facts(text, knowledge)


@pytest.mark.parametrize(
    ("year", "age"),
    [(2012, "child"), (2014, "child"), (2015, None), (2018, None), (2019, "adult"), (2026, "adult"), (2030, "adult")],
)
def test_the_year_of_teaching_is_counted_from_today(year: int, age: str | None, knowledge: Knowledge) -> None:
    taught_in_2008 = facts("a lad i taught in 2008", knowledge, today=date(year, 10, 5)).get("age")
    assert taught_in_2008 == age


@pytest.mark.parametrize(
    "text",
    [
        "there are 19 children in the photo of my ex pupil",
        "an ex pupil has 19 followers",
        "an ex pupil messaged at 9 pm",
        "an ex pupil, about 20 minutes from here",
        "an ex pupil got 15% off",
    ],
)
def test_a_number_that_counts_something_else_is_no_age(text: str, knowledge: Knowledge) -> None:
    assert "age" not in facts(text, knowledge)


@pytest.mark.parametrize(
    ("reply", "age"),
    [
        ("19", "adult"),
        ("she is 12", "child"),
        ("17 i think", "child"),
        ("twenty", "adult"),
        ("Under 18", "child"),
        ("18 or over", "adult"),
    ],
)
def test_an_age_that_was_asked_for_may_come_bare(reply: str, age: str, knowledge: Knowledge) -> None:
    assert facts(reply, knowledge, asked="age").get("age") == age


def test_a_bare_number_is_no_age_where_nobody_asked(knowledge: Knowledge) -> None:
    assert "age" not in facts("room 19", knowledge)
