"""decide(): what this school's rules say about what was asked. Pure lookups; no words are read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from chatbot.knowledge import Knowledge, Rule, School
from chatbot.model import (
    Answer,
    Clarify,
    Concern,
    Decline,
    Declined,
    Escalate,
    Excluded,
    Greet,
    Match,
    Ruling,
    Verdict,
)

MOST_CLAUSES = 3
"""A reply cites one to three clauses, never the whole policy."""

SURE_ENOUGH_TO_ALLOW = 0.7
"""Confidence below which `allowed` is not given on the score alone: the verdict is then `depends`."""
NEARLY = 0.85
"""`allowed` is not given where a reading that does not allow it has more than this share of the score: it depends."""
SURE_ENOUGH_TO_ADD = 0.45
"""Confidence from which a question is answered beside a report."""

OWN_PAGE = "own_page"
"""The fact that somebody speaks of a page of their own."""
_PUPILS = frozenset({"pupil", "former_pupil"})
OUTSIDE = "none-of-these"
"""The intent that collects what no policy of this kind is about."""
SILENCE_YIELDS = 0.15
"""A rule's intent this near behind one that the policy is silent on is answered: the reply shows its clause."""
LOOKED_AT = 4
"""Candidates among which one with a rule is looked for."""
SETTING_YIELDS = 0.75
"""A runner-up with this share of the best score is what is done in the setting that scored best."""


def decide(match: Match, concern: Concern | None, school: School, knowledge: Knowledge) -> Ruling:
    """The ruling on `match` at `school`. A concern always comes first; a question with it is answered too."""
    guidance = _guidance(match, school, knowledge)
    if concern is not None:
        also = guidance.provisional if isinstance(guidance, Clarify) else guidance
        return Escalate(concern, also if isinstance(also, Answer) and match.confidence >= SURE_ENOUGH_TO_ADD else None)
    return guidance


def applying(rules: tuple[Rule, ...], known: Mapping[str, str]) -> Rule | None:
    """The rule with most conditions among those whose conditions `known` meets."""
    met = [rule for rule in rules if rule.unmet(known) is None]
    return max(met, key=lambda rule: len(rule.when), default=None)


def _guidance(match: Match, school: School, knowledge: Knowledge) -> Ruling:
    if match.smalltalk is not None:
        return Greet(match.smalltalk)
    if match.intent is None:
        suggestions = tuple(islice((c.intent for c in match.candidates if c.intent in school.rules), 3))
        return Declined(Decline.NOT_UNDERSTOOD, suggestions=suggestions, confidence=match.confidence)
    if match.intent == OUTSIDE:
        return Declined(Decline.NOT_UNDERSTOOD, confidence=match.confidence)
    match = _spoken(match, school)
    silence = school.silent.get(str(match.intent))
    if silence is not None:
        return Declined(
            Decline.SILENT, match.intent, silence.nearest, silence.say, silence.ask, confidence=match.confidence
        )
    if match.intent not in school.rules:
        return Declined(Decline.ELSEWHERE, match.intent, confidence=match.confidence)
    return _ruled(match, school, knowledge)


def _spoken(match: Match, school: School) -> Match:
    """`match` with a silent intent put behind a ruled one that is about as likely."""
    if match.intent not in school.silent or match.follow_up or len(match.candidates) < 2:
        return match
    best = match.candidates[0]
    for other in match.candidates[1:LOOKED_AT]:
        if other.intent in school.rules and best.score - other.score < SILENCE_YIELDS:
            rest = tuple(candidate for candidate in match.candidates if candidate is not other)
            return replace(match, intent=other.intent, candidates=(other, *rest))
    return match


def _ruled(match: Match, school: School, knowledge: Knowledge) -> Ruling:
    known = {slot.name: slot.value for slot in match.slots}
    intent = _substance(match, school, knowledge)
    rules = school.rules[intent]
    rule = applying(rules, known)
    if rule is None:
        return Declined(Decline.ELSEWHERE, intent, confidence=match.confidence)
    excluded = tuple(Excluded(r.id, reason) for r in rules if r is not rule and (reason := r.unmet(known)))
    answer = Answer(
        intent, rule.verdict, (rule.id,), rule.clauses, rule.because, rule.guidance, match.confidence, excluded
    )
    sure = answer.confidence >= SURE_ENOUGH_TO_ALLOW and not _is_forbidden_nearby(match, school, known)
    answer = _with_others(answer, match, school, knowledge, known)
    answer = _careful(answer, rule, knowledge, known, sure=sure)
    if rule.ask and rule.ask not in known:
        values = changing_values(rules, known, rule.ask, knowledge)
        if values:
            return Clarify(rule.ask, values, answer)
    return answer


