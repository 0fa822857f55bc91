"""Screening: first on every message, by whom it is about, and never hidden by the words around it."""

from __future__ import annotations

import pytest

from chatbot.compose import CONFIRM, WITHDRAW
from chatbot.knowledge import Knowledge
from chatbot.model import Concern, Kind, Memory, Notice, Route, Status
from chatbot.respond import Engine, respond
from chatbot.safeguarding import word_odds
from tests.talk import SCHOOLS, ask, talk, turn

CLEAR = "a girl in my class has bruises on her arm and says her dad hit her last night"
POSSIBLE = "something is not right with a child in my class"


def concern(engine: Engine, text: str, school: str = "ashley") -> Concern | None:
    why = ask(engine, school, text).why
    assert why is not None
    return why.concern


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_clear_report_is_escalated_at_once_at_every_school(school: str, lexical_engine: Engine) -> None:
    outcome = ask(lexical_engine, school, CLEAR, recorded=True)
    assert (outcome.reply.kind, outcome.reply.status, outcome.reply.route) == (Kind.ESCALATE, Status.RAISED, Route.DSL)
    assert outcome.reply.choices == ()
    assert outcome.escalation is not None
    assert outcome.escalation.turn.text == CLEAR


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("a boy told me his mum's boyfriend hits him with a belt", Route.DSL),
        ("she showed me cuts on her arms, she has been self harming", Route.DSL),
        ("one of my year 6 girls is being asked for nudes by a man she met on roblox", Route.DSL),
        ("a child in my class came in with no coat, starving, stinks of wee again", Route.DSL),
        ("our sports coach has been messaging a year 6 girl on snapchat late at night", Route.HEADTEACHER),
        ("the ta hit a boy in the corridor, i saw it", Route.HEADTEACHER),
        ("the caretaker takes photos of the girls on his own phone", Route.HEADTEACHER),
        ("a governor keeps hugging the year 5 girls", Route.HEADTEACHER),
        ("i lost my temper and grabbed a boy by the arm", Route.HEADTEACHER),
        ("the headteacher has been messaging a year 6 girl privately", Route.CHAIR_OF_GOVERNORS),
        ("the head slapped a child and told us to keep quiet", Route.CHAIR_OF_GOVERNORS),
    ],
)
def test_whom_it_is_about_decides_whom_it_goes_to(text: str, route: Route, lexical_engine: Engine) -> None:
    found = concern(lexical_engine, text)
    assert found is not None
    assert found.route is route


def test_a_report_that_names_the_head_goes_above_them(lexical_engine: Engine) -> None:
    text = "mrs bartolomeo has been messaging a year 6 girl on snapchat at night"
    found = concern(lexical_engine, text, "ashley")
    assert found is not None
    assert found.route is Route.CHAIR_OF_GOVERNORS
    elsewhere = concern(lexical_engine, text, "calmore")
    assert elsewhere is not None
    assert elsewhere.route is Route.HEADTEACHER


def test_a_report_about_the_dsl_does_not_go_to_the_dsl(lexical_engine: Engine) -> None:
    found = concern(lexical_engine, "our dsl has been messaging a year 6 girl on snapchat at night")
    assert found is not None
    assert found.route is Route.HEADTEACHER


@pytest.mark.parametrize(
    "text",
    [
        "there is a man with a knife at the school gate right now",
        "a girl has swallowed a load of tablets in the toilets just now",
        "a boy has run off towards the railway line, help",
        "she won't wake up, quick",
        "dad is here drunk and taking her now, he is driving off",
    ],
)
def test_an_emergency_is_told_to_call_999_first(text: str, lexical_engine: Engine) -> None:
    reply = ask(lexical_engine, "ashley", text, recorded=True).reply
    assert reply.emergency
    assert reply.status is Status.RAISED
    first = reply.parts[0]
    assert isinstance(first, Notice)
    assert first.tone == "emergency"
    assert "999" in first.text


def test_a_report_that_is_over_is_no_emergency(lexical_engine: Engine) -> None:
    found = concern(lexical_engine, CLEAR)
    assert found is not None
    assert not found.emergency


@pytest.mark.parametrize(
    "text",
    [
        "who do i tell if a child tells me something worrying",
        "when is the safeguarding training",
        "i'm planning a lesson on bullying, any resources",
        "i can't log in to cpoms",
        "what counts as a low level concern",
        "can i accept a friend request from a former pupil",
        "what does the policy say about abuse of staff online",
        "can i go on facebook at lunch",
    ],
)
def test_a_look_alike_is_not_escalated(text: str, lexical_engine: Engine) -> None:
    assert concern(lexical_engine, text) is None


