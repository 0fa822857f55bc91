"""A small school made by hand: four clauses, a few rules, nothing read from files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from chatbot.knowledge import Clause, Guidance, Rule, School, Silence
from chatbot.model import Candidate, Match, Slot, Verdict

PARAGRAPH = "Staff may post when authorised. They must not accept requests from pupils. Parents are told."
BULLET = "Post images of pupils"
LEAD = "When using social media, staff must not:"
BLOCKS = ("1. Rules", PARAGRAPH, LEAD, BULLET)


def _clause(clause_id: str, text: str, block: int, lead: str = "") -> Clause:
    return Clause(clause_id, "1", "1. Rules", text, lead, block, BLOCKS[block].index(text))


CLAUSES: Mapping[str, Clause] = {
    clause.id: clause
    for clause in (
        _clause("1.a", "Staff may post when authorised.", 1),
        _clause("1.b", "They must not accept requests from pupils.", 1),
        _clause("1.c", "Parents are told.", 1),
        _clause("1.d", BULLET, 3, LEAD),
    )
}


def rule(
    rule_id: str,
    verdict: Verdict = Verdict.INFO,
    *,
    intent: str = "contact-pupil",
    when: Mapping[str, set[str]] | None = None,
    clauses: tuple[str, ...] = ("1.b",),
    ask: str = "",
) -> Rule:
    """A rule that rests on the small school's clauses."""
    conditions = tuple(sorted((slot, frozenset(values)) for slot, values in (when or {}).items()))
    return Rule(
        rule_id, intent, conditions, verdict, clauses, f"Because of {rule_id}.", f"Guidance of {rule_id}.", ask,
        "2025-01", "", "knowledge/schools/small/rules/small.yaml:1",
    )  # fmt: skip


def school(
    *rules: Rule, silent: tuple[Silence, ...] = (), due: date = date(2026, 3, 31), guidance: tuple[Guidance, ...] = ()
) -> School:
    """A school with just `rules`."""
    by_intent: dict[str, tuple[Rule, ...]] = {}
    for each in rules:
        by_intent[each.intent] = (*by_intent.get(each.intent, ()), each)
    return School(
        id="small",
        name="Small School",
        head="headteacher",
        head_name="Mrs T Small",
        owner="the headteacher",
        updated="2025-03",
        due=due,
        due_shown="March 2026",
        guidance=guidance,
        reporting=(),
        suggestions=("Can I post?",),
        blocks=BLOCKS,
        clauses=CLAUSES,
        rules=by_intent,
        silent={silence.intent: silence for silence in silent},
        not_encoded={},
        policy="\n\n".join(BLOCKS),
    )


def matched(
    intent: str | None = "contact-pupil",
    confidence: float = 0.9,
    others: tuple[Candidate, ...] = (),
    *,
    close: bool = False,
    **known: str,
) -> Match:
    """A match on `intent` with the facts `known`."""
    best = (Candidate(intent, 0.5),) if intent else ()
    slots = tuple(Slot(name, value) for name, value in known.items())
    return Match(intent, confidence, (*best, *others), slots, close=close)
