import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.conv_norm import UPDATE_OPS
from graphcore.nets.mobilenet_v1 import mobilenet_v1

# Depths after each of the 14 pointwise or full convolutions at width 1 (arXiv:1704.04861, table 1).
DEPTHS = [32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]


def expected_shapes(width, num_classes):
    """Names and shapes as the released slim checkpoints have them, spelt out without the code under test."""
    depths = [max(8, int(depth * width)) for depth in DEPTHS]
    shapes = {"MobilenetV1/Conv2d_0/weights": (3, 3, 3, depths[0])}
    norms = {"MobilenetV1/Conv2d_0": depths[0]}
    for number in range(1, 14):
        depthwise, pointwise = (f"MobilenetV1/Conv2d_{number}_{kind}" for kind in ("depthwise", "pointwise"))
        shapes[f"{depthwise}/depthwise_weights"] = (3, 3, depths[number - 1], 1)
        shapes[f"{pointwise}/weights"] = (1, 1, depths[number - 1], depths[number])
        norms |= {depthwise: depths[number - 1], pointwise: depths[number]}
    for scope, depth in norms.items():
        for name in ("beta", "gamma", "moving_mean", "moving_variance"):
            shapes[f"{scope}/BatchNorm/{name}"] = (depth,)
    shapes["MobilenetV1/Logits/Conv2d_1c_1x1/weights"] = (1, 1, depths[-1], num_classes)
    shapes["MobilenetV1/Logits/Conv2d_1c_1x1/biases"] = (num_classes,)
    return shapes


def built_shapes(graph):
    with graph.as_default():
        return {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}


@pytest.mark.parametrize("image_size", [224, 192, 160, 128])
@pytest.mark.parametrize("width", [1.0, 0.75, 0.5, 0.25])
def test_all_variants_have_the_names_and_shapes_of_the_released_checkpoints(width, image_size):
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, image_size, image_size, 3])
        logits, end_points = mobilenet_v1(images, num_classes=1001, width=width)
    assert built_shapes(graph) == expected_shapes(width, 1001)
    assert logits.shape.as_list() == [None, 1001]
    assert end_points["Conv2d_13_pointwise"].shape.as_list()[1] == image_size // 32


def test_without_classes_it_returns_pooled_features():
    with tf.Graph().as_default() as graph:
        net, end_points = mobilenet_v1(tf1.placeholder(tf.float32, [None, 128, 128, 3]), width=0.25)
    assert net is end_points["features"]
    assert net.shape.as_list() == [None, 256]
    assert not any("Logits" in name for name in built_shapes(graph))


def test_features_are_the_mean_of_the_last_maps():
    with tf.Graph().as_default(), tf1.Session() as session:
        images = tf.random.stateless_uniform([2, 64, 64, 3], [1, 2], -1.0, 1.0)
        features, end_points = mobilenet_v1(images, width=0.25)
        session.run(tf1.global_variables_initializer())
        found, maps = session.run([features, end_points["Conv2d_13_pointwise"]])
    np.testing.assert_allclose(found, maps.mean(axis=(1, 2)), rtol=1e-5)


def test_random_features_keep_their_scale():
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        features, _ = mobilenet_v1(tf.random.stateless_uniform([4, 64, 64, 3], [1, 2], -1.0, 1.0), width=0.25)
        session.run(tf1.global_variables_initializer())
        found = session.run(features)
    assert 0.01 < found.std() < 6
    assert found.min() >= 0
    assert found.max() <= 6


def test_inference_has_no_update_operations():
    with tf.Graph().as_default():
        mobilenet_v1(tf.zeros([1, 32, 32, 3]), width=0.25)
        assert tf1.get_collection(tf1.GraphKeys.UPDATE_OPS) == []


def test_training_puts_two_updates_per_batch_norm_into_the_collection():
    with tf.Graph().as_default() as graph:
        mobilenet_v1(tf.zeros([2, 32, 32, 3]), width=0.25, is_training=True)
        assert len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)) == 2 * 27
        assert sum(op.type == "FusedBatchNormV3" for op in graph.get_operations()) == 27


