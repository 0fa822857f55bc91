"""Whom the words of a report may be about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.about import excluded
from chatbot.plan import Plan
from chatbot.reply import Route
from tests.plans import CHAIR, DEPUTY, HEAD, LEAD, PEOPLE, PLAN, held, told


def about(text: str, route: Route = Route.HEADTEACHER, plan: Plan = PLAN, reporter: str = "") -> set[str]:
    """Who is left out of a report of these words."""
    return set(excluded(text.split(), route, plan, reporter))


@pytest.mark.parametrize(
    "text",
    [
        "mrs patel pulled his hair",
        "it was patel .",
        "patel",
        "i saw patel's hand on him",
        "the patels' car was there",
        "in mrs patels' room",
        "mr.patel shouted",
        "mrs . patel shouted",
        "anna patel did",
    ],
)
def test_a_person_named_by_surname_never_learns_of_it(text: str) -> None:
    if "patels" in text:
        assert about(text, plan=Plan("fact", {Route.DSL: (replace(LEAD, name="Anna Patels"),)})) == {"lead"}
    else:
        assert about(text) == {"lead"}


@pytest.mark.parametrize("text", ["mr o'brien hit her", "o'brien's class", "beth o'brien"])
def test_a_surname_with_an_apostrophe_is_recognised(text: str) -> None:
    assert about(text) == {"deputy"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Jutta Müller", "mrs m ller hit her"),
        ("Jutta Müller", "mrs muller hit her"),
        ("Jutta Müller", "mrs müller hit her"),
        ("Zoë", "zo hit her"),
        ("Sam Smith-Jones", "mr smith-jones hit her"),
        ("Ana de Souza", "mrs de souza hit her"),
        ("A. Jones", "mrs jones' hand"),
        ("A. Jones", "mrs jones's hand"),
    ],
)
def test_surnames_are_recognised_as_the_reader_takes_them_apart(name: str, text: str) -> None:
    """The reader keeps plain letters only: "Müller" comes as two words."""
    plan = Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=name),)})
    assert about(text, plan=plan) == {"head"}


@pytest.mark.parametrize(
    ("name", "text", "named"),
    [
        ("Amy Lead", "mrs lead shouted", True),
        ("Amy Lead", "mrs . lead shouted", True),
        ("Amy Lead", "amy lead shouted", True),
        ("A. Lead", "a lead was round his neck", False),
        ("Amy Lead", "the dog on the lead bit him", False),
        ("C. Head", "a head injury", False),
        ("C. Head", "ms head's class", True),
        ("Di Chair", "he threw the chair", False),
    ],
)
def test_a_surname_that_is_also_a_role_or_a_thing_counts_behind_a_title_or_first_name(
    name: str, text: str, named: bool
) -> None:
    plan = Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=name),)})
    assert about(text, plan=plan) == ({"head"} if named else set())


def test_part_of_another_word_is_not_a_name() -> None:
    assert about("the smallest boy was churching near patelson") == set()


@pytest.mark.parametrize(
    "text",
    [
        "the dsl hit him",
        "our dsl's hand",
        "the ddsl hit him",
        "one of the dsls",
        "the safeguarding lead hit him",
        "the deputy safeguarding lead hit him",
        "the designated safeguarding lead's room",
        "both safeguarding leads know",
        "the designated lead",
        "the child protection officer",
        "our safeguarding officer",
        "shes the safeguarding lady",
        "the d.s.l .",
    ],
)
def test_the_dsl_called_by_their_role_is_left_out_with_the_deputies(text: str) -> None:
    assert about(text) == {"lead", "deputy"}


@pytest.mark.parametrize(
    "text", ["the chair of governors touched a girl", "our chair of the governors", "the chair of the governing body's"]
)
def test_the_chair_of_governors_called_by_their_role_is_not_the_step_above_the_head(text: str) -> None:
    assert about(text) == {"chair"}
    assert told(held(route=Route.HEADTEACHER, about=about(text)), alerts=2) == ["head", "head"]


def test_telling_the_chair_of_governors_of_the_head_does_not_leave_out_the_chair() -> None:
    assert about("the chair of governors must know what the head did", Route.CHAIR_OF_GOVERNORS) == {"head"}


@pytest.mark.parametrize("reporter", ["lead", "U0LEAD", "0AAA-lead", "0aaa-LEAD", "Anna@example.org"])
def test_a_reporter_who_is_in_the_plan_may_be_telling_on_themselves(reporter: str) -> None:
    assert about("i was too rough with him", reporter=reporter) == {"lead"}


def test_a_reporter_outside_the_plan_leaves_nobody_out() -> None:
    assert about("someone on staff was too rough", reporter="U0OTHER") == set()
    assert about("someone on staff was too rough", reporter="") == set()


def test_on_the_way_to_the_chair_everyone_of_the_heads_route_is_left_out() -> None:
    plan = Plan("fact", PEOPLE | {Route.HEADTEACHER: (HEAD, DEPUTY), Route.CHAIR_OF_GOVERNORS: (CHAIR, DEPUTY)})
    assert about("the head hit him", Route.CHAIR_OF_GOVERNORS, plan) == {"head", "deputy"}


def test_a_chair_whom_it_is_about_is_left_out_even_where_nobody_else_is() -> None:
    names = about("carl small and dina church hit him", Route.CHAIR_OF_GOVERNORS)
    assert names == {"head", "chair"}
    assert told(held(route=Route.CHAIR_OF_GOVERNORS, about=names)) == [""]


@pytest.mark.parametrize("text", ["mrs patel saw a bruise", "i told the dsl", "mrs small and o'brien know"])
def test_a_report_about_a_child_leaves_nobody_out(text: str) -> None:
    assert about(text, Route.DSL, reporter="lead") == set()


def test_a_plan_with_a_nameless_contact_leaves_out_nobody_by_it() -> None:
    assert about("somebody did", plan=Plan("fact", {Route.HEADTEACHER: (replace(HEAD, name=" "),)})) == set()
