"""The figures of one split as values: what is printed, written to metrics.json and shown in the report.

They are worked out in `one_label` where every sample has exactly one label, and in `several_labels` where it may have
any number; what is made of them asks `Metrics.multi_label` only where the two must look different.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

# For annotations alone: these stand on the figures.
if TYPE_CHECKING:
    from graphcore.evaluation.intervals.interval import Interval
    from graphcore.evaluation.samples.calibration import Calibration
    from graphcore.evaluation.videos.figures import VideoMetrics

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
        f1: harmonic mean of the two; 0 when there are none and none was called so.
        average_precision: how precise the order of the samples by the class's score is, the mean over the class's
            samples of the precision down to each; None when there are none.
        roc_auc: how often a sample of the class has a higher score for it than one that is not, of all such pairs, with
            a half for equal scores; None when there are no such pairs.
        threshold: of several labels a sample, the score from which this one is given.
    """

    name: str
    support: int
    predicted: int
    correct: int
    precision: float
    recall: float
    f1: float
    average_precision: float | None = None
    roc_auc: float | None = None
    threshold: float | None = None

    @property
    def known(self) -> tuple[float | None, float | None, float | None]:
        """Precision, recall and F1, None for what cannot be said of a class that no sample has: of one label a sample
        precision is that of what was called so.
        """
        if self.support:
            return self.precision, self.recall, self.f1
        return self.precision if self.predicted and self.threshold is None else None, None, None


@dataclasses.dataclass(frozen=True)
class Metrics:
    """All figures of one split.

    Attributes:
        split: "train", "validation" or "test".
        class_names: the classes in the order of the score columns.
        count: samples looked at.
        values: figure by name, such as "accuracy", those of `videos` among them; empty when the split has no samples.
        confusion: int64 [classes, classes], true class by row, predicted class by column. Of several labels a sample:
            on the diagonal how often a label was rightly given, elsewhere how often the row's label was missed where
            the column's was wrongly given; the rows do not sum to the samples.
        classes: figures of every class, in order.
        multi_label: whether a sample may have any number of labels.
        calibration: the bins of a reliability diagram; None when the split has no samples.
        temperature: what the run's logits were divided by for the figures "..._calibrated"; None where there are none.
        calibrated: the same bins of the scores at that temperature.
        intervals: the 95 % interval of the figures that have one, by their names in `values`; all over the same groups.
        no_intervals: why there are no intervals, in a sentence; "" where there are, or where none were asked for.
        videos: what is said of videos as a whole; None for photos and several labels.
    """

    split: str
    class_names: tuple[str, ...]
    count: int
    values: dict[str, float]
    confusion: np.ndarray
    classes: tuple[ClassFigures, ...]
    multi_label: bool = False
    calibration: Calibration | None = None
    temperature: float | None = None
    calibrated: Calibration | None = None
    intervals: dict[str, Interval] = dataclasses.field(default_factory=dict)
    no_intervals: str = ""
    videos: VideoMetrics | None = None

    @property
    def headline(self) -> str:
        """The name of the figure that says most in one number."""
        return "mean_average_precision" if self.multi_label else "accuracy"

    def flat(self) -> dict[str, float | int]:
        """The figures under the flat names of metrics.json: "test/accuracy", "test/precision/<class>" ...

        An interval's bounds are "test/accuracy_low" and "test/accuracy_high"; "test/groups" is the number of groups
        that they come from. What is None of a class has no name there.
        """
        flat: dict[str, float | int] = {f"{self.split}/samples": self.count}
        flat.update({f"{self.split}/{name}": value for name, value in self.values.items()})
        for name, interval in self.intervals.items():
            flat |= {f"{self.split}/{name}_low": interval.low, f"{self.split}/{name}_high": interval.high}
            flat[f"{self.split}/groups"] = interval.groups
        for figures in self.classes if self.count else ():
            for kind in ("precision", "recall", "f1", "support", "average_precision", "roc_auc", "threshold"):
                if (value := getattr(figures, kind)) is not None:
                    flat[f"{self.split}/{kind}/{figures.name}"] = value
        return flat


def make_class_figures(
    name: str, support: int, predicted: int, correct: int, average_precision: float = float("nan"),
    roc_auc: float = float("nan"), threshold: float | None = None,
) -> ClassFigures:  # fmt: skip
    """Precision, recall and F1 of a class from its counts; the rest as in `ClassFigures`, NaN for None."""
    return ClassFigures(
        name=name,
        support=support,
        predicted=predicted,
        correct=correct,
        precision=share(correct, predicted),
        recall=share(correct, support),
        f1=share(2 * correct, support + predicted),
        average_precision=None if np.isnan(average_precision) else float(average_precision),
        roc_auc=None if np.isnan(roc_auc) else float(roc_auc),
        threshold=threshold,
    )


def share(part: int, whole: int) -> float:
    """`part` of `whole`; 0 of nothing."""
    return part / whole if whole else 0.0


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
