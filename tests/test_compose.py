"""compose(): a ruling into the parts of a reply; it decides nothing and invents no words."""

from __future__ import annotations

from datetime import date

import pytest

from chatbot.compose import CONFIRM, WITHDRAW, compose, current_edition, sorted_neighbours
from chatbot.knowledge import Edition, Guidance, Knowledge, School
from chatbot.model import (
    Answer,
    Clarify,
    Concern,
    Decline,
    Declined,
    Escalate,
    Greet,
    Kind,
    Notice,
    Reply,
    Route,
    Ruling,
    Status,
    Verdict,
)
from tests.small import BULLET, LEAD, PARAGRAPH, school
from tests.talk import SCHOOLS, TODAY

KCSIE = "Keeping Children Safe in Education"
IN_TIME = date(2026, 3, 31)


def answer(*clauses: str, verdict: Verdict = Verdict.NOT_ALLOWED) -> Answer:
    return Answer("contact-pupil", verdict, ("a-rule",), clauses, "It is barred.", "Decline it.", 0.8)


def said(
    ruling: Ruling, knowledge: Knowledge, at: School | None = None, today: date = IN_TIME, reference: str | None = None
) -> Reply:
    return compose(ruling, at or school(), knowledge, today, reference)


def notices(reply: Reply, tone: str) -> list[str]:
    return [part.text for part in reply.parts if isinstance(part, Notice) and part.tone == tone]


def test_an_answer_starts_with_verdict_and_reason_then_quotes_then_guides(knowledge: Knowledge) -> None:
    reply = said(answer("1.b"), knowledge)
    assert reply.kind is Kind.ANSWER
    assert reply.text.startswith("No. It is barred.")
    assert reply.text.index("They must not accept") < reply.text.index("Decline it.")
    assert (reply.verdict, reply.rules, reply.because, reply.confidence) == (
        Verdict.NOT_ALLOWED,
        ("a-rule",),
        "It is barred.",
        0.8,
    )


@pytest.mark.parametrize("verdict", list(Verdict))
def test_each_verdict_is_said_in_words_of_its_own(verdict: Verdict, knowledge: Knowledge) -> None:
    openings = {said(answer("1.b", verdict=each), knowledge).text.split("It is barred")[0] for each in Verdict}
    assert len(openings) == len(Verdict)
    assert knowledge.wording[f"verdict_{verdict}"] in said(answer("1.b", verdict=verdict), knowledge).text


def test_a_quote_is_the_clause_word_for_word_with_its_lead_in(knowledge: Knowledge) -> None:
    (citation,) = said(answer("1.d"), knowledge).citations
    assert citation.text == f"{LEAD} {BULLET}"
    assert citation.url == "/policies/small#1.d"
    assert citation.heading == "1. Rules"


def test_neighbouring_sentences_of_one_paragraph_become_one_quote(knowledge: Knowledge) -> None:
    (citation,) = said(answer("1.b", "1.a"), knowledge).citations
    assert citation.text == "Staff may post when authorised. They must not accept requests from pupils."
    assert citation.clause == "1.a"
    (whole,) = said(answer("1.a", "1.b", "1.c"), knowledge).citations
    assert whole.text == PARAGRAPH


def test_sentences_with_another_between_them_stay_apart(knowledge: Knowledge) -> None:
    citations = said(answer("1.a", "1.c"), knowledge).citations
    assert [c.text for c in citations] == ["Staff may post when authorised.", "Parents are told."]


def test_the_deciding_clause_comes_first_and_neighbours_follow_in_the_texts_order() -> None:
    assert sorted_neighbours(("1.d", "1.c", "1.a"), school()) == ("1.d", "1.a", "1.c")


@pytest.mark.parametrize("school_id", SCHOOLS)
def test_every_rule_of_every_school_quotes_its_policy_word_for_word(school_id: str, knowledge: Knowledge) -> None:
    at = knowledge.schools[school_id]
    text = " ".join(at.blocks)
    for rules in at.rules.values():
        for rule in rules:
            for citation in said(answer(*rule.clauses), knowledge, at).citations:
                lead = at.clauses[citation.clause].lead
                assert citation.text.removeprefix(lead).strip() in text, (rule.id, citation)
                assert lead in text


