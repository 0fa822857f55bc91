"""Text that means harm to a card, beside what the shared strategies make."""

from __future__ import annotations

from hypothesis import strategies as st

from adapters.escalations.standing import Number, Standing
from chatbot.escalation import Opened, Remark
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Quote, Reply, Route, Status, Text, Verdict
from tests.adapters.slack import strategies as shared
from tests.adapters.slack.samples import SCHOOL

PIECES = (
    "<at>Anna</at>", "<at>", "</at", "**b**", "_i_", "~~s~~", "`c`", "```", "[x](https://evil.example)", "](",
    "![p](q)", "[x]: y", "https://evil.example/a_b", "www.evil.example", "mailto:a@b.example", "tel:999",
    "{{DATE(2026-01-01T00:00:00Z)}}", "${x}", "&lt;", "&#60;", "&", "<b>", "<!--", "-->", "\\", "\\*", "# h", "- l",
    "1. n", "> q", "| a |", "---", "===", "word", "Staff must not.", " ", "\n", "\n\n", "\r\n", "    ", "\x00",
    "\ud800", "\u2028", "\u202e", "\u200d", "\u2060", "01632 960001", ".", "\U0001f600", "e\u0301", '"', "'", "(",
    ")", "[", "]", "!", ":",
)  # fmt: skip
nasty = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
words = st.one_of(st.text(max_size=60), nasty, shared.long)
names = st.one_of(st.text(max_size=30), nasty)

citations = st.builds(Citation, st.one_of(names, st.sampled_from(list(SCHOOL.clauses))), names, words, names)
tones = st.sampled_from(("verdict", "review", "emergency", "concern", "duty", "closest", "trial", "<at>"))
parts = st.one_of(
    st.builds(Text, words),
    st.builds(Quote, citations),
    st.builds(Choices, st.lists(st.builds(Choice, names, words), max_size=12).map(tuple)),
    st.builds(Notice, tones, words),
)
replies = st.builds(
    Reply,
    st.sampled_from(Kind),
    st.lists(parts, max_size=60).map(tuple),
    status=st.none() | st.sampled_from(Status),
    verdict=st.none() | st.sampled_from(Verdict),
    because=names,
    route=st.none() | st.sampled_from(Route),
    emergency=st.booleans(),
    reference=st.none() | st.just("R-ABCDEF"),
    private=st.booleans(),
)
numbers = st.lists(st.builds(Number, names, names), max_size=8).map(tuple)
standings = st.builds(Standing, names, names, words, numbers)
remarks = st.builds(Remark, shared.ids, shared.moments, words)
opened = st.builds(
    Opened, shared.held, st.none() | words, st.lists(remarks, max_size=20).map(tuple), unreadable=st.booleans()
)
