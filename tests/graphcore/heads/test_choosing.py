import numpy as np

from graphcore.heads.choosing import choose, measure_accuracy
from graphcore.heads.temporal import ScoredVideo

VIDEOS = [
    ScoredVideo(np.array([[0.9, 0.1], [0.4, 0.6]], np.float32), np.array([0, 0])),
    ScoredVideo(np.array([[0.2, 0.8]], np.float32), np.array([1])),
]


def add(scores, bonus):
    return scores + np.array([bonus, 0])


def test_accuracy_counts_frames_not_videos():
    assert measure_accuracy(lambda scores: scores, VIDEOS) == 2 / 3


def test_the_candidate_that_makes_most_frames_right_is_taken():
    # A bonus of 0.3 mends the one wrong frame; one of 1 breaks the one of the second video.
    assert choose([0.0, 0.3, 1.0], add, VIDEOS) == (0.3, {0.0: 2 / 3, 0.3: 1.0, 1.0: 2 / 3})


def test_of_equals_the_first_is_taken():
    assert choose([1.0, 0.0], add, VIDEOS)[0] == 1.0
    assert choose([0.4, 0.3, 0.0], add, VIDEOS)[0] == 0.4
