"""`python -m graphcore.evaluate run=RUN split=test`: what a finished run is worth, from the run alone.

Also on another dataset (`dataset=...`), while it is still trained (`watch=true`), and beside other heads on the same
features (`heads=[...]`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import DictConfig, OmegaConf

from graphcore import storage
from graphcore.borrowing import Borrowed
from graphcore.command import run_command
from graphcore.config import DatasetConfig, EvaluateConfig
from graphcore.console import say, show_table, warn
from graphcore.errors import ConfigError
from graphcore.evaluation.figure_tables import show_metrics as show_metrics  # where the other commands find it

# TensorFlow is imported when something is evaluated, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.figures import Metrics
    from graphcore.evaluation.judging import Judged, JudgeOptions
    from graphcore.evaluation.predictions import Predictions
    from graphcore.training.run import Run


def evaluate(
    run: Run | Path | str,
    split: str = "test",
    top_k: int = 5,
    records: Path | str | None = None,
    relax_secs: float = 0.0,
    resamples: int = 1000,
) -> Metrics:
    """Evaluates a run on one split, exactly once per sample, and writes metrics.json, predictions and report.

    The test split's files are RUN/predictions.csv and RUN/report.html; another split's carry its name.

    Args:
        run: a finished run, or its folder.
        split: "train", "validation" or "test".
        top_k: how many guesses the top-k accuracy allows; there is none where no guess could miss.
        records: where the run's records lie now; None for where they were when it was trained.
        relax_secs: of videos: how close to a change of label either label is right, for the relaxed figures; 0: none.
        resamples: of the bootstrap over subjects, videos or samples that gives the intervals; 0: no intervals.

    Raises:
        RunError: the run is missing or has not finished, or its records have changed since.
        RecordsError: its records are missing or damaged.
    """
    from graphcore.evaluation.judging import JudgeOptions

    return _evaluate(_find_run(run, records), split, JudgeOptions(top_k, relax_secs, resamples)).metrics


def evaluate_scored(run: Run, split: str, predictions: Predictions, options: JudgeOptions) -> Metrics:
    """Evaluates a split whose scores are there already, as the one is that a run's choices were made on.

    Args:
        run: a finished run.
        split: "train", "validation" or "test".
        predictions: its scores, with the labels that they are enough for.
        options: what is asked for.
    """
    from graphcore.evaluation.judging import judge_predictions
    from graphcore.evaluation.results import place_in_run, write_results

    judged = judge_predictions(run, split, predictions, options)
    write_results(place_in_run(run), judged)
    return judged.metrics


def _evaluate(run: Run, split: str, options: JudgeOptions, command: str = "") -> Judged:
    from graphcore.evaluation.judging import judge_split
    from graphcore.evaluation.results import place_in_run, write_results

    judged = judge_split(run, split, options)
    write_results(place_in_run(run, command), judged)
    return judged


def _find_run(run: Run | Path | str, records: Path | str | None) -> Run:
    from graphcore.training.run import load_run

    found = load_run(run) if isinstance(run, (str, Path)) else run
    return found if records is None else dataclasses.replace(found, records=storage.make_local(records))


def main() -> None:
    """Runs the command."""
    # As it was typed: what is done with options on their way changes sys.argv.
    typed = shlex.join(["python", "-m", "graphcore.evaluate", *sys.argv[1:]])
    action = functools.partial(run_evaluate, command=typed)
    run_command(action, config_name="evaluate", job="evaluate", borrowed=Borrowed("dataset", read_followed, read_kind))


def read_followed(composed: DictConfig) -> dict[str, Any]:
    """The options of the run's dataset that another one is converted by, by short name; see `whole_dataset.FOLLOWED`.

    A run that cannot be read follows nothing; that is told when it is loaded.
    """
    from graphcore.evaluation.other_data.whole_dataset import choose_followed

    return choose_followed(_read_dataset_options(composed))


def read_kind(composed: DictConfig) -> str | None:
    """What kind of dataset the run has; None where that cannot be read."""
    return _read_dataset_options(composed).get("dataset.kind")


def _read_dataset_options(composed: DictConfig) -> dict[str, Any]:
    try:
        note = json.loads(Path(str(OmegaConf.select(composed, "run"))).joinpath("run.json").read_bytes())
        return dict(note["dataset_options"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def run_evaluate(options: EvaluateConfig, command: str = "") -> float | None:
    """Evaluates and prints; returns the accuracy, or the mean average precision of several labels a sample.

    Args:
        options: of the command.
        command: as it was typed, for the report.

    Raises:
        ConfigError: an option would do nothing.
        GraphcoreError: the run, its records or another dataset cannot be worked with.
    """
    _refuse_idle(options)
    if options.watch:
        return _run_watch(options)
    from graphcore.evaluation.judging import JudgeOptions

    run = _find_run(options.run, options.records)
    asked = JudgeOptions(options.top_k, options.relax_secs, options.resamples, options.segments)
    if options.heads is not None:
        return _run_heads(run, options.heads, options.split, asked, command)
    if options.dataset is not None:
        return _run_elsewhere(run, options.dataset, asked, options.show_mistakes, command)
    judged = _evaluate(run, options.split, asked, command)
    _warn_of_idle_options(judged.metrics, asked)
    return _show(judged, run.folder / report_name(options.split), options.show_mistakes)


def _refuse_idle(options: EvaluateConfig) -> None:
    kind = "watch" if options.watch else "heads"
    if options.dataset is not None and options.split != "test":
        problem = f"split={options.split} says nothing beside dataset: all of another dataset is tested."
    elif options.show_mistakes and (options.watch or options.heads is not None):
        problem = f"show_mistakes={options.show_mistakes} shows nothing beside {kind}."
    elif not options.watch and options.timeout_secs != type(options).timeout_secs:
        problem = f"timeout_secs={options.timeout_secs:g} ends nothing without watch=true."
    else:
        return
    raise ConfigError(problem, next_step="Leave it out.")


def _run_watch(options: EvaluateConfig) -> float | None:
    from graphcore.evaluation.judging import JudgeOptions
    from graphcore.evaluation.unfinished.watching import watch_run

    asked = JudgeOptions(options.top_k, options.relax_secs, resamples=0, segments=options.segments)
    with contextlib.suppress(KeyboardInterrupt):  # which is how one ends it before its time: no mistake
        looks = watch_run(Path(options.run), options.split, asked, options.timeout_secs, options.records)
        return looks[-1].metrics.values.get(looks[-1].metrics.headline) if looks else None


def _run_elsewhere(
    run: Run, dataset: DatasetConfig, asked: JudgeOptions, show_mistakes: int, command: str
) -> float | None:
    from graphcore.evaluation.other_data.elsewhere import evaluate_elsewhere

    place, judged = evaluate_elsewhere(run, dataset, asked, command)
    _warn_of_idle_options(judged.metrics, asked)
    return _show(judged, place.report(judged.metrics.split), show_mistakes, f"All of {place.folder.name}")


def _run_heads(run: Run, names: Sequence[str], split: str, asked: JudgeOptions, command: str) -> float | None:
    from graphcore.evaluation.other_heads.head_runs import compare_heads, find_csv
    from graphcore.evaluation.other_heads.head_table import find_best, show_heads

    results = compare_heads(run, names, split, asked, command)
    _warn_of_idle_options(results[0].metrics, asked)
    show_heads(results, split, run.folder.name)
    say(f"Every figure: {find_csv(run.folder, split)}")
    best = find_best(results).metrics
    return best.values.get(best.headline)


def _warn_of_idle_options(metrics: Metrics, asked: JudgeOptions) -> None:
    given = [f"segments.{name}" for name, value in dataclasses.asdict(asked.segments).items() if value is not None]
    given += ["relax_secs"] if asked.relax_secs else []
    if given and metrics.videos is None:
        warn(f"{', '.join(given)} does nothing: these are no videos whose frames have one label each.")


def _show(judged: Judged, report: Path, most_mistakes: int, title: str | None = None) -> float | None:
    show_metrics(judged.metrics, title)
    if most_mistakes:
        show_found_mistakes(judged.predictions, judged.metrics.split, most_mistakes)
    say(f"Report: {report}")
    return judged.metrics.values.get(judged.metrics.headline)


def show_mistakes(run: Run, split: str, most: int) -> None:
    """Prints the surest mistakes of a split that has been evaluated: sample, class, what it was called, score."""
    from graphcore.evaluation.predictions import predictions_name, read_predictions
    from graphcore.heads.factory import is_multi_label

    path = run.folder / predictions_name(split)
    show_found_mistakes(read_predictions(path, is_multi_label(run.head_config)), split, most)


def show_found_mistakes(predictions: Predictions, split: str, most: int) -> None:
    """Prints the surest mistakes among some predictions."""
    from graphcore.evaluation.mistakes import find_mistakes

    rows = [(one.key, one.true, one.called, f"{one.score:.4f}") for one in find_mistakes(predictions, most)]
    if rows:
        labels = "labels" if predictions.multi_label else "class"
        show_table(f"The surest mistakes on {split}", ("sample", labels, "called", "score"), rows, shorten=0)
    else:
        say(f"No mistakes on {split}.")


def report_name(split: str) -> str:
    """The file of a split's report under the run's folder."""
    from graphcore.evaluation.results import report_name as name

    return name(split)


if __name__ == "__main__":
    main()
