import numpy as np

from graphcore.heads.hmm_model import PRIOR, START, TRANSITIONS, count_model
from graphcore.heads.temporal import ScoredVideo


def show_video(labels):
    """Frames whose label has all the score."""
    return ScoredVideo(np.eye(2, dtype=np.float32)[labels], np.array(labels))


def test_start_transitions_and_prior_are_counted():
    videos = [show_video([0, 0, 1, 1, 1]), show_video([1, 0])]
    model = {name: np.exp(value) for name, value in count_model(videos, 2, pseudo_count=1.0).items()}
    np.testing.assert_allclose(model[START], [2 / 4, 2 / 4], rtol=1e-6)
    # From 0: once to 0, once to 1. From 1: twice to 1, once to 0. No change from the end of a video to the next one.
    np.testing.assert_allclose(model[TRANSITIONS], [[2 / 4, 2 / 4], [2 / 5, 3 / 5]], rtol=1e-6)
    np.testing.assert_allclose(model[PRIOR], [3 / 7, 4 / 7], rtol=1e-6)


def test_the_prior_is_that_of_the_scores_and_never_nothing():
    # Trained with balanced weights the scores of a rare class are high; labels alone would count it twice.
    videos = [ScoredVideo(np.tile(np.array([[0.5, 0.5, 0.0]], np.float32), [9, 1]), np.zeros(9, np.int64))]
    np.testing.assert_allclose(np.exp(count_model(videos, 3, 1.0)[PRIOR]), [4.5 / 10, 4.5 / 10, 1 / 10], rtol=1e-6)
