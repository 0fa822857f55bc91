"""The views take values and give values: they know no network, no clock and no SDK."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import adapters.teams

FOLDER = Path(adapters.teams.__file__).parent
VIEWS = (
    "actions", "alerts", "cards", "clauses", "deed_forms", "deeds", "elements", "forms", "found", "opened", "pieces",
    "standing", "surroundings", "texts", "views",
)  # fmt: skip
KNOWN: tuple[str, ...] = (
    "__future__",
    "collections.abc",
    "dataclasses",
    "datetime",
    "hashlib",
    "json",
    "re",
    "typing",
    "unicodedata",
)
KNOWN += (
    "urllib.parse",
    "zoneinfo",
    "chatbot.",
    "adapters.chat.coaching",
    "adapters.chat.deeds",
    "adapters.chat.links",
    "adapters.chat.told",
    "adapters.chat.texts",
    "adapters.escalations.",
    *(f"adapters.teams.{name}" for name in VIEWS),
)


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_imports_nothing_that_reaches_the_world(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert [module for module in modules if not module.startswith(KNOWN)] == []
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called & {"now", "today", "utcnow", "open", "read_text"} == set()
