"""Sentence meaning to intent scores: ridge regression on the examples' vectors.

Solved in a second when the examples change, then kept in a file; a question costs one product of a
vector and a matrix. Leaving an example out has a closed form, which is where the threshold for
"nothing fits" comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adapters.semantic.encoder import Encoder, Vectors
from adapters.semantic.held_back import is_held_back

RIDGE = 2.0
"""How much smoother than its examples the solution is."""
REPORT_WEIGHTS = (4.0, 2.0, 1.0)
"""Weight of a report, a look-alike and an ordinary question when reports are learnt: a miss is the worst error."""
REPORT_RIDGE = 3.0


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is learnt from the examples: all that the cache file holds."""

    labels: tuple[str, ...]
    centre: Vectors
    weights: Vectors
    """One column an intent; the last row is the bias."""
    report: Vectors
    left_out: Vectors
    """Scores of each held-back example for every label, with itself left out; one row each."""
    held_back: npt.NDArray[np.int64]
    """The numbers of those examples."""


def fit(
    examples: Mapping[str, Sequence[str]], reports: Sequence[str], lookalikes: Sequence[str], vector_of: VectorOf
) -> Fitted:
    """Learn from examples in standard spelling. `vector_of` gives a text's vector."""
    labels = tuple(sorted(examples))
    texts = [text for label in labels for text in examples[label]]
    owners = np.array([i for i, label in enumerate(labels) for _ in examples[label]])
    raw = np.stack([vector_of(text) for text in texts])
    centre = raw.mean(axis=0)
    inputs = _with_bias(raw.astype(np.float64) - centre)
    targets = np.zeros((len(inputs), len(labels)))
    targets[np.arange(len(inputs)), owners] = 1
    inverse = np.linalg.inv(inputs.T @ inputs + _ridge(inputs.shape[1], RIDGE))
    weights = inverse @ (inputs.T @ targets)
    held_back = np.array([i for i, text in enumerate(texts) if is_held_back(text)], dtype=np.int64)
    rows = inputs[held_back]
    pull = np.einsum("ij,jk,ik->i", rows, inverse, rows)[:, None]
    left_out = (rows @ weights - pull * targets[held_back]) / (1 - pull)
    report = _fit_report(raw, reports, lookalikes, centre, vector_of)
    return Fitted(labels, centre, weights.astype(np.float32), report, left_out.astype(np.float32), held_back)


class VectorOf:
    """A text's vector, each text encoded once; tells `progress` how far it is."""

    def __init__(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None, total: int = 0) -> None:
        self._encoder = encoder
        self._progress = progress
        self._total = total
        self.known: dict[str, Vectors] = {}

    def __call__(self, text: str) -> Vectors:
        """The vector of `text`."""
        if text not in self.known:
            self.known[text] = self._encoder.vector(text)
            if self._progress:
                self._progress(len(self.known), max(self._total, len(self.known)))
        return self.known[text]


class MeaningModel:
    """Scores questions with what was fitted. Keeps the promises of chatbot.ports.Semantics."""

    def __init__(self, fitted: Fitted, encoder: Encoder) -> None:
        self._fitted = fitted
        self._encoder = encoder
        self._recent: tuple[str, Vectors] = ("", np.zeros(len(fitted.centre), dtype=np.float32))

    def intents(self, text: str) -> Mapping[str, float]:
        """How well `text` fits each intent, about 0 to 1."""
        fitted = self._fitted
        scores = (self._vector(text) - fitted.centre) @ fitted.weights[:-1] + fitted.weights[-1]
        return dict(zip(fitted.labels, scores.tolist(), strict=True))

    def report(self, text: str) -> float:
        """How much `text` reads like a report: above 0 more than not."""
        report = self._fitted.report
        return float((self._vector(text) - self._fitted.centre) @ report[:-1] + report[-1])

    def _vector(self, text: str) -> Vectors:
        if self._recent[0] != text:
            self._recent = (text, self._encoder.vector(text))
        return self._recent[1]


def _with_bias(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.hstack([rows, np.ones((len(rows), 1))])


def _ridge(size: int, strength: float) -> npt.NDArray[np.float64]:
    """The ridge on every weight but the bias, which is the last."""
    ridge = np.eye(size) * strength
    ridge[-1, -1] = 0
    return ridge


def _fit_report(
    ordinary: Vectors, reports: Sequence[str], lookalikes: Sequence[str], centre: Vectors, vector_of: VectorOf
) -> Vectors:
    rows = [np.stack([vector_of(text) for text in texts]) for texts in (reports, lookalikes)] + [ordinary]
    matrix = _with_bias(np.vstack(rows).astype(np.float64) - centre)
    weights = np.concatenate([np.full(len(row), weight) for row, weight in zip(rows, REPORT_WEIGHTS, strict=True)])
    targets = np.concatenate([np.full(len(rows[0]), 1.0), np.full(len(rows[1]) + len(rows[2]), -1.0)])
    weighted = matrix * weights[:, None]
    solved = np.linalg.solve(
        matrix.T @ weighted + _ridge(matrix.shape[1], REPORT_RIDGE), matrix.T @ (weights * targets)
    )
    return np.asarray(solved, dtype=np.float32)
