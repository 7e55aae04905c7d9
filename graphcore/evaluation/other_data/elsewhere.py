"""A run on a dataset that it was not divided from: other photos, other videos, another hospital.

The dataset is converted whole, into records of its own. Classes are matched by name: the other dataset may number them
otherwise and lack some, but one that the run does not know has no right answer among its scores, and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from graphcore.config import DatasetConfig
from graphcore.console import warn
from graphcore.errors import DatasetError
from graphcore.evaluation.judging import Judged, JudgeOptions, judge_predictions
from graphcore.evaluation.other_data.earlier import list_options, replace_note
from graphcore.evaluation.other_data.shared_samples import find_shared
from graphcore.evaluation.other_data.whole_dataset import SPLIT, convert_whole
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.results import Other, Place, write_results
from graphcore.evaluation.scoring import score_split
from graphcore.heads.factory import is_multi_label
from graphcore.timelines.timeline import find_outside
from graphcore.training.run import Run
from tfrecords.manifest import Manifest

# Below the run's folder, one for each other dataset that it was evaluated on.
EVALUATIONS = "evaluations"
NOT_LOOKED_FOR = "copies that were cut or saved anew are not looked for"


def evaluate_elsewhere(
    run: Run, dataset: DatasetConfig, options: JudgeOptions | None = None, command: str = ""
) -> tuple[Place, Judged]:
    """Evaluates a run on all of another dataset; RUN/evaluations/<its name> has the results, the run's own stay.

    Args:
        run: a finished run.
        dataset: how it is converted. The command takes what it leaves open from the run; see `choose_followed`.
        options: what is asked for.
        command: that was typed, for the report.

    Returns:
        Where the results are, and what they are.

    Raises:
        ConfigError: the dataset's records would take the place of others.
        DatasetError: it cannot be converted, or has classes that the run does not know.
    """
    records, manifest = convert_whole(dataset, apart_from=run.records)
    numbers = match_labels(run, manifest)
    copies, has_copies = check_copies(run, records, manifest)
    there = replace(run, records=records, dataset_digest=manifest.digest())
    judged = judge_predictions(run, SPLIT, score_as(there, numbers).give(run.thresholds), options)
    other = Other(manifest.name, getattr(dataset, "videos", None) is not None, copies, has_copies)
    place = Place(run.folder / EVALUATIONS / manifest.name, run, there, command, other)
    replace_note(place.folder, list_options(dataset))
    write_results(place, judged)
    return place, judged


def score_as(there: Run, numbers: Sequence[int]) -> Predictions:
    """Scores all of a run's other records, with labels as the run numbers them.

    Args:
        there: the run, with the other records for its own.
        numbers: as `match_labels` gives them.
    """
    scored = score_split(there, SPLIT)
    return replace(scored, labels=renumber(scored.labels, numbers, len(there.labels)))


def check_copies(run: Run, records: Path, manifest: Manifest) -> tuple[str, bool]:
    """Whether a dataset has copies of what the run was trained on, in a sentence and as far as is known.

    A warning says so too where it has, or where that cannot be told.
    """
    if not run.records.is_dir():
        told = f"{run.records} is gone: nobody can say whether {manifest.name} has pictures the run was trained on."
        warn(told)
        return told, False
    shared = find_shared(run.records, records, SPLIT)
    if shared.samples:
        of = f"{shared.samples:,} of {manifest.samples(SPLIT):,} samples"
        told = f"{of} of {manifest.name} are copies of pictures that the run was trained on: figures are too good."
    elif shared.videos:
        names = ", ".join(shared.videos[:5]) + (", ..." if len(shared.videos) > 5 else "")
        told = f"The run was trained on frames of the same videos ({names}): figures are too good."
    else:
        return f"{manifest.name} has no copies of what the run was trained on, byte for byte; {NOT_LOOKED_FOR}.", False
    warn(told)
    return told, True


def match_labels(run: Run, manifest: Manifest) -> list[int]:
    """The run's number of each label of a dataset; -1 for one without samples that the run does not know.

    Times outside every segment are one class under two names: "background" where several labels were annotated,
    "not-x" where only x was.

    Raises:
        DatasetError: a class of the samples is none of the run's, or samples have several labels where the run gives
            one.
    """
    if manifest.multi_label and not is_multi_label(run.head_config):
        raise DatasetError(
            f"Samples of {manifest.name} have several labels or none, and {run.folder} gives each exactly one.",
            next_step="Train with head=multi_label to be tested on such samples.",
        )
    names = [_name_as(run.labels, label, manifest.labels) for label in manifest.labels]
    counts = manifest.counts.get(SPLIT, {})
    # Where labels become columns, one that has none could not be told from no label at all.
    unknown = [
        label
        for label, name in zip(manifest.labels, names, strict=True)
        if name not in run.labels and (counts.get(label, 0) or is_multi_label(run.head_config))
    ]
    if unknown:
        raise _explain_unknown(run, manifest, unknown)
    return [run.labels.index(name) if name in run.labels else -1 for name in names]


def _name_as(known: Sequence[str], label: str, labels: Sequence[str]) -> str:
    own, other = find_outside(known), find_outside(labels)
    if own is None or other is None or labels[other] != label or label in known:
        return label
    return known[own]


def _explain_unknown(run: Run, manifest: Manifest, unknown: Sequence[str]) -> DatasetError:
    problem = (
        f"{manifest.name} has classes that {run.folder} was not trained on: {', '.join(unknown)}. "
        f"All of its classes: {', '.join(manifest.labels)}."
    )
    if "dataset.every_secs" not in manifest.options:
        step = "Leave their pictures out, or rename the classes as the run knows them."
        return DatasetError(problem, choices=run.labels, next_step=step)
    outside = find_outside(manifest.labels)
    shared = [name for n, name in enumerate(manifest.labels) if name in run.labels and n != outside]
    renamed = f"'dataset.labels={{{unknown[0]}: {run.labels[0]}}}' renames one"
    kept = f"; 'dataset.labels=[{','.join(shared)}]' leaves the others unlabelled" if shared else ""
    return DatasetError(problem, choices=run.labels, next_step=f"{renamed}{kept}.")


def renumber(labels: np.ndarray, numbers: Sequence[int], num_classes: int) -> np.ndarray:
    """Labels of a dataset as the run numbers them.

    Args:
        labels: int [n]; of several labels [n, columns] of 0 and 1, the columns beyond the dataset's labels being 0.
        numbers: of each label of the dataset the run's; -1 for labels that no sample has.
        num_classes: of the run.
    """
    if labels.ndim == 1:
        return np.asarray(numbers, np.int64)[labels]
    placed = np.zeros((len(labels), num_classes), labels.dtype)
    for column, number in enumerate(numbers):
        if number >= 0:
            placed[:, number] = labels[:, column]
    return placed
