"""From scores of examples left out to a threshold and a confidence: no validation set is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

QUANTILE = 0.003
"""The share of rightly recognized examples that the threshold gives up. Most questions that no rule
answers are caught by intents of their own (`silent`), so the threshold need not be strict."""
QUANTILE_BY_WORDS = 0.01
"""The same where words are matched alone: they are less sure of what is not asked."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One example scored with itself left out: its best score, its lead, and whether it was right."""

    score: float
    margin: float
    right: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """What scores mean. `accept`: below it nothing is recognized. The rest: a logistic on score and margin."""

    accept: float
    bias: float
    by_score: float
    by_margin: float

    def confidence(self, score: float, margin: float) -> float:
        """How likely a match is right, 0 to 1."""
        z = self.bias + self.by_score * score + self.by_margin * margin
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))


def calibrate(trials: Sequence[Trial], quantile: float = QUANTILE_BY_WORDS) -> Calibration:
    """The calibration of `trials`. Needs some right and some wrong; else a cautious default."""
    right = sorted(trial.score for trial in trials if trial.right)
    if len(right) < 10 or len(right) == len(trials):
        return Calibration(0.2, -2.0, 8.0, 8.0)
    accept = right[int(len(right) * quantile)]
    return Calibration(accept, *_logistic(trials))


def _logistic(trials: Sequence[Trial], rounds: int = 25) -> tuple[float, float, float]:
    """Newton's method on three weights with a little ridge; deterministic."""
    weights = [0.0, 0.0, 0.0]
    for _ in range(rounds):
        gradient = [-0.01 * w for w in weights]
        curvature = [[0.01 if i == j else 0.0 for j in range(3)] for i in range(3)]
        for trial in trials:
            row = (1.0, trial.score, trial.margin)
            z = sum(w * x for w, x in zip(weights, row, strict=True))
            p = 1 / (1 + math.exp(-max(-30.0, min(30.0, z))))
            for i in range(3):
                gradient[i] += (float(trial.right) - p) * row[i]
                for j in range(3):
                    curvature[i][j] += p * (1 - p) * row[i] * row[j]
        step = _solve(curvature, gradient)
        weights = [w + s for w, s in zip(weights, step, strict=True)]
    return weights[0], weights[1], weights[2]


def _solve(matrix: list[list[float]], right: list[float]) -> list[float]:
    """Gauss elimination for three unknowns."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    for i in range(3):
        pivot = max(range(i, 3), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for j in range(3):
            if j != i and rows[i][i]:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [rows[i][3] / rows[i][i] if rows[i][i] else 0.0 for i in range(3)]
