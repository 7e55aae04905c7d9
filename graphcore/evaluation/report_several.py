"""The parts of report.html that are about samples with any number of labels.

There is no confusion matrix: a label is not given in place of another. What comes nearest, a label missed where another
was wrongly given, is listed instead.
"""

from __future__ import annotations

from graphcore.evaluation.figures import ClassFigures, Metrics, confused_pairs, share
from graphcore.evaluation.page import make_answer, make_note, make_section, make_table, show_count

# Names of figures for readers.
TITLES = {
    "mean_average_precision": "mean average precision of the labels",
    "exact_match": "samples with exactly the right labels",
    "label_accuracy": "single labels, given or not, that are right",
    "f1_macro": "F1, mean of the labels",
    "f1_micro": "F1, over all labels together",
    "precision_macro": "precision, mean of the labels",
    "precision_micro": "precision, over all labels together",
    "recall_macro": "recall, mean of the labels",
    "recall_micro": "recall, over all labels together",
    "random_average_precision": "mean average precision of scores drawn at random",
}


def make_opening(title: str, metrics: Metrics) -> str:
    """The answer in a sentence."""
    values = metrics.values
    answer = f"{values['mean_average_precision']:.1%} {metrics.split} mean average precision"
    note = (
        f"Random scores would come to {values['random_average_precision']:.1%}. With the run's thresholds "
        f"F1 is {values['f1_macro']:.1%} on average over the labels, and {values['exact_match']:.1%} of the "
        f"{show_count(metrics.count)} samples of the {metrics.split} split have exactly the right labels."
    )
    return make_answer(title, answer, note)


def make_confusions(metrics: Metrics) -> str:
    """Which labels were given instead of which."""
    pairs = confused_pairs(metrics)
    title = "What is given instead"
    if not pairs:
        wrong = any(figures.predicted > figures.correct for figures in metrics.classes)
        missed = any(figures.support > figures.correct for figures in metrics.classes)
        if not wrong and not missed:
            return make_section(title, make_note("Nothing: there is not one mistake."))
        return make_section(title, make_note("No sample misses one label and wrongly has another."))
    rows = [[true, given, show_count(times), f"{share(times, support):.1%}"] for true, given, times, support in pairs]
    table = make_table(["label missed", "wrongly given", "times", "of the label"], rows, numbers=2)
    return make_section(title, table)


def make_classes(metrics: Metrics) -> str:
    """The figures of every label."""
    note = make_note(
        "A label is given where its score reaches the threshold. Precision: of what was given the label, the share "
        "that has it. Recall: of what has it, the share that was given it. F1: the harmonic mean of the two. Average "
        "precision: how well the samples that have it stand above the others, whatever the threshold. Of a label that "
        "no sample has nothing can be said; the means leave it out."
    )
    columns = ["label", "threshold", "precision", "recall", "F1", "average precision", "samples", "given"]
    table = make_table(columns, [_describe(figures) for figures in metrics.classes], numbers=7)
    return make_section("Every label", note + table)


def _describe(figures: ClassFigures) -> list[str]:
    shares = (figures.precision, figures.recall, figures.f1, figures.average_precision)
    shown = [f"{value:.1%}" if value is not None and figures.support else "–" for value in shares]
    threshold = "–" if figures.threshold is None else f"{figures.threshold:.4f}"
    return [figures.name, threshold, *shown, show_count(figures.support), show_count(figures.predicted)]
