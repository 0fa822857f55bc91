"""unguarded(): a pattern without what it refuses is in a text wherever the pattern is in a part of it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatbot.knowledge.patterns import unguarded
from chatbot.respond import Engine


@pytest.mark.parametrize(
    ("pattern", "core"),
    [
        (r"\bmissing\b(?! the point)", r"\bmissing\b"),
        (r"(?<!my )(?<!his )head\b", r"head\b"),
        (r"^(help|now)$", r"(help|now)"),
        (r"\A(a|b(?!c(d|e)))\Z", r"(a|b)"),
        (r"costs? \$[^$^)(]+(?![)(]x)", r"costs? \$[^$^)(]+"),
        (r"[](?!]x\(\)(?=yes)(?:no)", r"[](?!]x\(\)(?=yes)(?:no)"),
        (r"(?!a[)]b\)c)d", "d"),
    ],
)
def test_refusals_and_edges_are_left_out_and_nothing_else(pattern: str, core: str) -> None:
    assert unguarded(re.compile(pattern)).pattern == core


def test_flags_stay() -> None:
    assert unguarded(re.compile("a(?!b)", re.IGNORECASE)).search("A")


def words_of(engine: Engine) -> list[str]:
    """Words that signs look for, and reports: what patterns are found in."""
    screening = engine.knowledge.screening
    said = [text.split() for texts in screening.reports.values() for text in texts[::40]]
    return sorted({word for words in said for word in words})


@given(st.data())
@settings(max_examples=150)
def test_no_sign_is_in_a_part_whose_core_is_not_in_the_whole(lexical_engine: Engine, data: st.DataObject) -> None:
    screening = lexical_engine.knowledge.screening
    reports = sorted(text for texts in screening.reports.values() for text in texts)
    around = st.lists(st.sampled_from(words_of(lexical_engine)), max_size=6)
    before, report, after = data.draw(around), data.draw(st.sampled_from(reports)), data.draw(around)
    part = report.split()
    first = data.draw(st.integers(0, len(part) - 1))
    part = part[first : data.draw(st.integers(first + 1, len(part)))]
    whole = " ".join([*before, *part, *after])
    found = {sign for sign in screening.signs if sign.pattern.search(" ".join(part))}
    assert found <= {sign for sign in screening.signs if sign.core.search(whole)}
