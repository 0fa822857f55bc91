"""read(): whatever was typed becomes plain words in standard spelling."""

from __future__ import annotations

import pytest

from chatbot.knowledge import Knowledge
from chatbot.text import LONGEST, Spelling, clean, read

SPELLING = Spelling(
    phrases={
        "insta": "instagram",
        "fb": "facebook",
        "ex": "former",
        "dont": "don't",
        "kid": "child",
        "y5": "year 5",
        "ex pupil": "past pupil",
    },
    protected=frozenset({"tiktok", "ks2"}),
    english=frozenset({"former", "photo", "post", "house", "horse", "teacher", "accept", "a", "the"}),
    vocabulary=frozenset({"photo", "photos", "former", "teacher", "request", "pupil", "friend", "facebook"}),
)
BARE = Spelling({}, frozenset(), frozenset(), frozenset())


def words(text: str, spelling: Spelling = SPELLING) -> str:
    return read(text, spelling).standard


@pytest.mark.parametrize(
    ("typed", "standard"),
    [
        ("Insta", "instagram"),
        ("on FB!", "on facebook !"),
        ("a y5", "a year 5"),
        ("i dont", "i don't"),
        ("i don\u2019t", "i don't"),
        ("kid's", "child's"),
    ],
)
def test_slang_is_written_out(typed: str, standard: str) -> None:
    assert words(typed) == standard


def test_the_longest_phrase_wins() -> None:
    assert words("my ex pupil") == "my past pupil"
    assert words("my ex") == "my former"


@pytest.mark.parametrize(
    ("slip", "meant"),
    [("requst", "request"), ("freind", "friend"), ("teahcer", "teacher"), ("facebok", "facebook"), ("photto", "photo")],
)
def test_a_slip_of_the_keyboard_is_mended_and_told(slip: str, meant: str) -> None:
    question = read(f"the {slip}", SPELLING)
    assert question.words[-1] == meant
    assert [(r.typed, r.read_as) for r in question.repairs] == [(slip, meant)]


@pytest.mark.parametrize(
    "good", ["tiktok", "ks2", "house", "horse", "posts", "posted", "accepting", "pst", "\u00e9cole"]
)
def test_a_good_or_short_or_protected_word_is_left_alone(good: str) -> None:
    question = read(f"the {good}", SPELLING)
    assert question.repairs == ()


def test_nothing_is_mended_where_no_list_of_english_is_at_hand() -> None:
    assert read("a facebok requst", BARE).repairs == ()


def test_a_word_beyond_reach_is_left_alone() -> None:
    assert words("the zzzzquest") == "the zzzzquest"


@pytest.mark.parametrize("slang", ["insta", "snap", "dont", "whatsapp", "tiktok", "ta", "senco", "ppa", "dsl"])
def test_the_products_own_words_are_never_taken_for_slips(slang: str, knowledge: Knowledge) -> None:
    assert read(f"can i use {slang} today", knowledge.spelling).repairs == ()


def test_invisible_and_steering_characters_are_taken_out() -> None:
    assert clean("a\x00b\u202ec\u200dd\ufe0f\x1b[31m") == "a b cd [31m"
    assert words("fri\u200dend \u202erequest") == "friend request"


def test_wide_letters_and_typographic_quotes_become_plain() -> None:
    assert clean("\uff46\uff42 \u2018x\u2019 \u201cy\u201d") == "fb 'x' \"y\""


def test_a_lone_surrogate_is_read_without_an_error() -> None:
    assert "request" in words("\ud800 request \udfff")


def test_runs_of_space_shrink_and_lines_stay() -> None:
    assert clean("  one \t two \n\n three ") == "one two\nthree"


@pytest.mark.parametrize("nothing", ["", "   ", "\n\t", "\x00", "...", "?!"])
def test_a_message_without_letters_has_no_words(nothing: str) -> None:
    question = read(nothing, SPELLING)
    assert question.words == ()
    assert not question.readable
    assert not question.foreign


@pytest.mark.parametrize("emoji", ["\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f1ec\U0001f1e7"])
def test_emoji_alone_are_not_a_foreign_language(emoji: str) -> None:
    assert read(emoji, SPELLING).words == ()
    assert not read(emoji, SPELLING).foreign


@pytest.mark.parametrize(
    "foreign",
    [
        "\u043c\u043e\u0436\u043d\u043e \u043b\u0438 \u043c\u043d\u0435 \u0434\u0440\u0443\u0436\u0438\u0442\u044c",
        "\u6211\u53ef\u4ee5\u52a0\u5b66\u751f\u5417",
        "puedo aceptar una solicitud de amistad de un alumno",
        "darf ich eine freundschaftsanfrage von einem fr\u00fcheren sch\u00fcler annehmen",
    ],
)
def test_another_language_is_noticed(foreign: str, knowledge: Knowledge) -> None:
    assert read(foreign, knowledge.spelling).foreign


@pytest.mark.parametrize(
    "english",
    ["can i add an ex pupil on insta", "caf\u00e9 photo of Zo\u00eb and Jos\u00e9 ok?", "y5 lad added me on snap wtf"],
)
def test_slang_and_names_are_not_another_language(english: str, knowledge: Knowledge) -> None:
    assert not read(english, knowledge.spelling).foreign


def test_a_document_is_too_long_to_be_a_question() -> None:
    assert not read("word " * (LONGEST // 5), SPELLING).too_long
    assert read("word " * (LONGEST // 5 + 1), SPELLING).too_long
    assert read("x" * 100_000, SPELLING).too_long


def test_sentences_are_kept_apart() -> None:
    assert read("She cried. Why? no idea\nbye", SPELLING).sentences == ("she cried", "why ?", "no idea", "bye")


def test_equal_text_is_read_equally() -> None:
    assert read("Freind requst!", SPELLING) == read("Freind requst!", SPELLING)
