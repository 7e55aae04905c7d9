"""The figures of all videos of a split, under the names that they have in metrics.json.

| name | what |
|---|---|
| `videos`, `causal` | how many with a frame; 1 where each frame's answer knows nothing of later ones (online), else 0 |
| `segmented_causal` | the same of the labels after post-processing: 0 where lengths decide, as they are known later |
| `video_accuracy` | mean over videos of the share of right frames; long videos weigh no more than short ones |
| `phase_precision`, `_recall`, `_jaccard`, `_f1` | mean over a video's labels, then over videos |
| `phase_precision_by_label` ... | mean over the videos a label occurs in, then over labels |
| `edit` | mean over videos |
| `f1@10`, `f1@25`, `f1@50` | pooled over all videos |
| `map@0.50` ... `map@0.95`, `map@tiou` | over all videos; the last is the mean over the thresholds |

`_std` after a mean is the standard deviation of what it was last taken over: videos, or labels. `_relaxed` after a
frame-wise figure is the same with relaxed boundaries; `segmented_` before any is that of the labels after
post-processing. The scripts of the M2CAI challenge average the other way, over videos, then over labels, and give the
standard deviation over labels: that is `_by_label`. The two differ where a label does not occur in every video; which
one was taken is among the details that Funke et al. (arXiv:2305.13961) found missing from published results.

A figure that is not defined has no name: a standard deviation of one, F1@k where nothing is true and nothing predicted,
mAP where nothing is true.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.errors import RunError
from graphcore.evaluation.videos.averages import average
from graphcore.evaluation.videos.localization import THRESHOLDS, mean_average_precisions
from graphcore.evaluation.videos.overlap_f1 import OVERLAPS, add_counts
from graphcore.evaluation.videos.phases import LabelShares
from graphcore.evaluation.videos.video import (
    SHARES,
    FrameFigures,
    JudgedVideo,
    VideoFigures,
    average_share,
    judge_video,
)
from graphcore.timelines.timeline import Timeline, find_outside


@dataclass(frozen=True)
class PhaseFigures:
    """How one class fared, each a mean over the videos in which it occurs; every share is in [0, 1].

    Attributes:
        name: the class.
        precision: of the frames called so; 0 in a video where none was.
        recall: of the frames of this class.
        jaccard: of the frames of this class or called so.
        f1: the mean of each video's harmonic mean of precision and recall.
        videos: in how many it occurs.
    """

    name: str
    precision: float
    recall: float
    jaccard: float
    f1: float
    videos: int


@dataclass(frozen=True)
class VideoMetrics:
    """All figures of the videos of a split.

    Attributes:
        values: figure by name, as in the table above; empty when no video has a frame.
        videos: the figures of each video that has a frame, in the order given.
        causal: whether each frame's answer knows nothing of later frames (online); otherwise the figures are offline.
        relax_secs: of the relaxed figures; 0 where there are none.
        phases: of the classes that occur in any video, in order.
        segmented_videos: the figures of each video after post-processing; empty where there was none.
    """

    values: dict[str, float]
    videos: tuple[VideoFigures, ...]
    causal: bool
    relax_secs: float
    phases: tuple[PhaseFigures, ...] = ()
    segmented_videos: tuple[VideoFigures, ...] = ()


def compute_video_metrics(
    timelines: Sequence[Timeline],
    class_names: Sequence[str],
    causal: bool,
    relax_secs: float = 0.0,
    segmented: Sequence[np.ndarray] | None = None,
    segmented_causal: bool = False,
) -> VideoMetrics:
    """Computes every figure of the videos of a split.

    Args:
        timelines: one for each video.
        class_names: one for each score column.
        causal: whether each frame's answer knows nothing of later frames.
        relax_secs: how near to a true transition either label is right, for the relaxed figures; 0: none.
        segmented: of each video int [frames], its labels after post-processing; below 0: none.
        segmented_causal: whether that looks at no later frame, whatever the frames' own answers do.

    Raises:
        RunError: the labels after post-processing are not those of the timelines' frames.
    """
    classes = tuple(class_names)
    judged = _judge(timelines, [timeline.predicted for timeline in timelines], classes, relax_secs)
    again = [] if segmented is None else _judge(timelines, segmented, classes, relax_secs)
    values: dict[str, float] = {"videos": len(judged), "causal": int(causal)} if judged else {}
    values.update(_pool(judged))
    if again:
        values["segmented_causal"] = int(causal and segmented_causal)
    values.update({f"segmented_{name}": value for name, value in _pool(again)})
    return VideoMetrics(
        values=values,
        videos=tuple(video.figures for video in judged),
        causal=causal,
        relax_secs=relax_secs,
        phases=_average_classes([video.labels for video in judged], classes),
        segmented_videos=tuple(video.figures for video in again),
    )


def _judge(
    timelines: Sequence[Timeline], answers: Sequence[np.ndarray], classes: tuple[str, ...], relax_secs: float
) -> list[JudgedVideo]:
    answers, outside = [np.asarray(answer) for answer in answers], find_outside(classes)
    if [len(answer) for answer in answers] != [len(timeline) for timeline in timelines]:
        raise RunError(
            f"There are labels for {[len(answer) for answer in answers]} frames of videos that have "
            f"{[len(timeline) for timeline in timelines]}.",
            next_step="Give one label for each frame of each video.",
        )
    for answer in answers:
        if answer.max(initial=-1) >= len(classes):
            raise RunError(
                f"A frame is labelled {answer.max()}, and there are {len(classes)} classes.", choices=classes
            )
    return [
        judge_video(timeline, answer, outside, relax_secs)
        for timeline, answer in zip(timelines, answers, strict=True)
        if len(timeline)
    ]


def _pool(videos: Sequence[JudgedVideo]) -> Iterator[tuple[str, float]]:
    """Yields (name, value) of all figures that are defined."""
    if not videos:
        return
    yield from _average_frames([video.figures for video in videos], [video.labels for video in videos])
    relaxed = [video.figures.relaxed for video in videos if video.figures.relaxed]
    yield from _average_frames(relaxed, [video.relaxed_labels for video in videos], "_relaxed")
    yield "edit", float(np.mean([video.figures.edit for video in videos]))
    for place, overlap in enumerate(OVERLAPS):
        if (f1 := add_counts(video.figures.counts[place] for video in videos).f1) is not None:
            yield f"f1@{round(100 * overlap)}", f1
    precisions = mean_average_precisions([video.detections for video in videos])
    if precisions is not None:
        yield from ((f"map@{threshold:.2f}", value) for threshold, value in zip(THRESHOLDS, precisions, strict=True))
        yield "map@tiou", float(np.mean(precisions))


def _average_frames(
    figures: Sequence[FrameFigures], labels: Sequence[Sequence[LabelShares]], ending: str = ""
) -> Iterator[tuple[str, float]]:
    yield from average(f"video_accuracy{ending}", [video.accuracy for video in figures])
    by_label = list(_group(labels).values())
    for share in SHARES:
        yield from average(f"phase_{share}{ending}", [getattr(video, share) for video in figures])
        yield from average(f"phase_{share}_by_label{ending}", [average_share(found, share) for found in by_label])


def _average_classes(labels: Sequence[Sequence[LabelShares]], class_names: Sequence[str]) -> tuple[PhaseFigures, ...]:
    return tuple(
        PhaseFigures(class_names[label], *(average_share(found, share) for share in SHARES), videos=len(found))
        for label, found in _group(labels).items()
    )


def _group(labels: Sequence[Sequence[LabelShares]]) -> dict[int, list[LabelShares]]:
    """The figures of each label that occurs, in the order of labels."""
    grouped: dict[int, list[LabelShares]] = {}
    for shares in labels:
        for label in shares:
            grouped.setdefault(label.label, []).append(label)
    return dict(sorted(grouped.items()))
