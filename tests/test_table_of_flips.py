"""The same words at five schools: table_of_flips.yaml, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from chatbot.model import Kind, Reply, Route, Verdict
from chatbot.respond import Engine
from tests.judging import shows_any, texts
from tests.talk import SCHOOLS, talk

TABLE = Path(__file__).with_name("table_of_flips.yaml")
KEYS = {"kinds", "verdict", "cites", "route"}
SILENT: dict[str, object] = {"kinds": ["none", "answer"], "verdict": ["info", "depends"]}


@dataclass(frozen=True, slots=True)
class Expected:
    """What one school's policy makes of one question."""

    row: str
    question: str
    school: str
    kinds: tuple[str, ...]
    verdicts: tuple[str, ...]
    cites: tuple[str, ...]
    routes: tuple[str, ...]


def _rows() -> list[dict[str, object]]:
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    assert isinstance(rows, list)
    return rows


def _expected(row: dict[str, object], school: str) -> Expected:
    cell = row[school]
    wanted = SILENT if cell == "silent" else cell
    assert isinstance(wanted, dict), f"{row['id']}: {school}: {cell!r}"
    assert wanted.keys() <= KEYS, f"{row['id']}: {school}: {wanted.keys() - KEYS}"
    return Expected(
        str(row["id"]),
        str(row["question"]),
        school,
        texts(wanted.get("kinds", "answer")),
        texts(wanted.get("verdict")),
        texts(wanted.get("cites")),
        texts(wanted.get("route")),
    )


CELLS = [_expected(row, school) for row in _rows() for school in SCHOOLS]


def _problem(reply: Reply, expected: Expected, engine: Engine) -> str | None:
    """What is wrong with `reply`, as "got -> expected", or None."""
    if reply.kind not in expected.kinds:
        return f"{reply.kind} {reply.verdict or ''} [{reply.intent}] -> {'|'.join(expected.kinds)}"
    if reply.kind is Kind.ESCALATE:
        return None if reply.route in expected.routes else f"route {reply.route} -> {'|'.join(expected.routes)}"
    if reply.kind is Kind.NONE:
        return None
    if reply.verdict not in expected.verdicts:
        return f"{reply.verdict} [{reply.intent}] -> {'|'.join(expected.verdicts)}"
    cited = ",".join(citation.clause for citation in reply.citations)
    if expected.cites and not shows_any(reply, expected.cites, engine, expected.school):
        return f"cites {cited} [{reply.intent}] -> {'|'.join(expected.cites)}"
    return None if cited else "cites nothing -> a clause"


@pytest.mark.parametrize("expected", CELLS, ids=lambda cell: f"{cell.row}-{cell.school}")
def test_each_school_answers_by_its_own_words(expected: Expected, engine: Engine) -> None:
    reply = talk(engine, expected.school, expected.question)[-1].reply
    problem = _problem(reply, expected, engine)
    assert problem is None, f"{expected.school}: {expected.question!r}: {problem}"


def test_the_table_is_well_formed(lexical_engine: Engine) -> None:
    ids = [str(row["id"]) for row in _rows()]
    assert len(ids) == len(set(ids))
    kinds, verdicts, routes = set(Kind), set(Verdict), set(Route)
    for cell in CELLS:
        assert set(cell.kinds) <= kinds, cell
        assert set(cell.verdicts) <= verdicts, cell
        assert set(cell.routes) <= routes, cell
        assert ("escalate" in cell.kinds) == bool(cell.routes), cell
        assert not {"allowed", "not_allowed"} <= set(cell.verdicts), cell
        unknown = set(cell.cites) - set(lexical_engine.knowledge.schools[cell.school].clauses)
        assert not unknown, f"{cell.row}: {cell.school} has no clause {unknown}"
