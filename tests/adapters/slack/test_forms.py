"""What staff fill in, and views that only show something."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.escalations.standing import Number
from adapters.slack import actions
from adapters.slack.clauses import clause_of
from adapters.slack.forms import ask_form, is_ok_form, raise_form, report_form, school_form
from adapters.slack.views import failed_message, failed_of, result_of
from chatbot.knowledge import Knowledge
from chatbot.model import Verdict
from tests.adapters.slack.golden import as_json, assert_golden
from tests.adapters.slack.limits import problems_of, texts_of, walk
from tests.adapters.slack.samples import ALONE, OTHER, SCHOOL, WORDS, answer, clarify, long, policy_url, raised

SCHOOLS = (SCHOOL, OTHER)
NUMBERS = (Number("Anna Patel", "01632 960001"),)
MESSAGE = "Can I post a photo of Year 4 on my own page? <!channel> *now*"


def test_the_forms_look_as_their_golden_views() -> None:
    assert_golden("form-report", report_form([SCHOOL], metadata="C1"))
    assert_golden("form-report-of-several-schools", report_form(SCHOOLS, "hillside"))
    assert_golden("form-pass-to-dsl", raise_form([SCHOOL], message=WORDS, metadata="C1"))
    assert_golden("form-ask", ask_form([SCHOOL], "fairfield"))
    assert_golden("form-is-this-ok", is_ok_form([SCHOOL], message=MESSAGE))
    assert_golden("form-school", school_form(SCHOOLS, "fairfield"))


def test_a_concern_is_told_999_first_no_secrecy_and_no_pictures() -> None:
    said = texts_of(as_json(report_form([SCHOOL])))
    assert said.index("999") < said.index("Write down")
    for words in ("Do not promise secrecy", "sexual image", "speak to", "need not be sure"):
        assert words.casefold() in said.casefold()
    kinds = {thing.get("type") for thing in walk(as_json(report_form([SCHOOL])))}
    assert "file_input" not in kinds


def test_a_message_without_words_is_passed_on_only_with_some() -> None:
    def optional(message: str) -> bool:
        fields = [
            thing for thing in walk(as_json(raise_form([SCHOOL], message=message))) if thing.get("type") == "input"
        ]
        return bool(fields[-1].get("optional"))

    assert optional(WORDS)
    assert not optional(" ")


@pytest.mark.parametrize("count", [1, 2, 10, 11, 100, 101, 400])
def test_any_number_of_schools_can_be_chosen_from(count: int) -> None:
    schools = [replace(SCHOOL, id=f"school-{at}", name=f"School {at}") for at in range(count)]
    for view in (school_form(schools, "school-0"), ask_form(schools), report_form(schools, "gone")):
        assert problems_of(as_json(view)) == []


@pytest.mark.parametrize("words", ["x" * 100_000, "<!channel> " * 2_000, "\x00", "", "\U0001f600" * 40_000])
def test_any_message_can_be_looked_at(words: str) -> None:
    for view in (
        raise_form([SCHOOL], message=words),
        is_ok_form([SCHOOL], message=words),
        ask_form([SCHOOL], typed=words),
        report_form([SCHOOL], typed=words),
    ):
        assert problems_of(as_json(view)) == []


def test_a_reply_stands_in_a_view_under_its_question() -> None:
    asked = "Can I accept <@U1>’s request?"
    view = result_of(answer(Verdict.NOT_ALLOWED), SCHOOL, turn_id="t1", asked=asked, policy_url=policy_url)
    assert_golden("result-answer", view)
    assert_golden("result-clarify", result_of(clarify(), SCHOOL, turn_id="t1", asked="Can I?", metadata="m"))
    assert_golden("result-report", result_of(raised(), SCHOOL, turn_id="t1", asked=WORDS, standing=ALONE))
    assert "Zara" not in texts_of(as_json(result_of(raised(), SCHOOL, turn_id="t1", asked=WORDS)))
    assert problems_of(as_json(result_of(long(), SCHOOL, turn_id="t1", asked="x" * 9_000))) == []


def test_a_view_asks_with_buttons_whether_the_reply_was_right() -> None:
    view = as_json(result_of(answer(Verdict.ALLOWED), SCHOOL, turn_id="t1"))
    values = [thing["value"] for thing in walk(view) if actions.FEEDBACKS.fullmatch(str(thing.get("action_id")))]
    assert [actions.Feedback.parse(value) for value in values] == [
        actions.Feedback("t1", right=True),
        actions.Feedback("t1", right=False),
    ]


def test_what_did_not_work_names_a_person() -> None:
    view = failed_of("The report could not be recorded", speak_to="Anna Patel or the headteacher", numbers=NUMBERS)
    assert_golden("failed", view)
    message = failed_message("x" * 5_000, speak_to="<!channel>")
    assert problems_of(as_json(message)) == []
    assert "speak to the designated safeguarding lead now" in message.text


def test_a_clause_stands_in_its_surroundings() -> None:
    assert_golden("clause", clause_of(SCHOOL, actions.ClauseRef("fairfield", ("3.d",)), policy_url))
    neighbours = clause_of(SCHOOL, actions.ClauseRef("fairfield", ("3.a", "3.b")))
    assert_golden("clause-neighbours", neighbours)
    bold = [thing["text"].strip() for thing in walk(as_json(neighbours)) if thing.get("style") == {"bold": True}]
    assert bold == ["Staff are responsible for their own settings.", "They must keep them up."]
    gone = clause_of(SCHOOL, actions.ClauseRef("fairfield", ("9.z",)))
    assert "not in it any more" in texts_of(as_json(gone))
    assert problems_of(as_json(gone)) == []


def test_every_clause_of_every_policy_can_be_shown_with_its_lead_and_word_for_word(knowledge: Knowledge) -> None:
    for school in knowledge.schools.values():
        for clause in school.clauses.values():
            view = as_json(clause_of(school, actions.ClauseRef(school.id, (clause.id,))))
            assert problems_of(view) == []
            words = texts_of(view)
            assert clause.text in words, clause.id
            assert clause.lead in words, clause.id
