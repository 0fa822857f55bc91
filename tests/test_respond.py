"""respond(): the straight line from a message to a reply, and what a conversation remembers."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from chatbot.errors import UnknownSchool
from chatbot.knowledge import Knowledge
from chatbot.model import Answer, Decline, Declined, Kind, Memory, Outcome, Verdict
from chatbot.respond import Engine, reference_of, respond
from tests.talk import SCHOOLS, ask, talk, turn, values

NONSENSE = "purple elephants taste of tuesday"
FORMER = "can i accept a friend request from a former pupil"


def reason(outcome: Outcome) -> Decline | None:
    assert outcome.why is not None
    return outcome.why.ruling.reason if isinstance(outcome.why.ruling, Declined) else None


@pytest.mark.parametrize(
    ("school", "verdict"),
    [
        ("ashley", Verdict.NOT_ALLOWED),
        ("calmore", Verdict.NOT_ALLOWED),
        ("fact", Verdict.DEPENDS),
        ("ravenscote", Verdict.DEPENDS),
    ],
)
def test_the_same_words_are_answered_by_each_schools_own_rule(
    school: str, verdict: Verdict, lexical_engine: Engine
) -> None:
    outcome = ask(lexical_engine, school, FORMER)
    assert outcome.reply.verdict is verdict
    assert all(c.url.startswith(f"/policies/{school}#") for c in outcome.reply.citations)


def test_a_school_that_is_not_served_is_an_error_of_the_caller(lexical_engine: Engine) -> None:
    with pytest.raises(UnknownSchool, match="no school named 'hogwarts'; served are ashley, calmore"):
        respond(turn("hello", "hogwarts"), Memory(), lexical_engine, recorded=False)


def test_the_way_from_words_to_ruling_can_be_told(lexical_engine: Engine) -> None:
    why = ask(lexical_engine, "ashley", "can i accpt a freind requst from an ex pupil").why
    assert why is not None
    assert {r.read_as for r in why.question.repairs} >= {"request"}
    assert values(why.match.slots)["relation"] == "former_pupil"
    assert why.match.candidates
    assert why.concern is None
    assert isinstance(why.ruling, Answer)
    assert why.ruling.excluded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Decline.EMPTY),
        ("  \n ", Decline.EMPTY),
        ("\U0001f600\U0001f600", Decline.EMPTY),
        ("x" * 100_000, Decline.TOO_LONG),
        (
            "\u043c\u043e\u0436\u043d\u043e \u043b\u0438 \u043c\u043d\u0435 \u0434\u0440\u0443\u0436\u0438\u0442\u044c",
            Decline.FOREIGN,
        ),
        (NONSENSE, Decline.NOT_UNDERSTOOD),
    ],
)
def test_what_cannot_be_answered_is_declined_with_its_reason(
    text: str, expected: Decline, lexical_engine: Engine
) -> None:
    outcome = ask(lexical_engine, "ashley", text)
    assert reason(outcome) is expected
    assert outcome.reply.kind is Kind.NONE
    assert outcome.reply.text.strip()


def test_the_second_failure_in_a_row_names_a_person_and_does_not_ask_again(lexical_engine: Engine) -> None:
    first, second, third = talk(lexical_engine, "ashley", NONSENSE, NONSENSE, NONSENSE)
    assert [reason(o) for o in (first, second, third)] == [Decline.NOT_UNDERSTOOD, Decline.GIVEN_UP, Decline.GIVEN_UP]
    assert "headteacher" in second.reply.text
    assert second.reply.choices == ()


def test_an_answer_between_two_failures_starts_the_count_again(lexical_engine: Engine) -> None:
    last = talk(lexical_engine, "ashley", NONSENSE, FORMER, NONSENSE)[-1]
    assert reason(last) is Decline.NOT_UNDERSTOOD


@pytest.mark.parametrize("word", ["thanks", "start again", "help"])
def test_small_talk_between_two_failures_starts_the_count_again(word: str, lexical_engine: Engine) -> None:
    assert reason(talk(lexical_engine, "ashley", NONSENSE, word, NONSENSE)[-1]) is Decline.NOT_UNDERSTOOD


@pytest.mark.parametrize("reply", ["Under 18", "she is 15", "15", "fifteen"])
def test_a_former_pupil_who_is_a_child_is_refused_after_the_question(reply: str, lexical_engine: Engine) -> None:
    first, second = talk(lexical_engine, "fact", FORMER, reply)
    assert first.reply.kind is Kind.CLARIFY
    assert (second.reply.kind, second.reply.verdict) == (Kind.ANSWER, Verdict.NOT_ALLOWED)


@pytest.mark.parametrize("reply", ["18 or over", "she's 19", "19", "nineteen"])
def test_a_former_pupil_who_is_an_adult_is_not_ruled_out_after_the_question(reply: str, lexical_engine: Engine) -> None:
    second = talk(lexical_engine, "fact", FORMER, reply)[1]
    assert (second.reply.kind, second.reply.verdict) == (Kind.ANSWER, Verdict.ALLOWED)


def test_a_correction_changes_the_answer(lexical_engine: Engine) -> None:
    outcomes = talk(lexical_engine, "fact", FORMER, "she's 19", "no, she's 15")
    assert [o.reply.verdict for o in outcomes] == [Verdict.DEPENDS, Verdict.ALLOWED, Verdict.NOT_ALLOWED]


@pytest.mark.parametrize("school", SCHOOLS)
def test_every_button_that_is_offered_is_understood_when_pressed(
    school: str, lexical_engine: Engine, knowledge: Knowledge
) -> None:
    """For each question back that a school can ask: press each button, and the fact is known."""
    pressed, failed = 0, []
    for intent, rules in knowledge.schools[school].rules.items():
        for text in knowledge.intents[intent].examples[::4] if any(rule.ask for rule in rules) else ():
            first = ask(lexical_engine, school, text)
            asked = first.memory.asked
            if asked is None:
                continue
            for choice in first.reply.choices:
                pressed += 1
                second = respond(turn(choice.value, school, 1), first.memory, lexical_engine, recorded=False)
                expected = next(v.id for v in knowledge.slots[asked].values if v.label == choice.label)
                if values(second.memory.slots).get(asked) != expected:
                    failed.append((intent, text, choice.label))
            break
    assert pressed
    assert failed == []


@pytest.mark.parametrize("word", ["start again", "stop"])
def test_start_again_forgets_what_was_asked_before(word: str, lexical_engine: Engine) -> None:
    after = talk(lexical_engine, "fact", FORMER, word)[1]
    assert after.reply.kind is Kind.SMALLTALK
    assert after.memory == Memory()


def test_thanks_keep_the_subject_for_a_follow_up(lexical_engine: Engine) -> None:
    last = talk(lexical_engine, "ashley", FORMER, "thanks", "what about my own daughter?")[-1]
    assert last.why is not None
    assert last.why.match.follow_up
    assert values(last.memory.slots)["relation"] == "own_child"


def test_which_school_is_told_by_name(lexical_engine: Engine, knowledge: Knowledge) -> None:
    for school_id in SCHOOLS:
        assert knowledge.schools[school_id].name in ask(lexical_engine, school_id, "which school am i in?").reply.text


@pytest.mark.parametrize("school", SCHOOLS)
def test_every_suggested_question_is_answered(school: str, lexical_engine: Engine, knowledge: Knowledge) -> None:
    kinds = {text: ask(lexical_engine, school, text).reply.kind for text in knowledge.schools[school].suggestions}
    assert kinds
    assert {text: kind for text, kind in kinds.items() if kind not in (Kind.ANSWER, Kind.CLARIFY)} == {}


def test_a_policy_question_raises_no_escalation(lexical_engine: Engine) -> None:
    outcome = ask(lexical_engine, "ashley", FORMER, recorded=True)
    assert outcome.escalation is None
    assert outcome.reply.reference is None
    assert not outcome.reply.private


def test_a_reference_is_the_same_for_the_same_turn_and_easy_to_read_out() -> None:
    assert reference_of("turn-1") == reference_of("turn-1") != reference_of("turn-2")
    assert len({reference_of(f"turn-{n}") for n in range(2000)}) == 2000
    characters = set("".join(reference_of(f"turn-{n}")[2:] for n in range(200)))
    assert characters.isdisjoint("01OI")
    assert reference_of("\ud800").startswith("R-")


def test_no_reference_is_shown_where_nothing_is_recorded(lexical_engine: Engine) -> None:
    report = "a boy told me his dad hits him with a belt"
    shown, kept = (ask(lexical_engine, "ashley", report, recorded=recorded) for recorded in (False, True))
    assert shown.reply.reference is None
    assert kept.escalation is not None
    assert kept.reply.reference == kept.escalation.reference


def test_today_comes_with_the_turn(lexical_engine: Engine) -> None:
    early, late = (
        ask(lexical_engine, "yeadon", "can i go on facebook in my lunch break", at=datetime(year, 6, 1, tzinfo=UTC))
        for year in (2026, 2027)
    )
    assert "due for review" not in early.reply.text
    assert "due for review" in late.reply.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a " * 3000,
        "x" * 100_000,
        "\ud800" * 5000,
        "\u202e" * 20_000,
        "<b>" * 2000,
        "?" * 100_000,
        "'; drop table--" * 300,
        " " * 20_000,
        "a.b." * 1500,
    ],
)
def test_bad_input_is_answered_within_50_ms(text: str, lexical_engine: Engine) -> None:
    ask(lexical_engine, "ashley", text)  # fills the caches of single characters
    spent = []
    for _ in range(3):
        started = time.thread_time()  # of this thread alone: another's work is not counted
        assert ask(lexical_engine, "ashley", text).reply.text.strip()
        spent.append(time.thread_time() - started)
    assert min(spent) < 0.05
