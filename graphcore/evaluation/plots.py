"""Draws a run's curves and confusion matrix as PNG bytes.

Readable in print and without colour vision: splits differ in dashes and are named beside their lines, and the
matrix is a single ramp from light to dark with its numbers written in.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from graphcore.console import shorten_middle
from graphcore.evaluation.curves import Curve

DOTS_PER_INCH = 144
INK = "#1a1a1a"
QUIET = "#6b6b6b"

# Okabe and Ito's palette, whose colours stay apart for every kind of colour vision; dashes tell them apart
# without any.
LINE_STYLES = {
    "train": ("#0072B2", (0, (5, 2))),
    "validation": ("#D55E00", "solid"),
    "test": ("#009E73", (0, (1, 1))),
}
OTHER_STYLE = ("#000000", (0, (3, 1, 1, 1)))

# Above this, the names on the axes and the numbers in the cells would run into each other.
MOST_CLASSES_WITH_NAMES = 60
# Panels in the order of what is looked at first; names not listed follow.
PANEL_ORDER = ("accuracy", "mean_average_precision", "loss", "learning_rate")
LONGEST_NAME = 28


def draw_curves(curves: Sequence[Curve], best_step: int | None = None) -> bytes:
    """Draws one panel for each name among the curves, with one line a split.

    Args:
        curves: as `read_curves` gives them; at least one.
        best_step: the step whose weights were kept, marked with an upright line.
    """
    with _plain_text():
        return _draw_curves(curves, best_step)


def _draw_curves(curves: Sequence[Curve], best_step: int | None) -> bytes:
    names = sorted({curve.name for curve in curves}, key=_panel_rank)
    figure = _new_figure(width=6.6, height=0.4 + 2.3 * len(names))
    panels = figure.subplots(len(names), 1, squeeze=False)[:, 0]
    for panel, name in zip(panels, names, strict=True):
        _draw_panel(panel, name, _drop_repeated([curve for curve in curves if curve.name == name]))
        if best_step is not None:
            panel.axvline(best_step, color=QUIET, linewidth=0.8)
    kept = "" if best_step is None else f" (upright line: step {best_step:,}, whose weights were kept)"
    panels[-1].set_xlabel(f"step{kept}", color=QUIET)
    return _to_png(figure)


def draw_confusion(confusion: np.ndarray, class_names: Sequence[str]) -> bytes:
    """Draws the confusion matrix: true class by row, predicted class by column.

    Cells are shaded by the share of their row, so that a small class shows as clearly as a large one, and
    carry the number of samples.
    """
    with _plain_text():
        return _draw_confusion(confusion, [shorten(name) for name in class_names])


def _draw_confusion(confusion: np.ndarray, names: Sequence[str]) -> bytes:
    count = len(names)
    cell = 0.62 if count <= 12 else 0.42 if count <= 30 else 0.24
    margin = 0.5 + 0.085 * max(len(name) for name in names) if count <= MOST_CLASSES_WITH_NAMES else 0.7
    side = max(1.6, min(cell * count, 12.0))
    figure = _new_figure(width=side + margin + 0.4, height=side + margin + 0.3)
    axes = figure.add_subplot()
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    # The root of the share lifts rare mistakes out of the white: they are what one comes to see.
    shades = np.sqrt(shares)
    axes.imshow(shades, cmap="Blues", vmin=0, vmax=1.1, interpolation="nearest")
    _label_axes(axes, names)
    if count <= MOST_CLASSES_WITH_NAMES:
        _write_counts(axes, confusion, shades, size=9 if count <= 12 else 7 if count <= 30 else 6)
    _outline_diagonal(axes, count)
    return _to_png(figure)


def read_png_width(png: bytes) -> int:
    """The width of a PNG in pixels, from its header."""
    return int.from_bytes(png[16:20], "big")


def shorten(name: str) -> str:
    """Cuts a long class name in the middle, keeping both ends, which is where names differ."""
    return shorten_middle(" ".join(name.split()), LONGEST_NAME)


@contextlib.contextmanager
def _plain_text() -> Iterator[None]:
    """Class names are text, not mathematics ("$x$"), and a glyph the font lacks is silently a box."""
    import matplotlib

    with matplotlib.rc_context({"text.parse_math": False}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _new_figure(width: float, height: float) -> Any:
    # A Figure of its own, never pyplot: pyplot keeps every figure alive and looks for a display.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), dpi=DOTS_PER_INCH, layout="constrained", facecolor="white")


def _to_png(figure: Any) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    # Without the software entry, the same figures give the same bytes under every matplotlib that draws
    # alike.
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _drop_repeated(curves: Sequence[Curve]) -> list[Curve]:
    """Without those that would cover another one, as the learning rate of two splits does."""
    return [
        curve
        for index, curve in enumerate(curves)
        if not any((curve.steps, curve.values) == (other.steps, other.values) for other in curves[:index])
    ]


def _panel_rank(name: str) -> tuple[int, str]:
    return (PANEL_ORDER.index(name) if name in PANEL_ORDER else len(PANEL_ORDER)), name


def _draw_panel(panel: Any, name: str, curves: Sequence[Curve]) -> None:
    from matplotlib.ticker import MaxNLocator

    for curve in curves:
        color, dashes = LINE_STYLES.get(curve.split, OTHER_STYLE)
        marker = "o" if len(curve.steps) <= 25 else None
        panel.plot(
            curve.steps, curve.values, color=color, linestyle=dashes, marker=marker, markersize=3,
            linewidth=1.6, label=curve.split,
        )  # fmt: skip
    panel.set_title(name.replace("_", " "), loc="left", fontsize=11, color=INK)
    if len(curves) > 1:
        panel.legend(frameon=False, fontsize=9, labelcolor=INK, loc="best", handlelength=3.2)
    panel.grid(axis="y", color="#e4e4e4", linewidth=0.8)
    panel.set_axisbelow(True)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.tick_params(colors=QUIET, labelsize=9)
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        panel.spines[side].set_color("#bdbdbd")


def _label_axes(axes: Any, names: Sequence[str]) -> None:
    axes.set_xlabel("predicted", color=QUIET)
    axes.set_ylabel("true", color=QUIET)
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, colors=INK)
    for spine in axes.spines.values():
        spine.set_color("#bdbdbd")
    if len(names) > MOST_CLASSES_WITH_NAMES:
        axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, labelsize=8)
        axes.set_xlabel("predicted (class number)", color=QUIET)
        axes.set_ylabel("true (class number)", color=QUIET)
        return
    size = 9 if len(names) <= 30 else 7
    short = all(len(name) <= 4 for name in names)
    axes.set_xticks(range(len(names)), names, fontsize=size, rotation=0 if short else 90)
    axes.set_yticks(range(len(names)), names, fontsize=size)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False)


def _write_counts(axes: Any, confusion: np.ndarray, shades: np.ndarray, size: int) -> None:
    for row, column in np.argwhere(confusion > 0):
        axes.text(
            column, row, f"{confusion[row, column]}", ha="center", va="center", fontsize=size,
            color="white" if shades[row, column] > 0.65 else INK,
        )  # fmt: skip


def _outline_diagonal(axes: Any, count: int) -> None:
    from matplotlib.patches import Rectangle

    width = 1.2 if count <= 12 else 0.6
    for index in range(count if count <= 2 * MOST_CLASSES_WITH_NAMES else 0):
        axes.add_patch(Rectangle((index - 0.5, index - 0.5), 1, 1, fill=False, edgecolor=INK, linewidth=width))
