"""JSON lines in, JSON lines out: every line gets its result, in order, whatever is on it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from adapters.batch import LONGEST_LINE, answer_line, answers, read_lines
from chatbot.respond import Engine
from tests.talk import NOW


def result(engine: Engine, line: object) -> dict[str, object]:
    return answer_line(7, line if isinstance(line, str) else json.dumps(line), engine, NOW)


def test_a_case_gets_one_reply_for_each_turn(lexical_engine: Engine) -> None:
    found = result(lexical_engine, {"id": "a", "school": "fact", "turns": ["hello", "can i check facebook in ppa"]})
    assert list(found) == ["id", "replies"]
    assert found["id"] == "a"
    assert isinstance(found["replies"], list)
    assert [reply["kind"] for reply in found["replies"]] == ["smalltalk", "answer"]


def test_turns_of_a_case_are_one_conversation_and_cases_are_not(lexical_engine: Engine) -> None:
    turns = ["can i accept a friend request from a former pupil", "she's 20"]
    together = answers("a", "fact", turns, lexical_engine, NOW)
    apart = answers("b", "fact", turns[1:], lexical_engine, NOW)
    assert (together[1]["kind"], together[1]["verdict"]) == ("answer", "allowed")
    assert apart[0]["verdict"] != "allowed"


def test_a_report_is_decided_and_shown_but_has_no_reference(lexical_engine: Engine) -> None:
    (reply,) = answers("a", "fact", ["a boy told me his dad hits him with a belt"], lexical_engine, NOW)
    assert (reply["kind"], reply["status"], reply["route"], reply["reference"]) == ("escalate", "raised", "dsl", None)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "not JSON"),
        ("nonsense", "not JSON"),
        ("[1]", "expected an object"),
        ("null", "expected an object"),
        ("[" * 100_000, "not JSON"),
        ({"school": "fact", "turns": ["x"]}, "'id' should be a text"),
        ({"id": 3, "school": "fact", "turns": ["x"]}, "'id' should be a text, got 3"),
        ({"id": "a", "turns": ["x"]}, "'school' should be a text"),
        ({"id": "a", "school": "fact"}, "'turns' should be a list"),
        ({"id": "a", "school": "fact", "turns": []}, "'turns' should be a list"),
        ({"id": "a", "school": "fact", "turns": "hello"}, "'turns' should be a list"),
        ({"id": "a", "school": "fact", "turns": [1]}, "'turns' should be a list"),
        ({"id": "a", "school": "hogwarts", "turns": ["x"]}, "no school named 'hogwarts'"),
        (" " * (LONGEST_LINE + 1), f"at most {LONGEST_LINE}"),
        ("1" * 5_000, "not JSON"),
    ],
)
def test_a_bad_line_is_an_error_with_its_id_or_number(line: object, words: str, lexical_engine: Engine) -> None:
    found = result(lexical_engine, line)
    assert words in str(found["error"])
    assert "replies" not in found
    named = isinstance(line, dict) and isinstance(line.get("id"), str)
    assert list(found) == (["id", "error"] if named else ["line", "error"])
    assert found.get("line", 7) == 7


@pytest.mark.parametrize("text", ["", "\ud800", "\x00", "x" * 100_000, "</script>", "[" * 3_000])
def test_odd_turns_are_answered_and_the_result_is_json(text: str, lexical_engine: Engine) -> None:
    found = result(lexical_engine, {"id": "a", "school": "ashley", "turns": [text]})
    assert json.loads(json.dumps(found))["replies"][0]["text"].strip()


def test_equal_cases_get_equal_results(lexical_engine: Engine) -> None:
    case = {"id": "a", "school": "yeadon", "turns": ["can i go on facebook at lunch", "what about ppa?"]}
    assert result(lexical_engine, case) == result(lexical_engine, case)


def test_lines_are_numbered_and_blank_ones_left_out(tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_bytes(b'{"id": 1}\n\n  \nsecond\xff\n')
    with_numbers = list(read_lines(str(file)))
    assert with_numbers == [(1, '{"id": 1}\n'), (4, "second\ufffd\n")]


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("one\ntwo\n"))
    assert list(read_lines("-")) == [(1, "one\n"), (2, "two\n")]


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_lines(str(tmp_path / "nowhere"))
