"""Which figures of videos have an interval: those that are sums over videos, which are drawn by their groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.intervals.interval import Interval, interval_of_means, interval_of_ratio

if TYPE_CHECKING:
    from graphcore.evaluation.videos.figures import VideoMetrics
    from graphcore.evaluation.videos.video import VideoFigures

# Means over videos, by the names of the figures and of each video's own.
_MEANS = {
    "video_accuracy": "accuracy",
    "phase_precision": "precision",
    "phase_recall": "recall",
    "phase_jaccard": "jaccard",
    "phase_f1": "f1",
}
# In the order of `OVERLAPS`.
_POOLED = ("f1@10", "f1@25", "f1@50")


def find_intervals_of_videos(videos: VideoMetrics, groups: Groups, resamples: int) -> dict[str, Interval]:
    """Intervals of the means over videos and of the pooled segmental F1, by the figures' names.

    Means over labels (`_by_label`), standard deviations and mAP have none.

    Args:
        videos: the figures of the split's videos.
        groups: of the split's samples.
        resamples: how often groups are drawn.
    """
    found = _find(videos.videos, groups, resamples)
    found |= {f"segmented_{name}": one for name, one in _find(videos.segmented_videos, groups, resamples).items()}
    return {name: interval for name, interval in found.items() if interval is not None and name in videos.values}


def _find(videos: Sequence[VideoFigures], groups: Groups, resamples: int) -> dict[str, Interval | None]:
    groups = groups.of_each([video.video for video in videos])
    means = {name: [getattr(video, kind) for video in videos] for name, kind in _MEANS.items()}
    if relaxed := [video.relaxed for video in videos if video.relaxed]:
        means |= {f"{name}_relaxed": [getattr(video, kind) for video in relaxed] for name, kind in _MEANS.items()}
    means["edit"] = [video.edit for video in videos]
    found = {name: interval_of_means(values, groups, resamples) for name, values in means.items()}
    for place, name in enumerate(_POOLED):
        counts = [video.counts[place] for video in videos]
        right = np.array([count.right for count in counts])
        wholes = 2 * right + [count.wrong + count.missed for count in counts]
        found[name] = interval_of_ratio(200 * right, wholes, groups, resamples)
    return found
