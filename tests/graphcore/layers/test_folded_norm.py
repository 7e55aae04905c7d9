import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.folded_norm import fold_frozen_norms
from graphcore.layers.freezing import freeze_statistics
from graphcore.nets.factory import get_backbone

EPSILON = 0.001


def build_smooth(images):
    """A convolution and a depthwise one of multiplier 2; without kinks, so that rounding stays rounding.

    Not tanh: without folding, TensorFlow 2.21 joins it with the batch norm before it, and then has no such operation.
    """
    norm = {"scale": True, "is_training": True, "epsilon": EPSILON}
    with (
        slim.arg_scope([slim.batch_norm], **norm),
        slim.arg_scope([slim.conv2d, slim.separable_conv2d], normalizer_fn=slim.batch_norm, activation_fn=tf.sin),
    ):
        net = slim.conv2d(images, 4, 3, stride=2, scope="full")
        return slim.separable_conv2d(net, None, 3, depth_multiplier=2, scope="depthwise")


def compute(folds, images, seed=0):
    """Output and gradients of all that is trained, at weights that a seed decides."""
    random = np.random.default_rng(seed)
    with tf.Graph().as_default() as graph, tf1.Session() as session:
        with freeze_statistics(lambda scope: True), fold_frozen_norms(folds):
            net = build_smooth(tf.constant(images))
        gradients = tf.gradients(tf.reduce_sum(net**2), tf1.trainable_variables())
        for variable in tf1.global_variables():
            low = 0.5 if variable.op.name.endswith(("gamma", "moving_variance")) else -0.5
            variable.load(random.uniform(low, low + 1, variable.shape).astype(np.float32), session)
        types = [op.type for op in graph.get_operations()]
        return session.run(net), session.run(gradients), types


@pytest.fixture
def images():
    return np.random.default_rng(1).uniform(-1, 1, (3, 9, 9, 2)).astype(np.float32)


def test_folding_changes_neither_values_nor_gradients(images):
    plain, plain_gradients, _ = compute(False, images)
    folded, folded_gradients, _ = compute(True, images)
    np.testing.assert_allclose(folded, plain, atol=1e-6)
    for folded_gradient, plain_gradient in zip(folded_gradients, plain_gradients, strict=True):
        np.testing.assert_allclose(folded_gradient, plain_gradient, rtol=1e-5, atol=1e-5 * abs(plain_gradient).max())


def test_the_gradient_passes_no_batch_norm(images):
    assert "FusedBatchNormGradV3" in compute(False, images)[2]
    assert "FusedBatchNormGradV3" not in compute(True, images)[2]


def test_a_norm_that_moves_is_left_alone():
    with tf.Graph().as_default(), fold_frozen_norms():
        net = build_smooth(tf.zeros([1, 8, 8, 2]))
        tf.gradients(net, tf1.trainable_variables())
        types = [op.type for op in tf1.get_default_graph().get_operations()]
    assert types.count("FusedBatchNormGradV3") == 2


def test_a_convolution_that_others_read_is_left_alone():
    with tf.Graph().as_default(), freeze_statistics(lambda scope: True), fold_frozen_norms():
        net = slim.conv2d(tf.zeros([1, 8, 8, 2]), 4, 3, activation_fn=None, normalizer_fn=None, biases_initializer=None)
        tf.identity(net)
        assert slim.batch_norm(net, is_training=True).op.type == "FusedBatchNormV3"


def test_a_norm_after_something_else_is_left_alone():
    with tf.Graph().as_default(), freeze_statistics(lambda scope: True), fold_frozen_norms():
        assert slim.batch_norm(tf.zeros([1, 8, 8, 2]), is_training=True).op.type == "FusedBatchNormV3"


@pytest.mark.parametrize("name", ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "resnet_v1_50"])
def test_of_a_network_with_frozen_statistics_no_batch_norm_has_a_gradient(name):
    with tf.Graph().as_default() as graph, freeze_statistics(lambda scope: True), fold_frozen_norms():
        backbone = get_backbone(name, 1.0, 224)
        features, _ = backbone.build(tf.zeros([1, 224, 224, 3]), is_training=True)
        tf.gradients(features, tf1.trainable_variables())
        assert "FusedBatchNormGradV3" not in [op.type for op in graph.get_operations()]