def _is_forbidden_nearby(match: Match, school: School, known: Mapping[str, str]) -> bool:
    """Whether another reading, about as likely, does not allow it."""
    for other in () if match.follow_up else match.candidates[1:]:  # a follow-up's own words name no subject
        if other.score > NEARLY * match.candidates[0].score and other.intent in school.rules:
            rule = applying(school.rules[other.intent], known)
            if rule is not None and rule.verdict is Verdict.NOT_ALLOWED:
                return True
    return False


def _careful(answer: Answer, rule: Rule, knowledge: Knowledge, known: Mapping[str, str], *, sure: bool) -> Answer:
    """`allowed` becomes `depends` where it rests on a score that is not `sure`, or leaves out something that was said.

    What was said: a fact that speaks against it and that the rule does not reckon with; of what the school's own
    account may do, that it is about a pupil and no school account, or about the asker's own page.
    """
    if answer.verdict is not Verdict.ALLOWED:
        return answer
    unsure = not rule.when and not sure
    weighed = {name for name, _ in rule.when}
    against = any(name not in weighed and knowledge.slots[name].is_against(value) for name, value in known.items())
    of_a_pupil = known.get("relation") in _PUPILS and known.get("account") != "school" and "relation" not in weighed
    own = knowledge.intents[answer.intent].topic == "official" and (of_a_pupil or OWN_PAGE in known)
    return replace(answer, verdict=Verdict.DEPENDS) if unsure or against or own else answer


def _substance(match: Match, school: School, knowledge: Knowledge) -> str:
    """The intent to rule on: a mere setting ("in the class chat") yields to what is done there."""
    intent = str(match.intent)
    if knowledge.intents[intent].setting:
        for other in match.candidates[1:]:
            near = other.score >= SETTING_YIELDS * match.candidates[0].score
            if near and other.intent in school.rules and not knowledge.intents[other.intent].setting:
                return other.intent
    return intent


def changing_values(
    rules: tuple[Rule, ...], known: Mapping[str, str], slot: str, knowledge: Knowledge
) -> tuple[str, ...]:
    """The values of `slot` that lead to a rule of their own; empty unless some verdict then differs."""
    general = applying(rules, known)
    outcomes = {value.id: applying(rules, {**known, slot: value.id}) for value in knowledge.slots[slot].values}
    special = tuple(value for value, rule in outcomes.items() if rule is not None and rule is not general)
    verdicts = {rule.verdict for rule in outcomes.values() if rule is not None}
    differs = general is not None and any(v != general.verdict for v in verdicts)
    return special if differs else ()


def _with_others(
    answer: Answer, match: Match, school: School, knowledge: Knowledge, known: Mapping[str, str]
) -> Answer:
    """What a second reading adds: the clause of the setting; another clause where the readings agree.

    Where two intents are about as likely and one would allow what the other does not, the stricter stands.
    """
    for other in match.candidates[:3]:
        if other.intent == answer.intent or other.intent not in school.rules:
            continue
        setting = knowledge.intents[other.intent].setting and other.intent == match.intent
        if not setting and not (match.close and other is match.runner_up):
            continue
        rule = applying(school.rules[other.intent], known)
        if rule is None:
            continue
        if setting or rule.verdict == answer.verdict:
            clauses = tuple(dict.fromkeys((*answer.clauses[:2], *rule.clauses)))[:MOST_CLAUSES]
            answer = replace(answer, clauses=clauses, rules=(*answer.rules, rule.id))
        elif answer.verdict is Verdict.ALLOWED:
            answer = replace(
                answer, intent=rule.intent, verdict=rule.verdict, rules=(rule.id, *answer.rules), clauses=rule.clauses,
                because=rule.because, guidance=rule.guidance,
            )  # fmt: skip
    return answer
