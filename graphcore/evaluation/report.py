"""report.html: one page that says what a run is worth.

It opens with the answer in a sentence, then what the classifier mixes up, the curves, the confusion matrix,
every class, the surest mistakes and how the run was made. Pictures lie inside as data URIs and nothing is
loaded from elsewhere, so that the file can be mailed. Every name comes from somebody's folders and is
escaped.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence
from html import escape
from pathlib import Path

from graphcore.atomic import write_text
from graphcore.evaluation.curves import Curve
from graphcore.evaluation.metrics import Metrics, confused_pairs, wilson_interval
from graphcore.evaluation.plots import (
    DOTS_PER_INCH,
    MOST_CLASSES_WITH_NAMES,
    draw_confusion,
    draw_curves,
    read_png_width,
)
from graphcore.evaluation.predictions import Predictions

MOST_MISTAKES = 12
CSS_DOTS_PER_INCH = 96
# Pixels between the margins of the page on a wide screen; a wider picture reaches into the margins.
COLUMN_WIDTH = 960

# Names of figures for readers; the others are shown as they are.
TITLES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy (mean recall of the classes)",
    "majority_accuracy": "always naming the commonest class",
    "loss": "loss (mean negative log-likelihood)",
}

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #1a1a1a; background: #fff;
  max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1rem; font-weight: 600; color: #595959; margin: 0 0 1.25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
.answer { font-size: 1.75rem; line-height: 1.25; font-weight: 650; margin: 0 0 .5rem; }
.note { color: #595959; margin: .25rem 0 1rem; max-width: 46rem; }
.wide { overflow-x: auto; }
.bleed { width: max-content; max-width: calc(100vw - 3rem); position: relative; left: 50%;
  transform: translateX(-50%); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid
#e2e2e2; } thead th { color: #595959; font-weight: 600; border-bottom: 1px solid #8c8c8c; } tbody th {
font-weight: 400; } .n { text-align: right; padding-left: .9rem; white-space: nowrap; } .name { overflow-wrap:
anywhere; min-width: 4.5rem; } th.name:first-child { min-width: 8rem; } img { display: block; height: auto; }
@media (max-width: 40rem) {
  body { font-size: 15px; }
  th, td { padding-right: .5rem; }
  .n { padding-left: .4rem; }
  th.name:first-child { min-width: 6rem; }
}
"""


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
    sections = [_answer(title, metrics)]
    if metrics.count:
        sections += [_confusions(metrics), _figures(metrics)]
    if curves:
        picture = _picture(draw_curves(curves, best_step), "Training curves over the steps", shrinks=True)
        sections.append(_section("Training", picture))
    if metrics.count:
        sections += [_matrix(metrics), _classes(metrics), _mistakes(predictions)]
    if facts:
        sections.append(_section("How it was made", _table([], [[fact.name, fact.value] for fact in facts])))
    write_text(path, _page(title, "\n".join(section for section in sections if section)))


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _answer(title: str, metrics: Metrics) -> str:
    head = f"<h1>{escape(title)}</h1>"
    if not metrics.count:
        return f'{head}<p class="answer">The {escape(metrics.split)} split has no samples.</p>'
    accuracy = metrics.values["accuracy"]
    low, high = wilson_interval(accuracy, metrics.count)
    note = (
        f"{_count(metrics.confusion.trace())} of {_count(metrics.count)} samples of the "
        f"{escape(metrics.split)} split are named correctly (95 % interval {low:.1%} to {high:.1%}). "
        "Always naming the commonest class would give "
        f"{metrics.values['majority_accuracy']:.1%}."
    )
    answer = f"{accuracy:.1%} {escape(metrics.split)} accuracy"
    return f'{head}<p class="answer">{answer}</p><p class="note">{note}</p>'


