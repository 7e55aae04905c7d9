"""Classification figures of one split, in plain NumPy.

Takes the labels and scores of every sample of a split and gives named figures: accuracy, loss, top-k,
balanced accuracy, precision, recall and F1 per class, and the confusion matrix. On the way of one picture it
stands after the
head: everything that is printed, written or drawn about a run's quality is computed here and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import numpy as np

from graphcore.errors import RunError

DEFAULT_TOP_K = 5

# The smallest score the loss looks at. Scores underflow to 0 when a network is very sure and wrong, and one
# infinite loss would hide the mean of all the others.
SMALLEST_SCORE = 1e-30

# Two-sided 95 % quantile of the normal distribution.
_Z_95 = 1.959964


@dataclasses.dataclass(frozen=True)
class ClassFigures:
    """How one class fared; every share is in [0, 1].

    Attributes:
        name: the class.
        support: samples that are of this class.
        predicted: samples that were called this class.
        correct: samples that are and were.
        precision: share of those called this class that are; 0 when none was called so.
        recall: share of those of this class that were called so; 0 when there are none.
        f1: harmonic mean of the two.
    """

    name: str
    support: int
    predicted: int
    correct: int
    precision: float
    recall: float
    f1: float


@dataclasses.dataclass(frozen=True)
class Metrics:
    """All figures of one split.

    Attributes:
        split: "train", "validation" or "test".
        class_names: the classes in the order of the score columns.
        count: samples looked at.
        values: figure by name, such as "accuracy"; empty when the split has no samples.
        confusion: int64 [classes, classes], true class by row, predicted class by column.
        classes: figures of every class, in order.
    """

    split: str
    class_names: tuple[str, ...]
    count: int
    values: dict[str, float]
    confusion: np.ndarray
    classes: tuple[ClassFigures, ...]

    def flat(self) -> dict[str, float | int]:
        """The figures under the flat names of metrics.json: "test/accuracy", "test/precision/<class>" ..."""
        flat: dict[str, float | int] = {f"{self.split}/samples": self.count}
        flat.update({f"{self.split}/{name}": value for name, value in self.values.items()})
        for figures in self.classes if self.count else ():
            flat[f"{self.split}/precision/{figures.name}"] = figures.precision
            flat[f"{self.split}/recall/{figures.name}"] = figures.recall
            flat[f"{self.split}/f1/{figures.name}"] = figures.f1
            flat[f"{self.split}/support/{figures.name}"] = figures.support
        return flat


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turns logits [n, classes] into scores that sum to 1, in float64 so that none is rounded away."""
    logits = np.asarray(logits, np.float64)
    if logits.size == 0:
        return logits
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def compute_metrics(
    split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str], top_k: int = DEFAULT_TOP_K
) -> Metrics:
    """Computes every figure of a split.

    Args:
        split: the split's name.
        labels: int [n], the true classes in [0, classes).
        scores: float [n, classes], each row summing to 1.
        class_names: one name for each score column.
        top_k: how many guesses the top-k figure allows; no more than there are classes.

    Raises:
        RunError: labels and scores do not belong together, or a score is not a number.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    _check(split, labels, scores, class_names)
    confusion = confusion_matrix(labels, predict(scores), len(class_names))
    return Metrics(
        split=split,
        class_names=tuple(class_names),
        count=len(labels),
        values=dict(classification_values(labels, scores, confusion, top_k)),
        confusion=confusion,
        classes=class_figures(confusion, class_names),
    )


def predict(scores: np.ndarray) -> np.ndarray:
    """The class of the highest score, int64 [n]; the first of equals."""
    return np.argmax(scores, axis=1) if len(scores) else np.zeros(0, np.int64)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts samples by true class (row) and predicted class (column): int64 [num_classes, num_classes]."""
    cells = np.asarray(labels, np.int64) * num_classes + np.asarray(predicted, np.int64)
    return np.bincount(cells, minlength=num_classes * num_classes).reshape(num_classes, num_classes)


def classification_values(
    labels: np.ndarray, scores: np.ndarray, confusion: np.ndarray, top_k: int = DEFAULT_TOP_K
) -> Iterator[tuple[str, float]]:
    """Yields the figures that describe the whole split as (name, value); nothing for an empty split."""
    if len(labels) == 0:
        return
    of_label = scores[np.arange(len(labels)), labels].astype(np.float64)
    yield "accuracy", float(np.trace(confusion) / len(labels))
    yield "loss", float(-np.log(np.maximum(of_label, SMALLEST_SCORE)).mean())
    k = min(top_k, scores.shape[1])
    if k > 1:
        yield f"top_{k}_accuracy", top_k_accuracy(labels, scores, k)
    support = confusion.sum(axis=1)
    present = support > 0
    yield "balanced_accuracy", float((np.diag(confusion)[present] / support[present]).mean())
    yield "majority_accuracy", float(support.max() / len(labels))


def top_k_accuracy(labels: np.ndarray, scores: np.ndarray, k: int) -> float:
    """Share of samples whose true class is among the k highest scores; of equals the first classes win."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return float((best == np.asarray(labels)[:, None]).any(axis=1).mean())


def class_figures(confusion: np.ndarray, class_names: Sequence[str]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of every class, from the confusion matrix."""
    figures = []
    for index, name in enumerate(class_names):
        support, predicted = int(confusion[index].sum()), int(confusion[:, index].sum())
        correct = int(confusion[index, index])
        figures.append(
            ClassFigures(
                name=name,
                support=support,
                predicted=predicted,
                correct=correct,
                precision=_share(correct, predicted),
                recall=_share(correct, support),
                f1=_share(2 * correct, support + predicted),
            )
        )
    return tuple(figures)


def confused_pairs(metrics: Metrics, most: int = 5) -> list[tuple[str, str, int, int]]:
    """The commonest mistakes as (true class, called, times, samples of the true class), commonest first."""
    mistakes = metrics.confusion - np.diag(np.diag(metrics.confusion))
    order = np.argsort(-mistakes, axis=None, kind="stable")[:most]
    rows, columns = np.unravel_index(order, mistakes.shape)
    return [
        (
            metrics.class_names[row],
            metrics.class_names[column],
            int(mistakes[row, column]),
            metrics.classes[row].support,
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if mistakes[row, column]
    ]


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share seen on `count` independent samples.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
    (1927).
    """
    if count == 0:
        return 0.0, 1.0
    squared = _Z_95 * _Z_95
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = _Z_95 * ((share * (1 - share) + squared / (4 * count)) / count) ** 0.5 / (1 + squared / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _check(split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str]) -> None:
    if scores.shape != (len(labels), len(class_names)):
        raise RunError(
            f"The scores of split {split!r} have shape {list(scores.shape)}, but there are {len(labels)} "
            f"labels and {len(class_names)} classes.",
            next_step="Evaluate the run against the records it was trained on.",
        )
    if len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        raise RunError(
            f"Split {split!r} holds labels from {labels.min()} to {labels.max()}, but the run knows "
            f"{len(class_names)} classes.",
            next_step="Evaluate the run against the records it was trained on.",
        )
    bad = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if len(bad):
        raise RunError(
            f"{len(bad)} samples of split {split!r} have scores that are not numbers, the first at position {bad[0]}.",
            next_step="Train again with a smaller optimizer.learning_rate.",
        )
