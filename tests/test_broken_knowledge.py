"""Broken knowledge is never served: every problem is told at once, with file, line and a suggestion."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from adapters.cli import app
from adapters.files import knowledge_folder
from chatbot.errors import KnowledgeError, Problem
from chatbot.knowledge import load, read_knowledge
from tests.faults import ASHLEY, CONTACT, FAULTS, Fault, edit, put_first, rule


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One copy of the knowledge with one school and two phrasings an intent, to be quick; it is never changed."""
    copy = tmp_path_factory.mktemp("sound") / "knowledge"
    shutil.copytree(knowledge_folder(), copy)
    for school in (copy / "schools").iterdir():
        if school.name != "ashley":
            shutil.rmtree(school)
    for intent in (copy / "intents").glob("*/*.yaml"):
        head, examples = intent.read_text(encoding="utf-8").split("examples:\n")
        intent.write_text(f"{head}examples:\n" + "".join(examples.splitlines(keepends=True)[:2]), encoding="utf-8")
    return copy


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    copy = tmp_path / "knowledge"
    shutil.copytree(sound, copy)
    return copy


def problems_of(folder: Path) -> list[Problem]:
    problems: list[Problem] = []
    read_knowledge(folder, frozenset(), problems)
    return problems


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_with_file_line_and_what_to_do(fault: Fault, folder: Path) -> None:
    fault.do(folder)
    found = problems_of(folder)
    told = [p for p in found if p.path == f"knowledge/{fault.where}" and all(word in p.text for word in fault.words)]
    assert told, [str(problem) for problem in found]
    assert all(problem.line for problem in told) or not fault.line


def test_sound_knowledge_has_no_problem(sound: Path) -> None:
    assert problems_of(sound) == []
    assert tuple(load(sound).schools) == ("ashley",)


def test_an_unreachable_rule_is_told(folder: Path) -> None:
    put_first(folder, CONTACT, rule("never-reached", more="    when: {relation: []}\n"))
    (found,) = problems_of(folder)
    assert (found.path, found.line) == (f"knowledge/{CONTACT}", 2)
    assert found.text.startswith("never-reached: can never be reached")


def break_in_five_ways(folder: Path) -> tuple[str, ...]:
    put_first(folder, CONTACT, rule(intent="contact-pupli"))
    edit(folder, f"{ASHLEY}/school.yaml", "owner:", "ownr:")
    edit(folder, f"{ASHLEY}/policy.md", "past or present", "past and present")
    (folder / "statutory.yaml").write_bytes(b"\xff\xfe")
    edit(folder, f"{ASHLEY}/rules/official.yaml", "rules:\n", "rules: [\n")
    return ("contact-pupli", "ownr", "word for word", "not UTF-8", "not YAML")


def test_every_problem_is_told_at_once(folder: Path) -> None:
    expected = break_in_five_ways(folder)
    found = "\n".join(map(str, problems_of(folder)))
    for words in expected:
        assert words in found
    with pytest.raises(KnowledgeError) as raised:
        load(folder)
    assert "\n".join(map(str, raised.value.problems)) == str(raised.value) == found


def test_check_lists_every_problem_and_exits_1(folder: Path) -> None:
    expected = break_in_five_ways(folder)
    result = CliRunner().invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    for words in expected:
        assert words in result.output
    assert f"knowledge/{ASHLEY}/school.yaml:" in result.output
    assert f"{len(problems_of(folder))} problems" in result.output


@pytest.mark.parametrize(
    "command", [["batch", "--lexical"], ["ask", "ashley", "hello", "--lexical"], ["demo", "--lexical"]]
)
def test_nothing_is_served_from_broken_knowledge(
    command: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = break_in_five_ways(folder)
    monkeypatch.setattr("adapters.engine.knowledge_folder", lambda: folder)
    result = CliRunner().invoke(app, command, input='{"id": "a", "school": "ashley", "turns": ["hello"]}\n')
    assert result.exit_code == 1
    assert result.stdout == ""
    shown = " ".join(result.stderr.replace("\u2502", " ").split())
    for words in expected:
        assert words in shown


def test_check_of_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(tmp_path / "nowhere")])
    assert result.exit_code == 1
    assert "is not a folder" in " ".join(result.output.split())


def test_an_empty_folder_is_a_list_of_what_is_missing(tmp_path: Path) -> None:
    told = "\n".join(map(str, problems_of(tmp_path)))
    for name in ("slots.yaml", "words.yaml", "wording/en.yaml", "safeguarding.yaml", "intents", "schools"):
        assert name in told
