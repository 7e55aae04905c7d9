"""What the tests of several kinds of figures need: videos of a frame a second, and random ones."""

from collections.abc import Callable

import numpy as np
import pytest

from graphcore.timelines.timeline import Timeline


@pytest.fixture(scope="session")
def make_timeline() -> Callable[..., Timeline]:
    """Makes a video from labels and what the frames are called, a frame a second unless times are given."""

    def make(labels, predicted, scores=None, times_secs=None, video="v", classes=3, step_secs=1.0):
        labels, predicted = np.array(labels, np.int64), np.array(predicted, np.int64)
        return Timeline(
            video=video,
            times_secs=np.arange(len(labels)) * 1.0 if times_secs is None else np.array(times_secs, np.float64),
            labels=labels,
            scores=np.full((len(labels), classes), 1 / classes) if scores is None else np.array(scores, np.float64),
            predicted=predicted,
            step_secs=step_secs,
            group=f"group of {video}",
        )

    return make
