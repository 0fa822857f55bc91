"""The laws that a school's knowledge keeps, each broken one a problem with file and line."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from chatbot.errors import Problem
from chatbot.knowledge.reader import Entry, suggestion
from chatbot.knowledge.types import Intent, Rule, School, SlotType
from chatbot.knowledge.wording import WORDING
from chatbot.model import Verdict

FILLED = frozenset(
    [
        *("school", "head", "ask", "owner", "updated", "due", "example", "verdict", "because", "question", "say"),
        *("title", "cited", "current", "reference", "recipient"),
    ]
)
"""The words in braces that compose() fills in."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a policy the rules reach: counts of clauses."""

    ruled: int
    nearest: int
    not_encoded: int
    missing: tuple[str, ...]


def coverage(school: School) -> Coverage:
    """Which clauses are cited by a rule, are a nearest clause, or are set aside with a reason."""
    cited = {c for rules in school.rules.values() for rule in rules for c in rule.clauses}
    nearest = {c for silence in school.silent.values() for c in silence.nearest} - cited
    aside = set(school.not_encoded) - cited - nearest
    missing = tuple(c for c in school.clauses if c not in cited | nearest | aside)
    return Coverage(len(cited), len(nearest), len(aside), missing)


def school_problems(
    school: School, shown: str, intents: Mapping[str, Intent], slots: Mapping[str, SlotType]
) -> Iterator[Problem]:
    """Every broken law of one school."""
    seen: dict[str, str] = {}
    for rules in school.rules.values():
        for rule in rules:
            if rule.id in seen:
                yield _at(rule, f"rule id stands also at {seen[rule.id]}; ids are unique in a school")
            seen[rule.id] = rule.where
            yield from _rule_problems(rule, school, intents, slots)
    yield from _intent_problems(school, shown, intents, slots)
    yield from _clause_problems(school, shown)


def _intent_problems(
    school: School, shown: str, intents: Mapping[str, Intent], slots: Mapping[str, SlotType]
) -> Iterator[Problem]:
    """Each intent is answered or silent, never both, and its rules hold together."""
    where = f"{shown}/rules"
    for intent_id, rules in school.rules.items():
        if intent_id in intents:
            yield from _set_problems(rules, slots)
            if intent_id in school.silent:
                yield Problem(where, None, f"intent {intent_id!r} has rules and is silent too; keep one")
    for intent_id in intents:
        if intent_id not in school.rules and intent_id not in school.silent:
            yield Problem(where, None, f"no rule on intent {intent_id!r}, and not listed under silent")
    for intent_id, silence in school.silent.items():
        if intent_id not in intents:
            yield Problem(where, None, f"silent: no intent named {intent_id!r}{suggestion(intent_id, intents)}")
        for clause in silence.nearest:
            if clause not in school.clauses:
                yield Problem(where, None, f"silent {intent_id!r}: {_no_clause(clause, school)}")


def _clause_problems(school: School, shown: str) -> Iterator[Problem]:
    """Each clause is reached or set aside with a reason, and whatever names a clause names one that is there."""
    for clause in school.not_encoded:
        if clause not in school.clauses:
            yield Problem(f"{shown}/not_encoded.yaml", None, _no_clause(clause, school))
    for clause in coverage(school).missing:
        advice = "add one or list it in not_encoded.yaml with a reason"
        yield Problem(f"{shown}/clauses.yaml", None, f"clause {clause!r} is reached by no rule; {advice}")
    for clause in school.reporting:
        if clause not in school.clauses:
            yield Problem(f"{shown}/school.yaml", None, f"reporting: {_no_clause(clause, school)}")
    for cited in school.guidance:
        if cited.clause not in school.clauses:
            yield Problem(f"{shown}/school.yaml", None, f"guidance {cited.title!r}: {_no_clause(cited.clause, school)}")


def _no_clause(clause: str, school: School) -> str:
    return f"no clause {clause!r}{suggestion(clause, school.clauses)}"


