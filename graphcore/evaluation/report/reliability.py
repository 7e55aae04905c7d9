"""Whether a score can be taken at its word: a reliability diagram, before and after temperature."""

from __future__ import annotations

from graphcore.console import show_count
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.report.charts import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Line, draw_chart
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import fold, make_table
from graphcore.evaluation.report.wording import NARROW, show_share
from graphcore.evaluation.samples.calibration import Calibration

# As high as wide, so that the line of honest scores rises at 45 degrees.
HEIGHT = WIDTH - LEFT - RIGHT + BOTTOM + TOP
BARS_HEIGHT = 60
COLOUR = "#0072B2"


def make_reliability_section(metrics: Metrics) -> Section | None:
    """Diagrams of the scores as they come, and at the run's temperature where there is one; nothing of no samples."""
    plain = metrics.calibration
    if plain is None or not plain.counts.sum():
        return None
    charts = [_make_chart("Scores as they come", plain)]
    tables = [fold("The numbers behind the diagram", _make_bins(plain))]
    if metrics.calibrated is not None and metrics.temperature is not None:
        charts.append(_make_chart(f"At temperature {metrics.temperature:.2f}", metrics.calibrated))
        tables.append(fold("The numbers at that temperature", _make_bins(metrics.calibrated)))
    parts = [make_note(_explain(metrics, plain)), tag("div", *charts, class_="charts"), *tables]
    return Section("Can its scores be believed?", join(parts), "reliability")


def _explain(metrics: Metrics, plain: Calibration) -> str:
    of = "labels given a score" if metrics.multi_label else "answers given with a score"
    fullest = int(plain.counts.argmax())
    low, high = (show_share(float(plain.edges[edge]), 0) for edge in (fullest, fullest + 1))
    said = (
        f"Of {of} between {low} and {high}, "
        f"{show_share(float(plain.accuracies[fullest]), 0)} are right ({show_count(plain.counts[fullest])} of them). "
        "Dots on the dashed line are honest scores; below it the classifier is surer than it should be, above it less "
        "sure; a large dot stands for many answers. "
        f"On average the two are {show_share(plain.error)} apart"
    )
    if metrics.calibrated is not None and metrics.temperature is not None:
        return (
            f"{said}, and {show_share(metrics.calibrated.error)} at the temperature that was fitted on the validation "
            "split, which changes no answer; predict applies it with calibrate=true."
        )
    return f"{said}."


def _make_chart(title: str, calibration: Calibration) -> Html:
    full = calibration.counts > 0
    places = list(zip(calibration.confidences[full] * 100, calibration.accuracies[full] * 100, strict=True))
    weights = (calibration.counts[full] / calibration.counts.max()).tolist()
    lines = [Line("honest", [(0, 0), (100, 100)], "#8c8c8c", "4 4"), Line("", places, COLOUR, weights=weights)]
    whole = (0.0, 100.0)
    diagram = draw_chart(
        lines, f"{title}: share that is right over the score", f"score,{NARROW}%", whole, whole, height=HEIGHT
    )  # fmt: skip
    head = tag("h3", title, " ", tag("small", f"{show_share(calibration.error)} apart"))
    above = tag("p", f"right,{NARROW}%", class_="y-title")
    return tag("div", head, above, diagram, _draw_counts(calibration), class_="chart")


def _draw_counts(calibration: Calibration) -> Html:
    """How many answers there are in each bin, as bars below the diagram."""
    most = int(calibration.counts.max())
    width = WIDTH - LEFT - RIGHT
    bars = [
        tag(
            "rect",
            x=f"{LEFT + low * width:.1f}",
            y=f"{BARS_HEIGHT - count / most * (BARS_HEIGHT - 14):.1f}",
            width=f"{max((high - low) * width - 1, 1):.1f}",
            height=f"{count / most * (BARS_HEIGHT - 14):.1f}",
            fill="#767676",
        )
        for low, high, count in zip(calibration.edges[:-1], calibration.edges[1:], calibration.counts, strict=True)
        if count
    ]
    words = [
        tag("text", show_count(most), x=LEFT - 6, y=18, text_anchor="end"),
        tag("text", "answers", x=WIDTH - RIGHT + 8, y=BARS_HEIGHT - 4),
        tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=BARS_HEIGHT, y2=BARS_HEIGHT, stroke="#8c8c8c"),
    ]
    return tag(
        "svg", *bars, *words, width=WIDTH, height=BARS_HEIGHT + 2, viewBox=f"0 0 {WIDTH} {BARS_HEIGHT + 2}",
        role="img", aria_label="How many answers have which score",
    )  # fmt: skip


def _make_bins(calibration: Calibration) -> Html:
    rows = [
        [
            f"{show_share(float(low), 0)} to {show_share(float(high), 0)}",
            show_count(count),
            show_share(float(confidence)),
            show_share(float(accuracy)),
        ]
        for low, high, count, confidence, accuracy in zip(
            calibration.edges[:-1],
            calibration.edges[1:],
            calibration.counts,
            calibration.confidences,
            calibration.accuracies,
            strict=True,
        )
    ]
    return make_table(["score", "answers", "mean score", "right"], rows, numbers=3)
