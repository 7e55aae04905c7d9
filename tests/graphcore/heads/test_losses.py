import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.losses import build_cross_entropy, build_weight_decay, plan_class_weights


def run(build):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build())


def test_no_class_weights():
    assert plan_class_weights(np.array([1, 2]), "none") is None


def test_balanced_weights_are_inverse_to_counts_and_average_one_over_samples():
    weights = plan_class_weights(np.array([30, 10, 0]), "balanced")
    assert weights is not None
    # 40 samples in 2 classes that occur: 40 / (2 * 30) and 40 / (2 * 10).
    np.testing.assert_allclose(weights, [2 / 3, 2, 0], rtol=1e-6)
    assert (weights * [30, 10, 0]).sum() == pytest.approx(40)


def test_unknown_mode_lists_the_choices():
    with pytest.raises(ConfigError, match=r"(?s)sqrt is not known.*none, balanced"):
        plan_class_weights(np.array([1]), "sqrt")


def test_cross_entropy_is_the_mean_negative_log_likelihood():
    logits = np.log([[0.5, 0.5], [0.9, 0.1]]).astype(np.float32)
    got = run(lambda: build_cross_entropy(tf.constant(logits), tf.constant([0, 1])))
    assert got == pytest.approx(-(np.log(0.5) + np.log(0.1)) / 2, rel=1e-5)


def test_class_weights_scale_each_samples_share():
    logits = np.log([[0.5, 0.5], [0.9, 0.1]]).astype(np.float32)
    weights = np.array([3.0, 0.5], np.float32)
    got = run(lambda: build_cross_entropy(tf.constant(logits), tf.constant([0, 1]), weights))
    assert got == pytest.approx(-(3 * np.log(0.5) + 0.5 * np.log(0.1)) / 2, rel=1e-5)


def test_the_loss_is_the_fused_operation():
    with tf.Graph().as_default() as graph:
        build_cross_entropy(tf.zeros([2, 3]), tf.constant([0, 1]))
        kinds = {op.type for op in graph.get_operations()}
    assert "SparseSoftmaxCrossEntropyWithLogits" in kinds


def test_weight_decay_is_half_the_sum_of_squares():
    assert run(lambda: build_weight_decay([tf.constant([1.0, 2.0]), tf.constant([3.0])], 0.1)) == pytest.approx(0.7)
    assert run(lambda: build_weight_decay([tf.constant([1.0])], 0.0)) == 0
