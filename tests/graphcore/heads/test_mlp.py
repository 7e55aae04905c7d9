import numpy as np
import pytest

from graphcore.config import MlpHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.mlp import make_head


def names(config):
    head = make_head(config, 3, seed=0)
    with tf.Graph().as_default():
        head.build(tf.zeros([2, 8]), is_training=True, step=tf.constant(0, tf.int64))
        trained = {variable.op.name for variable in tf1.trainable_variables()}
        return {variable.op.name: tuple(variable.shape) for variable in tf1.model_variables()}, trained


def test_variables_have_slims_names():
    found, trained = names(MlpHeadConfig("mlp", widths=[6, 5]))
    assert found == {
        "head/mlp/hidden_1/weights": (8, 6),
        "head/mlp/hidden_1/BatchNorm/beta": (6,),
        "head/mlp/hidden_1/BatchNorm/moving_mean": (6,),
        "head/mlp/hidden_1/BatchNorm/moving_variance": (6,),
        "head/mlp/hidden_2/weights": (6, 5),
        "head/mlp/hidden_2/BatchNorm/beta": (5,),
        "head/mlp/hidden_2/BatchNorm/moving_mean": (5,),
        "head/mlp/hidden_2/BatchNorm/moving_variance": (5,),
        "head/mlp/logits/weights": (5, 3),
        "head/mlp/logits/biases": (3,),
    }
    assert found.keys() - trained == {name for name in found if "moving" in name}


def test_without_batch_norm_layers_have_biases():
    found, trained = names(MlpHeadConfig("mlp", widths=[6], batch_norm=False))
    assert set(found) == trained
    assert {name for name in found if "hidden" in name} == {"head/mlp/hidden_1/weights", "head/mlp/hidden_1/biases"}


def test_scores_by_hand():
    config = MlpHeadConfig("mlp", widths=[2], batch_norm=False)
    values = {
        "head/mlp/hidden_1/weights": [[1, -1], [0, 1]],
        "head/mlp/hidden_1/biases": [0, 0],
        "head/mlp/logits/weights": [[1, 0], [0, 2]],
        "head/mlp/logits/biases": [0, 1],
    }
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, end_points = make_head(config, 2, 0).build(tf.constant([[1.0, 3.0]]))
        for variable in tf1.global_variables():
            session.run(variable.initializer, {variable.initializer.inputs[1]: np.float32(values[variable.op.name])})
        logits, scores = session.run([logits, end_points["probabilities"]])
    # hidden = relu(1, -1 + 3) = (1, 2)
    np.testing.assert_allclose(logits, [[1, 5]])
    assert scores[0, 0] == pytest.approx(1 / (1 + np.exp(4)), rel=1e-5)
