"""`chatbot check`: problems, what the knowledge covers, what the matcher makes of it."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from adapters.engine import engine_of
from adapters.files import knowledge_folder, read_english
from chatbot.errors import Problem
from chatbot.knowledge import Knowledge, coverage, read_knowledge
from chatbot.model import Verdict


def check_folder(folder: Path | None, out: Console, err: Console) -> bool:
    """Print every problem under `folder`, or what it holds if there is none. Whether it can be served."""
    folder = folder or knowledge_folder()
    if not folder.is_dir():
        err.print(f"chatbot: {escape(str(folder))} is not a folder; expected one with schools/, intents/, wording/")
        return False
    problems: list[Problem] = []
    knowledge = read_knowledge(folder, read_english(), problems)
    for problem in problems:
        out.print(escape(str(problem)), soft_wrap=True)
    if problems:
        out.print(f"{len(problems)} problems; nothing is served until they are mended.")
        return False
    _show_coverage(knowledge, out)
    _show_matching(knowledge, out)
    return True


def _show_coverage(knowledge: Knowledge, out: Console) -> None:
    table = Table("school", "clauses", "in a rule", "nearest", "not encoded", "rules", "allowing", "silent on", "due")
    for school in knowledge.schools.values():
        covered = coverage(school)
        rules = [rule for found in school.rules.values() for rule in found]
        allowing = sum(rule.verdict is Verdict.ALLOWED for rule in rules)
        counts = (
            len(school.clauses),
            covered.ruled,
            covered.nearest,
            covered.not_encoded,
            len(rules),
            allowing,
            len(school.silent),
        )
        table.add_row(school.id, *map(str, counts), school.due_shown)
    out.print(table)
    examples = [len(intent.examples) for intent in knowledge.intents.values()]
    out.print(
        f"{len(examples)} intents with {sum(examples)} phrasings (fewest {min(examples)}); "
        "every clause is reached or set aside."
    )


def _show_matching(knowledge: Knowledge, out: Console) -> None:
    for semantic in (False, True):
        made = engine_of(knowledge, semantic=semantic)
        name = "words and sentence meaning" if made.semantic else "words only"
        if semantic and not made.semantic:
            out.print(f"Sentence meaning: not used, {escape(made.why_not)}.")
            continue
        calibration = made.engine.recognizer.calibration
        out.print(
            f"Matching by {name}: a score under {calibration.accept:.3f} is not answered "
            "(found by leaving examples out)."
        )