def test_most_look_alikes_of_the_product_are_left_alone(lexical_engine: Engine) -> None:
    """By words only; these were written to deceive. Everyday hard negatives (tests/questions): 3 of 130."""
    lookalikes = lexical_engine.knowledge.screening.lookalikes[::5]
    escalated = [text for text in lookalikes if concern(lexical_engine, text)]
    assert len(escalated) <= len(lookalikes) * 0.13, escalated


@pytest.mark.parametrize(("about", "share"), [("child", 0.9), ("staff", 0.9), ("head", 0.8)])
def test_most_reports_of_the_product_are_escalated(about: str, share: float, lexical_engine: Engine) -> None:
    reports = lexical_engine.knowledge.screening.reports[about][::9]
    missed = [text for text in reports if concern(lexical_engine, text) is None]
    assert len(missed) <= len(reports) * (1 - share), missed


def test_a_report_dressed_as_a_question_is_a_report(lexical_engine: Engine) -> None:
    """The law's own examples (safeguarding.md, telling a report from a question)."""
    for text in ("is it ok to ask a pupil about bruises she's shown me?", "something's off with one of mine"):
        assert concern(lexical_engine, text) is not None, text


@pytest.mark.parametrize("school", SCHOOLS)
def test_a_report_with_a_question_in_it_gets_both(school: str, lexical_engine: Engine) -> None:
    text = f"{CLEAR}. Also, can i post a photo of pupils on my own facebook?"
    reply = ask(lexical_engine, school, text).reply
    assert reply.kind is Kind.ESCALATE
    assert reply.citations
    assert reply.rules
    assert lexical_engine.knowledge.wording["answer_too"] in reply.text


def test_a_report_without_a_question_is_not_given_an_answer_to_one(lexical_engine: Engine) -> None:
    reply = ask(lexical_engine, "ashley", "he has a black eye and says his step dad punched him").reply
    assert lexical_engine.knowledge.wording["answer_too"] not in reply.text


@pytest.mark.parametrize(
    "around",
    [
        "{0} Can i post a photo of the class trip on the school page? Thanks.",
        "Hi, hope you are well. Quick one about lunch duty. {0}",
        "Sports day is on Friday. The trip forms are due. Also the printer is broken. And PPA moved. {0} Bye!",
        "{0}\n\n-- \nMiss J Smith\nYear 4 teacher\nPlease think of the trees before printing",
        "In our training we talked about hypotheticals and lesson plans. {0}",
        "THANKS {0} THANKS",
    ],
)
def test_words_around_a_report_never_hide_it(around: str, lexical_engine: Engine) -> None:
    found = concern(lexical_engine, around.format(CLEAR[0].upper() + CLEAR[1:] + "."))
    assert found is not None
    assert found.status is Status.RAISED


def test_a_report_at_the_end_of_a_long_story_is_found(lexical_engine: Engine) -> None:
    story = "We went to the park and the children played on the swings. " * 80
    assert concern(lexical_engine, f"{story}{CLEAR}") is not None
    assert concern(lexical_engine, f"{story * 20}{CLEAR}") is not None
    assert concern(lexical_engine, f"{CLEAR} {story * 20}") is not None


@pytest.mark.parametrize(
    "text",
    [
        "mi alumno dice que su padre le pega",
        "el padre golpea a la ni\u00f1a y ella tiene miedo de ir a casa",
        "ojciec bije dziecko, boi si\u0119",
    ],
)
def test_words_of_harm_in_another_language_are_a_possible_report(text: str, lexical_engine: Engine) -> None:
    found = concern(lexical_engine, text)
    assert found is not None
    assert found.status is Status.POSSIBLE


@pytest.mark.parametrize(
    ("text", "duty"),
    [
        ("a girl told me she had fgm done to her in the holidays", "fgm"),
        ("a year 6 boy says isis are heroes and all infidels should die", "prevent"),
        ("pupils are sharing a nude photo of a girl in year 6", "image"),
    ],
)
def test_special_duties_are_noticed(text: str, duty: str, lexical_engine: Engine) -> None:
    found = concern(lexical_engine, text)
    assert found is not None
    assert duty in found.duties