def wording_problems(wording: Mapping[str, str], entry: Entry) -> Iterator[Problem]:
    """Templates whose braces do not pair up."""
    for key in sorted(WORDING - wording.keys()):
        yield Problem(entry.shown, entry.line(), f"needs the wording {key!r}{suggestion(key, wording)}")
    for key, text in wording.items():
        if key not in WORDING:
            yield Problem(entry.shown, entry.line(key), f"unknown wording {key!r}{suggestion(key, WORDING)}")
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
        except ValueError as error:
            yield Problem(entry.shown, entry.line(key), f"{key!r} is not a template: {error}")
            continue
        for name in names:
            if name not in FILLED:
                yield Problem(entry.shown, entry.line(key), f"{key!r} has {{{name}}}{suggestion(name, FILLED)}")


def _rule_problems(
    rule: Rule, school: School, intents: Mapping[str, Intent], slots: Mapping[str, SlotType]
) -> Iterator[Problem]:
    if rule.intent not in intents:
        yield _at(rule, f"no intent named {rule.intent!r}{suggestion(rule.intent, intents)}")
        return
    for clause in rule.clauses:
        if clause not in school.clauses:
            yield _at(rule, f"no clause {clause!r} in clauses.yaml{suggestion(clause, school.clauses)}")
    if not 1 <= len(rule.clauses) <= 3:
        yield _at(rule, f"cites {len(rule.clauses)} clauses; a rule rests on one to three")
    allowed = intents[rule.intent].slots
    for slot, values in rule.when:
        if slot not in allowed:
            has = f"; its slots: {', '.join(allowed) or 'none'}"
            yield _at(rule, f"intent {rule.intent!r} has no slot {slot!r}{suggestion(slot, allowed)}{has}")
            continue
        known = [value.id for value in slots[slot].values]
        for value in sorted(values - set(known)):
            yield _at(rule, f"slot {slot!r} has no value {value!r}{suggestion(value, known)}")
    if rule.ask and rule.ask not in allowed:
        yield _at(rule, f"asks for {rule.ask!r}, which is no slot of {rule.intent!r}{suggestion(rule.ask, allowed)}")


def _set_problems(rules: tuple[Rule, ...], slots: Mapping[str, SlotType]) -> Iterator[Problem]:
    """Laws of the rules on one intent: one general rule, no clashes, none out of reach, every ask worth asking."""
    if not any(not rule.when for rule in rules) and rules:
        yield _at(
            rules[0], f"intent {rules[0].intent!r} has no rule without `when` for the facts that nobody mentioned"
        )
    winners: set[str] = set()
    names = sorted({slot for rule in rules for slot, _ in rule.when if slot in slots})
    for known in _situations(names, slots):
        met = [rule for rule in rules if rule.unmet(known) is None]
        if not met:
            continue
        most = max(len(rule.when) for rule in met)
        best = [rule for rule in met if len(rule.when) == most]
        winners.add(best[0].id)
        if len(best) > 1:
            yield _at(
                best[1], f"clashes with {best[0].id!r} where {_in_words(known)}: both hold with as many conditions"
            )
            return
    for rule in rules:
        if rule.id not in winners:
            yield _at(rule, "can never be reached: another rule holds wherever it does, with more conditions")
        if rule.ask and rule.ask in slots and not _worth_asking(rule, rules, slots):
            yield _at(rule, f"asks for {rule.ask!r}, but no value of it leads to another verdict")


def _worth_asking(rule: Rule, rules: tuple[Rule, ...], slots: Mapping[str, SlotType]) -> bool:
    base = {slot: min(values) for slot, values in rule.when}
    for value in slots[rule.ask].values:
        met = [r for r in rules if r.unmet({**base, rule.ask: value.id}) is None]
        best = max(met, key=lambda r: len(r.when), default=None)
        if best is not None and best.verdict != rule.verdict:
            return True
    return False


def _situations(names: list[str], slots: Mapping[str, SlotType]) -> Iterator[dict[str, str]]:
    """Every combination of the named facts, each said or not said."""
    choices = [[None, *(value.id for value in slots[name].values)] for name in names]
    for values in itertools.product(*choices):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _in_words(known: Mapping[str, str]) -> str:
    return ", ".join(f"{slot} is {value}" for slot, value in known.items()) or "nothing is said"


def _at(rule: Rule, text: str) -> Problem:
    path, _, line = rule.where.rpartition(":")
    return Problem(path, int(line), f"{rule.id}: {text}")


def allowing_rules(school: School) -> Iterator[Rule]:
    """Every rule that lets somebody do something: the ones to read twice."""
    return (rule for rules in school.rules.values() for rule in rules if rule.verdict is Verdict.ALLOWED)
