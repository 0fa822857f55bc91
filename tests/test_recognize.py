"""recognize(): which intent a question is about, and how sure that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatbot.knowledge import Knowledge
from chatbot.model import Match, Memory, Slot
from chatbot.recognize import evidence, rank, recognize, standard_examples, trials
from chatbot.respond import Engine
from chatbot.slots import read_slots
from chatbot.text import read
from tests.talk import TODAY, values


def match(engine: Engine, text: str, memory: Memory = Memory()) -> Match:  # noqa: B008  # frozen
    question = read(text, engine.knowledge.spelling)
    slots = read_slots(question.standard, engine.knowledge.slots, TODAY, memory.asked)
    known = replace(question, slots=slots)
    return recognize(known, memory, engine.recognizer, engine.knowledge)


@pytest.mark.parametrize(
    ("text", "intents"),
    [
        ("can i accept a friend request from a pupil", {"contact-pupil", "pupil-contacted-me"}),
        ("can i go on facebook in my lunch break", {"use-at-work"}),
        ("can i post a photo of my class on my own instagram", {"post-pupil-images"}),
        ("can i share the school's post on my page", {"share-school-post"}),
        ("what happens if i break this policy", {"consequences"}),
        ("how long does photo consent last", {"consent-length"}),
        ("when is the policy reviewed", {"review-date"}),
        ("can i put the school's name in my bio", {"say-where-i-work"}),
        ("can i be friends with parents on facebook", {"parent-friends"}),
        ("which platforms does the school use", {"official-platforms"}),
    ],
)
def test_a_plain_question_is_recognized(text: str, intents: set[str], lexical_engine: Engine) -> None:
    assert match(lexical_engine, text).intent in intents


@pytest.mark.parametrize(
    "text", ["purple elephants taste of tuesday", "asdf qwer zxcv", "the mitochondria is the powerhouse of the cell"]
)
def test_what_fits_nothing_is_not_recognized(text: str, lexical_engine: Engine) -> None:
    assert match(lexical_engine, text).intent in (None, "none-of-these")


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("hello", "greeting"),
        ("hiya!!", "greeting"),
        ("thanks", "thanks"),
        ("ta, that's great", "thanks"),
        ("stop", "cancel"),
        ("start again", "restart"),
        ("which school am i in?", "which_school"),
        ("help", "help"),
        ("are you a robot", "robot"),
        ("bye", "goodbye"),
    ],
)
def test_small_talk_and_commands_are_recognized(text: str, sort: str, lexical_engine: Engine) -> None:
    assert match(lexical_engine, text).smalltalk == sort


@pytest.mark.parametrize(
    "text",
    [
        "hello can i add a pupil on snapchat",
        "thanks, and can i post photos of my class",
        "stop pupils adding me how",
        "help me post to the school page",
    ],
)
def test_a_question_that_opens_like_small_talk_is_still_a_question(text: str, lexical_engine: Engine) -> None:
    assert match(lexical_engine, text).smalltalk is None


def test_each_phrasing_is_recognized_as_its_own_intent(lexical_engine: Engine) -> None:
    lexical = lexical_engine.recognizer.lexical
    asked = list(enumerate(lexical.texts))[::25]
    wrong = [
        text
        for number, text in asked
        if rank(text, lexical_engine.recognizer)[0].intent != lexical.labels[lexical.owners[number]]
    ]
    assert len(wrong) <= len(asked) * 0.1, wrong


def test_candidates_come_best_first_with_nearest_example_and_runner_up(lexical_engine: Engine) -> None:
    found = match(lexical_engine, "can i go on facebook in my lunch break")
    scores = [candidate.score for candidate in found.candidates]
    assert scores == sorted(scores, reverse=True)
    assert found.candidates[0].intent == found.intent
    assert found.runner_up == found.candidates[1]
    texts = standard_examples(lexical_engine.knowledge)
    assert found.candidates[0].example in texts[str(found.intent)]


def test_equal_words_always_give_equal_matches(lexical_engine: Engine) -> None:
    assert match(lexical_engine, "fb at lunch?") == match(lexical_engine, "fb at lunch?")


def test_evidence_comes_from_the_words_of_the_question(lexical_engine: Engine) -> None:
    words = evidence("can i go on facebook in my lunch break", "use-at-work", lexical_engine.recognizer)
    assert words
    assert set(" ".join(words).split()) <= {"can", "i", "go", "on", "facebook", "in", "my", "lunch", "break"}


FORMER = Memory("contact-pupil", (Slot("relation", "pupil"), Slot("device", "own")))


@pytest.mark.parametrize(
    ("text", "relation"),
    [
        ("what about an ex pupil?", "former_pupil"),
        ("and my nephew?", "family"),
        ("what if it's my own daughter", "own_child"),
    ],
)
def test_a_follow_up_changes_one_fact_and_keeps_the_rest(text: str, relation: str, lexical_engine: Engine) -> None:
    found = match(lexical_engine, text, FORMER)
    assert (found.intent, found.follow_up) == ("contact-pupil", True)
    assert values(found.slots)["relation"] == relation
    assert values(found.slots)["device"] == "own"


def test_the_answer_to_what_was_asked_is_a_follow_up_however_it_reads(lexical_engine: Engine) -> None:
    asked = Memory("contact-pupil", (Slot("relation", "former_pupil"),), asked="age")
    found = match(lexical_engine, "she is 21 now", asked)
    assert found.follow_up
    assert values(found.slots) == {**values(found.slots), "relation": "former_pupil", "age": "adult"}


def test_a_changed_subject_is_not_a_follow_up(lexical_engine: Engine) -> None:
    found = match(lexical_engine, "how long does a parent's photo consent last before it runs out?", FORMER)
    assert not found.follow_up
    assert found.intent == "consent-length"


def test_without_a_question_before_nothing_is_a_follow_up(lexical_engine: Engine) -> None:
    assert not match(lexical_engine, "what about an ex pupil?").follow_up


@pytest.mark.parametrize("nothing", ["", "\U0001f600", "x" * 50_000])
def test_a_message_without_readable_words_matches_nothing(nothing: str, lexical_engine: Engine) -> None:
    assert match(lexical_engine, nothing) == Match(None, 0.0)


def test_trials_leave_each_example_out_of_its_own_label(lexical_engine: Engine) -> None:
    done = trials(lexical_engine.recognizer.lexical, range(0, 1000, 50), None)
    assert len(done) == 20
    assert all(trial.margin >= 0 for trial in done)
    whole = [
        lexical_engine.recognizer.lexical.likeness(lexical_engine.recognizer.lexical.texts[n])
        for n in range(0, 1000, 50)
    ]
    bests = [max(found.score for found in likeness.values()) for likeness in whole]
    assert all(trial.score <= best for trial, best in zip(done, bests, strict=True))
    assert sum(trial.score < best for trial, best in zip(done, bests, strict=True)) >= 18


def test_the_threshold_lets_most_phrasings_through(lexical_engine: Engine, knowledge: Knowledge) -> None:
    accept = lexical_engine.recognizer.calibration.accept
    texts = lexical_engine.recognizer.lexical.texts[::40]
    assert knowledge.intents
    assert sum(rank(text, lexical_engine.recognizer)[0].score >= accept for text in texts) >= 0.95 * len(texts)
