"""The key figures, each with what it says: those of frames, and those of segments apart."""

from __future__ import annotations

from graphcore.console import count_of, show_count
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.glossary import COUNT, HUNDRED, NUMBER, SEGMENTS, find_entry, is_about_videos, is_key
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.places import count_groups, name_samples
from graphcore.evaluation.report.tables import fold, make_table
from graphcore.evaluation.report.wording import show_number, show_share


def make_figures_section(metrics: Metrics, predictions: Predictions, whole: str = "") -> Section:
    """Tables of the key figures, and the others folded up; all of them are in metrics.json.

    Args:
        metrics: of the split.
        predictions: that they come from.
        whole: the other dataset all of which was tested; "" for a split of the run's own.
    """
    known = _list_known(metrics)
    frames = [name for name in known if not is_about_videos(name)]
    videos = [name for name in known if is_about_videos(name)]
    parts = [make_note(_explain(metrics, predictions, whole))]
    if videos:
        parts.append(tag("h3", "Frame by frame"))
    parts.append(_make_table(metrics, [name for name in frames if is_key(name)]))
    if videos:
        parts.append(tag("h3", "Segments, and videos as a whole"))
        parts.append(_make_table(metrics, [name for name in videos if is_key(name)]))
    rest = [name for name in known if not is_key(name)]
    if rest:
        parts.append(fold(f"{len(rest)} more figures", _make_table(metrics, rest)))
    return Section("Key figures", join(parts), "figures")


def _list_known(metrics: Metrics) -> list[str]:
    """The figures that have a row: each relaxed one below the strict one."""
    names = [name for name in metrics.values if find_entry(name) and not name.startswith("segmented_")]
    pairs = [(name, f"{name}_relaxed") for name in names if not name.endswith("_relaxed")]
    return [name for pair in pairs for name in pair if name in names]


def show_figure(name: str, value: float, decimals: int | None = None) -> str:
    """A figure in its unit.

    Args:
        name: as in metrics.json.
        value: of it.
        decimals: other than usual.
    """
    entry = find_entry(name)
    unit = entry.unit if entry else NUMBER
    if unit == COUNT:
        return show_count(int(value))
    if unit == HUNDRED:
        return show_number(value, 1 if decimals is None else decimals)
    if unit == NUMBER:
        return show_number(value, 3 if decimals is None else decimals + 2)
    return show_share(value, 1 if decimals is None else decimals)


def _make_table(metrics: Metrics, names: list[str]) -> Html:
    """One row a figure, with its interval, its deviation and what post-processing made of it where any has one."""
    rows, relax_secs = [], metrics.videos.relax_secs if metrics.videos else 0.0
    for name in names:
        entry = find_entry(name, relax_secs)
        assert entry is not None  # only known ones are listed
        says = entry.says.replace("samples", "frames") if metrics.videos else entry.says
        title = tag("span", entry.title, tag("small", says))
        rows.append([title, *_show_value(metrics, name), *_show_value(metrics, f"segmented_{name}")])
    columns = ["figure", "value", "±", "95 % interval", "joined", "±", "95 % interval"]
    # Empty columns are there all the same: on a phone the style puts each column in a place of its own.
    empty = {"no-std": (2, 5), "no-interval": (3, 6), "no-joined": (4, 5, 6)}
    kinds = [kind for kind, places in empty.items() if not any(row[place] for row in rows for place in places)]
    return make_table(columns, rows, numbers=len(columns) - 1, kind=" ".join(["explained", *kinds]))


def _show_value(metrics: Metrics, name: str) -> list[str]:
    """A figure, its standard deviation and its interval; "" for what there is none of."""
    value, std = metrics.values.get(name), metrics.values.get(f"{name}_std")
    interval = metrics.intervals.get(name)
    return [
        "" if value is None else tag("b", show_figure(name, value)),
        "" if std is None else show_figure(name, std),
        "" if interval is None else f"{show_figure(name, interval.low)} – {show_figure(name, interval.high)}",
    ]


def _explain(metrics: Metrics, predictions: Predictions, whole: str) -> str:
    one, many = name_samples(predictions)
    said = [f"Of {count_of(metrics.count, one, many)} of the {metrics.split} split."]
    if whole:
        said = [f"Of every {one} of {whole}: {show_count(metrics.count)}."]
    if interval := next(iter(metrics.intervals.values()), None):
        said.append(f"The intervals are over {count_groups(interval, predictions)}.")
    if any(f"{name}_std" in metrics.values for name in SEGMENTS):
        said.append("± is the standard deviation from video to video.")
    if any(name.startswith("segmented_") for name in metrics.values):
        said.append("Joined: after short stretches were joined or dropped.")
    if metrics.no_intervals:
        said.append(metrics.no_intervals)
    return " ".join(said)
