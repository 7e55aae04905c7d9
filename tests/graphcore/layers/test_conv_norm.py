import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.conv_norm import UPDATE_OPS, conv_norm_arg_scope


def build(**options):
    images = tf.random.stateless_normal([2, 8, 8, 4], [1, 2])
    with slim.arg_scope(conv_norm_arg_scope(**options)):
        net = slim.conv2d(images, 6, 3, scope="full")
        return slim.separable_conv2d(net, None, 5, depth_multiplier=1, scope="depthwise")


def test_every_convolution_has_batch_norm_with_scale_and_no_bias():
    with tf.Graph().as_default():
        build()
        names = {variable.op.name for variable in tf1.global_variables()}
    norms = {"beta", "gamma", "moving_mean", "moving_variance"}
    assert names == {"full/weights", "depthwise/depthwise_weights"} | {
        f"{layer}/BatchNorm/{name}" for layer in ("full", "depthwise") for name in norms
    }


@pytest.mark.parametrize(
    ("options", "updates"),
    [({}, 0), ({"is_training": True}, 4), ({"is_training": True, "updates_collections": None}, 0)],
    ids=["inference", "collected", "in place"],
)
def test_updates_are_where_they_are_asked_for(options, updates):
    with tf.Graph().as_default():
        build(**options)
        assert len(tf1.get_collection(UPDATE_OPS[0])) == updates


def test_weight_decay_is_on_full_convolutions_alone():
    with tf.Graph().as_default():
        build(weight_decay=1e-4)
        names = [loss.name for loss in tf1.losses.get_regularization_losses()]
    assert len(names) == 1
    assert names[0].startswith("full/")


@pytest.mark.parametrize(("options", "op"), [({}, "Relu6"), ({"activation": tf.nn.relu}, "Relu")])
def test_the_activation_is_the_one_asked_for(options, op):
    with tf.Graph().as_default():
        assert build(**options).op.type == op


def test_depthwise_filters_start_at_the_scale_of_their_own_inputs():
    with tf.Graph().as_default(), tf1.Session() as session:
        with slim.arg_scope(conv_norm_arg_scope()):
            for kernel in (3, 5):
                slim.separable_conv2d(tf.zeros([1, 8, 8, 512]), None, kernel, depth_multiplier=1, scope=f"by_{kernel}")
        session.run(tf1.global_variables_initializer())
        found = [session.run(f"by_{kernel}/depthwise_weights/Read/ReadVariableOp:0").std() for kernel in (3, 5)]
    # Truncation at two deviations leaves 0.88 of each.
    np.testing.assert_allclose(found, [0.88 * (2 / 9) ** 0.5, 0.88 * (2 / 25) ** 0.5], rtol=0.03)
