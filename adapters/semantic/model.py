"""Sentence meaning to intent scores: a label's mean vector, its three nearest examples, and a linear layer.

On 1,790 phrasings that the encoder had never seen, likeness to means and nearest examples named the right intent in 74
of 100, the linear layer alone in 73, both in 77, and with likeness of words beside them in 78.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from adapters.learnt import Fitted, Vectors
from adapters.semantic.encoder import Encoder
from adapters.semantic.held_back import is_held_back

Owners = npt.NDArray[np.int32]

NEAREST = 3
"""How many of a label's examples count beside its mean."""
REPORT_WEIGHTS = (4.0, 2.0, 1.0)
"""Weight of a report, a look-alike and an ordinary question when reports are learnt: a miss is the worst error."""
REPORT_RIDGE = 3.0
LOOKED_AT = 32
"""The labels, by their means, whose examples are looked at one by one; the others are far behind: none of 2,590
questions gets another first intent by looking at more."""
LAYER_SHARE = 0.05
"""What one unit of the layer's log probability adds to a score."""
LEAST = 1e-6
"""The smallest probability that is told apart."""
SHARPNESS = 16.0
"""The layer looks at vectors of length one; this makes their products large enough to be sure of anything."""
_ROUNDS = 150
_RECENT = 64
"""Vectors kept: those of one message, whose sentences are looked at more than once."""


def fit(
    texts: Sequence[str],
    owners: Owners,
    reports: Sequence[str],
    lookalikes: Sequence[str],
    vector_of: VectorOf,
) -> Fitted:
    """What questions are compared with, from examples in standard spelling. `vector_of` gives a text's vector.

    The layer has not seen what is held back, so that a threshold can be set on it; finish() makes the one to use.
    """
    vector_of.ahead([*texts, *reports, *lookalikes])
    raw = np.stack([vector_of(text) for text in texts])
    centre = raw.mean(axis=0)
    held_back = np.array([i for i, text in enumerate(texts) if is_held_back(text)], dtype=np.int32)
    report = _fit_report(raw, reports, lookalikes, centre, vector_of)
    examples = _of_length_one(raw - centre)
    seen = np.ones(len(texts), dtype=bool)
    seen[held_back] = False
    return Fitted(centre, examples, _fit_layer(examples, owners, seen), report, held_back)


def finish(fitted: Fitted, owners: Owners) -> Fitted:
    """`fitted` with its layer learnt from all examples."""
    everything = np.ones(len(fitted.examples), dtype=bool)
    return replace(fitted, layer=_fit_layer(fitted.examples, owners, everything))


class VectorOf:
    """A text's vector, each text encoded once; tells `progress` how far it is."""

    def __init__(self, encoder: Encoder, progress: Callable[[int, int], None] | None = None, total: int = 0) -> None:
        self._encoder = encoder
        self._progress = progress
        self._total = total
        self.known: dict[str, Vectors] = {}

    def ahead(self, texts: Sequence[str]) -> None:
        """Encode all of them now, as many at once as there are processors: the encoder waits for nothing of ours."""
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for text, vector in zip(new, pool.map(self._encoder.vector, new), strict=True):
                self.known[text] = vector
                if self._progress:
                    self._progress(len(self.known), max(self._total, len(self.known)))

    def __call__(self, text: str) -> Vectors:
        """The vector of `text`."""
        if text not in self.known:
            self.known[text] = self._encoder.vector(text)
            if self._progress:
                self._progress(len(self.known), max(self._total, len(self.known)))
        return self.known[text]