class TestAPossibleReport:
    def test_it_is_kept_before_it_is_asked_about_with_two_buttons(self, lexical_engine: Engine) -> None:
        outcome = ask(lexical_engine, "ashley", POSSIBLE, recorded=True)
        assert (outcome.reply.kind, outcome.reply.status) == (Kind.ESCALATE, Status.POSSIBLE)
        assert [c.value for c in outcome.reply.choices] == [CONFIRM, WITHDRAW]
        assert outcome.escalation is not None
        assert outcome.reply.reference == outcome.escalation.reference
        assert outcome.memory.pending == outcome.escalation

    @pytest.mark.parametrize(
        "yes", [CONFIRM, "yes", "Yes please", "pass it on", "Pass this to the DSL", "ok", "go ahead"]
    )
    def test_yes_raises_the_same_record(self, yes: str, lexical_engine: Engine) -> None:
        first, second = talk(lexical_engine, "ashley", POSSIBLE, yes, recorded=True)
        assert first.escalation is not None
        assert second.escalation is not None
        assert (second.reply.kind, second.reply.status) == (Kind.ESCALATE, Status.RAISED)
        assert second.escalation.reference == first.escalation.reference
        assert second.escalation.turn == first.escalation.turn
        assert second.escalation.concern.status is Status.RAISED
        assert second.memory.pending is None

    @pytest.mark.parametrize("no", [WITHDRAW, "no", "No, only asking", "only asking", "just asking thanks", "No."])
    def test_no_withdraws_it_and_keeps_the_record(self, no: str, lexical_engine: Engine) -> None:
        first, second = talk(lexical_engine, "ashley", POSSIBLE, no, recorded=True)
        assert first.escalation is not None
        assert second.escalation is not None
        assert second.reply.kind is Kind.SMALLTALK
        assert second.escalation.withdrawn
        assert second.escalation.reference == first.escalation.reference
        assert first.escalation.reference in second.reply.text
        assert second.memory.pending is None

    def test_a_button_pressed_with_nothing_waiting_does_no_harm(self, lexical_engine: Engine) -> None:
        for value in (CONFIRM, WITHDRAW):
            outcome = respond(turn(value), Memory(), lexical_engine, recorded=True)
            assert outcome.escalation is None
            assert outcome.reply.text.strip()

    def test_a_clear_report_said_instead_of_yes_is_raised(self, lexical_engine: Engine) -> None:
        second = talk(lexical_engine, "ashley", POSSIBLE, CLEAR, recorded=True)[1]
        assert (second.reply.kind, second.reply.status) == (Kind.ESCALATE, Status.RAISED)

    def test_another_question_meanwhile_does_not_lose_it(self, lexical_engine: Engine) -> None:
        outcomes = talk(lexical_engine, "ashley", POSSIBLE, "can i go on facebook at lunch", CONFIRM, recorded=True)
        assert outcomes[2].reply.status is Status.RAISED
        assert outcomes[2].escalation is not None
        assert outcomes[0].escalation is not None
        assert outcomes[2].escalation.reference == outcomes[0].escalation.reference

    @pytest.mark.parametrize("word", ["stop", "start again", "thanks", "hello"])
    def test_small_talk_does_not_lose_it(self, word: str, lexical_engine: Engine) -> None:
        outcomes = talk(lexical_engine, "ashley", POSSIBLE, word, CONFIRM, recorded=True)
        assert outcomes[2].reply.status is Status.RAISED


def test_a_button_of_an_old_card_is_never_answered_as_if_it_were_typed(lexical_engine: Engine) -> None:
    for value in (CONFIRM, WITHDRAW):
        outcome = ask(lexical_engine, "ashley", value, recorded=True)
        assert outcome.reply.intent is None
        assert outcome.reply.kind is not Kind.ANSWER


def test_the_schools_own_reporting_clause_stands_beside_the_floor(lexical_engine: Engine, knowledge: Knowledge) -> None:
    for school in knowledge.schools.values():
        if "report-safeguarding" in school.rules:
            clauses = {clause for rule in school.rules["report-safeguarding"] for clause in rule.clauses}
            reply = ask(lexical_engine, school.id, "he has a black eye and says his step dad punched him").reply
            assert clauses & {citation.clause for citation in reply.citations}, school.id


def test_word_odds_speak_for_the_side_whose_words_they_are() -> None:
    odds = word_odds(["dad hit her", "she was hit"], ["photo of the class", "class photo"])
    assert odds.score("hit") > 0 > odds.score("class photo")
    assert odds.score("zzz") == 0
    assert odds.score("") == 0


ORDINARY = "Sports day is on Friday. The printer is broken again. Parents evening went well."


@pytest.mark.parametrize("before", [0, 1, 3, 8])
def test_a_report_in_fragments_is_found_wherever_it_stands_in_a_long_message(
    before: int, lexical_engine: Engine
) -> None:
    fragments = "Missing. Year 1. Zac. Was on the mat 10 mins ago. both gates open."
    found = concern(lexical_engine, " ".join([*[ORDINARY] * before, fragments, ORDINARY]))
    assert found is not None
    assert found.emergency
