"""How every class fared, as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphcore.console import show_count
from graphcore.evaluation.figures import ClassFigures, Metrics
from graphcore.evaluation.report.markup import Html, join
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import fold, make_table
from graphcore.evaluation.report.wording import show_number, show_share

# Above this the classes that fare worst are shown, and all are folded up.
MOST_OPEN = 60
WORST = 30
# More would make a page that cannot be mailed; metrics.json has all.
MOST_ROWS = 1000


def make_classes_section(metrics: Metrics) -> Section | None:
    """Precision, recall and the rest of every class."""
    what, title = ("label", "Every label") if metrics.multi_label else ("class", "Every class")
    called = "was given the label" if metrics.multi_label else "was called so"
    sample = "frame" if metrics.videos else "sample"
    jaccards = {one.name: one.jaccard for one in metrics.videos.phases} if metrics.videos else None
    parts = [
        make_note(
            f"Precision: of what {called}, the share that is. Recall: of what is, the share that {called}. F1: the "
            "harmonic mean of the two. AP (average precision) and AUC (area under the ROC curve) judge the scores "
            f"alone: 100 % where every {sample} of the {what} scores above all others; chance gives an AUC of 50 %."
        )
    ]
    if jaccards:
        parts.append(
            make_note(
                "Jaccard: what truth and answer share of what either covers, the mean over the videos that show the "
                "class."
            )
        )
    if metrics.multi_label:
        parts.append(make_note("A label is given where its score reaches the threshold."))
    if len(metrics.classes) > MOST_OPEN:
        # Of a class without samples nothing can be said; it comes last.
        worst = sorted(metrics.classes, key=lambda one: (not one.support, one.f1))[:WORST]
        parts.append(make_note(f"The {WORST} of {len(metrics.classes):,} with the lowest F1:"))
        parts.append(_make_table(worst, metrics.multi_label, jaccards))
        rest = f"The first {MOST_ROWS:,} of" if len(metrics.classes) > MOST_ROWS else "All"
        table = _make_table(metrics.classes[:MOST_ROWS], metrics.multi_label, jaccards)
        parts.append(fold(f"{rest} {len(metrics.classes):,}", table))
    else:
        parts.append(_make_table(metrics.classes, metrics.multi_label, jaccards))
    return Section(title, join(parts), "classes")


def _make_table(classes: Sequence[ClassFigures], is_multi_label: bool, jaccards: Mapping[str, float] | None) -> Html:
    samples = "samples" if jaccards is None else "frames"
    own = [] if jaccards is None else ["Jaccard"]
    columns = ["precision", "recall", "F1", *own, "AP", "AUC", samples, "given" if is_multi_label else "called so"]
    head = ["label", "threshold"] if is_multi_label else ["class"]
    rows = [_describe(one, is_multi_label, jaccards) for one in classes]
    return make_table([*head, *columns], rows, numbers=len(columns) + len(head) - 1)


def _describe(one: ClassFigures, is_multi_label: bool, jaccards: Mapping[str, float] | None) -> list[str]:
    # A class that is in no video was called so in some, or not at all.
    own = [] if jaccards is None else [jaccards.get(one.name) if one.support else None]
    judged = [*one.known, *own, one.average_precision, one.roc_auc]
    threshold = [show_number(one.threshold, 4)] if is_multi_label else []
    return [
        one.name,
        *threshold,
        *(show_share(value) for value in judged),
        *map(show_count, (one.support, one.predicted)),
    ]