class MeaningModel:
    """Scores questions against the examples. Keeps the promises of chatbot.ports.Semantics.

    `owners` gives the number of each example's label; examples stand in the order of their labels.
    """

    def __init__(self, fitted: Fitted, owners: Owners, encoder: Encoder) -> None:
        self._fitted = fitted
        self._owners = owners
        self._vector = lru_cache(maxsize=_RECENT)(encoder.vector)
        self._starts = np.searchsorted(owners, np.arange(int(owners[-1]) + 2))
        sums = np.add.reduceat(fitted.examples, self._starts[:-1], axis=0)
        self._lengths = np.linalg.norm(sums, axis=1)
        self._means = _of_length_one(sums)

    def intents(self, pieces: Sequence[str]) -> Vectors:
        """How well the pieces of a message fit each intent, up to 1, in the order of their ids."""
        vector = _of_length_one((self._pooled(pieces) - self._fitted.centre)[None])[0]
        return self._scores(vector, self._means @ vector)

    def intents_without(self, number: int) -> Vectors:
        """The same for the example of that number, with itself left out."""
        vector, owner = self._fitted.examples[number], int(self._owners[number])
        means = self._means @ vector
        length, cosine = float(self._lengths[owner]), float(means[owner])
        rest = length * length - 2 * cosine * length + 1
        means[owner] = (cosine * length - 1) / np.sqrt(rest) if rest > 1e-9 else 0.0
        return self._scores(vector, means, number)

    def report(self, sentences: Sequence[str]) -> float:
        """How much neighbouring sentences read like a report: above 0 more than not."""
        report = self._fitted.report
        return float((self._pooled(sentences) - self._fitted.centre) @ report[:-1] + report[-1])

    def _pooled(self, pieces: Sequence[str]) -> Vectors:
        """One vector of length one for all pieces, each by its number of words."""
        sizes = np.array([len(piece.split()) for piece in pieces], dtype=np.float32)
        pooled = sizes @ np.stack([self._vector(piece) for piece in pieces])
        return np.asarray(_of_length_one(pooled[None])[0], dtype=np.float32)

    def _scores(self, vector: Vectors, means: Vectors, without: int | None = None) -> Vectors:
        nearest = means.copy()  # about right for the labels that are out of the question
        for label in np.argsort(-means, kind="stable")[:LOOKED_AT].tolist():
            first, last = self._starts[label : label + 2].tolist()
            alike = self._fitted.examples[first:last] @ vector
            if without is not None and first <= without < last:
                alike[without - first] = 0.0
            nearest[label] = np.sort(alike)[-NEAREST:].mean()
        odds = SHARPNESS * (self._fitted.layer @ vector)
        odds -= odds.max()
        sure = np.log(np.exp(odds) / np.exp(odds).sum() + LEAST) / -np.log(LEAST) + 1  # 0 to 1
        share = -LAYER_SHARE * np.log(LEAST)
        return np.asarray((means + nearest) / 2 + share * sure, dtype=np.float32)


def _fit_layer(examples: Vectors, owners: Owners, seen: npt.NDArray[np.bool_]) -> Vectors:
    """A softmax layer by Adam on all examples at once; starts at nothing, so equal examples give equal layers."""
    rows, labels = examples[seen], owners[seen]
    count = int(owners[-1]) + 1
    wanted = np.full((len(rows), count), 0.1 / count, dtype=np.float32)
    wanted[np.arange(len(rows)), labels] += 0.9
    layer = np.zeros((count, rows.shape[1]), dtype=np.float32)
    mean, spread = np.zeros_like(layer), np.zeros_like(layer)
    for round_ in range(1, _ROUNDS + 1):
        odds = SHARPNESS * rows @ layer.T
        odds = np.exp(odds - odds.max(axis=1, keepdims=True))
        slope = SHARPNESS * (odds / odds.sum(axis=1, keepdims=True) - wanted).T @ rows / len(rows) + 1e-4 * layer
        mean, spread = 0.9 * mean + 0.1 * slope, 0.99 * spread + 0.01 * slope * slope
        layer -= 0.05 * (mean / (1 - 0.9**round_)) / (np.sqrt(spread / (1 - 0.99**round_)) + 1e-8)
    return layer.astype(np.float32)


def _of_length_one(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _with_bias(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.hstack([rows, np.ones((len(rows), 1))])


def _fit_report(
    ordinary: Vectors, reports: Sequence[str], lookalikes: Sequence[str], centre: Vectors, vector_of: VectorOf
) -> Vectors:
    rows = [np.stack([vector_of(text) for text in texts]) for texts in (reports, lookalikes)] + [ordinary]
    matrix = _with_bias(np.vstack(rows).astype(np.float64) - centre)
    weights = np.concatenate([np.full(len(row), weight) for row, weight in zip(rows, REPORT_WEIGHTS, strict=True)])
    targets = np.concatenate([np.full(len(rows[0]), 1.0), np.full(len(rows[1]) + len(rows[2]), -1.0)])
    weighted = matrix * weights[:, None]
    ridge = np.eye(matrix.shape[1]) * REPORT_RIDGE
    ridge[-1, -1] = 0
    solved = np.linalg.solve(matrix.T @ weighted + ridge, matrix.T @ (weights * targets))
    return np.asarray(solved, dtype=np.float32)
