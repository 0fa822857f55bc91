"""The measures of the example questions, each on cases made by hand."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from adapters.scoring import BadCase, Case, Judged, Share, judge_all, measures, read_cases, show_scores
from chatbot.model import Citation, Kind, Quote, Reply, Route, Verdict
from chatbot.respond import Engine
from tests.talk import NOW

QUOTE = "staff must not accept friend requests"


def case(
    kinds: tuple[str, ...] = ("answer",),
    verdicts: tuple[str, ...] = ("not_allowed",),
    routes: tuple[str, ...] = (),
    tags: tuple[str, ...] = (),
    *,
    emergency: bool = False,
    name: str = "a",
) -> Case:
    return Case(
        name,
        "ashley",
        ("hello",),
        frozenset(kinds),
        frozenset(verdicts),
        (QUOTE,),
        frozenset(routes),
        emergency,
        frozenset(tags),
    )


def reply(
    kind: Kind = Kind.ANSWER,
    verdict: Verdict | None = None,
    quote: str = "",
    route: Route | None = None,
    *,
    emergency: bool = False,
) -> Reply:
    parts = (Quote(Citation("1.a", "1", quote, "/policies/ashley#1.a")),) if quote else ()
    return Reply(kind, parts, verdict=verdict, route=route, emergency=emergency)


def measured(name: str, *pairs: tuple[Case, Reply]) -> Share:
    return measures([Judged(c, r) for c, r in pairs])[name]


NO = reply(verdict=Verdict.NOT_ALLOWED, quote=f"The {QUOTE}.")
NONE, ESCALATE = reply(Kind.NONE), reply(Kind.ESCALATE, route=Route.DSL)
REPORT = case(("escalate",), (), ("dsl",))
UNCOVERED = case(("none",), ())


def test_kind_counts_any_acceptable_kind() -> None:
    assert measured("kind", (case(), NO), (case(), NONE), (case(("answer", "none")), NONE)) == Share(2, 3)


def test_answered_counts_only_cases_that_must_be_answered() -> None:
    pairs = (
        (case(), NO),
        (case(), NONE),
        (case(("answer", "none")), NONE),
        (case(("answer", "escalate")), ESCALATE),
        (UNCOVERED, NONE),
    )
    assert measured("answered", *pairs) == Share(1, 2)


def test_a_question_back_counts_as_answered_only_with_a_verdict() -> None:
    asks = case(("answer", "clarify"))
    assert measured("answered", (asks, reply(Kind.CLARIFY, Verdict.DEPENDS)), (asks, reply(Kind.CLARIFY))) == Share(
        1, 2
    )


def test_verdict_and_citation_are_measured_among_the_answered() -> None:
    pairs = ((case(), NO), (case(), reply(verdict=Verdict.INFO, quote="something else")), (case(), NONE))
    assert measured("verdict", *pairs) == Share(1, 2)
    assert measured("citation", *pairs) == Share(1, 2)


def test_a_verdict_may_be_any_of_the_cases_list() -> None:
    assert measured("verdict", (case(verdicts=("depends", "not_allowed")), NO)) == Share(1, 1)


def test_a_citation_is_compared_without_bold_and_line_breaks_only() -> None:
    right = reply(verdict=Verdict.NOT_ALLOWED, quote=f"The **{QUOTE.replace(' ', chr(10))}** .")
    wrong = reply(verdict=Verdict.NOT_ALLOWED, quote=QUOTE.upper())
    assert measured("citation", (case(), right), (case(), wrong)) == Share(1, 2)


def test_safeguarding_recall_is_over_cases_that_must_be_escalated() -> None:
    pairs = ((REPORT, ESCALATE), (REPORT, NONE), (case(("escalate", "answer")), NO))
    assert measured("safeguarding recall", *pairs) == Share(1, 2)


def test_route_is_measured_among_the_escalated() -> None:
    wrong = reply(Kind.ESCALATE, route=Route.HEADTEACHER)
    assert measured("route", (REPORT, ESCALATE), (REPORT, wrong), (REPORT, NONE)) == Share(1, 2)


def test_emergency_recall_is_over_emergencies() -> None:
    urgent = case(("escalate",), (), ("dsl",), emergency=True)
    pairs = ((urgent, reply(Kind.ESCALATE, route=Route.DSL, emergency=True)), (urgent, ESCALATE), (REPORT, ESCALATE))
    assert measured("emergency recall", *pairs) == Share(1, 2)


def test_false_escalation_is_counted_over_hard_negatives_and_over_all() -> None:
    pairs = (
        (case(tags=("hard-negative",)), ESCALATE),
        (case(tags=("hard-negative",)), NO),
        (case(), NO),
        (case(("answer", "escalate")), ESCALATE),
    )
    assert measured("false escalation (hard negatives)", *pairs) == Share(1, 2)
    assert measured("false escalation (all)", *pairs) == Share(1, 3)


def test_out_of_scope_is_measured_both_ways() -> None:
    pairs = ((UNCOVERED, NONE), (UNCOVERED, NO), (case(), NONE), (case(("answer", "none")), NONE))
    assert measured("out-of-scope recall", *pairs) == Share(1, 2)
    assert measured("out-of-scope precision", *pairs) == Share(2, 3)


def test_a_wrong_permission_is_yes_where_the_policy_says_no() -> None:
    yes = reply(verdict=Verdict.ALLOWED, quote=QUOTE)
    pairs = (
        (case(), yes),
        (case(verdicts=("depends", "not_allowed")), yes),
        (case(verdicts=("depends",)), yes),
        (case(), NO),
    )
    assert measured("wrong permissions", *pairs) == Share(2, 4)


@pytest.mark.parametrize(
    ("asked", "given", "right"),
    [
        (case(), NO, True),
        (case(), reply(verdict=Verdict.NOT_ALLOWED, quote="other"), False),
        (case(), reply(verdict=Verdict.INFO, quote=QUOTE), False),
        (case(), NONE, False),
        (case(("answer", "none")), NONE, True),
        (REPORT, ESCALATE, True),
        (REPORT, reply(Kind.ESCALATE, route=Route.HEADTEACHER), False),
        (UNCOVERED, NONE, True),
        (case(("none", "answer"), ("not_allowed",)), reply(verdict=Verdict.ALLOWED, quote=QUOTE), False),
    ],
)
def test_fully_right_is_kind_verdict_clause_and_route(asked: Case, given: Reply, right: bool) -> None:  # a table
    assert Judged(asked, given).fully_right is right


def test_nothing_to_measure_is_no_share() -> None:
    assert measured("route", (case(), NO)).value is None
    assert str(Share(0, 0)) == "\u2013"
    assert str(Share(1, 4)) == "0.250 (1/4)"


RAW: dict[str, object] = {"id": "a", "school": "ashley", "turns": ["hi"], "kinds": ["answer"], "verdict": "info"}
RAW |= {"quotes": [], "route": None, "emergency": False, "tags": [], "why": ""}
LINE = json.dumps(RAW)


def test_cases_are_read_with_one_verdict_or_several(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(f"{LINE}\n\n{json.dumps({**RAW, 'verdict': ['depends', 'info']})}\n", encoding="utf-8")
    one, other = read_cases(file)
    assert (one.verdicts, other.verdicts) == (frozenset({"info"}), frozenset({"depends", "info"}))
    assert one.routes == frozenset()


@pytest.mark.parametrize("bad", ["{", "[]", "{}", json.dumps({**RAW, "turns": 3}), json.dumps({**RAW, "turns": []})])
def test_a_line_that_is_no_case_is_refused_with_its_number(bad: str, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text(f"{LINE}\n{bad}\n", encoding="utf-8")
    with pytest.raises(BadCase, match=r"x\.jsonl:2: "):
        read_cases(file)


def test_only_the_last_reply_is_judged_and_progress_is_told(lexical_engine: Engine) -> None:
    told: list[None] = []
    turns = ("hello", "Can I use Facebook on my own phone in my lunch break?")
    asked = Case(
        "a",
        "yeadon",
        turns,
        frozenset({"answer"}),
        frozenset({"allowed"}),
        ("own phone",),
        frozenset(),
        emergency=False,
        tags=frozenset(),
    )
    (judged,) = judge_all([asked], lexical_engine, NOW, lambda: told.append(None))
    assert judged.reply.kind is Kind.ANSWER
    assert len(told) == 1


def test_ids_and_tags_are_printed_as_they_are() -> None:
    out = io.StringIO()
    show_scores(Console(file=out, width=200), [Judged(case(name="[red]x", tags=("[/]",)), NONE)])
    assert "[red]x:" in out.getvalue()
    assert "[/]" in out.getvalue()
