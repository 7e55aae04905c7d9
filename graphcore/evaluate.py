"""`python -m graphcore.evaluate run=RUN split=test`: what a finished run is worth, from the run alone."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from graphcore import storage
from graphcore.command import run_command
from graphcore.config import EvaluateConfig
from graphcore.console import say, show_table, warn

# TensorFlow is imported when something is evaluated, not for --help.
if TYPE_CHECKING:
    from graphcore.evaluation.metrics import Metrics
    from graphcore.training.run import Run

# A longer table is for the report; the screen shows the classes that fare worst.
MOST_CLASSES_ON_SCREEN = 25


def evaluate(run: Run | Path | str, split: str = "test", top_k: int = 5, records: Path | str | None = None) -> Metrics:
    """Evaluates a run on one split, exactly once per sample, and writes metrics.json, predictions and report.

    The test split's files are RUN/predictions.csv and RUN/report.html; another split's carry its name.

    Args:
        run: a finished run, or its folder.
        split: "train", "validation" or "test".
        top_k: how many guesses the top-k accuracy allows; no more than there are classes.
        records: where the run's records lie now; None for where they were when it was trained.

    Raises:
        RunError: the run is missing or has not finished, or its records have changed since.
        RecordsError: its records are missing or damaged.
    """
    from graphcore.evaluation.metrics import compute_metrics
    from graphcore.evaluation.scoring import score_split
    from graphcore.training.run import load_run

    if isinstance(run, (str, Path)):
        run = load_run(run)
    if records is not None:
        run = dataclasses.replace(run, records=storage.make_local(records))
    predictions = score_split(run, split)
    metrics = compute_metrics(split, predictions.labels, predictions.scores, run.labels, top_k)
    _write(run, metrics, predictions)
    return metrics


def main() -> None:
    """Runs the command."""
    run_command(run_evaluate, config_name="evaluate", job="evaluate")


def run_evaluate(options: EvaluateConfig) -> float | None:
    """Evaluates and prints; returns the accuracy."""
    from graphcore.training.run import load_run

    metrics = evaluate(options.run, options.split, options.top_k, options.records)
    show_metrics(metrics)
    if options.show_mistakes:
        show_mistakes(load_run(options.run), options.split, options.show_mistakes)
    say(f"Report: {Path(options.run) / report_name(options.split)}")
    return metrics.values.get("accuracy")


def show_metrics(metrics: Metrics) -> None:
    """Prints the figures of a split and of its classes."""
    if not metrics.count:
        warn(f"The {metrics.split} split has no samples: there is nothing to evaluate.")
        return
    figures = [(name.replace("_", " "), f"{value:.4f}") for name, value in metrics.values.items()]
    show_table(f"{metrics.split}: {metrics.count:,} samples", ("figure", "value"), figures)
    classes = metrics.classes
    title = "Classes"
    if len(classes) > MOST_CLASSES_ON_SCREEN:
        classes = sorted(classes, key=lambda figures: figures.f1)[:MOST_CLASSES_ON_SCREEN]
        title = f"The {MOST_CLASSES_ON_SCREEN} of {len(metrics.classes)} classes with the lowest F1"
    rows = [
        (
            figures.name,
            f"{figures.precision:.4f}",
            f"{figures.recall:.4f}",
            f"{figures.f1:.4f}",
            figures.support,
        )
        for figures in classes
    ]
    show_table(title, ("class", "precision", "recall", "F1", "samples"), rows)


def show_mistakes(run: Run, split: str, most: int) -> None:
    """Prints the surest mistakes of a split that has been evaluated: sample, class, what it was called, score."""
    from graphcore.evaluation.predictions import read_predictions

    mistakes = read_predictions(run.folder / predictions_name(split)).mistakes(most)
    rows = [(key, true, called, f"{score:.4f}") for key, true, called, score in mistakes]
    if rows:
        show_table(f"The surest mistakes on {split}", ("sample", "class", "called", "score"), rows)
    else:
        say(f"No mistakes on {split}.")


def predictions_name(split: str) -> str:
    """The file of a split's predictions under the run's folder."""
    return "predictions.csv" if split == "test" else f"predictions-{split}.csv"


def report_name(split: str) -> str:
    """The file of a split's report under the run's folder."""
    return "report.html" if split == "test" else f"report-{split}.html"


def _write(run: Run, metrics: Metrics, predictions) -> None:
    from graphcore.evaluation.curves import read_curves
    from graphcore.evaluation.metrics_file import update_metrics
    from graphcore.evaluation.predictions import write_predictions
    from graphcore.evaluation.report import write_report

    update_metrics(run.metrics_path, metrics.flat(), replace=metrics.split)
    write_predictions(run.folder / predictions_name(metrics.split), predictions)
    write_report(
        run.folder / report_name(metrics.split),
        title="/".join(run.folder.absolute().parts[-2:]),
        metrics=metrics,
        predictions=predictions,
        curves=read_curves(run.summaries_dir),
        best_step=run.best_step or None,
        facts=_describe(run),
    )


def _describe(run: Run) -> list:
    from graphcore.evaluation.report import Fact

    facts = [
        Fact("dataset", f"{run.records.name} ({run.dataset_digest[:12]})"),
        Fact("backbone", f"{run.backbone_name}, width {run.width:g}, {run.image_size} pixels"),
        Fact("head", run.head_config.name),
        Fact("trainer", run.trainer),
        Fact("steps", f"{run.steps:,}, of which step {run.best_step:,} was kept"),
        Fact("seed", str(run.seed)),
    ]
    facts += [Fact(name, f"{value:.4f}") for name, value in run.validation.items()]
    return facts + [Fact(f"seconds, {stage}", f"{seconds:.1f}") for stage, seconds in run.seconds.items()]


if __name__ == "__main__":
    main()
