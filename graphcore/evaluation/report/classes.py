"""How every class fared, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore.evaluation.figures import ClassFigures, Metrics
from graphcore.evaluation.report.markup import Html, join
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import fold, make_table
from graphcore.evaluation.report.wording import show_count, show_number, show_share

# Above this the classes that fare worst are shown, and all are folded up.
MOST_OPEN = 60
WORST = 30
# More would make a page that cannot be mailed; metrics.json has all.
MOST_ROWS = 1000


def make_classes_section(metrics: Metrics) -> Section | None:
    """Precision, recall and the rest of every class."""
    what, title = ("label", "Every label") if metrics.multi_label else ("class", "Every class")
    called = "was given the label" if metrics.multi_label else "was called so"
    parts = [
        make_note(
            f"Precision: of what {called}, the share that is. Recall: of what is, the share that {called}. F1: the "
            "harmonic mean of the two. AP (average precision) and AUC (area under the ROC curve) judge the scores "
            f"alone: 100 % where every sample of the {what} scores above all others; chance gives an AUC of 50 %."
        )
    ]
    if metrics.multi_label:
        parts.append(make_note("A label is given where its score reaches the threshold."))
    if len(metrics.classes) > MOST_OPEN:
        # Of a class without samples nothing can be said; it comes last.
        worst = sorted(metrics.classes, key=lambda one: (not one.support, one.f1))[:WORST]
        parts.append(make_note(f"The {WORST} of {len(metrics.classes):,} with the lowest F1:"))
        parts.append(_make_table(worst, metrics.multi_label))
        rest = f"The first {MOST_ROWS:,} of" if len(metrics.classes) > MOST_ROWS else "All"
        table = _make_table(metrics.classes[:MOST_ROWS], metrics.multi_label)
        parts.append(fold(f"{rest} {len(metrics.classes):,}", table))
    else:
        parts.append(_make_table(metrics.classes, metrics.multi_label))
    return Section(title, join(parts), "classes")


def _make_table(classes: Sequence[ClassFigures], is_multi_label: bool) -> Html:
    columns = ["precision", "recall", "F1", "AP", "AUC", "samples", "given" if is_multi_label else "called so"]
    head = ["label", "threshold"] if is_multi_label else ["class"]
    rows = [_describe(one, is_multi_label) for one in classes]
    return make_table([*head, *columns], rows, numbers=len(columns) + len(head) - 1)


def _describe(one: ClassFigures, is_multi_label: bool) -> list[str]:
    # Of a class that no sample has there is no recall; precision is that of what was called so.
    known = one.precision if one.support or (one.predicted and not is_multi_label) else None
    judged = [known, *((one.recall, one.f1) if one.support else (None, None)), one.average_precision, one.roc_auc]
    threshold = [show_number(one.threshold, 4)] if is_multi_label else []
    return [
        one.name,
        *threshold,
        *(show_share(value) for value in judged),
        *map(show_count, (one.support, one.predicted)),
    ]
