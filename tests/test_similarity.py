"""Lexical: how alike a message and the examples of each label are."""

from __future__ import annotations

import math

import pytest

from chatbot.similarity import BEST_SHARE, Lexical, index, letter_features, word_features

EXAMPLES = {
    "lunch": ["facebook at lunch", "check my phone in lunch break", "lunch break scrolling"],
    "photos": ["post a photo of pupils", "photo of my class online", "sharing pupil photos"],
    "friends": ["accept a friend request", "friend request from a pupil", "add a former pupil"],
}


@pytest.fixture(scope="module")
def lexical() -> Lexical:
    return Lexical(index(EXAMPLES))


def best(lexical: Lexical, text: str) -> str:
    likeness = lexical.likeness(text)
    return max(likeness, key=lambda label: likeness[label].score)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("my lunch break", "lunch"),
        ("a class photo", "photos"),
        ("a friend request", "friends"),
        ("photograph", "photos"),
        ("requesting", "friends"),
    ],
)
def test_a_message_is_likest_to_the_label_whose_words_or_letters_it_shares(
    lexical: Lexical, text: str, label: str
) -> None:
    assert best(lexical, text) == label


def test_every_label_gets_a_likeness_between_0_and_1(lexical: Lexical) -> None:
    for text in ("facebook at lunch", "friend friend friend", "", "zzz"):
        likeness = lexical.likeness(text)
        assert set(likeness) == set(EXAMPLES)
        assert all(-1e-9 <= found.score <= 1 + 1e-9 for found in likeness.values())


def test_words_never_seen_are_like_nothing(lexical: Lexical) -> None:
    assert {found.score for found in lexical.likeness("qqq xxx").values()} == {0.0}
    assert {found.score for found in lexical.likeness("").values()} == {0.0}


def test_the_nearest_example_is_named(lexical: Lexical) -> None:
    assert lexical.likeness("friend request from a pupil")["friends"].example == "friend request from a pupil"
    assert lexical.likeness("friend request from a pupil")["friends"].best == pytest.approx(1.0, abs=0.01)


def test_a_known_example_is_less_like_its_label_once_it_is_left_out(lexical: Lexical) -> None:
    for number, text in enumerate(lexical.texts):
        label = lexical.labels[lexical.owners[number]]
        whole, without = lexical.likeness(text)[label], lexical.likeness(text, without=number)[label]
        assert without.score < whole.score
        assert without.example != text


def test_leaving_one_out_is_as_if_the_mean_had_never_held_it() -> None:
    both = Lexical(index({"a": ["one two", "two three", "three four"], "b": ["five six", "six seven"]}))
    left = both.likeness("one two", without=both.texts.index("one two"))["a"].score
    assert 0 < left < both.likeness("one two")["a"].score


def test_leaving_out_an_only_example_leaves_nothing_and_no_error() -> None:
    lone = Lexical(index({"a": ["one two"], "b": ["five six", "six seven"]}))
    score = lone.likeness("one two", without=lone.texts.index("one two"))["a"].score
    assert math.isfinite(score)
    assert score == pytest.approx(0.0, abs=1e-6)


def test_the_order_of_labels_and_examples_changes_nothing() -> None:
    backwards = Lexical(index({label: list(reversed(EXAMPLES[label])) for label in reversed(list(EXAMPLES))}))
    forwards = Lexical(index(EXAMPLES))
    for label, found in forwards.likeness("a photo of a former pupil at lunch").items():
        assert backwards.likeness("a photo of a former pupil at lunch")[label].score == pytest.approx(found.score)


def test_evidence_names_the_words_that_speak_most_for_a_label(lexical: Lexical) -> None:
    evidence = lexical.evidence("can i check my phone in lunch break", "lunch", most=3)
    assert len(evidence) == 3
    assert set(" ".join(evidence).split()) <= {"check", "my", "phone", "in", "lunch", "break"}
    assert lexical.evidence("phone in lunch break", "photos") == ()


def test_features_are_words_pairs_and_runs_of_letters() -> None:
    assert word_features("a b a") == {"a": 2, "b": 1, "a b": 1, "b a": 1}
    assert letter_features("ab") == {" ab": 1, "ab ": 1, " ab ": 1}
    assert word_features("") == {}


def test_the_mean_weighs_more_than_the_best_example() -> None:
    assert 0 < BEST_SHARE < 0.5
    spread = Lexical(index({"even": ["red car", "red bus", "red bike"], "odd": ["red apple tree", "plum", "pear"]}))
    likeness = spread.likeness("red")
    assert likeness["even"].score > likeness["odd"].score
