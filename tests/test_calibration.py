"""calibrate(): from scores of examples left out to a threshold and a confidence."""

from __future__ import annotations

import math

import pytest

from chatbot.calibration import QUANTILE_BY_WORDS, Calibration, Trial, calibrate

RIGHT = tuple(Trial(0.3 + 0.01 * n, 0.10 + 0.002 * n, right=True) for n in range(40))
WRONG = tuple(Trial(0.1 + 0.01 * n, 0.01, right=False) for n in range(20))


def test_the_threshold_gives_up_few_right_examples() -> None:
    accept = calibrate((*RIGHT, *WRONG)).accept
    assert sum(trial.score < accept for trial in RIGHT) <= len(RIGHT) * QUANTILE_BY_WORDS


def test_wrong_trials_do_not_move_the_threshold() -> None:
    assert calibrate((*RIGHT, *WRONG)).accept == calibrate((*RIGHT, *WRONG[:5])).accept


def test_confidence_grows_with_score_and_with_margin() -> None:
    calibration = calibrate((*RIGHT, *WRONG))
    assert calibration.confidence(0.6, 0.2) > calibration.confidence(0.2, 0.2)
    assert calibration.confidence(0.4, 0.2) > calibration.confidence(0.4, 0.0)


def test_confidence_says_how_often_such_matches_are_right() -> None:
    calibration = calibrate((*RIGHT, *WRONG))
    mean = sum(calibration.confidence(t.score, t.margin) for t in (*RIGHT, *WRONG)) / 60
    assert mean == pytest.approx(40 / 60, abs=0.02)


@pytest.mark.parametrize(("score", "margin"), [(0.0, 0.0), (1e9, 1e9), (-1e9, -1e9), (1.0, 0.0)])
def test_confidence_stays_between_0_and_1(score: float, margin: float) -> None:
    confidence = calibrate((*RIGHT, *WRONG)).confidence(score, margin)
    assert 0 <= confidence <= 1
    assert math.isfinite(confidence)


@pytest.mark.parametrize("trials", [(), RIGHT[:9], RIGHT, WRONG, (*RIGHT[:9], *WRONG)])
def test_too_little_to_learn_from_gives_a_cautious_default(trials: tuple[Trial, ...]) -> None:
    calibration = calibrate(trials)
    assert calibration == Calibration(0.2, -2.0, 8.0, 8.0)
    assert calibration.confidence(0.2, 0.0) < 0.5


def test_equal_trials_in_another_order_give_the_same_calibration() -> None:
    one, other = calibrate((*RIGHT, *WRONG)), calibrate((*reversed(WRONG), *reversed(RIGHT)))
    assert one.accept == other.accept
    assert one.confidence(0.3, 0.05) == pytest.approx(other.confidence(0.3, 0.05))
