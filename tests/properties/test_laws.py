"""The laws that hold for whatever is typed."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from adapters.replies import reply_json
from adapters.terminal import show_reply, show_why
from chatbot.decide import applying, decide
from chatbot.knowledge import Knowledge
from chatbot.model import Answer, Clarify, Kind, Match, Outcome, Reply, Slot, Verdict
from chatbot.respond import Engine
from tests.properties import strategies as some
from tests.talk import SCHOOLS, ask, talk

pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")  # engines, once a law is broken


def shown(outcome: Outcome, engine: Engine, *, colours: bool) -> str:
    """All that a terminal would get."""
    out = io.StringIO()
    console = Console(
        file=out, width=100, force_terminal=colours, color_system="truecolor" if colours else None, highlight=False
    )
    show_reply(console, outcome.reply)
    assert outcome.why is not None
    show_why(console, outcome.why, engine)
    return out.getvalue()


@given(some.schools, some.typed)
@example("ashley", "\x00")
@example("fact", "\ud800")
@example("yeadon", "\u202e\u202e")
@example("calmore", "\U0001f600" * 3)
@example("ravenscote", "<b>hello</b>")
@settings(max_examples=400)
def test_any_text_gets_a_reply_with_words(lexical_engine: Engine, school: str, text: str) -> None:
    reply = ask(lexical_engine, school, text).reply
    assert any(c.isalpha() for c in reply.text)
    assert "{" not in reply.text.replace(text, "")
    assert reply_json(reply)["kind"] == reply.kind.value


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "can i add a pupil " * 6_000,
        "\U0001f600" * 100_000,
        "<i>" * 30_000,
        "a b " * 1_499,
        "?" * 100_000,
        "\ud800" * 100_000,
    ],
)
def test_a_very_long_text_gets_a_reply_with_words(text: str, lexical_engine: Engine) -> None:
    assert any(c.isalpha() for c in ask(lexical_engine, "ashley", text).reply.text)


@given(some.schools, st.lists(some.typed, min_size=2, max_size=4))
@settings(max_examples=60)
def test_any_conversation_gets_a_reply_at_every_turn(lexical_engine: Engine, school: str, texts: list[str]) -> None:
    for outcome in talk(lexical_engine, school, *texts, recorded=True):
        assert any(c.isalpha() for c in outcome.reply.text)


@given(some.questions, some.greetings, some.endings, some.cases)
def test_case_punctuation_and_greetings_do_not_change_a_ruling(
    lexical_engine: Engine, question: tuple[str, str], greeting: str, ending: str, case: Callable[[str], str]
) -> None:
    school, text = question
    plain, dressed = (ask(lexical_engine, school, t).reply for t in (text, greeting + case(text) + ending))
    assert plain.kind in (Kind.ANSWER, Kind.CLARIFY)
    assert (dressed.kind, dressed.verdict, dressed.intent) == (plain.kind, plain.verdict, plain.intent)
    assert dressed.citations[0] == plain.citations[0]


@given(some.questions)
@settings(max_examples=20)
def test_lost_apostrophes_and_doubled_spaces_do_not_change_a_ruling(
    lexical_engine: Engine, question: tuple[str, str]
) -> None:
    school, text = question
    plain, careless = (
        ask(lexical_engine, school, t).reply for t in (text, text.replace("'", "\u2019").replace(" ", "  ").rstrip("?"))
    )
    assert (careless.kind, careless.verdict, careless.rules) == (plain.kind, plain.verdict, plain.rules)


def report_among(engine: Engine, number: int, before: list[str], after: list[str]) -> tuple[Reply, Reply]:
    """The replies to one of the product's own reports, alone and among other words."""
    reports = engine.knowledge.screening.reports
    known = [text for about in ("child", "staff", "head") for text in reports[about] if len(text.split()) > 5]
    report = known[number * 7919 % len(known)]
    ended = report if report.endswith((".", "!", "?")) else f"{report}."
    alone, among = (ask(engine, "ashley", text).reply for text in (report, " ".join([*before, ended, *after])))
    return alone, among


@given(st.integers(0, 9_999), some.ordinary, some.ordinary)
@settings(max_examples=200)
def test_words_around_a_report_never_remove_the_escalation(
    lexical_engine: Engine, number: int, before: list[str], after: list[str]
) -> None:
    alone, among = report_among(lexical_engine, number, before, after)
    assume(alone.kind is Kind.ESCALATE)
    assert among.kind is Kind.ESCALATE


@given(st.integers(0, 9_999), some.ordinary, some.ordinary)
@settings(max_examples=200)
def test_words_around_a_report_never_remove_the_emergency(
    lexical_engine: Engine, number: int, before: list[str], after: list[str]
) -> None:
    alone, among = report_among(lexical_engine, number, before, after)
    assume(alone.emergency)
    assert among.emergency


@given(some.schools, some.typed)
@settings(max_examples=60)
def test_equal_words_give_equal_answers(lexical_engine: Engine, school: str, text: str) -> None:
    assert ask(lexical_engine, school, text) == ask(lexical_engine, school, text)


@given(some.schools, some.typed)
def test_what_is_typed_never_becomes_markup_or_steers_the_terminal(
    lexical_engine: Engine, school: str, text: str
) -> None:
    outcome = ask(lexical_engine, school, text)
    plain = shown(outcome, lexical_engine, colours=False)
    assert [c for c in plain if unicodedata.category(c)[0] == "C" and c != "\n"] == []
    coloured = shown(outcome, lexical_engine, colours=True)
    assert "\x1b[2J" not in coloured
    assert "\x1b]8" not in coloured


@given(st.data())
@settings(max_examples=300)
def test_a_permission_is_never_given_unless_what_its_rule_names_is_known(
    knowledge: Knowledge, data: st.DataObject
) -> None:
    school = knowledge.schools[data.draw(st.sampled_from(SCHOOLS))]
    intent = data.draw(st.sampled_from(sorted(school.rules)))
    facts = {kind.id: st.sampled_from([value.id for value in kind.values]) for kind in knowledge.slots.values()}
    known: dict[str, str] = data.draw(st.fixed_dictionaries({}, optional=facts))
    match = Match(intent, 1.0, slots=tuple(Slot(name, value) for name, value in known.items()))
    ruling = decide(match, None, school, knowledge)
    verdict = (
        ruling.provisional.verdict
        if isinstance(ruling, Clarify)
        else ruling.verdict
        if isinstance(ruling, Answer)
        else None
    )
    if verdict is Verdict.ALLOWED:
        rule = applying(school.rules[intent], known)
        assert rule is not None
        assert rule.verdict is Verdict.ALLOWED
        assert all(known.get(slot) in allowed for slot, allowed in rule.when)
