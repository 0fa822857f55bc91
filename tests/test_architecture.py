"""The shape of style.md section 1: what may import what, and what the core may not touch."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from adapters.files import CHECKOUT

CORE = sorted((CHECKOUT / "chatbot").rglob("*.py"))
ALL = [*CORE, *sorted((CHECKOUT / "adapters").rglob("*.py")), *sorted((CHECKOUT / "tests").rglob("*.py"))]
SHARED = {"model", "reply", "errors", "ports", "knowledge", "text", "similarity", "calibration"}
STEPS = {
    "text": {"model"},
    "slots": {"model", "knowledge"},
    "similarity": set(),
    "calibration": set(),
    "safeguarding": SHARED,
    "recognize": SHARED,
    "decide": {"model", "knowledge"},
    "compose": {"model", "knowledge"},
    "errors": set(),
    "model": {"errors", "reply"},
    "reply": set(),
    "plan": {"reply"},
    "about": {"plan", "reply"},
    "escalation": {"plan", "reply"},
    "ports": {"model", "escalation", "plan"},
}
"""Each step and all of chatbot that it may import: the steps never import each other."""
OUTSIDE = {
    "adapters",
    "aiohttp",
    "sqlite3",
    "sqlalchemy",
    "slack_bolt",
    "slack_sdk",
    "botbuilder",
    "onnxruntime",
    "rich",
    "typer",
    "jinja2",
    "dbos",
    "socket",
    "asyncio",
    "logging",
    "time",
    "random",
    "subprocess",
    "urllib",
    "http",
    "os",
}
CLOCK = {"now", "utcnow", "today", "monotonic", "perf_counter", "localtime", "gmtime"}
ENVIRONMENT = {"environ", "getenv"}


def shown(path: Path) -> str:
    return path.relative_to(CHECKOUT).as_posix()


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path)}: relative import"
            found |= {str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def users(package: str, paths: list[Path]) -> set[str]:
    return {shown(path) for path in paths if any(name.split(".")[0] == package for name in imports(path))}


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_the_core_imports_nothing_of_the_world(path: Path) -> None:
    assert {name.split(".")[0] for name in imports(path)} & OUTSIDE == set()


@pytest.mark.parametrize("path", CORE, ids=shown)
def test_the_core_reads_neither_clock_nor_environment(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called & CLOCK == set()
    assert named & ENVIRONMENT == set()


@pytest.mark.parametrize("step", sorted(STEPS))
def test_a_step_imports_only_what_is_shared(step: str) -> None:
    names = {name.split(".")[1] for name in imports(CHECKOUT / "chatbot" / f"{step}.py") if name.startswith("chatbot.")}
    assert names <= STEPS[step]


def test_every_step_is_held_to_it() -> None:
    top = {path.stem for path in CORE if path.parent.name == "chatbot"} - {"__init__", "respond", "bot"}
    assert top == set(STEPS)


def test_only_respond_and_bot_join_the_steps() -> None:
    joining = {"chatbot.decide", "chatbot.compose", "chatbot.recognize", "chatbot.safeguarding"}
    assert {path.stem for path in CORE if len(joining & imports(path)) > 1} == {"respond"}


def test_knowledge_imports_no_step_but_text() -> None:
    for path in (CHECKOUT / "chatbot" / "knowledge").glob("*.py"):
        names = {name.split(".")[1] for name in imports(path) if name.startswith("chatbot.")}
        assert names <= {"knowledge", "model", "reply", "errors", "text"}, shown(path)


@pytest.mark.parametrize(
    ("package", "only"),
    [
        ("yaml", {"chatbot/knowledge/documents.py"}),
        ("rapidfuzz", {"chatbot/text.py", "chatbot/knowledge/reader.py"}),
    ],
)
def test_a_package_has_its_one_place_in_the_core(package: str, only: set[str]) -> None:
    assert users(package, CORE) == only


def test_yaml_is_not_read_by_adapters() -> None:
    adapters = [path for path in ALL if "adapters" in path.parts and "tests" not in path.parts]
    assert users("yaml", adapters) == {"adapters/slack/manifest.py"}, "only a manifest is written as YAML"
    writer = next(path for path in adapters if path.name == "manifest.py")
    assert "yaml.safe_load" not in writer.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ALL, ids=shown)
def test_no_file_is_over_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", [path for path in ALL if "tests" not in path.parts], ids=shown)
def test_every_file_says_what_it_is_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(ast.parse(text))
