"""A sweep as parallel coordinates: one upright axis an option, one line a setting, coloured by its figure."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path

from graphcore import atomic
from graphcore.sweep.summary import Summary

_DPI = 100
# Numbers this many times apart are told by their logarithms.
_DECADES_FROM = 20


def write_picture(path: Path, summary: Summary) -> bool:
    """Writes a PNG; returns False, having written nothing, where fewer than two settings or no options vary."""
    if len(summary.settings) < 2 or not summary.options:
        return False
    atomic.write_bytes(path, draw_parallel(summary))
    return True


def draw_parallel(summary: Summary) -> bytes:
    """The picture as PNG bytes. The best setting is drawn last and thick."""
    from matplotlib import colormaps
    from matplotlib.figure import Figure

    columns = [[setting.options[index] for setting in summary.settings] for index in range(len(summary.options))]
    axes = [_Axis(name, values) for name, values in zip(summary.options, columns, strict=True)]
    figures = [setting.metric.mean for setting in summary.settings]
    axes.append(_Axis(summary.metric, [repr(value) for value in figures]))
    figure = Figure(figsize=(2.0 + 1.9 * len(axes), 4.2), dpi=_DPI, layout="constrained")
    plot = figure.subplots()
    low, high = min(figures), max(figures)
    loss = summary.metric.endswith("loss")
    # Worst first, so that the best lies on top. cividis reads alike with and without colour vision; its bright end
    # would be lost on white.
    for rank in reversed(range(len(figures))):
        share = (figures[rank] - low) / (high - low) if high > low else 0.5
        plot.plot(
            range(len(axes)),
            [axis.place(rank) for axis in axes],
            color=colormaps["cividis"](0.9 * (share if loss else 1.0 - share)),
            linewidth=3.0 if rank == 0 else 1.2,
            alpha=1.0 if rank == 0 else 0.8,
        )
    for index, axis in enumerate(axes):
        plot.axvline(index, color="0.75", linewidth=1, zorder=0)
        for place, text in axis.ticks():
            plot.annotate(
                text, (index, place), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8, color="0.15",
                bbox={"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.75},
            )  # fmt: skip
    plot.set_xticks(range(len(axes)), [axis.name for axis in axes], fontsize=9)
    plot.set_yticks([])
    plot.set_ylim(-0.06, 1.06)
    plot.set_xlim(-0.15, len(axes) - 0.55)
    for spine in plot.spines.values():
        spine.set_visible(False)
    plot.set_title(f"{len(summary.settings)} settings; the thick line is the best", fontsize=10, loc="left")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


class _Axis:
    """Where values lie on one upright axis, in [0, 1]: numbers to scale (logarithmic over decades), words evenly."""

    def __init__(self, name: str, values: Sequence[str]) -> None:
        self.name, self._values = name, list(values)
        self._numbers = _to_numbers(self._values)
        self._log = (
            self._numbers is not None and min(self._numbers) > 0 and max(self._numbers) >= 20 * min(self._numbers)
        )
        self._words = list(dict.fromkeys(sorted(self._values)))

    def place(self, index: int) -> float:
        if self._numbers is None:
            return _share(self._words.index(self._values[index]), 0, len(self._words) - 1)
        return self._scale(self._numbers[index])

    def ticks(self) -> list[tuple[float, str]]:
        if self._numbers is None:
            return [
                (_share(rank, 0, len(self._words) - 1), word or "(default)") for rank, word in enumerate(self._words)
            ]
        different = sorted(set(self._numbers))
        # Few values are all told; of many the ends and the middle.
        told = different if len(different) <= 6 else [different[0], different[len(different) // 2], different[-1]]
        return [(self._scale(value), f"{value:.4g}") for value in told]

    def _scale(self, value: float) -> float:
        assert self._numbers is not None
        scale = math.log if self._log else float
        return _share(scale(value), scale(min(self._numbers)), scale(max(self._numbers)))


def _to_numbers(values: Sequence[str]) -> list[float] | None:
    try:
        numbers = [float(value) for value in values]
    except ValueError:
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _share(value: float, low: float, high: float) -> float:
    return (value - low) / (high - low) if high > low else 0.5
