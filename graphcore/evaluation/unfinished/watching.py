"""Every new checkpoint of a run in training, as soon as it is there, until the run is finished or nothing comes.

The loop of slim's `evaluation_loop`, for runs of graphcore's: a training in another process, or on another machine with
the same disk, is followed without a word to it. It keeps two checkpoints, so one that is gone before it was looked at
is passed over.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from graphcore import console, storage
from graphcore.errors import CheckpointError, RunError
from graphcore.evaluation.curves import WATCHED
from graphcore.evaluation.figure_tables import VIDEO_FIGURES
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.judging import JudgeOptions, judge_split
from graphcore.evaluation.unfinished.run_at_step import make_run_at_step
from graphcore.training import checkpoints
from graphcore.training.run import RUN_FILE, Run, load_run
from graphcore.training.summaries import SummaryWriters
from graphcore.training.unfinished import read_beginning

POLL_SECS = 1.0
FINISHED, TIMED_OUT = "finished", "timed out"

# What a line says of a checkpoint besides the headline, where there is such a figure; with its decimals.
_TOLD = {"loss": ("loss", 4), "edit": ("edit", 1), "f1@50": ("F1@50", 1)}


@dataclass(frozen=True)
class Look:
    """What a checkpoint was worth: the step, and every figure of the split."""

    step: int
    metrics: Metrics


def watch_run(
    folder: Path, split: str, options: JudgeOptions, timeout_secs: float, records: Path | str | None = None
) -> list[Look]:
    """Evaluates each new checkpoint of a run, prints a line of each, and writes RUN/summaries/<split>-watched.

    Ends when the run is finished and its last checkpoint was looked at, or when no checkpoint came for so long; a line
    says which.

    Args:
        folder: of the run; it need not be there yet.
        split: what to evaluate on.
        options: what is asked for; intervals are left out whatever it says.
        timeout_secs: how long to wait for the first checkpoint, or for another one.
        records: where the run's records lie, should that not be where training has them.

    Raises:
        GraphcoreError: the split cannot be scored, or the run's description is damaged.
    """
    if folder.exists() and not folder.is_dir():
        raise RunError(f"run={folder} is a file, and never will be a run.", next_step="Give the folder of a run.")
    looks: list[Look] = []
    options = replace(options, resamples=0)
    with _summaries(folder, f"{split}{WATCHED}") as write:
        for begun, step in iterate_checkpoints(folder, timeout_secs):
            if records is not None:
                begun = replace(begun, records=storage.make_local(records))
            try:
                look = _look_at(begun, step, split, options)
            except CheckpointError:
                if step in checkpoints.saved_steps(folder):
                    raise
                console.say(f"step {step}: gone before it could be looked at")
                continue
            write(step, choose_scalars(look.metrics))
            console.say(tell(look))
            looks.append(look)
    return looks


def choose_scalars(metrics: Metrics) -> dict[str, float]:
    """The figures that TensorBoard shows: those of samples, and of videos what is printed too."""
    of_videos = metrics.videos.values if metrics.videos else {}
    return {name: value for name, value in metrics.values.items() if name not in of_videos or name in VIDEO_FIGURES}


def tell(look: Look) -> str:
    """One line on a checkpoint."""
    headline, values = look.metrics.headline, look.metrics.values
    if headline not in values:
        return f"step {look.step}: the {look.metrics.split} split has no samples"
    told = {headline: (headline.replace("_", " "), 4)} | _TOLD
    figures = [f"{title} {values[name]:.{digits}f}" for name, (title, digits) in told.items() if name in values]
    return f"step {look.step}: {', '.join(figures)}"


def iterate_checkpoints(
    folder: Path,
    timeout_secs: float,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[Run, int]]:
    """Yields (the run as it was described when it began, step) of each checkpoint that is new, oldest first.

    Ends when the run is finished, or when none came for `timeout_secs`; a line says which.
    """
    seen: set[tuple[int, int]] = set()
    waiting_since, told = clock(), False
    while True:
        # Asked first: a checkpoint that is written between two questions must not be missed.
        finished = (folder / RUN_FILE).is_file()
        begun = _read_description(folder, finished)
        new = [mark for mark in _mark_checkpoints(folder) if mark not in seen] if begun else []
        for mark in new:
            assert begun is not None
            seen.add(mark)
            yield begun, mark[0]
            waiting_since = clock()
        if new:
            continue
        if finished and load_run(folder).steps >= max((step for step, _ in seen), default=0):
            console.say(f"{folder} is finished.")
            return
        if clock() - waiting_since >= timeout_secs:
            console.say(f"No checkpoint came in {timeout_secs:g} s (timeout_secs).")
            return
        if not seen and not told:
            told = True
            console.say(f"Waiting for the first checkpoint in {checkpoints.checkpoints_dir(folder)}")
        sleep(POLL_SECS)


def _read_description(folder: Path, finished: bool) -> Run | None:
    begun = read_beginning(folder)
    # A run that was finished before runs were described at their beginning has its last checkpoints still.
    return load_run(folder) if begun is None and finished else begun


def _mark_checkpoints(folder: Path) -> list[tuple[int, int]]:
    """(step, time) of each checkpoint: a training that began anew comes by the same steps again."""
    marks = []
    for step in checkpoints.saved_steps(folder):
        try:
            marks.append((step, Path(f"{checkpoints.model_prefix(folder, step)}.index").stat().st_mtime_ns))
        except FileNotFoundError:
            continue  # removed since it was listed
    return marks


def _look_at(begun: Run, step: int, split: str, options: JudgeOptions) -> Look:
    with tempfile.TemporaryDirectory(prefix="graphcore-watch-") as aside:
        run = make_run_at_step(begun, step, Path(aside))
        return Look(step, judge_split(run, split, options).metrics)


@contextmanager
def _summaries(folder: Path, name: str) -> Iterator[Callable[[int, Mapping[str, float]], None]]:
    """Gives what writes the figures of a step for TensorBoard; there is no file before the first of them."""
    writers: list[SummaryWriters] = []

    def write(step: int, values: Mapping[str, float]) -> None:
        if not writers:
            writers.append(SummaryWriters(folder, (name,)))
        writers[0].write_scalars(name, step, values)
        writers[0].flush()

    try:
        yield write
    finally:
        for each in writers:
            each.__exit__(None, None, None)
