"""YAML files as plain values that remember their lines. The only user of yaml.

Every scalar stays a string (so that `no`, `3.10` and `2026-03` mean what they say). Aliases,
duplicate keys and oversized files are problems, not surprises.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from chatbot.errors import Problem

LARGEST = 4_000_000
"""Bytes of one knowledge file; more is a mistake or an attack."""

_DEEP = re.compile(rb"(?:[\[{]\s*){100}|(?:[-?:]\s+){200}")
"""Nesting that would exhaust the C parser's stack, which ends the process instead of raising."""

_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Value = "Table | Rows | str"


class Table(dict[str, object]):
    """A YAML mapping; `line` is where it starts, `lines` where each key stands."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[str, int] = {}


class Rows(list[object]):
    """A YAML list; `lines` is where each item starts."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: list[int] = []


def read_document(path: Path, shown: str, problems: list[Problem]) -> object:
    """The document in `path`, or None with a problem noted. `shown` names the file in problems."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        problems.append(Problem(shown, None, f"cannot be read ({error.strerror}); the file is needed"))
        return None
    if len(raw) > LARGEST:
        problems.append(Problem(shown, None, f"is {len(raw)} bytes; a knowledge file holds {LARGEST} at most"))
        return None
    if _DEEP.search(raw):
        problems.append(Problem(shown, None, "is nested too deeply"))
        return None
    try:
        node = yaml.compose(raw.decode("utf-8"), Loader=_Loader)
    except UnicodeDecodeError as error:
        problems.append(Problem(shown, None, f"is not UTF-8 (byte {error.start}); save it as UTF-8"))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else None
        problems.append(Problem(shown, line, f"is not YAML: {getattr(error, 'problem', error)}"))
        return None
    except RecursionError:
        problems.append(Problem(shown, None, "is nested too deeply"))
        return None
    return None if node is None else _Builder(shown, problems).build(node, 0)


class _Builder:
    """Turns YAML nodes into values, noting what may not be there."""

    def __init__(self, shown: str, problems: list[Problem]) -> None:
        self.shown = shown
        self.problems = problems
        self.seen: set[int] = set()

    def build(self, node: yaml.Node, depth: int) -> object:
        line = node.start_mark.line + 1
        if isinstance(node, yaml.ScalarNode):
            return node.value
        if id(node) in self.seen or depth > 20:
            self.problems.append(
                Problem(self.shown, line, "uses a YAML alias or is nested too deeply; write the value out")
            )
            return None
        self.seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._table(node, line, depth)
        rows = Rows(line)
        for item in node.value:
            rows.append(self.build(item, depth + 1))
            rows.lines.append(item.start_mark.line + 1)
        return rows

    def _table(self, node: yaml.MappingNode, line: int, depth: int) -> Table:
        table = Table(line)
        for key_node, value_node in node.value:
            at = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problems.append(Problem(self.shown, at, "has a key that is not a word"))
                continue
            key = key_node.value
            if key in table:
                self.problems.append(Problem(self.shown, at, f"has the key {key!r} twice; keep one"))
            table[key] = self.build(value_node, depth + 1)
            table.lines[key] = at
        return table
