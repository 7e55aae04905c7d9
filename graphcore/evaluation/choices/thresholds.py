"""From which score a label is given: chosen on validation when training is done, and kept in the run.

The test split has no say in it, so that what is measured there is what new pictures will find.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from graphcore.console import say, warn
from graphcore.evaluation.predictions import Predictions
from graphcore.heads.factory import is_multi_label
from graphcore.heads.ranking import DEFAULT_THRESHOLD, choose_steady_thresholds
from graphcore.training.run import Run

# Measured on 400 photos of clothing, 15 divisions: with 4 validation samples of most labels, fitted thresholds gave a
# macro F1 of 0.61 on test and one half for all 0.63; with 10 it was 0.64 and 0.63. (Of a head that hardly decays its
# weights, whose scores are off, fitted ones won even with 4: 0.53 and 0.46.)
FEW_POSITIVES = 10


def fit_thresholds(run: Run, validation: Predictions) -> Run:
    """Gives a run of several labels a picture its thresholds; any other is returned as it is.

    `head.threshold` is every label's where it is a number. Where it is null, each label has the one that gives it the
    best F1 on validation, averaged over resamples; 0.5 where validation has no sample with the label.

    Args:
        run: the run.
        validation: its scores of the validation split.
    """
    if not is_multi_label(run.head_config):
        return run
    return dataclasses.replace(run, thresholds=_plan_thresholds(run, validation))


def _plan_thresholds(run: Run, found: Predictions) -> list[float]:
    asked = getattr(run.head_config, "threshold", None)
    if asked is not None:
        return [float(asked)] * len(run.labels)
    if not found.keys:
        warn(f"The validation split has no samples: every label is given from a score of {DEFAULT_THRESHOLD} on.")
        return [DEFAULT_THRESHOLD] * len(run.labels)
    _tell(dict(zip(run.labels, found.labels.sum(axis=0).tolist(), strict=True)))
    return choose_steady_thresholds(found.labels, found.scores)


def _tell(positives: Mapping[str, int]) -> None:
    """Says how thresholds were found and which to doubt; `positives` are the validation samples of each label."""
    say("Thresholds: for each label the score with the best F1 on validation, the mean of 50 resamples.")
    advice = "A larger split.validation would find better ones; head.threshold=0.5 sets all."
    unknown = [name for name, count in positives.items() if not count]
    if unknown:
        warn(f"No validation sample has {_list_some(unknown)}: given from a score of {DEFAULT_THRESHOLD} on. {advice}")
    few = [name for name, count in positives.items() if 0 < count < FEW_POSITIVES]
    if few:
        warn(f"Fewer than {FEW_POSITIVES} validation samples have {_list_some(few)}: rough thresholds. {advice}")


def _list_some(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
