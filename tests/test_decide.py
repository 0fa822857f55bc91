"""decide(): what a school's rules say, by pure look-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chatbot.decide import MOST_CLAUSES, OWN_PAGE, applying, changing_values, decide
from chatbot.knowledge import Knowledge, Silence
from chatbot.model import (
    Answer,
    Candidate,
    Clarify,
    Concern,
    Decline,
    Declined,
    Escalate,
    Greet,
    Match,
    Route,
    Slot,
    Status,
    Verdict,
)
from tests.small import matched, rule, school

NO = rule("no-contact", Verdict.NOT_ALLOWED)
AGE_DECIDES = rule("age-decides", Verdict.DEPENDS, when={"relation": {"former_pupil"}}, ask="age")
ADULT = rule("adult", Verdict.ALLOWED, when={"relation": {"former_pupil"}, "age": {"adult"}})
CHILD = rule("child", Verdict.NOT_ALLOWED, when={"relation": {"former_pupil"}, "age": {"child"}})
CONTACT = (NO, AGE_DECIDES, ADULT, CHILD)
SCHOOL = school(*CONTACT)
REPORT = Concern(Route.DSL, Status.RAISED)


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, "no-contact"),
        ({"relation": "pupil"}, "no-contact"),
        ({"age": "adult"}, "no-contact"),
        ({"relation": "former_pupil"}, "age-decides"),
        ({"relation": "former_pupil", "age": "adult"}, "adult"),
        ({"relation": "former_pupil", "age": "child"}, "child"),
        ({"relation": "former_pupil", "age": "adult", "device": "own"}, "adult"),
    ],
)
def test_the_rule_with_most_conditions_met_applies(known: Mapping[str, str], expected: str) -> None:
    found = applying(CONTACT, known)
    assert found is not None
    assert found.id == expected


def test_no_rule_applies_where_every_rule_has_a_condition_unmet() -> None:
    assert applying((ADULT, CHILD), {"relation": "former_pupil"}) is None


def test_an_answer_carries_rule_clauses_and_why_the_others_were_excluded(knowledge: Knowledge) -> None:
    ruling = decide(matched(relation="former_pupil", age="child"), None, SCHOOL, knowledge)
    assert isinstance(ruling, Answer)
    assert (ruling.verdict, ruling.rules, ruling.clauses) == (Verdict.NOT_ALLOWED, ("child",), ("1.b",))
    assert {e.rule: e.reason for e in ruling.excluded} == {"adult": "age is child, not adult"}


def test_a_missing_fact_that_changes_the_verdict_is_asked_for_with_an_answer_meanwhile(knowledge: Knowledge) -> None:
    ruling = decide(matched(relation="former_pupil"), None, SCHOOL, knowledge)
    assert isinstance(ruling, Clarify)
    assert (ruling.slot, set(ruling.values)) == ("age", {"adult", "child"})
    assert ruling.provisional.verdict is Verdict.DEPENDS


def test_a_fact_already_known_is_not_asked_for(knowledge: Knowledge) -> None:
    assert isinstance(decide(matched(relation="former_pupil", age="adult"), None, SCHOOL, knowledge), Answer)


def test_a_fact_that_changes_nothing_is_not_asked_for(knowledge: Knowledge) -> None:
    same = rule("same", Verdict.DEPENDS, when={"relation": {"former_pupil"}, "age": {"child"}})
    ruling = decide(matched(relation="former_pupil"), None, school(NO, AGE_DECIDES, same), knowledge)
    assert isinstance(ruling, Answer)
    assert changing_values((NO, AGE_DECIDES, same), {"relation": "former_pupil"}, "age", knowledge) == ()


def test_only_values_with_a_rule_of_their_own_are_offered(knowledge: Knowledge) -> None:
    rules = (NO, AGE_DECIDES, ADULT)
    assert changing_values(rules, {"relation": "former_pupil"}, "age", knowledge) == ("adult",)


def test_a_silent_school_says_so_with_the_nearest_clause_and_whom_to_ask(knowledge: Knowledge) -> None:
    silent = school(NO, silent=(Silence("dress-code", ("1.c",), "Nothing on dress.", "the office"),))
    ruling = decide(matched("dress-code"), None, silent, knowledge)
    assert isinstance(ruling, Declined)
    assert (ruling.reason, ruling.nearest, ruling.say, ruling.ask) == (
        Decline.SILENT,
        ("1.c",),
        "Nothing on dress.",
        "the office",
    )


def test_an_intent_that_the_school_does_not_know_is_declined(knowledge: Knowledge) -> None:
    ruling = decide(matched("dress-code"), None, SCHOOL, knowledge)
    assert isinstance(ruling, Declined)
    assert ruling.reason is Decline.ELSEWHERE


def test_what_is_not_understood_is_declined_with_at_most_three_suggestions(knowledge: Knowledge) -> None:
    others = tuple(
        Candidate(name, 0.1) for name in ("contact-pupil", "dress-code", "photo-consent", "use-at-work", "give-credit")
    )
    rules = (NO, *(rule(name, intent=name) for name in ("photo-consent", "use-at-work", "give-credit")))
    ruling = decide(matched(None, 0.1, others), None, school(*rules), knowledge)
    assert isinstance(ruling, Declined)
    assert ruling.reason is Decline.NOT_UNDERSTOOD
    assert ruling.suggestions == ("contact-pupil", "photo-consent", "use-at-work")


def test_small_talk_is_greeted_and_not_ruled_on(knowledge: Knowledge) -> None:
    assert decide(Match(None, 1.0, smalltalk="thanks"), None, SCHOOL, knowledge) == Greet("thanks")


def test_a_concern_comes_before_everything(knowledge: Knowledge) -> None:
    for match in (matched(), matched(None, 0.0), Match(None, 1.0, smalltalk="thanks"), matched("dress-code")):
        ruling = decide(match, REPORT, SCHOOL, knowledge)
        assert isinstance(ruling, Escalate)
        assert ruling.concern == REPORT


def test_a_question_that_comes_with_a_report_is_answered_too(knowledge: Knowledge) -> None:
    ruling = decide(matched(relation="former_pupil", age="child"), REPORT, SCHOOL, knowledge)
    assert isinstance(ruling, Escalate)
    assert ruling.also is not None
    assert ruling.also.rules == ("child",)


def test_a_report_is_not_held_up_by_a_clarifying_question(knowledge: Knowledge) -> None:
    ruling = decide(matched(relation="former_pupil"), REPORT, SCHOOL, knowledge)
    assert isinstance(ruling, Escalate)
    assert ruling.also is not None
    assert ruling.also.verdict is Verdict.DEPENDS


def test_a_question_hardly_recognized_is_left_out_of_a_report(knowledge: Knowledge) -> None:
    ruling = decide(matched(confidence=0.2), REPORT, SCHOOL, knowledge)
    assert isinstance(ruling, Escalate)
    assert ruling.also is None


def test_allowed_is_not_given_on_a_doubtful_match(knowledge: Knowledge) -> None:
    yes = school(rule("yes", Verdict.ALLOWED, intent="use-at-work"))
    sure, doubtful = (decide(matched("use-at-work", confidence), None, yes, knowledge) for confidence in (0.9, 0.2))
    assert isinstance(sure, Answer)
    assert sure.verdict is Verdict.ALLOWED
    assert not (isinstance(doubtful, Answer) and doubtful.verdict is Verdict.ALLOWED)


@pytest.mark.parametrize("strict", [Verdict.NOT_ALLOWED, Verdict.DEPENDS, Verdict.REQUIRED])
def test_where_two_readings_are_as_likely_the_stricter_stands(strict: Verdict, knowledge: Knowledge) -> None:
    two = school(
        rule("yes", Verdict.ALLOWED, intent="use-at-work"),
        rule("strict", strict, intent="give-credit", clauses=("1.a",)),
    )
    close = decide(matched("use-at-work", 0.9, (Candidate("give-credit", 0.49),), close=True), None, two, knowledge)
    clear = decide(matched("use-at-work", 0.9, (Candidate("give-credit", 0.2),)), None, two, knowledge)
    assert isinstance(close, Answer)
    assert isinstance(clear, Answer)
    assert (close.verdict, close.clauses) == (strict, ("1.a",))
    assert clear.verdict is Verdict.ALLOWED


def test_what_another_reading_near_behind_forbids_depends(knowledge: Knowledge) -> None:
    two = school(
        rule("yes", Verdict.ALLOWED, intent="use-at-work"),
        rule("no", Verdict.NOT_ALLOWED, intent="give-credit", clauses=("1.a",)),
    )
    ruling = decide(matched("use-at-work", 0.9, (Candidate("give-credit", 0.47),)), None, two, knowledge)
    assert isinstance(ruling, Answer)
    assert ruling.verdict is Verdict.DEPENDS


@pytest.mark.parametrize(
    ("name", "value", "verdict"),
    [
        ("consent", "given", Verdict.ALLOWED),
        ("consent", "missing", Verdict.DEPENDS),
        ("consent", "verbal", Verdict.DEPENDS),
        ("authorised", "not_authorised", Verdict.DEPENDS),
        ("permission", "none", Verdict.DEPENDS),
        (OWN_PAGE, "mine", Verdict.DEPENDS),
    ],
)
def test_a_yes_that_leaves_out_what_was_said_against_it_depends(
    name: str, value: str, verdict: Verdict, knowledge: Knowledge
) -> None:
    yes = school(rule("yes", Verdict.ALLOWED, intent="school-posts-trip"))
    said = replace(matched("school-posts-trip", 0.9), slots=(Slot(name, value),))
    ruling = decide(said, None, yes, knowledge)
    assert isinstance(ruling, Answer)
    assert ruling.verdict is verdict


def test_a_yes_that_reckons_with_what_speaks_against_it_stands(knowledge: Knowledge) -> None:
    yes = school(rule("yes", Verdict.ALLOWED, intent="school-posts-trip", when={"consent": {"verbal"}}))
    said = replace(matched("school-posts-trip", 0.9), slots=(Slot("consent", "verbal"),))
    ruling = decide(said, None, yes, knowledge)
    assert isinstance(ruling, Answer)
    assert ruling.verdict is Verdict.ALLOWED


def test_two_readings_that_agree_cite_both_but_never_more_than_three_clauses(knowledge: Knowledge) -> None:
    two = school(
        rule("one", Verdict.NOT_ALLOWED, intent="use-at-work", clauses=("1.a", "1.b", "1.c")),
        rule("two", Verdict.NOT_ALLOWED, intent="give-credit", clauses=("1.d",)),
    )
    ruling = decide(matched("use-at-work", 0.9, (Candidate("give-credit", 0.49),), close=True), None, two, knowledge)
    assert isinstance(ruling, Answer)
    assert ruling.clauses == ("1.a", "1.b", "1.d")
    assert len(ruling.clauses) <= MOST_CLAUSES
    assert ruling.rules == ("one", "two")
