"""Sentence meaning: the tokens, what happens without the model, and that results never vary."""

from __future__ import annotations

import gc
import logging
from pathlib import Path

import pytest

from adapters import learnt
from adapters.engine import engine_of
from chatbot.calibration import calibrate
from chatbot.knowledge import Knowledge
from chatbot.respond import Engine
from chatbot.safeguarding import Odds, word_odds
from chatbot.similarity import Lexical, index
from tests.talk import ask

pytest.importorskip("onnxruntime", reason="the extra 'semantic' is not installed")

from adapters.semantic import encoder  # after the guard: needs the extra
from adapters.semantic.encoder import ModelRefused
from adapters.semantic.wordpiece import WordPiece

START, END, UNKNOWN = 101, 102, 100


@pytest.fixture(scope="module")
def tokens() -> WordPiece:
    return WordPiece(Path(encoder.__file__).with_name("vocab.txt"))


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", []),
        ("hello world", [7592, 2088]),
        ("Hello, World!", [7592, 1010, 2088, 999]),
        ("  hello\t\nworld ", [7592, 2088]),
        ("caf\u00e9", [7668]),
        ("don't", [2123, 1005, 1056]),
        ("embeddings", [7861, 8270, 4667, 2015]),
        ("\u4f60\u597d", [100, 100]),
        ("\x00hello\u200b", [7592]),
        ("\ufffd", []),
        ("a" * 101, [UNKNOWN]),
        ("\U0001f600", [UNKNOWN]),
        ("a-b", [1037, 1011, 1038]),
    ],
)
def test_odd_texts_get_the_ids_of_bert(text: str, ids: list[int], tokens: WordPiece) -> None:
    found = tokens.ids(text)
    assert found[0] == START
    assert found[-1] == END
    if "\u4f60" in text:
        assert len(found) == 4
    else:
        assert found[1:-1] == ids


def test_a_long_text_is_cut_between_its_marks(tokens: WordPiece) -> None:
    found = tokens.ids("hello " * 1000, longest=16)
    assert found == [START, *[7592] * 14, END]


def degraded(knowledge: Knowledge, caplog: pytest.LogCaptureFixture) -> tuple[str, list[str]]:
    """Why sentence meaning was left out, and the warnings given."""
    with caplog.at_level(logging.WARNING, logger="chatbot"):
        made = engine_of(knowledge, semantic=True)
    assert not made.semantic
    assert ask(made.engine, "ashley", "how long does photo consent last").reply.citations
    return made.why_not, [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize(
    "error",
    [
        ModelRefused("model.onnx is missing"),
        ImportError("No module named 'onnxruntime'", name="onnxruntime"),
        ModelRefused("model.onnx is not the model that was measured"),
        RuntimeError("bad file"),
    ],
)
def test_without_its_model_it_matches_by_words_with_one_clear_warning(
    error: Exception, knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise error

    monkeypatch.setattr(encoder, "Encoder", refuse)
    why_not, warnings = degraded(knowledge, caplog)
    assert why_not
    assert len(warnings) == 1
    assert "matching by words only" in warnings[0]
    assert why_not in warnings[0]


def test_a_model_that_is_not_the_measured_one_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "MODEL_SHA256", "0" * 64)
    with pytest.raises(ModelRefused, match="not the model that was measured"):
        encoder.Encoder()


def test_leaving_it_out_on_purpose_warns_of_nothing(knowledge: Knowledge, caplog: pytest.LogCaptureFixture) -> None:
    made = engine_of(knowledge, semantic=False)
    assert (made.semantic, made.why_not) == (False, "switched off")
    assert caplog.records == []


def test_a_text_always_has_the_same_vector_whatever_was_encoded_before() -> None:
    one, other = encoder.Encoder(), encoder.Encoder()
    alone = one.vector("can i add a pupil")
    other.vectors(["something quite different and longer", "hello"])
    assert alone.tolist() == other.vector("can i add a pupil").tolist()
    assert float((alone * alone).sum()) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("text", ["", "\ud800", "\x00", "\U0001f600", "x" * 10_000])
def test_odd_texts_have_vectors(text: str) -> None:
    assert encoder.Encoder().vector(text).shape == (384,)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numpy leaves such a file open
def test_what_cannot_be_read_from_the_cache_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert learnt.read_learnt("key") is None
    learnt.cache_folder().mkdir(parents=True)
    for broken in (b"", b"nonsense", b"PK\x03\x04"):
        (learnt.cache_folder() / "learnt-key.npz").write_bytes(broken)
        assert learnt.read_learnt("key") is None
        gc.collect()


def test_what_was_learnt_is_kept_and_read_back_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    examples = {"a": ["can i add a pupil", "photo of the class"], "b": ["lunch break phone", "phone at lunch"]}
    counted = index(examples)
    odds = word_odds(["dad hit her", "dad hit him"], counted.texts)
    known = learnt.Learnt(counted, Odds(odds, odds, odds, word_odds([], [])), calibrate(()), None)
    learnt.write_learnt("key", known)
    again = learnt.read_learnt("key")
    assert again is not None
    assert (again.odds, again.calibration, again.fitted) == (known.odds, known.calibration, None)
    for text in ("add a pupil at lunch", "nothing known"):
        found = Lexical(again.index).likeness(text)
        assert dict(found) == dict(Lexical(counted).likeness(text))


def test_only_the_newest_learnt_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    odds = word_odds([], [])
    small = learnt.Learnt(index({"a": ["one two"]}), Odds(odds, odds, odds, odds), calibrate(()), None)
    for number in range(learnt.MOST_KEPT + 3):
        learnt.write_learnt(f"key{number}", small)
    assert len(list(learnt.cache_folder().iterdir())) == learnt.MOST_KEPT
    assert learnt.read_learnt(f"key{learnt.MOST_KEPT + 2}") is not None


def test_answers_with_sentence_meaning_never_vary(engine: Engine) -> None:
    for text in ("can i add a pupil on insta", "a boy told me his dad hits him", "purple elephants"):
        first = ask(engine, "ashley", text)
        ask(engine, "fact", "something else in between")
        assert ask(engine, "ashley", text) == first
