import numpy as np
import pytest

from graphcore.config import MultiLabelHeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.multi_label import make_head

BIASES = np.array([0, np.log(3), -np.log(3)], np.float32)


def test_scores_are_a_sigmoid_a_class():
    with tf.Graph().as_default(), tf1.Session() as session:
        _, end_points = make_head(MultiLabelHeadConfig("multi_label"), 3, 0).build(tf.zeros([1, 4]))
        for variable in tf1.global_variables():
            feed = {variable.initializer.inputs[1]: BIASES} if variable.op.name.endswith("biases") else {}
            session.run(variable.initializer, feed)
        np.testing.assert_allclose(session.run(end_points["probabilities"]), [[0.5, 0.75, 0.25]], rtol=1e-6)


def test_variables_without_hidden_layers():
    with tf.Graph().as_default():
        make_head(MultiLabelHeadConfig("multi_label"), 3, 0).build(tf.zeros([1, 4]))
        names = {variable.op.name for variable in tf1.model_variables()}
    assert names == {"head/multi_label/logits/weights", "head/multi_label/logits/biases"}


def test_variables_of_a_hidden_layer():
    config = MultiLabelHeadConfig("multi_label", widths=[5], batch_norm=False, dropout=0.1)
    with tf.Graph().as_default():
        make_head(config, 3, 0).build(tf.zeros([1, 4]))
        shapes = {variable.op.name: tuple(variable.shape) for variable in tf1.model_variables()}
    assert shapes["head/multi_label/hidden_1/weights"] == (4, 5)
    assert shapes["head/multi_label/logits/weights"] == (5, 3)


def test_dropout_without_a_layer_to_act_on_is_refused():
    with pytest.raises(ConfigError, match=r"(?s)head\.dropout=0\.3 acts on hidden layers.*widths=\[256\]"):
        make_head(MultiLabelHeadConfig("multi_label", dropout=0.3), 3, 0)
