"""What is chosen on the validation split when the weights are trained, and kept in the run.

The test split has no say in any of it, so that what is measured there is what new pictures and videos will find.
"""

from __future__ import annotations

from graphcore.config import SegmentsConfig
from graphcore.console import count_of, warn
from graphcore.evaluation.choices.segmenting import fit_segmenting
from graphcore.evaluation.choices.temperature import fit_run_temperature
from graphcore.evaluation.choices.thresholds import fit_thresholds
from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.scoring import score_split
from graphcore.training.run import Run

# Frames of fewer videos are told of before anything rests on them.
FEW_GROUPS = 3


def fit_choices(run: Run, segments: SegmentsConfig, is_told: bool = False) -> tuple[Run, Predictions]:
    """Chooses the thresholds of labels, the temperature of scores and how frames become segments, and writes the run.

    Args:
        run: a run whose weights are trained.
        segments: what is given of how frames become segments.
        is_told: whether somebody has heard already that there are very few validation videos.

    Returns:
        The run with its choices, and its scores of the validation split.

    Raises:
        RunError: the run's records have moved or changed.
        CheckpointError: its weights are missing or damaged.
    """
    validation = score_split(run, "validation")
    is_doubted = _doubt(validation, is_told)
    run = fit_thresholds(run, validation)
    validation = validation.give(run.thresholds)
    run = fit_run_temperature(run, validation)
    run = fit_segmenting(run, validation, segments, is_doubted)
    run.write()
    return run, validation


def _doubt(validation: Predictions, is_told: bool) -> bool:
    """Whether all that is chosen rests on the frames of one or two videos or subjects, which it warns of."""
    if validation.marks is None or not validation.marks.are_frames:
        return False
    groups = plan_groups(validation.marks, validation.keys)
    if not 0 < groups.count < FEW_GROUPS:
        return False
    if is_told:
        return True
    warn(
        f"Validation is {count_of(groups.count, groups.unit.removesuffix('s'))}: the weights, temperature, smoothing "
        "and segments chosen on it are rough. A larger split.validation, or split.folds, would choose better."
    )
    return True
