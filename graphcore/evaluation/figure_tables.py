"""The figures of a split on a screen of 80 columns: of samples, of videos, of classes, video by video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from graphcore.console import count_of, say, show_table, warn

# For annotations alone: nothing here computes.
if TYPE_CHECKING:
    from graphcore.evaluation.figures import ClassFigures, Metrics
    from graphcore.evaluation.intervals.interval import Interval
    from graphcore.evaluation.videos.figures import VideoMetrics
    from graphcore.evaluation.videos.video import VideoFigures

# A longer table is for the report; the screen shows the classes that fare worst.
MOST_CLASSES_ON_SCREEN = 25
# More videos are for the report.
MOST_VIDEOS_ON_SCREEN = 20
_MOST_ALIKE_NAMED = 3

# Of figures whose names in metrics.json a person would not say so.
TITLES = {
    "majority_accuracy": "always the commonest class",
    "brier": "Brier score",
    "roc_auc": "ROC AUC",
    "macro_f1": "macro F1",
    "f1_macro": "macro F1",
    "f1_micro": "micro F1",
    "phase_f1": "phase F1",
    "phase_jaccard": "phase Jaccard",
    "map@0.50": "mAP@.5",
    "map@tiou": "mAP@.5:.95",
    "expected_calibration_error": "calibration error",
}
# Of what is known of videos, that is printed; metrics.json has the rest.
VIDEO_FIGURES = (
    *("video_accuracy", "phase_precision", "phase_recall", "phase_jaccard", "phase_f1"),
    *("edit", "f1@10", "f1@25", "f1@50", "map@0.50", "map@tiou"),
)
_OF_HUNDRED = ("edit", "f1@")
_SEGMENTED, _RELAXED, _SPREAD, _CALIBRATED = "segmented_", "_relaxed", "_std", "_calibrated"


def show_metrics(metrics: Metrics, title: str | None = None) -> None:
    """Prints the figures of a split, of its videos and of its classes; `title` takes the place of its name."""
    if not metrics.count:
        warn(f"The {metrics.split} split has no samples: there is nothing to evaluate.")
        return
    of_videos = metrics.videos.values if metrics.videos else {}
    own = [name for name in metrics.values if name not in of_videos]
    rows = [{"figure": name_figure(name)} | show_figure(name, metrics.values, metrics.intervals) for name in own]
    what = "frames" if of_videos else "samples"
    _show(f"{title or metrics.split}: {metrics.count:,} {what}{tell_groups(metrics)}", rows)
    if metrics.videos and of_videos:
        _show_videos(metrics.videos, metrics.intervals)
    _show_classes(metrics)
    if note := describe_caution(metrics):
        warn(note)


def name_figure(name: str) -> str:
    """A figure's name for people: "f1@50" is "F1@50", "segmented_f1@50" is "joined F1@50"."""
    if name.startswith(_SEGMENTED):
        return f"joined {name_figure(name.removeprefix(_SEGMENTED))}"
    kind = name.removesuffix(_CALIBRATED)
    shown = TITLES.get(kind, kind.replace("_", " ").replace("f1@", "F1@"))
    return f"{shown}, calibrated" if kind != name else shown


def show_figure(name: str, values: Mapping[str, float], intervals: Mapping[str, Interval]) -> dict[str, str]:
    """A figure's cells: its value, "0.8663", and its interval, "0.81-0.91"; the interval only where any has one."""
    cells = {"value": _show_value(name, values)}
    if intervals:
        cells["95 % interval"] = show_interval(name, intervals)
    return cells


def show_interval(name: str, intervals: Mapping[str, Interval]) -> str:
    """The bounds of a figure's interval; "" where it has none."""
    found, digits = intervals.get(name), 1 if is_of_hundred(name) else 2
    return f"{found.low:.{digits}f}-{found.high:.{digits}f}" if found else ""


def tell_groups(metrics: Metrics) -> str:
    """What the intervals are over, for a title; "" where there are none."""
    found = next(iter(metrics.intervals.values()), None)
    return f", intervals over {found.groups:,} {found.unit}" if found else ""


