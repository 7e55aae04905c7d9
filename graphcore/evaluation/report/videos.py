"""All videos in one table, and which of many are drawn in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphcore.console import count_of, show_count
from graphcore.evaluation.report.markup import Html, join
from graphcore.evaluation.report.tables import fold, make_bar, make_table
from graphcore.evaluation.report.wording import show_share, show_time
from graphcore.evaluation.videos.spans import find_edges
from graphcore.timelines.timeline import Timeline

MOST_SHOWN = 12
# A longer table is folded up; more rows than the last are in predictions.csv alone.
MOST_OPEN, MOST_ROWS = 24, 1000


def choose_videos(timelines: Sequence[Timeline], most: int = MOST_SHOWN) -> list[Timeline]:
    """All where there are no more than `most`, in their order; else the worst ones, the worst first."""
    return list(timelines) if len(timelines) <= most else _sort(timelines)[:most]


def make_videos_table(timelines: Sequence[Timeline], joined: Mapping[str, np.ndarray]) -> Html:
    """Every video with its share of right frames, the worst first.

    Args:
        timelines: of the videos.
        joined: what the frames were called after post-processing, by video; empty where there was none.
    """
    columns = ["video", "right", *(["joined"] if joined else []), "frames", "length"]
    rows = []
    for one in _sort(timelines)[:MOST_ROWS]:
        after = [show_share(measure_accuracy(one, joined[one.video]))] if one.video in joined else ["–"]
        right = measure_accuracy(one)
        bar = join([show_share(right), make_bar(right)])
        length = show_time(float(find_edges(one)[-1] - one.times_secs[0]))
        rows.append([one.video, bar, *(after if joined else []), show_count(len(one)), length])
    table = make_table(columns, rows, numbers=len(columns) - 1, kind="videos")
    if len(timelines) <= MOST_OPEN:
        return table
    rest = f", of which the worst {MOST_ROWS:,} are listed" if len(timelines) > MOST_ROWS else ""
    return fold(f"All {count_of(len(timelines), 'video')}{rest}", table)


def measure_accuracy(timeline: Timeline, called: np.ndarray | None = None) -> float:
    """The share of a video's frames that are called rightly.

    Args:
        timeline: of the video, with at least one frame.
        called: int [frames]; the timeline's own where None.
    """
    return float((timeline.labels == (timeline.predicted if called is None else called)).mean())


def _sort(timelines: Sequence[Timeline]) -> list[Timeline]:
    return sorted(timelines, key=measure_accuracy)