def _confusions(metrics: Metrics) -> str:
    pairs = confused_pairs(metrics)
    if not pairs:
        return _section("What it confuses", '<p class="note">Nothing: there is not one mistake.</p>')
    rows = [[true, called, _count(times), f"{times / support:.1%}"] for true, called, times, support in pairs]
    return _section("What it confuses most", _table(["true class", "called", "times", "of the class"], rows, numbers=2))


def _figures(metrics: Metrics) -> str:
    rows = []
    for name, value in metrics.values.items():
        shown = f"{value:.4f}" if name == "loss" else f"{value:.2%}"
        rows.append([TITLES.get(name, name.replace("_", " ")), shown])
    rows.append(["samples", _count(metrics.count)])
    rows.append(["classes", _count(len(metrics.class_names))])
    return _section(f"Figures of the {metrics.split} split", _table([], rows, numbers=1))


def _matrix(metrics: Metrics) -> str:
    note = "Rows are the true classes, columns what they were called. Darker is a larger share of the row."
    picture = _picture(draw_confusion(metrics.confusion, metrics.class_names), "Confusion matrix")
    return _section("Confusion matrix", f'<p class="note">{note}</p>{picture}')


def _classes(metrics: Metrics) -> str:
    numbered = len(metrics.class_names) > MOST_CLASSES_WITH_NAMES
    rows = []
    for number, figures in enumerate(metrics.classes):
        name = f"{number}: {figures.name}" if numbered else figures.name
        shares = [f"{share:.1%}" for share in (figures.precision, figures.recall, figures.f1)]
        rows.append([name, *shares, _count(figures.support), _count(figures.predicted)])
    note = (
        "Precision: of what was called so, the share that is. "
        "Recall: of what is, the share that was called so. "
        "F1: the harmonic mean of the two."
    )
    table = _table(["class", "precision", "recall", "F1", "samples", "called so"], rows, numbers=5)
    return _section("Every class", f'<p class="note">{note}</p>{table}')


def _mistakes(predictions: Predictions) -> str:
    mistakes = predictions.mistakes(MOST_MISTAKES)
    if not mistakes:
        return ""
    rows = [[key, true, called, f"{score:.1%}"] for key, true, called, score in mistakes]
    table = _table(["sample", "true class", "called", "score"], rows, numbers=1)
    note = "Wrong and sure of it: look here first for wrong labels. Every score is in predictions.csv."
    return _section("Surest mistakes", f'<p class="note">{note}</p>{table}')


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0) -> str:
    """A table whose first column heads its rows and whose last `numbers` columns are aligned to the right."""

    def kind(index: int, width: int) -> str:
        return "n" if index >= width - numbers else "name"

    lines = []
    if columns:
        heads = "".join(f'<th class="{kind(i, len(columns))}">{escape(c)}</th>' for i, c in enumerate(columns))
        lines.append(f"<thead><tr>{heads}</tr></thead>")
    lines.append("<tbody>")
    for row in rows:
        first, *rest = row
        cells = "".join(f'<td class="{kind(i, len(row))}">{escape(c)}</td>' for i, c in enumerate(rest, start=1))
        lines.append(f'<tr><th scope="row" class="name">{escape(first)}</th>{cells}</tr>')
    lines.append("</tbody>")
    return '<div class="wide"><table>\n' + "\n".join(lines) + "\n</table></div>"


def _picture(png: bytes, description: str, shrinks: bool = False) -> str:
    """A picture in its true size; small print is scrolled on a narrow screen, the rest may shrink to fit."""
    width = read_png_width(png) * CSS_DOTS_PER_INCH // DOTS_PER_INCH
    size = f"width: 100%; max-width: {width}px" if shrinks else f"width: {width}px"
    data = base64.b64encode(png).decode("ascii")
    image = f'<img alt="{escape(description)}" style="{size}" src="data:image/png;base64,{data}">'
    frame = "wide bleed" if width > COLUMN_WIDTH and not shrinks else "wide"
    return f'<div class="{frame}">{image}</div>'


def _count(number: int) -> str:
    return f"{int(number):,}"
