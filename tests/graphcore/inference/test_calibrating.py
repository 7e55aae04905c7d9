from pathlib import Path

import numpy as np
import pytest

from graphcore.inference.calibrating import calibrate
from graphcore.inference.outputs import PicturePrediction, Predicted
from graphcore.inference.video import VideoPrediction
from graphcore.sources.item import Segment
from graphcore.timelines.scored_segments import ScoredSegment

SCORES = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32)


def make_predicted(thresholds=None):
    found = (ScoredSegment(Segment("v", 0, 1, "a"), 0.9), ScoredSegment(Segment("v", 1, 2, "b"), 0.8))
    video = VideoPrediction(Path("v.mp4"), (0.0, 1.0), SCORES, found, 2.0)
    return Predicted(("a", "b"), (PicturePrediction(Path("p.jpg"), SCORES[0]),), (video,), thresholds=thresholds)


def test_logits_of_pictures_and_frames_are_divided():
    calibrated = calibrate(make_predicted(), 2.0)

    # Softmax of half the logarithms: the roots, brought to a sum of 1. 3 / (3 + 1) and 1 / (1 + 2).
    np.testing.assert_allclose(calibrated.pictures[0].scores, [0.75, 0.25], rtol=1e-6)
    np.testing.assert_allclose(calibrated.videos[0].scores, [[0.75, 0.25], [1 / 3, 2 / 3]], rtol=1e-6)


def test_segments_stay_where_they_are_and_their_scores_change():
    first, second = calibrate(make_predicted(), 2.0).videos[0].segments

    assert (first.segment, second.segment) == (Segment("v", 0, 1, "a"), Segment("v", 1, 2, "b"))
    assert (first.score, second.score) == pytest.approx((0.75, 2 / 3), rel=1e-6)


def test_labels_of_several_are_given_where_they_were():
    several = make_predicted(thresholds=(0.9, 0.05))  # 0.9 as a float32 is below 0.9

    calibrated = calibrate(several, 3.0)

    assert several.find_given(SCORES[0]) == ("a", "b")
    assert calibrated.find_given(calibrated.pictures[0].scores) == ("a", "b")
    np.testing.assert_allclose(calibrated.pictures[0].scores, 1 / (1 + np.array([9 ** (-1 / 3), 9 ** (1 / 3)])), 1e-6)


@pytest.mark.parametrize("temperature", [0.3, 20.0])
def test_no_temperature_gives_or_takes_a_label(temperature):
    scores = np.array([[0.99999, 0.0001], [0.9998, 0.00005]], np.float32)
    video = VideoPrediction(Path("v.mp4"), (0.0, 1.0), scores, (), 2.0)
    several = Predicted(("a", "b"), videos=(video,), thresholds=(0.9999, 0.0001))

    calibrated = calibrate(several, temperature)

    assert [calibrated.find_given(row) for row in calibrated.videos[0].scores] == [
        several.find_given(row) for row in scores
    ]
