"""What is chosen on the validation split when the weights are trained, and kept in the run.

The test split has no say in any of it, so that what is measured there is what new pictures and videos will find.
"""

from __future__ import annotations

from graphcore.config import SegmentsConfig
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.scoring import score_split
from graphcore.evaluation.segmenting import fit_segmenting
from graphcore.evaluation.temperature import fit_run_temperature
from graphcore.evaluation.thresholds import fit_thresholds
from graphcore.training.run import Run


def fit_choices(run: Run, segments: SegmentsConfig) -> tuple[Run, Predictions]:
    """Chooses the thresholds of labels, the temperature of scores and how frames become segments, and writes the run.

    Args:
        run: a run whose weights are trained.
        segments: what is given of how frames become segments.

    Returns:
        The run with its choices, and its scores of the validation split.

    Raises:
        RunError: the run's records have moved or changed.
        CheckpointError: its weights are missing or damaged.
    """
    validation = score_split(run, "validation")
    run = fit_thresholds(run, validation)
    validation = validation.give(run.thresholds)
    run = fit_run_temperature(run, validation)
    run = fit_segmenting(run, validation, segments)
    run.write()
    return run, validation
