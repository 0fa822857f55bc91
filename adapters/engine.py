"""Joins knowledge, index and (where installed) sentence meaning into the engine that answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.files import knowledge_folder, read_english
from chatbot.calibration import calibrate
from chatbot.knowledge import Knowledge, load
from chatbot.recognize import Recognizer, standard_examples, trials
from chatbot.respond import Engine
from chatbot.safeguarding import make_screener, report_examples
from chatbot.similarity import Lexical

if TYPE_CHECKING:
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
    return engine_of(knowledge, semantic=semantic, progress=progress)


def engine_of(knowledge: Knowledge, *, semantic: bool = True, progress: Progress | None = None) -> Made:
    """The engine over knowledge that is already loaded."""
    examples = standard_examples(knowledge)
    lexical = Lexical(examples)
    meaning, held_back, why_not = None, None, "switched off"
    if semantic:
        try:
            meaning, held_back = _meaning(knowledge, examples, progress)
            why_not = ""
        except ImportError as error:
            why_not = f"the extra 'semantic' is not installed ({error.name})"
        except Exception as error:  # any trouble with the model leaves words, with one clear warning
            why_not = str(error)
        if why_not:
            log.warning("matching by words only, less sure than with sentence meaning: %s", why_not)
    numbers = range(len(lexical.texts)) if held_back is None else held_back
    chosen = numbers[:: max(1, len(numbers) // SAMPLE)]
    bare = Recognizer(knowledge.intents, lexical, meaning, calibrate(()))
    calibration = calibrate(trials(bare, chosen, meaning.intents_without if meaning else None))
    recognizer = Recognizer(knowledge.intents, lexical, meaning, calibration)
    return Made(
        Engine(knowledge, recognizer, make_screener(knowledge, examples, meaning)), meaning is not None, why_not
    )


def _meaning(
    knowledge: Knowledge, examples: dict[str, list[str]], progress: Progress | None
) -> tuple[MeaningModel, tuple[int, ...]]:
    from adapters.semantic import cache
    from adapters.semantic.encoder import MODEL_SHA256, Encoder
    from adapters.semantic.model import MeaningModel, VectorOf, fit

    encoder = Encoder()
    key = f"{MODEL_SHA256[:12]}{knowledge.digest}"
    fitted = cache.read_fitted(key)
    if fitted is None:
        reports, lookalikes = report_examples(knowledge)
        total = sum(map(len, examples.values())) + len(reports) + len(lookalikes)
        fitted = fit(examples, reports, lookalikes, VectorOf(encoder, progress, total))
        cache.write_fitted(key, fitted)
    return MeaningModel(fitted, encoder), tuple(fitted.held_back.tolist())
