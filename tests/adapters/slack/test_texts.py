"""Text on its way to Slack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.texts import is_blank, one_line, visible
from adapters.slack.texts import bounded, defused, escaped, length, sentence, split, spoken
from tests.adapters.slack.limits import fallback_problems, units
from tests.adapters.slack.strategies import nasty

TYPED = st.one_of(st.text(st.characters(), max_size=400), nasty)


def test_control_characters_are_seen_and_line_breaks_are_of_one_kind() -> None:
    assert visible("a\x00b\ud800c\r\nd\u2028e\tf") == "a�b�c\nd\ne f"
    assert one_line(" a\n b ") == "a b"


def test_what_marks_mentions_and_links_is_escaped() -> None:
    assert escaped("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@\u2060U1&gt;"
    assert "@here" not in escaped("@here")
    assert "://" not in escaped("https://x.example")
    assert "x.example" not in escaped("x.example")
    assert ":boom:" not in escaped(":boom:")


def test_what_marks_bold_code_and_quotations_looks_alike_only() -> None:
    assert defused("*a* _b_ ~c~ `d`") == "∗a∗ ˍbˍ ∼c∼ ˋdˋ"
    assert not defused("> a\n> b").startswith("&gt;")
    assert "\n&gt;" not in defused("> a\n> b")


def test_what_is_read_out_has_no_marks() -> None:
    assert spoken("Q&A: *bold* `code` ~s~ https://x <b>\nnext") == "Q and A: bold code s x ‹b› next"
    assert sentence("No end") == "No end."
    assert sentence("An end?") == "An end?"
    assert sentence("“Quoted.”") == "“Quoted.”"
    assert sentence("") == ""


def test_a_cut_is_made_after_a_word_and_shown() -> None:
    assert bounded("one two three", 13) == "one two three"
    assert bounded("one two three", 12) == "one two…"
    assert bounded("onetwothree", 6) == "onetw…"
    assert bounded("one two, three", 10) == "one two…"


def test_long_text_is_parted_where_a_paragraph_or_sentence_ends() -> None:
    assert split("First one.\n\nSecond one here.", 20) == ("First one.", "Second one here.")
    assert split("One is here. Two is here too.", 20) == ("One is here.", "Two is here too.")
    assert split("   ") == ()


@given(TYPED, st.integers(10, 60))
def test_pieces_hold_every_word_and_stay_within_their_limit(text: str, limit: int) -> None:
    text = visible(text)
    pieces = split(text, limit)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(0 < units(piece) <= length(piece) <= limit for piece in pieces)


@given(TYPED, st.integers(5, 60))
def test_a_bounded_text_is_within_its_limit_and_begins_as_the_whole(text: str, limit: int) -> None:
    cut = bounded(text, limit)
    assert length(cut) <= limit
    assert text.startswith(cut.removesuffix("…")) or cut == text


@given(TYPED)
def test_nothing_that_is_read_out_is_markup(text: str) -> None:
    aloud = spoken(text)
    assert list(fallback_problems(aloud or "x")) == []


@pytest.mark.parametrize("text", ["", " \n", "\u2060", "\x00\u200b", "\u0301"])
def test_what_cannot_be_seen_is_blank(text: str) -> None:
    assert is_blank(text)
