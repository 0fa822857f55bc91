"""Cards and dialogs that only show something."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from adapters.escalations.standing import Number
from adapters.teams import actions
from adapters.teams.clauses import clause_of
from adapters.teams.found import clause_found, rule_found
from adapters.teams.views import (
    failed_message,
    failed_of,
    help_of,
    notice_dialog,
    notice_of,
    result_of,
    welcome_of,
)
from chatbot.knowledge import Knowledge
from chatbot.model import Verdict
from tests.adapters.slack.samples import (
    ALONE,
    OTHER,
    REVIEW,
    SCHOOL,
    TODAY,
    WORDS,
    answer,
    clarify,
    long,
    policy_url,
    possible,
    raised,
)
from tests.adapters.teams.golden import as_json, assert_golden
from tests.adapters.teams.limits import buttons_of, problems_of, things_of, words_of
from tests.adapters.teams.samples import NASTY

NUMBERS = (Number("Anna Patel", "01632 960001"),)
ASKS = "Friend requests from former pupils"


def test_a_welcome_says_what_it_does_and_suggests_questions() -> None:
    shown = welcome_of(SCHOOL, today=TODAY, several=True, reviews=(REVIEW.text,), policy_url=policy_url)
    assert_golden("welcome", shown)
    assert_golden("welcome-in-date", welcome_of(OTHER, today=TODAY))
    asked = [actions.pressed(one["data"]) for one in buttons_of(as_json(shown)) if "data" in one]
    assert asked[-2:] == [actions.Suggestion(text) for text in SCHOOL.suggestions]
    assert actions.Opening(actions.REPORT) in asked
    assert actions.Opening(actions.SCHOOL) in asked


def test_a_welcome_to_nobody_knows_which_school_asks_for_it() -> None:
    assert_golden("welcome-choose-school", welcome_of(None, today=TODAY, several=True))
    assert_golden("welcome-no-school", welcome_of(None, today=TODAY))


def test_a_question_waits_for_a_school_as_a_whole_or_not_at_all() -> None:
    for asked, waits in (("a" * 500, "a" * 500), ("a" * 501, "")):
        shown = welcome_of(None, today=TODAY, several=True, asked=asked)
        assert f'"context": "{waits}"' in json.dumps(shown.card)
        assert "aaa" not in shown.text


def test_help_says_what_can_be_done() -> None:
    assert_golden("help", help_of(SCHOOL, policy_url=policy_url))
    assert "call 999 first" in help_of(SCHOOL).text


def test_a_school_of_any_name_is_welcomed() -> None:
    odd = replace(SCHOOL, name=NASTY, suggestions=(NASTY, " ", "x" * 3_000), due_shown=NASTY, updated=NASTY)
    for shown in (welcome_of(odd, today=TODAY, several=True), help_of(odd), clause_found(odd, odd.clauses["3.d"])):
        assert problems_of(as_json(shown)) == []


def test_a_reply_stands_in_a_dialog_under_its_question() -> None:
    asked = "Can I accept <at>Anna</at>’s request?"
    view = result_of(answer(Verdict.NOT_ALLOWED), SCHOOL, turn_id="t1", asked=asked, policy_url=policy_url)
    assert_golden("result-answer", view)
    assert_golden("result-clarify", result_of(clarify(), SCHOOL, turn_id="t1", asked="Can I?"))
    assert_golden("result-report", result_of(raised(), SCHOOL, turn_id="t1", asked=WORDS, standing=ALONE))
    assert "Zara" not in words_of(as_json(result_of(raised(), SCHOOL, turn_id="t1", asked=WORDS)))
    assert problems_of(as_json(result_of(long(), SCHOOL, turn_id="t1", asked="x" * 9_000))) == []


def test_a_dialog_has_only_buttons_that_work_in_one() -> None:
    for reply in (possible(), clarify(), answer(Verdict.ALLOWED)):
        for button in buttons_of(as_json(result_of(reply, SCHOOL, turn_id="t1"))):
            assert button["type"] == "Action.Submit"
            assert "msteams" not in button["data"]


def test_what_did_not_work_names_a_person() -> None:
    view = failed_of("The report could not be recorded", speak_to="Anna Patel or the headteacher", numbers=NUMBERS)
    assert_golden("failed", view)
    message = failed_message(NASTY * 50, speak_to=NASTY)
    assert problems_of(as_json(message)) == []
    assert "speak to the designated safeguarding lead now" in message.text


def test_a_short_notice_may_offer_a_form() -> None:
    text = "Which school do you work at? Choose it once, then ask again."
    shown = notice_of(text, "If a child may be at risk, do not wait.", button="Choose your school")
    assert_golden("notice", shown)
    assert problems_of(as_json(notice_of(NASTY, NASTY))) == []
    assert_golden("notice-dialog", notice_dialog("Passed on", "Noted as right. Thank you."))


def test_a_clause_stands_in_its_surroundings() -> None:
    assert_golden("clause", clause_of(SCHOOL, actions.ClauseRef("fairfield", ("3.d",)), policy_url))
    neighbours = clause_of(SCHOOL, actions.ClauseRef("fairfield", ("3.a", "3.b")))
    assert_golden("clause-neighbours", neighbours)
    bold = [thing["text"] for thing in things_of(neighbours.card) if thing.get("weight") == "bolder"][1:]
    assert bold == ["Staff are responsible for their own settings.", "They must keep them up."]
    gone = clause_of(SCHOOL, actions.ClauseRef("fairfield", ("9.z",)))
    assert "not in it any more" in words_of(as_json(gone))
    assert problems_of(as_json(gone)) == []


def test_what_is_found_is_a_line_in_a_list_and_a_card() -> None:
    clause = clause_found(SCHOOL, SCHOOL.clauses["3.d"], policy_url)
    assert_golden("found-clause", clause)
    rule = rule_found(ASKS, answer(Verdict.NOT_ALLOWED), SCHOOL, policy_url)
    assert_golden("found-rule", rule)
    assert rule.title == ASKS
    assert rule.subtitle.startswith("No. Former pupils")


@pytest.mark.parametrize("reply", [answer(Verdict.ALLOWED), clarify(), possible(), long()])
def test_a_card_that_a_person_puts_into_a_conversation_has_nothing_to_press(reply: object) -> None:
    shown = rule_found(ASKS, reply, SCHOOL)  # type: ignore[arg-type]  # replies, by parametrize
    assert problems_of(as_json(shown)) == []
    assert buttons_of(as_json(shown)) == []


def test_every_clause_of_every_policy_can_be_shown_with_its_lead_and_word_for_word(knowledge: Knowledge) -> None:
    for school in knowledge.schools.values():
        for clause in school.clauses.values():
            dialog = as_json(clause_of(school, actions.ClauseRef(school.id, (clause.id,))))
            found = as_json(clause_found(school, clause))
            for shown in (dialog, found):
                assert problems_of(shown) == [], clause.id
                assert clause.text in words_of(shown), clause.id
                assert clause.lead in words_of(shown), clause.id
            assert "…" not in words_of(found)