def test_an_overdue_policy_says_so_from_the_day_after_and_not_before(knowledge: Knowledge) -> None:
    before, after = (said(answer("1.b"), knowledge, today=day) for day in (IN_TIME, date(2026, 4, 1)))
    assert notices(before, "review") == []
    (notice,) = notices(after, "review")
    assert "due for review in March 2026" in notice
    assert "Small School" in notice


@pytest.mark.parametrize(
    ("school_id", "first_overdue"),
    [
        ("ashley", date(2026, 4, 1)),
        ("calmore", date(2026, 10, 1)),
        ("fact", date(2025, 7, 1)),
        ("ravenscote", date(2026, 10, 1)),
        ("yeadon", date(2027, 2, 1)),
    ],
)
def test_each_school_is_overdue_from_the_month_after_its_review_month(
    school_id: str, first_overdue: date, knowledge: Knowledge
) -> None:
    at = knowledge.schools[school_id]
    overdue = knowledge.wording["overdue"].split("{due}")[0].removeprefix("{school}")
    day_before = date.fromordinal(first_overdue.toordinal() - 1)
    ruling = answer(next(iter(at.clauses)))
    assert overdue in said(ruling, knowledge, at, first_overdue).text
    assert overdue not in said(ruling, knowledge, at, day_before).text


def test_a_clarifying_question_and_a_silence_tell_of_an_overdue_policy_too(knowledge: Knowledge) -> None:
    for ruling in (
        Clarify("age", ("child", "adult"), answer("1.b")),
        Declined(Decline.SILENT, "contact-pupil", ("1.c",), "Nothing.", "the office"),
    ):
        assert notices(said(ruling, knowledge, today=TODAY), "review") != []


def test_an_old_edition_of_guidance_is_told_once_the_new_one_is_in_force(knowledge: Knowledge) -> None:
    at = school(guidance=(Guidance(KCSIE, 2025, "1.a"),), due=date(2030, 1, 1))
    assert notices(said(answer("1.b"), knowledge, at, date(2026, 8, 31)), "review") == []
    (notice,) = notices(said(answer("1.b"), knowledge, at, date(2026, 9, 1)), "review")
    assert f"cites {KCSIE} 2025" in notice
    assert "2026" in notice


def test_the_edition_in_force_is_the_one_whose_dates_hold_today() -> None:
    old = Edition("X", 2025, date(2025, 9, 1), date(2026, 8, 31), "source", None)
    new = Edition("X", 2026, date(2026, 9, 1), None, "source", None)
    assert current_edition((old, new), "X", date(2026, 8, 31)) == old
    assert current_edition((old, new), "X", date(2026, 9, 1)) == new
    assert current_edition((old, new), "X", date(2025, 8, 31)) is None
    assert current_edition((old, new), "Y", TODAY) is None


def test_a_clarifying_question_gives_the_verdict_meanwhile_and_buttons(knowledge: Knowledge) -> None:
    reply = said(Clarify("age", ("child", "adult"), answer("1.b", verdict=Verdict.DEPENDS)), knowledge)
    assert (reply.kind, reply.verdict) == (Kind.CLARIFY, Verdict.DEPENDS)
    assert knowledge.slots["age"].question in reply.text
    assert [c.label for c in reply.choices] == ["Under 18", "18 or over"]
    assert len(reply.citations) == 1


def test_a_condition_that_the_policy_names_is_an_answer_with_buttons(knowledge: Knowledge) -> None:
    reply = said(Clarify("consent", ("given", "missing"), answer("1.b", verdict=Verdict.DEPENDS)), knowledge)
    assert (reply.kind, reply.verdict) == (Kind.ANSWER, Verdict.DEPENDS)
    assert [c.label for c in reply.choices] == ["Yes, on the form", "No, or not from all"]


def test_a_silence_shows_the_closest_clause_and_whom_to_ask(knowledge: Knowledge) -> None:
    silence = Declined(Decline.SILENT, "contact-pupil", ("1.c",), "It says nothing.", "the office manager")
    reply = said(silence, knowledge)
    assert reply.kind is Kind.NONE
    assert [c.clause for c in reply.citations] == ["1.c"]
    assert "It says nothing." in reply.text
    assert "the office manager" in reply.text
    assert (
        said(
            Declined(Decline.SILENT, "contact-pupil", (), "It says nothing.", "the office manager"), knowledge
        ).citations
        == ()
    )


