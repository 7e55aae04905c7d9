"""From the folders of several runs to what they say about the same samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from graphcore.comparison.lining_up import Gathered, line_up, order_classes
from graphcore.errors import RunError
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.judging import judge_predictions
from graphcore.evaluation.predictions import Predictions, predictions_name, read_predictions
from graphcore.evaluation.scoring import score_split
from graphcore.heads.factory import is_multi_label
from graphcore.timelines.marks import Marks, read_marks
from graphcore.training.run import Run, load_run
from tfrecords.errors import RecordsError


def gather(folders: Sequence[Run | Path | str], split: str) -> Gathered:
    """Reads what the runs say about a split; what a run was never asked is scored now, and written nowhere.

    Raises:
        RunError: there are fewer than two runs, one is there twice, is missing or has not finished; their labels are
            of different kinds or classes; they share no sample, or say different things of what one is.
        RecordsError: records that are needed are missing or damaged.
    """
    runs = [load_run(run) if isinstance(run, (str, Path)) else run for run in require_several(folders)]
    read = [_read_or_score(run, split) for run in runs]
    names = name_runs([run.folder for run in runs])
    gathered = line_up(names, read, split)
    marks = _find_marks(runs, gathered.predictions[0].keys, split)
    lined_up = tuple(dataclasses.replace(predictions, marks=marks) for predictions in gathered.predictions)
    metrics = tuple(_judge(run, split, predictions) for run, predictions in zip(runs, lined_up, strict=True))
    return dataclasses.replace(gathered, predictions=lined_up, metrics=metrics)


def require_several(folders: Sequence[Run | Path | str]) -> Sequence[Run | Path | str]:
    """Refuses a single run, and one that is there twice."""
    paths = [(run.folder if isinstance(run, Run) else Path(run)).resolve() for run in folders]
    if len(paths) < 2:
        raise RunError(
            f"runs={_list(folders)} names {len(paths) or 'no'} run: there is nothing to compare.",
            next_step="Name two or more: 'runs=[a,b]'.",
        )
    twice = [given for given, path in zip(folders, paths, strict=True) if paths.count(path) > 1]
    if twice:
        raise RunError(f"runs names {_list(twice)}: one and the same run twice.", next_step="Name each run once.")
    return folders


def _list(folders: Sequence[Run | Path | str]) -> str:
    return "[" + ", ".join(str(run.folder if isinstance(run, Run) else run) for run in folders) + "]"


def name_runs(folders: Sequence[Path]) -> tuple[str, ...]:
    """A short name for each run: the end of its path, as much of it as tells it from the others."""
    parts = [folder.absolute().parts for folder in folders]
    names: list[str] = []
    for count in range(1, max(map(len, parts)) + 1):
        names = ["/".join(path[-count:]) for path in parts]
        if len(set(names)) == len(names):
            break
    return tuple(names)


def _read_or_score(run: Run, split: str) -> Predictions:
    path = run.folder / predictions_name(split)
    if not path.is_file():
        return score_split(run, split).give(run.thresholds)
    predictions = read_predictions(path, is_multi_label(run.head_config))
    if set(predictions.class_names) != set(run.labels):
        raise RunError(
            f"{path} has columns of other classes than its run.",
            choices=run.labels,
            next_step=f"Run python -m graphcore.evaluate run={run.folder} split={split} again.",
        )
    return predictions


def _judge(run: Run, split: str, predictions: Predictions) -> Metrics:
    """Every figure of a run, whose thresholds are in the order of its own classes."""
    return judge_predictions(run, split, order_classes(predictions, run.labels)).metrics


def _find_marks(runs: Sequence[Run], keys: Sequence[str], split: str) -> Marks | None:
    """Where the samples are from, by the first run whose records are still there and know them all."""
    for run in runs:
        try:
            marks = read_marks(run.records, split).pick(keys)
        except (RecordsError, OSError):
            continue
        if marks is not None:
            return marks
    return None