def describe_caution(metrics: Metrics) -> str:
    """What is to be minded of the intervals, or why there are none; "" where there is nothing to say."""
    told = [metrics.no_intervals, *(each.of_groups for each in metrics.intervals.values())]
    alike = [name for name, each in metrics.intervals.items() if each.is_point]
    if alike:
        unit, more = metrics.intervals[alike[0]].unit, len(alike) - _MOST_ALIKE_NAMED
        names = ", ".join(name_figure(name) for name in alike[:_MOST_ALIKE_NAMED])
        names += f" and {more} more" if more > 0 else ""
        told.append(f"All {unit} are alike in {names}, which says little of others.")
    return " ".join(each for each in dict.fromkeys(told) if each)


def _show(title: str, rows: Sequence[Mapping[str, object]], shorten: int | None = None) -> None:
    show_table(title, list(rows[0]), [list(row.values()) for row in rows], shorten)


def is_of_hundred(name: str) -> bool:
    """Whether a figure is in [0, 100], as the field quotes it, rather than a share."""
    return name.removeprefix(_SEGMENTED).startswith(_OF_HUNDRED)


def _show_value(name: str, values: Mapping[str, float], missing: str = "-") -> str:
    return missing if name not in values else f"{values[name]:.{1 if is_of_hundred(name) else 4}f}"


def _show_videos(videos: VideoMetrics, intervals: Mapping[str, Interval]) -> None:
    names = [name for name in VIDEO_FIGURES if name in videos.values]
    timing = "causal (no frame judged by a later one)" if videos.causal else "offline (frames judged by later ones too)"
    if videos.causal and not videos.values.get("segmented_causal", 1):
        timing = "causal (joined is offline: lengths are known later)"
    count = count_of(len(videos.videos), "video")
    _show(f"{count}, {timing}", [_describe_figure(name, videos, intervals) for name in names])
    if videos.segmented_videos:
        say("joined: once short stretches are joined or dropped, which makes segments of frames.")
    if len(videos.videos) <= MOST_VIDEOS_ON_SCREEN:
        _show("Video by video", [_describe_video(video) for video in videos.videos], shorten=0)


def _describe_figure(name: str, videos: VideoMetrics, intervals: Mapping[str, Interval]) -> dict[str, str]:
    values = videos.values
    cells = {"figure": name_figure(name)} | show_figure(name, values, intervals)
    if any(each.endswith(_SPREAD) for each in values):
        cells["std"] = _show_value(name + _SPREAD, values, missing="")
    if videos.relax_secs:
        cells[f"relaxed {videos.relax_secs:g} s"] = _show_value(name + _RELAXED, values, missing="")
    if videos.segmented_videos:
        cells["joined"] = _show_value(_SEGMENTED + name, values)
    return cells


def _describe_video(video: VideoFigures) -> dict[str, str]:
    cells = {"video": video.video, "frames": str(video.frames), "accuracy": f"{video.accuracy:.4f}"}
    cells |= {"Jaccard": f"{video.jaccard:.4f}", "edit": f"{video.edit:.1f}"}
    overlaps = {"F1@10": video.f1_at_10, "F1@25": video.f1_at_25, "F1@50": video.f1_at_50}
    return cells | {head: "-" if value is None else f"{value:.1f}" for head, value in overlaps.items()}


def _show_classes(metrics: Metrics) -> None:
    classes: Sequence[ClassFigures] = metrics.classes
    samples = "frames" if metrics.videos else "samples"
    title = "Classes"
    if len(classes) > MOST_CLASSES_ON_SCREEN:
        # Of a class without samples nothing can be said; it comes last.
        classes = sorted(classes, key=lambda figures: (not figures.support, figures.f1))[:MOST_CLASSES_ON_SCREEN]
        title = f"The {MOST_CLASSES_ON_SCREEN} of {len(metrics.classes)} classes with the lowest F1"
    _show(title, [_describe_class(figures, samples) for figures in classes], shorten=0)


def _describe_class(figures: ClassFigures, samples: str) -> dict[str, str | int]:
    """The cells of a class by the heads of their columns."""
    shares: dict[str, float | None] = {} if figures.threshold is None else {"from": figures.threshold}
    shares |= dict(zip(("precision", "recall", "F1"), figures.known, strict=True))
    shares |= {"AP": figures.average_precision, "AUC": figures.roc_auc}
    digits = 4 if figures.threshold is None else 3  # or nothing would be left for the names
    cells = {head: "-" if value is None else f"{value:.{digits}f}" for head, value in shares.items()}
    return {"class": figures.name} | cells | {samples: figures.support}
