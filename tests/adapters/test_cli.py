"""The console script: what it prints, in which order, and with which exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.engine import Made
from adapters.files import CHECKOUT
from adapters.terminal import safe, show_reply
from chatbot.model import Kind, Reply, Text
from chatbot.respond import Engine

KEYS = [
    "kind",
    "status",
    "verdict",
    "intent",
    "rules",
    "citations",
    "because",
    "text",
    "choices",
    "route",
    "emergency",
    "reference",
    "confidence",
]
"""The Reply of the contract (design.md, Commands)."""
REPORT = "a boy told me his dad hits him with a belt"
PASSED, BAD = '{"id": "%s", "school": "ashley", "turns": ["%s"]}', "not json"


@pytest.fixture(autouse=True)
def _made_once(lexical_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands use the engine that the tests have made already."""
    monkeypatch.setattr("adapters.cli.make_engine", lambda **_: Made(lexical_engine, semantic=False, why_not="tests"))


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments], input=text)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_ask_prints_verdict_clause_and_guidance() -> None:
    result = run("ask", "yeadon", "Can I use Facebook on my own phone in my lunch break?")
    assert result.exit_code == 0
    assert result.stdout.startswith("Yes.")
    assert "3.j" in result.stdout
    assert "\u201c" in result.stdout


@pytest.mark.parametrize("question", ["Can I use Facebook at lunch?", REPORT, "hello", "purple elephants", ""])
def test_ask_as_json_has_exactly_the_keys_of_the_contract(question: str) -> None:
    result = run("ask", "ashley", question, "--json")
    assert result.exit_code == 0
    (reply,) = lines(result)
    assert list(reply) == KEYS
    assert isinstance(reply["confidence"], float)
    assert 0 <= reply["confidence"] <= 1
    assert isinstance(reply["citations"], list)
    for citation in reply["citations"]:
        assert list(citation) == ["clause", "heading", "text", "url"]
    assert isinstance(reply["choices"], list)
    for choice in reply["choices"]:
        assert list(choice) == ["label", "value"]


def test_a_report_asked_in_the_terminal_is_delivered_to_nobody_and_says_so() -> None:
    (reply,) = lines(run("ask", "ashley", REPORT, "--json"))
    assert (reply["kind"], reply["status"], reply["reference"]) == ("escalate", "raised", None)
    assert "nobody has been told" in str(reply["text"])


def test_why_explains_the_answer() -> None:
    shown = " ".join(run("ask", "ashley", "can i accpt a freind requst from an ex pupil", "--why").stdout.split())
    for words in (
        "read as",
        "repaired",
        "requst \u2192 request",
        "relation = former_pupil",
        "concern none",
        "matched",
        "runner-up",
        "nearest example",
        "sure",
        "rule",
        "not",
    ):
        assert words in shown


def test_why_beside_json_goes_to_standard_error() -> None:
    result = run("ask", "ashley", "can i add a pupil", "--json", "--why")
    assert list(lines(result)[0]) == KEYS
    assert "read as" in result.stderr


def test_an_unknown_school_exits_2_and_names_those_served() -> None:
    result = run("ask", "hogwarts", "hello")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "no school named 'hogwarts'" in result.stderr
    assert "ravenscote" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("ask",), ("ask", "ashley"), ("nonsense",), ("ask", "ashley", "x", "--nonsense"), ("score", "/nowhere")],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("command", ["demo", "ask", "batch", "score", "check", "bench"])
