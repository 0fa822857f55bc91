"""Laws of the data: what must hold of knowledge/ whatever anybody writes there."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise, product
from pathlib import Path

import pytest

from adapters.files import CHECKOUT
from chatbot.decide import MOST_CLAUSES, OWN_PAGE, decide
from chatbot.knowledge import Knowledge, Rule, School, coverage, plain, policy_blocks
from chatbot.model import Answer, Clarify, Decline, Kind, Match, Route, Slot, Status, Verdict
from tests.talk import SCHOOLS

POLICIES = Path(__file__).with_name("policies")
COPY_MARKS = re.compile(r"^[\s>-]*o(?=\s)", re.MULTILINE)
"""The hollow bullets that a copy left behind as the letter o."""


def words(text: str) -> list[str]:
    return re.findall(r"[\w'\u2019]+", COPY_MARKS.sub("", text.replace("**", "").replace("\u2019", "'")))


def situations(rules: tuple[Rule, ...], knowledge: Knowledge) -> Iterator[dict[str, str]]:
    """Every combination of the facts that `rules` name or ask for, each said or not said."""
    names = sorted({slot for rule in rules for slot, _ in rule.when} | {rule.ask for rule in rules if rule.ask})
    choices = [[None, *(value.id for value in knowledge.slots[name].values)] for name in names]
    for found in product(*choices):
        yield {name: value for name, value in zip(names, found, strict=True) if value is not None}


def ruled(intent: str, known: Mapping[str, str], school: School, knowledge: Knowledge) -> Answer | Clarify | None:
    match = Match(intent, 1.0, slots=tuple(Slot(name, value) for name, value in known.items()))
    ruling = decide(match, None, school, knowledge)
    return ruling if isinstance(ruling, Answer | Clarify) else None


def test_there_are_five_schools(knowledge: Knowledge) -> None:
    assert tuple(knowledge.schools) == SCHOOLS


@pytest.mark.parametrize("school_id", SCHOOLS)
def test_the_words_of_the_policy_are_those_of_the_adopted_text(school_id: str, knowledge: Knowledge) -> None:
    source = (POLICIES / f"{school_id}.txt").read_text(encoding="utf-8")
    assert words(knowledge.schools[school_id].policy) == words(source)


@pytest.mark.parametrize("school_id", SCHOOLS)
class TestEachSchool:
    def test_every_clause_is_in_the_policy_word_for_word_and_in_order(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        school = knowledge.schools[school_id]
        blocks = policy_blocks(school.policy)
        assert blocks == school.blocks
        at = (0, 0)
        for clause in school.clauses.values():
            assert blocks[clause.block][clause.start :].startswith(clause.text)
            assert (clause.block, clause.start) >= at, clause.id
            at = (clause.block, clause.start + len(clause.text))
            assert not clause.lead or any(clause.lead in block for block in blocks[: clause.block])
            assert plain(clause.text) == clause.text

    def test_every_clause_is_ruled_on_or_set_aside_with_a_reason(self, school_id: str, knowledge: Knowledge) -> None:
        school = knowledge.schools[school_id]
        assert coverage(school).missing == ()
        assert all(len(reason.split()) >= 3 for reason in school.not_encoded.values())

    def test_no_long_sentence_of_the_policy_is_left_out_of_the_clauses(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        school = knowledge.schools[school_id]
        shown = " ".join(f"{clause.lead} {clause.text}" for clause in school.clauses.values())
        left = [
            sentence
            for block in school.blocks
            for sentence in re.split(r"(?<=[.!?]) ", block)
            if re.search(r"\b(must|should|will not|may not|required|responsible|not permitted|prohibited)\b", sentence)
            and sentence.rstrip(".:; ") not in shown
        ]
        assert left == []

    def test_every_intent_is_answered_or_silent_and_never_both(self, school_id: str, knowledge: Knowledge) -> None:
        school = knowledge.schools[school_id]
        assert set(school.rules) | set(school.silent) == set(knowledge.intents)
        assert set(school.rules) & set(school.silent) == set()

    def test_a_silence_says_something_and_names_whom_to_ask(self, school_id: str, knowledge: Knowledge) -> None:
        for silence in knowledge.schools[school_id].silent.values():
            assert len(silence.say.split()) >= 4, silence.intent
            assert silence.ask.strip()
            assert len(silence.nearest) <= MOST_CLAUSES
            assert set(silence.nearest) <= set(knowledge.schools[school_id].clauses)

    def test_each_rule_is_reached_by_some_combination_of_facts_and_no_two_clash(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        for rules in knowledge.schools[school_id].rules.values():
            reached: set[str] = set()
            for known in situations(rules, knowledge):
                met = [rule for rule in rules if rule.unmet(known) is None]
                assert met, (rules[0].intent, known)
                most = max(len(rule.when) for rule in met)
                best = [rule.id for rule in met if len(rule.when) == most]
                assert len(best) == 1, (known, best)
                reached.update(best)
            assert reached == {rule.id for rule in rules}

    def test_at_most_one_question_is_asked_and_only_where_the_answer_would_differ(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        school = knowledge.schools[school_id]
        for intent, rules in school.rules.items():
            for known in situations(rules, knowledge):
                first = ruled(intent, known, school, knowledge)
                assert first is not None
                if not isinstance(first, Clarify):
                    continue
                assert first.slot not in known
                assert len(first.values) >= 1
                verdicts = {first.provisional.verdict}
                for value in knowledge.slots[first.slot].values:
                    second = ruled(intent, {**known, first.slot: value.id}, school, knowledge)
                    assert isinstance(second, Answer), (intent, known, first.slot, value.id)
                    verdicts.add(second.verdict)
                assert len(verdicts) > 1, (intent, known, first.slot)

    def test_a_clarifying_question_is_never_given_with_a_permission(self, school_id: str, knowledge: Knowledge) -> None:
        for rules in knowledge.schools[school_id].rules.values():
            assert all(rule.verdict is not Verdict.ALLOWED for rule in rules if rule.ask)

    def test_a_permission_on_a_conditional_intent_names_the_fact_it_rests_on(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        for rules in knowledge.schools[school_id].rules.values():
            stricter = any(rule.verdict in (Verdict.NOT_ALLOWED, Verdict.DEPENDS) for rule in rules)
            loose = {rule.id for rule in rules if stricter and rule.verdict is Verdict.ALLOWED and not rule.when}
            # FACT excepts "sharing a post from the school site/page", which is what the intent itself says; and it
            # takes professional networks for granted, but no school business on them
            assert loose <= {"share-school-post-yes", "professional-networks-understood"}

    def test_every_rule_rests_on_one_to_three_clauses_and_speaks_plainly(
        self, school_id: str, knowledge: Knowledge
    ) -> None:
        for rules in knowledge.schools[school_id].rules.values():
            for rule in rules:
                assert 1 <= len(set(rule.clauses)) == len(rule.clauses) <= MOST_CLAUSES
                assert set(rule.clauses) <= set(knowledge.schools[school_id].clauses)
                assert rule.because.endswith((".", ".\u201d", "\u201d."))
                assert 1 <= len(re.findall(r"[.?!](?:\s|$)", rule.guidance)) <= 4, (rule.id, rule.guidance)
                assert re.fullmatch(r"\d{4}-\d{2}", rule.since), rule.id

    def test_the_url_of_every_clause_is_an_anchor(self, school_id: str, knowledge: Knowledge) -> None:
        assert all(re.fullmatch(r"[a-z0-9][a-z0-9.\-]*", clause) for clause in knowledge.schools[school_id].clauses)


def test_every_intent_has_twenty_phrasings_and_none_stands_twice_in_the_catalogue(knowledge: Knowledge) -> None:
    few = {intent.id: len(intent.examples) for intent in knowledge.intents.values() if len(intent.examples) < 20}
    assert few == {}
    same = Counter(" ".join(re.findall(r"\w+", e.lower())) or e for i in knowledge.intents.values() for e in i.examples)
    assert [phrasing for phrasing, times in same.items() if times > 1] == []


def test_no_report_is_a_look_alike_too(knowledge: Knowledge) -> None:
    reports = [text.lower() for texts in knowledge.screening.reports.values() for text in texts]
    assert set(reports) & {text.lower() for text in knowledge.screening.lookalikes} == set()


def test_the_phrasings_are_not_the_questions_that_score_the_bot(knowledge: Knowledge) -> None:
    asked = set()
    for path in sorted((Path(__file__).with_name("questions")).glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            turns = json.loads(line)["turns"] if line.strip() else []
            asked |= {turn.strip().lower() for turn in turns if len(turn.split()) > 4}
    phrasings = {e.strip().lower() for i in knowledge.intents.values() for e in i.examples}
    reports = {text.strip().lower() for texts in knowledge.screening.reports.values() for text in texts}
    assert asked
    assert asked & (phrasings | reports) == set()


def _said_by_code() -> str:
    folders = [CHECKOUT / "chatbot", CHECKOUT / "adapters"]
    return "\n".join(
        p.read_text(encoding="utf-8")
        for folder in folders
        for p in sorted(folder.rglob("*"))
        if p.suffix in {".py", ".html", ".j2"}
    )


def test_every_wording_key_is_used_and_none_is_missing(knowledge: Knowledge) -> None:
    made = {
        *(f"verdict_{verdict}" for verdict in Verdict),
        *(f"recipient_{route}" for route in Route),
        *(f"do_now_{route}" for route in Route),
        *(f"duty_{duty}" for duty in knowledge.screening.duties),
        *(f"{status}_{live}" for status in Status for live in ("live", "trial", "unreachable")),
        *(str(reason) for reason in Decline),
        *knowledge.smalltalk,
        "withdrawn",
    }
    assert made - set(knowledge.wording) == set()
    code = _said_by_code()
    unused = {key for key in set(knowledge.wording) - made if not re.search(rf"""["']{key}["']""", code)}
    said = set(re.findall(r"""say\("(\w+)\"""", code))
    assert said - set(knowledge.wording) == set()
    assert unused == set()


def test_every_word_in_braces_can_be_filled(knowledge: Knowledge) -> None:
    known = {"school", "head", "ask", "owner", "updated", "due", "example", "verdict", "because", "question", "say"}
    known |= {"title", "cited", "current", "recipient", "reference", "duty"}
    for key, text in knowledge.wording.items():
        assert set(re.findall(r"\{(\w+)\}", text)) <= known, key


def test_every_slot_is_used_by_some_rule_and_every_value_has_words(knowledge: Knowledge) -> None:
    used = {slot for s in knowledge.schools.values() for rules in s.rules.values() for r in rules for slot, _ in r.when}
    assert set(knowledge.slots) - used == {OWN_PAGE}  # decide() itself looks at that one, in every rule
    assert all(value.patterns and value.label for kind in knowledge.slots.values() for value in kind.values)


def test_every_edition_of_guidance_follows_on_from_the_one_before(knowledge: Knowledge) -> None:
    for title in {edition.title for edition in knowledge.editions}:
        editions = sorted((e for e in knowledge.editions if e.title == title), key=lambda e: e.start)
        for before, after in pairwise(editions):
            assert before.end is not None
            assert (after.start - before.end).days == 1


def test_kinds_and_verdicts_are_the_words_of_the_contract() -> None:
    assert [k.value for k in Kind] == ["answer", "clarify", "escalate", "none", "smalltalk"]
    assert [v.value for v in Verdict] == ["allowed", "not_allowed", "depends", "required", "info"]
    assert [r.value for r in Route] == ["dsl", "headteacher", "chair_of_governors"]
