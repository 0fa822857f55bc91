"""JSON lines in, JSON lines out."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from adapters.replies import reply_json
from chatbot.errors import BadTurn, UnknownSchool
from chatbot.model import Memory, Turn
from chatbot.respond import Engine, respond

LONGEST_LINE = 2_000_000
"""Characters of one line; a longer one is an error, not a reason to stop."""


def read_lines(name: str) -> Iterator[tuple[int, str]]:
    """Numbered lines of the file `name`, or of standard input for "-"; blank ones left out. Raises OSError."""
    if name == "-":
        return _numbered(sys.stdin)
    with Path(name).open(encoding="utf-8", errors="replace"):
        pass  # a file that cannot be opened is told before the engine is loaded
    return _file_lines(Path(name))


def _file_lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open(encoding="utf-8", errors="replace") as stream:
        yield from _numbered(stream)


def _numbered(stream: Iterable[str]) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(stream, start=1) if line.strip())


def answer_line(number: int, line: str, engine: Engine, now: datetime) -> dict[str, object]:
    """The result for one line: {"id", "replies"}, or {"id" or "line", "error"}."""
    name: dict[str, object] = {"line": number}
    try:
        case = _case(line)
        if isinstance(case.get("id"), str):
            name = {"id": case["id"]}
        school, turns = _fields(case)
        return {**name, "replies": answers(str(case["id"]), school, turns, engine, now)}
    except (BadTurn, UnknownSchool) as error:
        return {**name, "error": str(error)}


def answers(case_id: str, school: str, turns: list[str], engine: Engine, now: datetime) -> list[dict[str, object]]:
    """The replies to `turns`, one conversation. Nothing is recorded or delivered."""
    memory, replies = Memory(), []
    for at, text in enumerate(turns):
        outcome = respond(Turn(f"{case_id}/{at}", case_id, school, "batch", text, now), memory, engine, recorded=False)
        memory = outcome.memory
        replies.append(reply_json(outcome.reply))
    return replies


def _case(line: str) -> dict[str, object]:
    if len(line) > LONGEST_LINE:
        raise BadTurn(f"a line of {len(line)} characters; at most {LONGEST_LINE} are read")
    try:
        case = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadTurn(f"not JSON: {error}") from error
    if not isinstance(case, dict):
        raise BadTurn(f"expected an object with id, school and turns, got {type(case).__name__}")
    return case


def _fields(case: dict[str, object]) -> tuple[str, list[str]]:
    school, turns = case.get("school"), case.get("turns")
    if not isinstance(case.get("id"), str):
        raise BadTurn(f"'id' should be a text, got {case.get('id')!r}")
    if not isinstance(school, str):
        raise BadTurn(f"'school' should be a text, got {school!r}")
    if not isinstance(turns, list) or not turns or not all(isinstance(turn, str) for turn in turns):
        raise BadTurn("'turns' should be a list of one or more texts")
    return school, [str(turn) for turn in turns]
