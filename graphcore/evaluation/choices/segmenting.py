"""How the frames of videos become segments: chosen on validation when training is done, and kept in the run.

The test split has no say in it, so that what is measured there is what new videos will find.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphcore.config import SegmentsConfig
from graphcore.console import count_of, say, warn
from graphcore.evaluation.choices.segment_grid import plan_lengths, search
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.overlap_f1 import OVERLAPS, SegmentCounts, add_counts, count_segments
from graphcore.evaluation.videos.spans import find_edges, find_overlaps, find_spans
from graphcore.timelines.mending import mend_labels
from graphcore.timelines.segmenting import Segmenting, measure_lengths, name_frames
from graphcore.timelines.timeline import Timeline, find_outside

# A run knows its head, and heads are built with TensorFlow, which none of this needs.
if TYPE_CHECKING:
    from graphcore.training.run import Run

FEW_SEGMENTS = 10
# A choice rests on whole videos of about so many frames, spread evenly over those there are: more take minutes to judge
# under every setting, and hold far more segments than a handful of numbers needs.
MOST_FRAMES = 100_000


def fit_segmenting(run: Run, validation: Predictions, asked: SegmentsConfig, is_doubted: bool = False) -> Run:
    """The run with what makes segments of its frames; what is not asked for is chosen on the validation split.

    The choice is the setting with the best segmental F1, the mean of F1@{10, 25, 50} pooled over the videos; of equals
    the one with most frames right, and of those the plainest. Of pictures, and where frames may have several labels
    (which their thresholds give), nothing is chosen: the run then holds what is asked for, and nothing where that is
    nothing.

    Args:
        run: a run whose weights are trained; it is not written.
        validation: its scores of the validation split.
        asked: what is not to be chosen.
        is_doubted: whether somebody has said already that validation is small.
    """
    given = Segmenting().override(**dataclasses.asdict(asked))
    timelines = make_timelines(validation)
    if timelines:
        chosen = _choose(timelines, validation.class_names, asked, is_doubted)
        return dataclasses.replace(run, segmenting=chosen.to_json())
    if "dataset.every_secs" in run.dataset_options and not validation.keys and not run.multi_label:
        warn("The validation split has no frames: how frames become segments is not chosen, but as segments.* say.")
        return dataclasses.replace(run, segmenting=given.to_json())
    is_asked = any(value is not None for value in dataclasses.asdict(asked).values())
    return dataclasses.replace(run, segmenting=given.to_json() if is_asked else {})


def _choose(
    timelines: Sequence[Timeline], class_names: Sequence[str], asked: SegmentsConfig, is_doubted: bool
) -> Segmenting:
    outside = find_outside(class_names)
    every = math.ceil(sum(map(len, timelines)) / MOST_FRAMES)
    videos = [TriedVideo(timeline, outside) for timeline in timelines[::every]]
    lengths = np.concatenate([video.true_secs for video in videos])

    def judge(segmenting: Segmenting) -> tuple[float, float]:
        judged = [video.judge(segmenting) for video in videos]
        return pool_f1([one.counts for one in judged]), float(sum(one.right_frames for one in judged))

    best = search(asked, plan_lengths(lengths, timelines[0].step_secs), judge)
    plain = Segmenting().override(**dataclasses.asdict(asked))
    without = f", {judge(plain)[0]:.1f} without that" if best != plain else ""
    say(f"Segments: {describe(best)}. The mean of F1@10, 25 and 50 on validation is {judge(best)[0]:.1f}{without}.")
    if len(lengths) < FEW_SEGMENTS and best != plain and not is_doubted:
        warn(
            f"Validation has {count_of(len(lengths), 'segment')}, fewer than {FEW_SEGMENTS}: how frames become "
            "segments is a rough choice. A larger split.validation would find a better one; segments.min_secs=0 and "
            "so on set them."
        )
    return best


@dataclasses.dataclass(frozen=True)
class Tried:
    """How well a setting does on one video.

    Attributes:
        counts: right, wrong and missed segments, for each of `OVERLAPS`.
        right_frames: how many are called what they are.
    """

    counts: tuple[SegmentCounts, ...]
    right_frames: int


class TriedVideo:
    """One video, ready to be judged under many settings."""

    def __init__(self, timeline: Timeline, outside: int | None) -> None:
        self._timeline, self._outside = timeline, outside
        self._edges = find_edges(timeline)
        self._true = find_spans(timeline.labels, self._edges, outside)
        self._lengths = measure_lengths(timeline.times_secs, timeline.step_secs)
        # What frames were called last, and by which bounds: lengths are tried many times for each of these.
        self._bounds, self._named = None, name_frames(timeline.scores, Segmenting(), outside)

    @property
    def true_secs(self) -> np.ndarray:
        """float64 [segments], how long the true segments last."""
        return self._true.ends_secs - self._true.starts_secs

    def judge(self, segmenting: Segmenting) -> Tried:
        """Compares the segments of a setting with the true ones."""
        scores, least, gap = self._timeline.scores, segmenting.min_secs, segmenting.merge_secs
        if segmenting.bounds != self._bounds:
            self._bounds, self._named = segmenting.bounds, name_frames(scores, segmenting, self._outside)
        labels = mend_labels(self._named, scores, self._lengths, least, gap, self._outside)
        predicted = find_spans(labels, self._edges, self._outside)
        pairs = find_overlaps(self._true, predicted)
        counts = tuple(count_segments(self._true, predicted, pairs, overlap) for overlap in OVERLAPS)
        return Tried(counts, int((labels == self._timeline.labels).sum()))


def pool_f1(counts: Sequence[Sequence[SegmentCounts]]) -> float:
    """The mean of F1@{10, 25, 50}, each pooled over videos, in [0, 100]; 100 where there is no segment at all.

    Args:
        counts: of each video, one for each of `OVERLAPS`.
    """
    pooled = [add_counts(video[number] for video in counts).f1 for number in range(len(OVERLAPS))]
    return float(np.mean([100.0 if f1 is None else f1 for f1 in pooled]))


def describe(segmenting: Segmenting) -> str:
    """One line for people: "from a score of 0.8 to one below 0.3, none under 1.5 s, gaps under 3 s closed"."""
    bounds = segmenting.bounds
    parts = ["the label that scores highest" if bounds is None else f"from a score of {bounds[0]:g} on"]
    if bounds is not None and bounds[1] < bounds[0]:
        parts[0] = f"from a score of {bounds[0]:g} to one below {bounds[1]:g}"
    if segmenting.min_secs > 0:
        parts.append(f"none under {segmenting.min_secs:g} s")
    if segmenting.merge_secs > 0:
        parts.append(f"gaps under {segmenting.merge_secs:g} s closed")
    return ", ".join(parts)
