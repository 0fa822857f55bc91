"""Text on its way to Teams."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.texts import is_blank, one_line, units, visible
from adapters.teams.texts import bounded, defused, inert, sentence, spoken, weight, within
from tests.adapters.teams.limits import FOREIGN, OWN, spoken_problems
from tests.adapters.teams.marks import mark_problems
from tests.adapters.teams.samples import LISTS, NASTY
from tests.adapters.teams.strategies import nasty

TYPED = st.one_of(st.text(st.characters(), max_size=300), nasty)


def test_control_characters_are_seen_and_line_breaks_are_of_one_kind() -> None:
    assert visible("a\x00b\ud800c\r\nd\u2028e\tf") == "a�b�c\nd\ne f"
    assert one_line(" a\n b ") == "a b"


@pytest.mark.parametrize("text", [NASTY, *LISTS, "* * *", "---", "===", "```x", "~~~", "<!-- x -->", "a\\", "\\[x](y)"])
def test_no_mark_means_anything(text: str) -> None:
    assert list(mark_problems(f"x {defused(text)}", OWN)) == []
    assert list(mark_problems(defused(text), OWN)) == []
    assert not FOREIGN.search(inert(text))


def test_words_stay_words() -> None:
    words = "Staff must not: accept 'friend requests' (e.g. on Insta) – see 3.d & 4.1; 10:30, 50% #hash @name"
    assert inert(words) == words
    assert defused("Q&A, 3.d. Yes!") == "Q&\u2060A, 3.d. Yes!"
    assert inert("see https://x.example").replace("\u2060", "") == "see https://x.example"


def test_what_is_read_out_has_no_marks() -> None:
    assert spoken("Q&A: *bold* `code` ~s~ https://x <b> [c]\nnext") == "Q and A: bold code s x ‹b› (c) next"
    assert sentence("No end") == "No end."
    assert sentence("An end?") == "An end?"
    assert sentence("“Quoted.”") == "“Quoted.”"
    assert sentence("") == ""


def test_a_cut_is_made_after_a_word_and_shown() -> None:
    assert bounded("one two three", 13) == "one two three"
    assert bounded("one two three", 12) == "one two…"
    assert bounded("onetwothree", 6) == "onetw…"
    assert bounded("one two, three", 10) == "one two…"
    assert within("one two three", 13) == "one two three"
    assert within("seven eight nine", 15) == "seven…"  # an ellipsis is six bytes


@given(TYPED, st.integers(5, 60))
def test_a_bounded_text_is_within_its_limit_and_begins_as_the_whole(text: str, limit: int) -> None:
    cut = bounded(text, limit)
    assert units(cut) <= limit
    assert text.startswith(cut.removesuffix("…")) or cut == text


@given(TYPED, st.integers(6, 200))
def test_a_text_within_its_room_takes_no_more_bytes(text: str, room: int) -> None:
    cut = within(visible(text), room)
    assert weight(cut) == len(json.dumps(cut)) - 2 <= room


@given(TYPED)
def test_nothing_typed_becomes_markup(text: str) -> None:
    for shown in (f"x {defused(text)}", defused(f"x {text}")):
        assert list(mark_problems(shown, OWN)) == []
    assert not FOREIGN.search(inert(text))
    assert [problem for problem in spoken_problems(spoken(text) or "x") if "no words" not in problem] == []


@pytest.mark.parametrize("text", ["", " \n", "\u2060", "\x00\u200b", "\u0301"])
def test_what_cannot_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)