def test_weight_decay_is_on_full_convolutions_alone():
    with tf.Graph().as_default():
        mobilenet_v1(tf.zeros([1, 32, 32, 3]), num_classes=5, width=0.25, weight_decay=1e-4)
        losses = tf1.losses.get_regularization_losses()
    # The first convolution, thirteen pointwise ones, the logits.
    assert len(losses) == 15


def moving_mean_after_one_step(updates_collections, decay=0.75):
    """The first layer\'s moving mean, and the batch mean that it should follow."""
    images = np.random.default_rng(3).uniform(-1, 1, [4, 32, 32, 3]).astype(np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(5)
        features, _ = mobilenet_v1(
            tf.constant(images),
            width=0.25,
            is_training=True,
            batch_norm_decay=decay,
            updates_collections=updates_collections,
        )
        by_name = {variable.op.name: variable for variable in tf1.global_variables()}
        weights = by_name["MobilenetV1/Conv2d_0/weights"]
        batch_mean = tf.reduce_mean(tf.nn.conv2d(images, weights, 2, "SAME"), [0, 1, 2])
        session.run(tf1.global_variables_initializer())
        session.run([features, *tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)])
        return session.run([by_name["MobilenetV1/Conv2d_0/BatchNorm/moving_mean"], batch_mean])


@pytest.mark.parametrize("updates_collections", [UPDATE_OPS, None], ids=["collected", "in place"])
def test_training_moves_the_statistics(updates_collections):
    found, batch_mean = moving_mean_after_one_step(updates_collections)
    np.testing.assert_allclose(found, 0.25 * batch_mean, rtol=1e-3, atol=1e-6)


def test_updates_in_place_work_inside_a_while_loop():
    with tf.Graph().as_default(), tf1.Session() as session:
        images = tf.random.stateless_uniform([2, 32, 32, 3], [1, 2], -1.0, 1.0)
        mobilenet_v1(images, width=0.25)
        by_name = {variable.op.name: variable for variable in tf1.global_variables()}
        moving_mean = by_name["MobilenetV1/Conv2d_0/BatchNorm/moving_mean"]

        def body(step):
            features, _ = mobilenet_v1(images, width=0.25, is_training=True, reuse=True, updates_collections=None)
            with tf.control_dependencies([features]):
                return step + 1

        steps = tf1.while_loop(lambda step: step < 3, body, [tf.constant(0)], parallel_iterations=1)
        session.run(tf1.global_variables_initializer())
        assert session.run(steps) == 3
        assert np.abs(session.run(moving_mean)).max() > 0


@pytest.mark.slow
def test_it_learns_from_scratch_and_says_so_in_inference_mode():
    rng = np.random.default_rng(0)
    labels = np.arange(32) % 2
    images = rng.uniform(-0.2, 0.2, [32, 32, 32, 3]).astype(np.float32)
    images[labels == 1, :, ::4] += 0.8
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        logits, _ = mobilenet_v1(tf.constant(images), num_classes=2, width=0.25, is_training=True, batch_norm_decay=0.8)
        loss = tf1.losses.sparse_softmax_cross_entropy(labels, logits)
        train_op = slim.learning.create_train_op(loss, tf1.train.AdamOptimizer(0.003))
        judged, _ = mobilenet_v1(tf.constant(images), num_classes=2, width=0.25, reuse=True)
        session.run(tf1.global_variables_initializer())
        for _ in range(40):
            session.run(train_op)
        assert (session.run(judged).argmax(1) == labels).mean() > 0.9


def test_two_graphs_in_one_process_do_not_mind_each_other():
    names = []
    for _ in range(2):
        with tf.Graph().as_default() as graph:
            mobilenet_v1(tf.zeros([1, 32, 32, 3]), width=0.25)
        names.append(sorted(built_shapes(graph)))
    assert names[0] == names[1]
