"""report.html: one page that says what a run is worth.

It opens with the answer in a sentence, then what the classifier mixes up, the curves, the confusion matrix, every
class, the surest mistakes and how the run was made. Where a sample may have several labels, `report_several` has the
parts that differ.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from graphcore.atomic import write_text
from graphcore.evaluation import report_several
from graphcore.evaluation.curves import Curve
from graphcore.evaluation.figures import Metrics, confused_pairs, wilson_interval
from graphcore.evaluation.mistakes import find_mistakes
from graphcore.evaluation.page import (
    make_answer,
    make_note,
    make_page,
    make_picture,
    make_section,
    make_table,
    show_count,
)
from graphcore.evaluation.plots import MOST_CLASSES_WITH_NAMES, draw_confusion, draw_curves
from graphcore.evaluation.predictions import Predictions

MOST_MISTAKES = 12

# Names of figures for readers; the others are shown as they are.
TITLES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy (mean recall of the classes)",
    "majority_accuracy": "always naming the commonest class",
    "loss": "loss (mean negative log-likelihood)",
} | report_several.TITLES


@dataclasses.dataclass(frozen=True)
class Fact:
    """One line on how the run was made, such as ("backbone", "mobilenet_v1 0.25/128")."""

    name: str
    value: str


def write_report(
    path: Path,
    title: str,
    metrics: Metrics,
    predictions: Predictions,
    curves: Sequence[Curve] = (),
    best_step: int | None = None,
    facts: Sequence[Fact] = (),
) -> None:
    """Writes the page.

    Args:
        path: where it goes, commonly RUN/report.html.
        title: the run's name.
        metrics: the figures of one split.
        predictions: the scores the figures come from.
        curves: what training recorded; the section is left out when there are none.
        best_step: the step whose weights were kept.
        facts: how the run was made.
    """
    training = _training(curves, best_step)
    if not metrics.count:
        sections = [make_answer(title, f"The {metrics.split} split has no samples."), training]
    elif metrics.multi_label:
        sections = [
            report_several.make_opening(title, metrics),
            report_several.make_confusions(metrics),
            _figures(metrics),
            training,
            report_several.make_classes(metrics),
            _mistakes(predictions),
        ]
    else:
        sections = [_opening(title, metrics), _confusions(metrics), _figures(metrics), training]
        sections += [_matrix(metrics), _classes(metrics), _mistakes(predictions)]
    if facts:
        sections.append(make_section("How it was made", make_table([], [[fact.name, fact.value] for fact in facts])))
    write_text(path, make_page(title, "\n".join(section for section in sections if section)))


def _opening(title: str, metrics: Metrics) -> str:
    accuracy = metrics.values["accuracy"]
    low, high = wilson_interval(accuracy, metrics.count)
    note = (
        f"{show_count(metrics.confusion.trace())} of {show_count(metrics.count)} samples of the "
        f"{metrics.split} split are named correctly (95 % interval {low:.1%} to {high:.1%}). "
        f"Always naming the commonest class would give {metrics.values['majority_accuracy']:.1%}."
    )
    return make_answer(title, f"{accuracy:.1%} {metrics.split} accuracy", note)


def _confusions(metrics: Metrics) -> str:
    pairs = confused_pairs(metrics)
    if not pairs:
        return make_section("What it confuses", make_note("Nothing: there is not one mistake."))
    rows = [[true, called, show_count(times), f"{times / support:.1%}"] for true, called, times, support in pairs]
    table = make_table(["true class", "called", "times", "of the class"], rows, numbers=2)
    return make_section("What it confuses most", table)


def _figures(metrics: Metrics) -> str:
    rows = []
    for name, value in metrics.values.items():
        shown = f"{value:.4f}" if name == "loss" else f"{value:.2%}"
        rows.append([TITLES.get(name, name.replace("_", " ")), shown])
    rows.append(["samples", show_count(metrics.count)])
    rows.append(["classes", show_count(len(metrics.class_names))])
    return make_section(f"Figures of the {metrics.split} split", make_table([], rows, numbers=1))


def _training(curves: Sequence[Curve], best_step: int | None) -> str:
    if not curves:
        return ""
    picture = make_picture(draw_curves(curves, best_step), "Training curves over the steps", shrinks=True)
    return make_section("Training", picture)


def _matrix(metrics: Metrics) -> str:
    note = make_note("Rows are the true classes, columns what they were called. Darker is a larger share of the row.")
    picture = make_picture(draw_confusion(metrics.confusion, metrics.class_names), "Confusion matrix")
    return make_section("Confusion matrix", note + picture)


def _classes(metrics: Metrics) -> str:
    numbered = len(metrics.class_names) > MOST_CLASSES_WITH_NAMES
    rows = []
    for number, figures in enumerate(metrics.classes):
        name = f"{number}: {figures.name}" if numbered else figures.name
        shares = [f"{share:.1%}" for share in (figures.precision, figures.recall, figures.f1)]
        rows.append([name, *shares, show_count(figures.support), show_count(figures.predicted)])
    note = make_note(
        "Precision: of what was called so, the share that is. "
        "Recall: of what is, the share that was called so. "
        "F1: the harmonic mean of the two."
    )
    table = make_table(["class", "precision", "recall", "F1", "samples", "called so"], rows, numbers=5)
    return make_section("Every class", note + table)


def _mistakes(predictions: Predictions) -> str:
    mistakes = find_mistakes(predictions, MOST_MISTAKES)
    if not mistakes:
        return ""
    true = "true labels" if predictions.multi_label else "true class"
    rows = [[one.key, one.true, one.called, f"{one.score:.1%}"] for one in mistakes]
    table = make_table(["sample", true, "called", "score"], rows, numbers=1)
    note = make_note("Wrong and sure of it: look here first for wrong labels. Every score is in predictions.csv.")
    return make_section("Surest mistakes", note + table)
