"""One school's folder into a School: its policy, its rules, what it says of itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from chatbot.errors import Problem
from chatbot.knowledge.check import school_problems
from chatbot.knowledge.documents import Table
from chatbot.knowledge.policy import read_clauses
from chatbot.knowledge.reader import Entry, read_entries, read_entry, shown_path
from chatbot.knowledge.types import Clause, Guidance, Intent, Rule, School, Silence, SlotType
from chatbot.model import Verdict

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
"""What ids look like: small letters, digits, hyphens."""


def read_school(
    path: Path,
    root: Path,
    intents: Mapping[str, Intent],
    slots: Mapping[str, SlotType],
    problems: list[Problem],
) -> School:
    """The school in the folder `path`, noting every problem."""
    text = read_clauses(path, root, problems)
    rules: dict[str, list[Rule]] = {}
    silent: dict[str, Silence] = {}
    for file in sorted((path / "rules").glob("*.yaml")):
        entry = read_entry(file, root, problems)
        if entry is None:
            continue
        entry.only("rules", "silent")
        for row in entry.entries("rules"):
            rule = _rule(row)
            rules.setdefault(rule.intent, []).append(rule)
        for row in entry.entries("silent"):
            row.only("intent", "nearest", "say", "ask")
            silence = Silence(row.text("intent"), row.texts("nearest", needed=False), row.text("say"), row.text("ask"))
            if silence.intent in silent:
                row.problem(f"intent {silence.intent!r} is silent twice", "intent")
            silent[silence.intent] = silence
    not_encoded = {}
    for row in read_entries(path / "not_encoded.yaml", root, problems):
        row.only("clause", "reason")
        not_encoded[row.text("clause")] = row.text("reason")
    about = read_entry(path / "school.yaml", root, problems)
    school = _about(path.name, about, text, rules, silent, not_encoded)
    problems.extend(school_problems(school, shown_path(path, root), intents, slots))
    return school


def _rule(row: Entry) -> Rule:
    row.only(
        "id", "intent", "when", "verdict", "clauses", "because", "guidance", "ask", "since", "withdrawn", "not_for"
    )
    when = []
    for slot, value in row.table_at("when").items():
        values = [value] if isinstance(value, str) else list(value) if isinstance(value, list) else []
        when.append((slot, frozenset(str(v) for v in values)))
    rule_id = row.text("id")
    if rule_id and not ID.fullmatch(rule_id):
        row.problem(f"the id {rule_id!r} should be small letters and hyphens", "id")
    return Rule(
        rule_id,
        row.text("intent"),
        tuple(sorted(when)),
        row.choice("verdict", Verdict),
        row.texts("clauses"),
        row.text("because"),
        row.text("guidance"),
        row.text("ask", ""),
        row.text("since"),
        row.text("withdrawn", ""),
        f"{row.shown}:{row.line()}",
    )


def _about(
    school_id: str,
    entry: Entry | None,
    text: tuple[str, tuple[str, ...], dict[str, Clause]],
    rules: Mapping[str, list[Rule]],
    silent: Mapping[str, Silence],
    not_encoded: Mapping[str, str],
) -> School:
    """The school as one value; without school.yaml, which is a problem already noted, one that is never served."""
    policy, blocks, clauses = text
    entry = entry or Entry(Table(1), school_id, [])
    entry.only(
        "name", "head", "head_name", "owner", "updated", "due", "due_shown", "guidance", "suggestions", "reporting"
    )
    guidance = []
    for row in entry.entries("guidance"):
        row.only("title", "edition", "clause")
        guidance.append(Guidance(row.text("title"), int(row.number("edition")), row.text("clause")))
    return School(
        id=school_id,
        name=entry.text("name"),
        head=entry.text("head"),
        head_name=entry.text("head_name", ""),
        owner=entry.text("owner"),
        updated=entry.text("updated"),
        due=read_date(entry, "due") or date.min,
        due_shown=entry.text("due_shown"),
        guidance=tuple(guidance),
        suggestions=entry.texts("suggestions"),
        reporting=entry.texts("reporting"),
        blocks=blocks,
        clauses=clauses,
        rules={intent: tuple(r for r in found if not r.withdrawn) for intent, found in rules.items()},
        silent=silent,
        not_encoded=not_encoded,
        policy=policy,
    )


def read_date(entry: Entry, key: str) -> date | None:
    """An ISO date; a month alone is its last day, as "due for review March 2026" means all of March."""
    value = entry.text(key)
    match = re.fullmatch(r"(\d{4})-(\d{2})(?:-(\d{2}))?", value)
    try:
        if match and match[3]:
            return date.fromisoformat(value)
        if match:
            year, month = int(match[1]), int(match[2])
            following = date(year + month // 12, month % 12 + 1, 1) if 1 <= month <= 12 else date(year, month, 1)
            return date.fromordinal(following.toordinal() - 1)
    except ValueError:
        pass
    if value:
        entry.problem(f"{key!r} should be a date like 2026-03-31 or a month like 2026-03, not {value!r}", key)
    return None
