"""One number that makes scores frequencies: what the logits are divided by, fitted on validation.

A network that has learned its training samples by heart is surer than it is right. Dividing all logits by the same
temperature above 1 makes it less sure of everything, and changes neither an answer nor the order of a sample's classes.

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, arXiv:1706.04599,
section 4.2. Of several labels a sample each label's own logit is divided, one temperature for all.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from graphcore.console import count_of, say
from graphcore.evaluation.chunks import iterate_chunks
from graphcore.evaluation.intervals.groups import plan_groups

# A run knows its head, and heads are built with TensorFlow, which none of this needs.
if TYPE_CHECKING:
    from graphcore.evaluation.predictions import Predictions
    from graphcore.training.run import Run

LOWEST, HIGHEST = 0.05, 20.0
# How far from 1 the logarithm of a temperature is before it has seen anything: 19 of 20 lie between 0.37 and 2.7.
# Measured on 209 runs over photos and videos: without, frames of a few videos gave temperatures as low as 0.07, and the
# mean loss on test of 43 runs over videos rose from 0.498 to 0.543; so it stays at 0.499. Of 166 runs over photos it
# falls from 1.549 to 1.203, and without to 1.200.
_SPREAD = 0.5
_TRIES = 13
# Of a temperature's logarithm: a thousandth of the temperature.
_PRECISION = 1e-3
_GOLDEN = (5**0.5 - 1) / 2
# A score of 0 was too small for a float32 to write.
_SMALLEST = float(np.finfo(np.float32).tiny)
# A score of 1 lacks at most half of a float32's last place.
_SMALLEST_REST = 2.0**-25


def fit_run_temperature(run: Run, validation: Predictions) -> Run:
    """The run with the temperature that `fit_temperature` finds for its validation split; says what it is.

    Args:
        run: a run whose weights are trained; it is not written.
        validation: its scores of the validation split.
    """
    groups = plan_groups(validation.marks, validation.keys)
    temperature = fit_temperature(validation.labels, validation.scores, validation.multi_label, groups.count)
    if temperature is None:
        say("Temperature: none, as validation has too few kinds of answers, or no mistake, to fit one on.")
    else:
        what = "surer" if temperature > 1 else "less sure"
        seen = f"{count_of(groups.count, groups.unit.removesuffix('s'))} of validation"
        say(f"Temperature: {temperature:.2f}, from {seen}, where scores were {what} than right.")
    return dataclasses.replace(run, temperature=temperature)


def fit_temperature(
    labels: np.ndarray, scores: np.ndarray, multi_label: bool = False, observations: int | None = None
) -> float | None:
    """The temperature from 0.05 to 20 that is likeliest: least cross-entropy, near 1 where little was seen.

    What is minimised is observations * mean cross-entropy + log(temperature)^2 / (2 * 0.5^2): the posterior of a
    log-normal prior around 1, which the hundreds of samples of a usual split outweigh.

    Args:
        labels: int [n], the true classes; of several labels [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1], of samples that were not trained on; rows sum to 1 for one label.
        multi_label: whether a sample may have any number of labels.
        observations: how many of the samples are independent, such as the number of videos that frames are from; all
            of them when None.

    Returns:
        The temperature; None where nothing can be said: there are no samples, or only of one class (of several labels:
        only 0 or only 1 among all), or there is no mistake, and the surer the better would be the answer.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    if not _is_telling(labels, scores, multi_label):
        return None
    weight = len(labels) if observations is None else observations

    def cost(log_temperature: float) -> float:
        loss = _mean_loss(labels, scores, math.exp(-log_temperature), multi_label)
        return weight * loss + (log_temperature / _SPREAD) ** 2 / 2

    return math.exp(_find_least(cost, math.log(LOWEST), math.log(HIGHEST)))


