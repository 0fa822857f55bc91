"""Joins knowledge, index and (where installed) sentence meaning into the engine that answers."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.files import knowledge_folder, read_english
from adapters.learnt import Learnt, key_of, read_learnt, write_learnt
from chatbot.calibration import QUANTILE, QUANTILE_BY_WORDS, calibrate
from chatbot.knowledge import Knowledge, load
from chatbot.recognize import Recognizer, standard_examples, trials
from chatbot.respond import Engine
from chatbot.safeguarding import Screener, count_odds, report_examples
from chatbot.similarity import Lexical, index

if TYPE_CHECKING:
    from adapters.semantic.encoder import Encoder
    from adapters.semantic.model import MeaningModel

log = logging.getLogger("chatbot")

SAMPLE = 250
"""Examples left out one by one to calibrate words alone: enough for a threshold to two digits."""

Progress = Callable[[int, int], None]
"""Told how many of how many examples have been encoded."""


@dataclass(frozen=True, slots=True)
class Made:
    """An engine and how it was made."""

    engine: Engine
    semantic: bool
    why_not: str


def make_engine(folder: Path | None = None, *, semantic: bool = True, progress: Progress | None = None) -> Made:
    """The engine over `folder` (default: the knowledge that comes with the product).

    `semantic` False leaves sentence meaning out even where it is installed. Raises KnowledgeError.
    """
    knowledge = load(folder or knowledge_folder(), read_english())
    made = engine_of(knowledge, semantic=semantic, progress=progress)
    gc.freeze()  # it stays for good: a collection that looked through all of it would hold an answer up for 30 ms
    return made


def engine_of(knowledge: Knowledge, *, semantic: bool = True, progress: Progress | None = None) -> Made:
    """The engine over knowledge that is already loaded."""
    encoder, why_not = _encoder() if semantic else (None, "switched off")
    if semantic and why_not:
        log.warning("matching by words only, less sure than with sentence meaning: %s", why_not)
    key = key_of(knowledge.digest, "" if encoder is None else encoder.digest)
    learnt = read_learnt(key)
    if learnt is None:
        learnt = learn(knowledge, encoder, progress)
        write_learnt(key, learnt)
    meaning = _meaning(learnt, encoder)
    recognizer = Recognizer(knowledge.intents, Lexical(learnt.index), meaning, learnt.calibration)
    screener = Screener(knowledge.screening, learnt.odds, meaning)
    return Made(Engine(knowledge, recognizer, screener), meaning is not None, why_not)


def learn(knowledge: Knowledge, encoder: Encoder | None, progress: Progress | None = None) -> Learnt:
    """Everything that is counted and encoded from the examples of `knowledge`."""
    examples = standard_examples(knowledge)
    counted = index(examples)
    screening = report_examples(knowledge)
    odds = count_odds(screening, counted.texts)
    learnt = Learnt(counted, odds, calibrate(()), None)
    numbers: Sequence[int] = range(len(counted.texts))
    if encoder is not None:
        from adapters.semantic.model import VectorOf, finish, fit

        reports = screening.all_reports
        total = len(counted.texts) + len(reports) + len(screening.others)
        fitted = fit(counted.texts, counted.owners, reports, screening.others, VectorOf(encoder, progress, total))
        learnt = replace(learnt, fitted=fitted)
        numbers = fitted.held_back.tolist()
    meaning = _meaning(learnt, encoder)
    chosen = numbers if encoder is not None else numbers[:: max(1, len(numbers) // SAMPLE)]
    done = trials(Lexical(counted), chosen, meaning.intents_without if meaning else None)
    if learnt.fitted is not None:
        learnt = replace(learnt, fitted=finish(learnt.fitted, counted.owners))
    quantile = QUANTILE if encoder is not None else QUANTILE_BY_WORDS
    return replace(learnt, calibration=calibrate(done, quantile))


def _encoder() -> tuple[Encoder | None, str]:
    """The encoder, or None and why there is none."""
    try:
        from adapters.semantic.encoder import Encoder

        return Encoder(), ""
    except ImportError as error:
        return None, f"the extra 'semantic' is not installed ({error.name})"
    except Exception as error:  # any trouble with the model leaves words, with one clear warning
        return None, str(error)


def _meaning(learnt: Learnt, encoder: Encoder | None) -> MeaningModel | None:
    if encoder is None or learnt.fitted is None:
        return None
    from adapters.semantic.model import MeaningModel

    return MeaningModel(learnt.fitted, learnt.index.owners, encoder)
