"""Which frames of which videos each step of a sequence head's training sees: pure, so that it can be resumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.training.batches import plan_batches

# Stands where a shorter stretch has no frame.
PADDING = -1


@dataclass(frozen=True)
class Stretch:
    """Consecutive frames of one video: `frames` of them, the first of which is number `start`.

    Attributes:
        video: number of the video.
        start: number of the first frame.
        frames: how many.
        view: which view of the features.
    """

    video: int
    start: int
    frames: int
    view: int = 0


@dataclass(frozen=True)
class StretchPlan:
    """How videos are cut into stretches.

    Attributes:
        lengths: frames of each video, at least 1.
        batch_size: frames a step, if stretches were all of the longest kind.
        window: the most frames of a stretch.
        seed: of the order and of the places.
        views: how many views of each frame there are.
    """

    lengths: Sequence[int]
    batch_size: int
    window: int
    seed: int
    views: int = 1

    @property
    def places(self) -> np.ndarray:
        """int64: a video's number as often as its turn comes in an epoch, once for every window that it fills."""
        lengths = np.asarray(self.lengths, np.int64)
        return np.repeat(np.arange(len(lengths)), -(-lengths // self.window))

    @property
    def stretches(self) -> int:
        """How many stretches a step takes."""
        longest = min(self.window, max(self.lengths))
        return min(max(1, self.batch_size // longest), len(self.places))

    @property
    def steps_per_epoch(self) -> int:
        """How many steps see every video."""
        return max(1, len(self.places) // self.stretches)


def plan_stretches(plan: StretchPlan, first_step: int, steps: int) -> list[list[Stretch]]:
    """Draws videos without replacement within an epoch, each epoch in an order of its own; see `plan_batches`.

    A video that is longer than the window takes part with the stretch around a frame that is drawn at random, moved
    inside the video where it would reach beyond; its turn comes as often as it holds a window.

    Args:
        plan: what there is to draw from.
        first_step: number of the first step; 0 begins the training.
        steps: how many steps.

    Returns:
        The stretches of each step, a function of the plan and the step's number alone.
    """
    places = plan.places
    drawn = plan_batches(first_step, steps, len(places), plan.stretches, plan.seed, plan.views)
    return [
        [
            _cut(plan, int(places[turn % len(places)]), int(turn // len(places)), step, number)
            for number, turn in enumerate(turns)
        ]
        for step, turns in enumerate(drawn, first_step)
    ]


def _cut(plan: StretchPlan, video: int, view: int, step: int, number: int) -> Stretch:
    length = int(plan.lengths[video])
    if length <= plan.window:
        return Stretch(video, 0, length, view)
    middle = int(np.random.default_rng([plan.seed, step, number, 3]).integers(length))
    return Stretch(video, min(max(0, middle - plan.window // 2), length - plan.window), plan.window, view)


def find_rows(stretches: Sequence[Stretch], videos: Sequence[np.ndarray], samples: int) -> np.ndarray:
    """The rows of a feature set that hold the frames.

    Args:
        stretches: of one step.
        videos: int [frames], rows of each video's frames in the order of time.
        samples: how many rows a view has.

    Returns:
        int32 [stretches, frames of the longest], `PADDING` where a shorter one has ended.
    """
    rows = np.full((len(stretches), max(each.frames for each in stretches)), PADDING, np.int32)
    for number, each in enumerate(stretches):
        rows[number, : each.frames] = videos[each.video][each.start : each.start + each.frames] + each.view * samples
    return rows
