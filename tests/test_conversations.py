"""Whole conversations, as data: conversations/<school>/<topic>.yaml. Rulings are asserted, never wording."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from chatbot.model import Declined, Greet, Kind, Outcome, Route, Verdict
from chatbot.respond import Engine
from tests.judging import shows_any, texts
from tests.talk import SCHOOLS, talk

FOLDER = Path(__file__).with_name("conversations")
KEYS = {"ruling", "verdict", "cites", "route", "status", "emergency", "sort", "reason", "offers", "withdrawn"}
SILENT: dict[str, object] = {"ruling": ["none", "answer"], "verdict": ["info", "depends"]}
"""What `bot: silent` stands for: the policy does not settle it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message and what is expected of the reply; nothing, where the reply only leads on."""

    text: str
    bot: dict[str, object] | None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A case: messages in order, at one school."""

    id: str
    school: str
    said: tuple[Said, ...]
    xfail: str | None


def _conversations() -> list[Conversation]:
    return [
        Conversation(str(raw["id"]), path.parent.name, tuple(_said(turn) for turn in raw["talk"]), raw.get("xfail"))
        for path in sorted(FOLDER.glob("*/*.yaml"))
        for raw in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def _said(turn: dict[str, object]) -> Said:
    bot = SILENT if turn.get("bot") == "silent" else turn.get("bot")
    assert bot is None or (isinstance(bot, dict) and bot.keys() <= KEYS), turn
    return Said(str(turn["staff"]), bot)


CONVERSATIONS = _conversations()
CASES = [
    pytest.param(case, id=case.id, marks=[pytest.mark.xfail(reason=case.xfail, strict=True)] if case.xfail else [])
    for case in CONVERSATIONS
]


@pytest.mark.parametrize("case", CASES)
def test_a_conversation_goes_as_the_policy_has_it(case: Conversation, engine: Engine) -> None:
    outcomes = talk(engine, case.school, *(said.text for said in case.said), recorded=True)
    problems = [
        f"{said.text!r}: {problem}"
        for said, outcome in zip(case.said, outcomes, strict=True)
        if said.bot is not None
        for problem in _problems(outcome, said.bot, engine, case.school)
    ]
    assert not problems, f"{case.id}: " + "; ".join(problems)


def _problems(outcome: Outcome, bot: dict[str, object], engine: Engine, school: str) -> list[str]:
    """What differs from `bot`, each as "got -> expected". A wrong kind says it all."""
    reply, found = outcome.reply, []
    if reply.kind not in texts(bot["ruling"]):
        return [f"{reply.kind} {reply.verdict or ''} [{reply.intent}] -> {'|'.join(texts(bot['ruling']))}"]
    if reply.kind in (Kind.ANSWER, Kind.CLARIFY):
        if "verdict" in bot and reply.verdict not in texts(bot["verdict"]):
            found.append(f"{reply.verdict} [{reply.intent}] -> {'|'.join(texts(bot['verdict']))}")
        if "cites" in bot and not shows_any(reply, texts(bot["cites"]), engine, school):
            cited = ",".join(citation.clause for citation in reply.citations)
            found.append(f"cites {cited} [{reply.intent}] -> {'|'.join(texts(bot['cites']))}")
    if reply.kind is Kind.ESCALATE:
        if reply.route not in texts(bot.get("route")):
            found.append(f"route {reply.route} -> {'|'.join(texts(bot.get('route')))}")
        if "status" in bot and reply.status != bot["status"]:
            found.append(f"status {reply.status} -> {bot['status']}")
    return found + _other_problems(outcome, bot)


def _other_problems(outcome: Outcome, bot: dict[str, object]) -> list[str]:
    """What concerns buttons, records, and the sort of small talk or of failure."""
    got: dict[str, object] = {
        "emergency": outcome.reply.emergency,
        "sort": _sort(outcome),
        "reason": _reason(outcome),
        "withdrawn": outcome.escalation is not None and outcome.escalation.withdrawn,
    }
    found = [f"{key} {got[key]} -> {bot[key]}" for key in got if key in bot and got[key] != bot[key]]
    missing = set(texts(bot.get("offers"))) - {choice.value for choice in outcome.reply.choices}
    return [*found, *(f"no button {value!r}" for value in sorted(missing))]


def _sort(outcome: Outcome) -> str | None:
    return outcome.why.ruling.sort if outcome.why and isinstance(outcome.why.ruling, Greet) else None


def _reason(outcome: Outcome) -> str | None:
    return outcome.why.ruling.reason.value if outcome.why and isinstance(outcome.why.ruling, Declined) else None


def test_the_conversations_are_well_formed(lexical_engine: Engine) -> None:
    ids = [case.id for case in CONVERSATIONS]
    assert len(ids) == len(set(ids))
    kinds, verdicts, routes = set(Kind), set(Verdict), set(Route)
    for case in CONVERSATIONS:
        assert case.school in SCHOOLS, case.id
        assert case.id.startswith(f"{case.school}-"), case.id
        clauses = lexical_engine.knowledge.schools[case.school].clauses
        expected = [said.bot for said in case.said if said.bot is not None]
        assert expected, f"{case.id} expects nothing"
        for bot in expected:
            assert set(texts(bot["ruling"])) <= kinds, case.id
            assert set(texts(bot.get("verdict"))) <= verdicts, case.id
            assert not {"allowed", "not_allowed"} <= set(texts(bot.get("verdict"))), f"{case.id}: not a matter of taste"
            assert set(texts(bot.get("cites"))) <= set(clauses), f"{case.id}: no such clause in {bot['cites']}"
            assert set(texts(bot.get("route"))) <= routes, case.id
            assert ("escalate" in texts(bot["ruling"])) == ("route" in bot), f"{case.id}: an escalation has a route"
