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
    from graphcore.evaluation.figures import ClassFigures, Metrics
    from graphcore.evaluation.predictions import Predictions
    from graphcore.training.run import Run

# A longer table is for the report; the screen shows the classes that fare worst.
MOST_CLASSES_ON_SCREEN = 25


def evaluate(run: Run | Path | str, split: str = "test", top_k: int = 5, records: Path | str | None = None) -> Metrics:
    """Evaluates a run on one split, exactly once per sample, and writes metrics.json, predictions and report.

    The test split's files are RUN/predictions.csv and RUN/report.html; another split's carry its name.

    Args:
        run: a finished run, or its folder.
        split: "train", "validation" or "test".
        top_k: how many guesses the top-k accuracy allows; there is none where no guess could miss.
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
    # Thresholds are the run's own, from validation: a split that is tested must not choose its own.
    predictions = score_split(run, split).give(run.thresholds)
    metrics = compute_metrics(split, predictions.labels, predictions.scores, run.labels, top_k, run.thresholds)
    _write(run, metrics, predictions)
    return metrics


def main() -> None:
    """Runs the command."""
    run_command(run_evaluate, config_name="evaluate", job="evaluate")


def run_evaluate(options: EvaluateConfig) -> float | None:
    """Evaluates and prints; returns the accuracy, or the mean average precision of several labels a sample."""
    from graphcore.training.run import load_run

    metrics = evaluate(options.run, options.split, options.top_k, options.records)
    show_metrics(metrics)
    if options.show_mistakes:
        show_mistakes(load_run(options.run), options.split, options.show_mistakes)
    say(f"Report: {Path(options.run) / report_name(options.split)}")
    return metrics.values.get(metrics.headline)


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
        # Of a class without samples nothing can be said; it comes last.
        classes = sorted(classes, key=lambda figures: (not figures.support, figures.f1))[:MOST_CLASSES_ON_SCREEN]
        title = f"The {MOST_CLASSES_ON_SCREEN} of {len(metrics.classes)} classes with the lowest F1"
    rows = [_describe_class(figures) for figures in classes]
    show_table(title, list(rows[0]), [list(row.values()) for row in rows])


def _describe_class(figures: ClassFigures) -> dict[str, str | int]:
    """The cells of a class by the heads of their columns."""
    shares: dict[str, float | None] = {"precision": figures.precision, "recall": figures.recall, "F1": figures.f1}
    if figures.threshold is not None:
        shares = {"threshold": figures.threshold} | shares | {"AP": figures.average_precision}
    cells = {head: "-" if value is None else f"{value:.4f}" for head, value in shares.items()}
    return {"class": figures.name} | cells | {"samples": figures.support}


def show_mistakes(run: Run, split: str, most: int) -> None:
    """Prints the surest mistakes of a split that has been evaluated: sample, class, what it was called, score."""
    from graphcore.evaluation.mistakes import find_mistakes
    from graphcore.evaluation.predictions import read_predictions
    from graphcore.heads.factory import is_multi_label

    predictions = read_predictions(run.folder / predictions_name(split), is_multi_label(run.head_config))
    rows = [(one.key, one.true, one.called, f"{one.score:.4f}") for one in find_mistakes(predictions, most)]
    if rows:
        labels = "labels" if predictions.multi_label else "class"
        show_table(f"The surest mistakes on {split}", ("sample", labels, "called", "score"), rows, shorten=0)
    else:
        say(f"No mistakes on {split}.")


def predictions_name(split: str) -> str:
    """The file of a split's predictions under the run's folder."""
    return "predictions.csv" if split == "test" else f"predictions-{split}.csv"


def report_name(split: str) -> str:
    """The file of a split's report under the run's folder."""
    return "report.html" if split == "test" else f"report-{split}.html"


def _write(run: Run, metrics: Metrics, predictions: Predictions) -> None:
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
