"""Typed access to a document, noting every problem with its file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from rapidfuzz import fuzz, process

from chatbot.errors import Problem
from chatbot.knowledge.documents import Rows, Table, read_document

E = TypeVar("E", bound=StrEnum)


def suggestion(word: str, known: Iterable[str]) -> str:
    """ "; did you mean 'x'?" for the known word nearest to `word`, or nothing."""
    found = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=70)
    return f"; did you mean {found[0]!r}?" if found else ""


class Entry:
    """One mapping of a document: asks for its keys by type and remembers where it stands."""

    def __init__(self, table: Table, shown: str, problems: list[Problem], name: str = "") -> None:
        self.table = table
        self.shown = shown
        self.problems = problems
        self.name = name

    def line(self, key: str = "") -> int:
        """The line of `key`, or of the entry."""
        return self.table.lines.get(key, self.table.line)

    def problem(self, text: str, key: str = "") -> None:
        """Note a problem at `key`."""
        prefix = f"{self.name}: " if self.name else ""
        self.problems.append(Problem(self.shown, self.line(key), prefix + text))

    def only(self, *keys: str) -> None:
        """Note every key that is not one of `keys`."""
        for key in self.table:
            if key not in keys:
                self.problem(f"unknown key {key!r}{suggestion(key, keys)}", key)

    def text(self, key: str, default: str | None = None) -> str:
        """A string; a problem if it is missing (without default), empty or not a string."""
        value = self.table.get(key, default)
        if value is None:
            self.problem(f"needs {key!r}")
            return ""
        if not isinstance(value, str):
            self.problem(f"{key!r} should be a text, not {_kind(value)}", key)
            return ""
        if key in self.table and not value.strip():
            self.problem(f"{key!r} is empty", key)
        return " ".join(value.split())

    def texts(self, key: str, *, needed: bool = True) -> tuple[str, ...]:
        """A list of strings."""
        value = self.table.get(key)
        if value is None:
            if needed:
                self.problem(f"needs {key!r}, a list")
            return ()
        if not isinstance(value, Rows) or not all(isinstance(v, str) for v in value):
            self.problem(f"{key!r} should be a list of texts", key)
            return ()
        return tuple(str(v) for v in value)

    def choice(self, key: str, kind: type[E]) -> E:
        """A word of a closed set; the set's first where it is wrong."""
        value = self.text(key)
        known = [member.value for member in kind]
        if value not in known:
            if value:
                self.problem(f"{key!r} is {value!r}; expected one of {', '.join(known)}{suggestion(value, known)}", key)
            return next(iter(kind))
        return kind(value)

    def number(self, key: str) -> float:
        """A number; 0 with a problem noted where it is none."""
        value = self.text(key)
        try:
            return float(value)
        except ValueError:
            if value:
                self.problem(f"{key!r} should be a number, not {value!r}", key)
            return 0.0

    def patterns(self, key: str, words: Mapping[str, str] = {}, *, needed: bool = True) -> tuple[re.Pattern[str], ...]:
        """A list of regular expressions, `{word}` replaced from `words`."""
        compiled = []
        for pattern in self.texts(key, needed=needed):
            for word, meaning in words.items():
                pattern = pattern.replace("{" + word + "}", meaning)
            try:
                compiled.append(re.compile(pattern))
            except re.error as error:
                self.problem(f"{key!r} has a pattern that does not compile: {error}: {pattern[:60]}", key)
        return tuple(compiled)

    def table_at(self, key: str) -> Table:
        """A mapping under `key`; empty where it is missing."""
        value = self.table.get(key)
        if value is None:
            return Table(self.line())
        if not isinstance(value, Table):
            self.problem(f"{key!r} should be a mapping, not {_kind(value)}", key)
            return Table(self.line(key))
        return value

    def entries(self, key: str) -> Iterator[Entry]:
        """The mappings of a list under `key`."""
        value = self.table.get(key)
        if value is not None:
            yield from _entries(value, self.shown, self.problems, self.line(key))


def read_entry(path: Path, root: Path, problems: list[Problem]) -> Entry | None:
    """The document in `path` where it is a mapping; else None with a problem noted."""
    shown = shown_path(path, root)
    before = len(problems)
    value = read_document(path, shown, problems)
    if isinstance(value, Table):
        return Entry(value, shown, problems)
    if len(problems) == before:
        problems.append(Problem(shown, 1, f"should be a mapping, not {_kind(value)}"))
    return None


def read_entries(path: Path, root: Path, problems: list[Problem]) -> Iterator[Entry]:
    """The mappings of the list in `path`."""
    shown = shown_path(path, root)
    before = len(problems)
    value = read_document(path, shown, problems)
    if value is None and len(problems) > before:
        return
    yield from _entries(value, shown, problems, 1)


def _entries(value: object, shown: str, problems: list[Problem], line: int) -> Iterator[Entry]:
    if not isinstance(value, Rows):
        problems.append(Problem(shown, line, f"should be a list, not {_kind(value)}"))
        return
    for row, at in zip(value, value.lines, strict=True):
        if isinstance(row, Table):
            yield Entry(row, shown, problems, str(row.get("id") or row.get("intent") or ""))
        else:
            problems.append(Problem(shown, at, f"each item should be a mapping, not {_kind(row)}"))


def shown_path(path: Path, root: Path) -> str:
    """`path` as people know it: from knowledge/ on."""
    try:
        return f"{root.name}/{path.relative_to(root).as_posix()}"
    except ValueError:
        return str(path)


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Table):
        return "a mapping"
    return "a list" if isinstance(value, Rows) else "a text"