def apply_temperature(scores: np.ndarray, temperature: float, multi_label: bool = False) -> np.ndarray:
    """The scores of the logits divided by the temperature, in the float type they came in.

    Of one label p^(1 / temperature), made to sum to 1 again, which is the softmax of logits / temperature; of several
    labels the sigmoid of logit(p) / temperature, each by itself. What was highest stays highest, also where rounding
    would make two equal. Thresholds of labels are meant for scores as they were: give labels first, or put thresholds
    through this too.

    Args:
        scores: float [n, classes] in [0, 1].
        temperature: above 0.
        multi_label: whether a sample may have any number of labels.
    """
    scores = np.asarray(scores)
    scores = scores if scores.dtype.kind == "f" else scores.astype(np.float64)
    found = np.empty_like(scores)
    cool = _cool_several if multi_label else _cool_one
    for rows in iterate_chunks(*scores.shape):
        found[rows] = cool(scores[rows], temperature)
        _keep_highest(scores[rows], found[rows])
    return found


def _is_telling(labels: np.ndarray, scores: np.ndarray, multi_label: bool) -> bool:
    if len(labels) == 0 or len(np.unique(labels)) < 2:
        return False
    if not multi_label:
        return bool((scores[np.arange(len(labels)), labels] < scores.max(axis=1)).any())
    chunks = iterate_chunks(*scores.shape)
    return any(bool((np.where(labels[rows] > 0, scores[rows], 1 - scores[rows]) < 0.5).any()) for rows in chunks)


def _find_least(cost: Callable[[float], float], low: float, high: float) -> float:
    """Where a smooth function is least: between the neighbours of the best of some tries, by golden section."""
    tries = np.linspace(low, high, _TRIES).tolist()
    best = int(np.argmin([cost(one) for one in tries]))
    low, high = tries[max(0, best - 1)], tries[min(_TRIES - 1, best + 1)]
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    left_cost, right_cost = cost(left), cost(right)
    while high - low > _PRECISION:
        if left_cost <= right_cost:
            high, right, right_cost = right, left, left_cost
            left = high - _GOLDEN * (high - low)
            left_cost = cost(left)
        else:
            low, left, left_cost = left, right, right_cost
            right = low + _GOLDEN * (high - low)
            right_cost = cost(right)
    return (low + high) / 2


def _mean_loss(labels: np.ndarray, scores: np.ndarray, inverse: float, multi_label: bool) -> float:
    """The mean cross-entropy at 1 / temperature; of several labels the mean over labels too."""
    add_up = _add_up_several if multi_label else _add_up_one
    total = sum(add_up(labels[rows], scores[rows], inverse) for rows in iterate_chunks(*scores.shape))
    return total / labels.size


def _add_up_one(labels: np.ndarray, scores: np.ndarray, inverse: float) -> float:
    logits = _log(scores) * inverse
    logits -= logits.max(axis=1, keepdims=True)
    return float((np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(labels)), labels]).sum())


def _add_up_several(labels: np.ndarray, scores: np.ndarray, inverse: float) -> float:
    # How far each logit is on the side of the truth.
    margins = np.where(labels > 0, 1, -1) * _logit(scores) * inverse
    return float(np.logaddexp(0, -margins).sum())


def _cool_one(scores: np.ndarray, temperature: float) -> np.ndarray:
    return _softmax(_log(scores) / temperature)


def _cool_several(scores: np.ndarray, temperature: float) -> np.ndarray:
    return _sigmoid(_logit(scores) / temperature)


def _keep_highest(before: np.ndarray, after: np.ndarray) -> None:
    """Lowers by a rounding, in place, what has become as high as the class that was highest."""
    best = before.argmax(axis=1)
    rows = np.flatnonzero(after.argmax(axis=1) != best)
    highest = after[rows, best[rows]]
    lowered = np.minimum(after[rows], np.nextafter(highest, after.dtype.type(0))[:, None])
    lowered[np.arange(len(rows)), best[rows]] = highest
    after[rows] = lowered


def _log(scores: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(scores.astype(np.float64), _SMALLEST))


def _logit(scores: np.ndarray) -> np.ndarray:
    return _log(scores) - np.log(np.maximum(1 - scores.astype(np.float64), _SMALLEST_REST))


def _softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    # Of large negative logits exp() would be infinite the other way round.
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))
