import numpy as np
import pytest

from graphcore.config import CosineHeadConfig, HeadConfig, MlpHeadConfig, MultiLabelHeadConfig
from graphcore.errors import CheckpointError, DatasetError
from graphcore.graph.freeze import BATCH_NORM_OPS
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.heads.head import Head
from graphcore.heads.trained import TrainedHead, require_whole_videos


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
    with pytest.raises(CheckpointError, match=r"weights has shape \[2, 2\] in the checkpoint, and \[3, 2\]"):
        make(np.eye(2), [0, 0]).scores(np.zeros((1, 3), np.float32))


def test_hidden_layers_with_batch_norm_by_hand():
    values = {
        "hidden_1/weights": [[1, -1], [0, 1]],
        "hidden_1/BatchNorm/beta": [1, 0],
        "hidden_1/BatchNorm/moving_mean": [0, 4],
        "hidden_1/BatchNorm/moving_variance": [3.999, 0.249],
        "logits/weights": [[1, 0], [0, 1]],
        "logits/biases": [0, 0.5],
    }
    head = get_head(MlpHeadConfig("mlp", widths=[2]), 2)
    trained = TrainedHead(head, {f"head/mlp/{name}": np.array(value, np.float32) for name, value in values.items()})
    # Sums (4, 5) become (4 / 2 + 1, (5 - 4) / 0.5) = (3, 2); logits (3, 2.5).
    scores = trained.scores(np.array([[4.0, 9.0]], np.float32))
    np.testing.assert_allclose(scores[0, 0], 1 / (1 + np.exp(-0.5)), rtol=1e-5)


@pytest.mark.parametrize(
    "config",
    [
        MlpHeadConfig("mlp", widths=[6, 5]),
        CosineHeadConfig("cosine", learn_scale=True),
        MultiLabelHeadConfig("multi_label", widths=[6]),
    ],
    ids=lambda config: config.name,
)
def test_a_frozen_head_has_neither_variables_nor_batch_norm_nor_dropout(config):
    head = get_head(config, 3)
    shapes = {}
    with tf.Graph().as_default():
        head.build(tf.zeros([1, 4]))
        shapes = {variable.op.name: variable.shape.as_list() for variable in tf1.global_variables()}
    trained = TrainedHead(head, {name: np.ones(shape, np.float32) for name, shape in shapes.items()})
    kinds = {op.type for op in trained.freeze(4).graph.get_operations()}
    assert not kinds & {"VarHandleOp", "VariableV2", "StatelessRandomUniformV2", *BATCH_NORM_OPS}
    assert trained.scores(np.zeros((5000, 4), np.float32)).shape == (5000, 3)


def make_sums(temporal):
    """A head whose scores are the sums of the features from the first row of a batch on, times an integer variable."""

    def build(features, is_training=False, step=None):
        with tf1.variable_scope("head/sums", reuse=tf1.AUTO_REUSE):
            factor = tf1.get_variable("factor", initializer=tf.constant(1, tf.int32))
        sums = tf.cumsum(features) * tf.cast(factor, tf.float32)
        return sums, {"logits": sums, "probabilities": sums}

    head = Head("sums", 1, "head/sums", (), build, temporal=temporal)
    return TrainedHead(head, {"head/sums/factor": np.array(2, np.int32)})


def test_frames_of_each_video_are_one_batch_in_its_order():
    features = np.array([[1], [2], [4], [8], [16]], np.float32)
    videos = [np.array([4, 1]), np.array([0, 2, 3]), np.array([], np.int64)]
    scores = make_sums(temporal=True).scores(features, videos)
    # Video 0 sums 16, 16 + 2; video 1 sums 1, 1 + 4, 1 + 4 + 8.
    np.testing.assert_array_equal(scores[:, 0], [2, 36, 10, 26, 32])


def test_a_temporal_head_takes_all_rows_for_one_video_however_many():
    scores = make_sums(temporal=True).scores(np.ones((5000, 1), np.float32))
    assert scores[-1, 0] == 10_000
    assert make_sums(temporal=True).scores(np.zeros((0, 1), np.float32)).shape == (0, 1)


def test_videos_mean_nothing_to_a_head_of_single_rows():
    scores = make_sums(temporal=False).scores(np.ones((3, 1), np.float32), [np.array([2])])
    np.testing.assert_array_equal(scores[:, 0], [2, 4, 6])


@pytest.mark.parametrize(
    ("videos", "message"),
    [
        ([[0, 2], [3]], r"2 of 5 samples are not frames of exactly one video each; that of row 1 is in none\."),
        ([[0, 1, 2, 3, 4], [3]], r"1 of 5 samples .* row 3 is in 2\."),
        ([], r"5 of 5 samples .* row 0 is in none\."),
    ],
)
def test_samples_outside_of_videos_are_refused(videos, message):
    with pytest.raises(DatasetError, match=message):
        make_sums(temporal=True).scores(np.ones((5, 1), np.float32), [np.array(rows) for rows in videos])


def test_whole_videos_pass():
    require_whole_videos(3, [np.array([2, 0]), np.array([1])])
    require_whole_videos(0, [])