@pytest.mark.parametrize("reason", [r for r in Decline if r is not Decline.SILENT])
def test_every_reason_to_decline_is_said_with_no_gap_left_unfilled(reason: Decline, knowledge: Knowledge) -> None:
    reply = said(Declined(reason), knowledge)
    assert reply.kind is Kind.NONE
    assert reply.text.strip()
    assert "{" not in reply.text


def test_suggestions_become_short_buttons(knowledge: Knowledge) -> None:
    reply = said(Declined(Decline.NOT_UNDERSTOOD, suggestions=("contact-pupil", "use-at-work")), knowledge)
    assert len(reply.choices) == 2
    assert all(0 < len(choice.label) <= 75 for choice in reply.choices)


@pytest.mark.parametrize("route", list(Route))
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("reference", [None, "R-ABC234"])
def test_a_report_is_answered_for_every_route_state_and_reference(
    route: Route, status: Status, reference: str | None, knowledge: Knowledge
) -> None:
    reply = said(Escalate(Concern(route, status)), knowledge, reference=reference)
    assert (reply.kind, reply.route, reply.status, reply.reference) == (Kind.ESCALATE, route, status, reference)
    assert reply.private
    assert knowledge.wording["do_not"] in reply.text
    assert (reference or "R-") in reply.text or reference is None
    assert [c.value for c in reply.choices] == ([CONFIRM, WITHDRAW] if status is Status.POSSIBLE else [])


def test_nothing_is_said_to_be_recorded_where_nothing_is(knowledge: Knowledge) -> None:
    for status in Status:
        trial = said(Escalate(Concern(Route.DSL, status)), knowledge).text
        assert "reference" not in trial
        assert "nobody has been told" in trial


def test_nobody_is_said_to_have_seen_a_report_that_was_just_made(knowledge: Knowledge) -> None:
    for status in Status:
        live = said(Escalate(Concern(Route.DSL, status)), knowledge, reference="R-ABC234").text
        assert "Nobody has seen" in live
        assert "has been informed" not in live


def test_999_is_the_very_first_thing_in_an_emergency(knowledge: Knowledge) -> None:
    urgent = said(Escalate(Concern(Route.HEADTEACHER, Status.RAISED, emergency=True)), knowledge)
    calm = said(Escalate(Concern(Route.HEADTEACHER, Status.RAISED)), knowledge)
    (first,) = notices(urgent, "emergency")
    assert urgent.text.startswith(first)
    assert "999" in first
    assert urgent.emergency
    assert not calm.emergency


@pytest.mark.parametrize(("duty", "words"), [("fgm", "101"), ("prevent", "Prevent"), ("image", "do not look")])
def test_special_duties_are_said_where_the_words_point_to_them(duty: str, words: str, knowledge: Knowledge) -> None:
    assert words in said(Escalate(Concern(Route.DSL, Status.RAISED, duties=(duty,))), knowledge).text
    assert words not in said(Escalate(Concern(Route.DSL, Status.RAISED)), knowledge).text


def test_a_report_that_holds_a_question_gets_both_the_report_first(knowledge: Knowledge) -> None:
    reply = said(Escalate(Concern(Route.DSL, Status.RAISED), answer("1.b")), knowledge)
    assert (reply.kind, reply.verdict, reply.rules) == (Kind.ESCALATE, Verdict.NOT_ALLOWED, ("a-rule",))
    assert reply.text.index("safeguarding concern") < reply.text.index("It is barred.")
    assert [c.clause for c in reply.citations] == ["1.b"]


def test_every_sort_of_small_talk_has_words(knowledge: Knowledge) -> None:
    for sort in (*knowledge.smalltalk, "withdrawn"):
        reply = said(Greet(sort), knowledge, reference="R-ABC234")
        assert reply.kind is Kind.SMALLTALK
        assert reply.text.strip()
        assert "{" not in reply.text