def test_every_command_has_help(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert command in result.stdout
    assert len(result.stdout.split()) > 20


@pytest.mark.parametrize("arguments", [("batch",), ("batch", "-")])
def test_batch_reads_standard_input_and_answers_in_order(arguments: tuple[str, ...]) -> None:
    result = run(*arguments, text="\n".join(PASSED % (name, "hello") for name in "cab") + "\n\n")
    assert result.exit_code == 0
    assert [line["id"] for line in lines(result)] == ["c", "a", "b"]
    assert all(list(line) == ["id", "replies"] for line in lines(result))


def test_batch_reads_a_file_and_every_reply_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": "x", "school": "fact", "turns": ["hello", "can i add a pupil"]}', encoding="utf-8")
    (line,) = lines(run("batch", str(file)))
    assert isinstance(line["replies"], list)
    assert [list(reply) for reply in line["replies"]] == [KEYS, KEYS]


def test_a_bad_line_is_an_error_exits_1_and_the_others_are_answered() -> None:
    result = run("batch", text="\n".join((PASSED % ("a", "hello"), BAD, '{"id": "b"}', PASSED % ("c", "hello"))))
    assert result.exit_code == 1
    found = lines(result)
    assert [list(line) for line in found] == [["id", "replies"], ["line", "error"], ["id", "error"], ["id", "replies"]]
    assert found[1]["line"] == 2
    assert found[2]["id"] == "b"


def test_batch_of_nothing_prints_nothing() -> None:
    result = run("batch", text="")
    assert (result.exit_code, result.stdout) == (0, "")


@pytest.mark.parametrize("name", ["nowhere.jsonl", ""])
def test_batch_of_a_file_that_cannot_be_read_exits_2(name: str, tmp_path: Path) -> None:
    result = run("batch", str(tmp_path / name))
    assert result.exit_code == 2
    assert "cannot read" in result.stderr


def test_surrogates_and_control_characters_pass_through_the_console_script() -> None:
    line = '{"id": "\\ud800", "school": "ashley", "turns": ["\\ud800\\u0000\\u001b[2J"]}'
    script = "from adapters.cli import main; main()"
    done = subprocess.run(  # our own program with fixed arguments
        [sys.executable, "-c", script, "batch", "--lexical"],
        input=line,
        capture_output=True,
        text=True,
        cwd=CHECKOUT,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "\x1b" not in done.stdout
    assert json.loads(done.stdout)["id"] == "\ud800"


def case(name: str, **changes: object) -> str:
    whole: dict[str, object] = {
        "id": name,
        "school": "yeadon",
        "turns": ["Can I use Facebook on my own phone in my lunch break?"],
        "kinds": ["answer"],
        "verdict": "allowed",
        "quotes": [],
        "route": None,
        "emergency": False,
        "tags": ["plain"],
        "why": "because",
    }
    return json.dumps({**whole, **changes})


def test_score_prints_the_measures_by_school_and_tag_with_failing_ids_last(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(
        "\n".join(
            (
                case("good", kinds=["smalltalk"], turns=["hello"], verdict=None),
                case("bad-one", kinds=["none"], verdict=None, school="ashley"),
            )
        ),
        encoding="utf-8",
    )
    result = run("score", str(file))
    assert result.exit_code == 0
    for words in ("2 cases", "wrong permissions", "safeguarding recall", "yeadon", "ashley", "plain"):
        assert words in result.stdout
    assert result.stdout.rstrip().splitlines()[-1].strip().startswith("bad-one:")
    assert "good:" not in result.stdout


def test_score_of_a_bad_file_names_the_line_and_exits_2(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text(f"{case('good')}\n\n{{}}\n", encoding="utf-8")
    result = run("score", str(file))
    assert result.exit_code == 2
    assert "cases.jsonl:3" in "".join(result.stderr.split())


@pytest.mark.parametrize("text", ["[bold red]x[/]", "[/]", "[link=http://x]y[/link]", "a\x1b[2Jb", "\u202ex", "\ud800"])
def test_text_is_printed_as_it_is_and_never_as_markup(text: str) -> None:
    out = io.StringIO()
    show_reply(Console(file=out, width=200, force_terminal=True, highlight=False), Reply(Kind.ANSWER, (Text(text),)))
    assert "\x1b[2J" not in out.getvalue()
    assert "\u202e" not in out.getvalue()
    kept = "".join("\ufffd" if c in "\x1b\u202e\ud800" else c for c in text)
    assert out.getvalue().rstrip("\n") == kept
    assert safe("two\nlines") == "two\nlines"


def test_demo_is_started_with_the_port_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[object] = []

    async def never(*arguments: object) -> None:
        started.extend(arguments)

    monkeypatch.setattr("adapters.app.serve", never)
    result = run("demo", "--port", "0", "--lexical")
    assert result.exception is None
    assert result.exit_code == 0
    assert started
