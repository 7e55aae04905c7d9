"""The scored samples of a split as timelines, one a video."""

from __future__ import annotations

import numpy as np

from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.samples.one_label import predict
from graphcore.timelines.timeline import Timeline


def make_timelines(predictions: Predictions) -> list[Timeline]:
    """One for each video, its frames in the order of time; none where samples are pictures or have several labels."""
    marks = predictions.marks
    if marks is None or not marks.are_frames or predictions.multi_label:
        return []
    step_secs, called = marks.measure_step(), predict(predictions.scores)
    return [
        Timeline(
            video=video,
            times_secs=marks.times_secs[rows],
            labels=np.asarray(predictions.labels, np.int64)[rows],
            scores=np.asarray(predictions.scores, np.float64)[rows],
            predicted=called[rows],
            step_secs=step_secs,
            group=marks.groups[rows[0]],
        )
        for video, rows in marks.find_videos().items()
    ]
