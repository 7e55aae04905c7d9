import numpy as np
import pytest

from graphcore.config import HeadConfig
from graphcore.errors import CheckpointError
from graphcore.heads.factory import get_head
from graphcore.heads.trained import TrainedHead


def make(weights, biases):
    head = get_head(HeadConfig(), len(biases))
    values = {"head/linear/weights": np.array(weights, np.float32), "head/linear/biases": np.array(biases, np.float32)}
    return TrainedHead(head, values)


def test_scores_are_softmax_by_hand():
    # softmax(0, ln 3) = (1/4, 3/4); large features must not overflow.
    features = np.array([[0.0, np.log(3)], [1000.0, 0.0]], np.float32)
    np.testing.assert_allclose(make(np.eye(2), [0, 0]).scores(features), [[0.25, 0.75], [1, 0]], atol=1e-6)


def test_no_features_give_no_scores():
    assert make(np.eye(2), [0, 0]).scores(np.zeros((0, 2), np.float32)).shape == (0, 2)


def test_checkpoint_without_the_head_is_refused():
    head = get_head(HeadConfig(), 2)
    with pytest.raises(CheckpointError, match="holds no head/linear/weights"):
        TrainedHead(head, {"other": np.zeros(1)}).scores(np.zeros((1, 2), np.float32))


def test_head_of_other_features_is_refused():
    with pytest.raises(
        CheckpointError, match=r"weights has shape \[2, 2\] in the checkpoint, and \[3, 2\]"
    ):
        make(np.eye(2), [0, 0]).scores(np.zeros((1, 3), np.float32))
