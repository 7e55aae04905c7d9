"""The surest mistakes on validation, as pictures with what they are and what they were called.

Drawn at each evaluation that is the best so far, so the last ones are those of the weights that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.training.contact_sheet import ENLARGE, Line, Tile, make_sheet, plan_tile_side
from graphcore.training.lettering import ALARM, INK, plan_names
from graphcore.training.observer import Moment, Observer
from graphcore.training.sample_pictures import SamplePictures

# Of several labels a picture, the score from which one counts as given; the run's own thresholds come later.
_GIVEN_FROM = 0.5


@dataclass(frozen=True)
class Mistake:
    """One wrong answer.

    Attributes:
        sample: its place in the evaluation.
        label: the class that the picture is, or wrongly has or lacks.
        called: what it was called; equal to `label` where it may have several.
        score: of `called`, in [0, 1].
    """

    sample: int
    label: int
    called: int
    score: float


class Mistakes(Observer):
    """Draws them on one sheet."""

    def __init__(self, labels: Sequence[str], pictures: SamplePictures, most: int) -> None:
        """Takes the classes' names in order, where the pictures are, and how many to show."""
        self._names, self._pictures, self._most = plan_names(labels), pictures, most

    def evaluated(self, moment: Moment) -> None:
        """Writes them where the evaluation is the best so far."""
        found = moment.evaluation
        if found is None or not moment.best:
            return
        several = found.labels.ndim == 2
        mistakes = (find_wrong_labels if several else find_mistakes)(found.labels, found.scores, self._most)
        side = plan_tile_side(len(mistakes))
        drawn = [
            (mistake, self._pictures.read_thumbnail("validation", found.keys[mistake.sample], side))
            for mistake in mistakes
        ]
        describe = describe_wrong_label if several else describe_mistake
        tiles = [Tile(picture, describe(mistake, found.labels, self._names)) for mistake, picture in drawn if picture]
        if tiles:
            text = f"The surest mistakes on validation, surest first. {ENLARGE}"
            moment.writers.write_image("validation", moment.step, "pictures/mistakes", make_sheet(tiles), text)


def find_mistakes(labels: np.ndarray, scores: np.ndarray, most: int) -> list[Mistake]:
    """The surest wrong calls, surest first.

    Args:
        labels: int [n].
        scores: float [n, classes].
        most: how many at most.
    """
    called = np.argmax(scores, axis=1)
    wrong = np.flatnonzero(called != labels)
    sure = scores[wrong, called[wrong]]
    order = np.argsort(-sure, kind="stable")[:most]
    return [Mistake(int(wrong[i]), int(labels[wrong[i]]), int(called[wrong[i]]), float(sure[i])) for i in order]


def find_wrong_labels(labels: np.ndarray, scores: np.ndarray, most: int) -> list[Mistake]:
    """Of each picture with several labels its worst one, where that is wrong; worst first.

    Args:
        labels: 0 or 1, [n, classes].
        scores: float [n, classes].
        most: how many at most.
    """
    errors = np.abs(labels - scores)
    worst = np.argmax(errors, axis=1)
    rows = np.arange(len(labels))
    wrong = np.flatnonzero((labels[rows, worst] == 1) != (scores[rows, worst] >= _GIVEN_FROM))
    order = wrong[np.argsort(-errors[wrong, worst[wrong]], kind="stable")][:most]
    return [Mistake(int(i), int(worst[i]), int(worst[i]), float(scores[i, worst[i]])) for i in order]


def describe_mistake(mistake: Mistake, labels: np.ndarray, names: Sequence[str]) -> tuple[Line, ...]:
    """What it is, and what it was called how surely."""
    return (f"is {names[mistake.label]}", INK), (f"{mistake.score:.0%} {names[mistake.called]}", ALARM)


def describe_wrong_label(mistake: Mistake, labels: np.ndarray, names: Sequence[str]) -> tuple[Line, ...]:
    """What it is, and which label it lacks or should not have."""
    true = ", ".join(names[int(number)] for number in np.flatnonzero(labels[mistake.sample])) or "none"
    lacks = labels[mistake.sample, mistake.label]
    verdict = f"{'only ' if lacks else ''}{mistake.score:.0%} {names[mistake.label]}"
    return (f"is {true}", INK), (verdict, ALARM)
