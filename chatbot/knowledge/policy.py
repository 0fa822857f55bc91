"""The adopted text and its clauses: proves that every clause is in the text, word for word."""

from __future__ import annotations

import re
from pathlib import Path

from chatbot.errors import Problem
from chatbot.knowledge.reader import read_entries, shown_path
from chatbot.knowledge.types import Clause

_MARK = re.compile(r"^\s*(?:#{1,6} |- |\d+\. (?=[A-Z]))")
_TABLE_RULE = re.compile(r"^\|[\s|:-]+\|$")


def plain(text: str) -> str:
    """`text` as it is compared: without `**`, every run of white space one space."""
    return re.sub(r"\s+", " ", text.replace("**", "")).strip()


def policy_blocks(markdown: str) -> tuple[str, ...]:
    """The plain text of each heading, paragraph, bullet and table of a policy, in order."""
    blocks: list[str] = []
    open_block = False
    in_table = False
    for line in markdown.splitlines():
        is_table = line.startswith("|")
        if not line.strip():
            open_block = in_table = False
        elif is_table:
            cells = "" if _TABLE_RULE.match(line) else " ".join(line.strip("| ").split("|"))
            if in_table:
                blocks[-1] += " " + cells
            else:
                blocks.append(cells)
            in_table, open_block = True, False
        elif _MARK.match(line) or not open_block:
            blocks.append(_MARK.sub("", line))
            open_block, in_table = not line.startswith("#"), False
        else:
            blocks[-1] += " " + line
    return tuple(plain(block) for block in blocks)


def read_clauses(folder: Path, root: Path, problems: list[Problem]) -> tuple[str, tuple[str, ...], dict[str, Clause]]:
    """policy.md, its blocks, and the clauses of clauses.yaml that are proven to stand in it."""
    policy_path = folder / "policy.md"
    try:
        markdown = policy_path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(shown_path(policy_path, root), None, f"cannot be read: {error}"))
        return "", (), {}
    blocks = policy_blocks(markdown)
    clauses: dict[str, Clause] = {}
    at = (0, 0)
    for section in read_entries(folder / "clauses.yaml", root, problems):
        section.only("section", "heading", "clauses")
        heading, section_id = section.text("heading"), section.text("section")
        for entry in section.entries("clauses"):
            entry.only("id", "lead", "text")
            clause_id, text, lead = entry.text("id"), plain(entry.text("text")), plain(entry.text("lead", ""))
            if clause_id in clauses:
                entry.problem(f"clause {clause_id!r} stands twice; ids are unique", "id")
                continue
            place = _find(blocks, text, at)
            if place is None:
                entry.problem(
                    f"the text is not in policy.md after the clause before it, word for word: {text[:60]!r}", "text"
                )
                continue
            if lead and not any(lead in block for block in blocks[: place[0]]):
                entry.problem(f"the lead is not in policy.md before the clause: {lead[:60]!r}", "lead")
            at = (place[0], place[1] + len(text))
            clauses[clause_id] = Clause(clause_id, section_id, heading, text, lead, *place)
    return markdown, blocks, clauses


def _find(blocks: tuple[str, ...], text: str, start: tuple[int, int]) -> tuple[int, int] | None:
    for number in range(start[0], len(blocks)):
        found = blocks[number].find(text, start[1] if number == start[0] else 0)
        if found >= 0 and text:
            return number, found
    return None
