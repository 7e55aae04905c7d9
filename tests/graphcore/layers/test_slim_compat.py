import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from graphcore import layers
from graphcore.errors import GraphcoreError
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim, slim_compat


def test_slim_is_tf_slim():
    assert slim.__name__ == "tf_slim"


def test_a_second_load_gives_the_same_module():
    assert slim_compat.load_slim() is slim


def test_the_package_offers_nothing_else():
    with pytest.raises(AttributeError, match="'sonnet'"):
        _ = layers.sonnet


def test_tf_keras_is_not_needed():
    assert "tf_keras" not in sys.modules


@pytest.mark.parametrize("module_name", slim_compat.MOVED_NAMES)
def test_every_moved_name_is_back(module_name):
    module = importlib.import_module(module_name)
    for name in slim_compat.MOVED_NAMES[module_name]:
        assert hasattr(module, name)


def test_self_test_finds_nothing_wrong():
    assert slim_compat.self_test(slim) == []


def test_self_test_leaves_the_default_graph_alone():
    with tf.Graph().as_default() as graph:
        slim_compat.self_test(slim)
    assert graph.get_operations() == []


def test_self_test_names_the_layer_that_fails_and_how():
    def separable_conv2d(*args, **kwargs):
        raise AttributeError("module 'ops' has no attribute 'cond'")

    broken = SimpleNamespace(**{**vars(slim), "separable_conv2d": separable_conv2d})

    assert slim_compat.self_test(broken) == ["separable_conv2d: AttributeError: module 'ops' has no attribute 'cond'"]


def test_a_pair_of_versions_that_does_not_work_is_told_at_loading(monkeypatch):
    monkeypatch.setattr(slim_compat, "self_test", lambda slim: ["batch_norm: gone"])
    slim_compat.load_slim.cache_clear()
    try:
        with pytest.raises(GraphcoreError, match=r"batch_norm: gone\.\nInstall the versions in constraints.txt"):
            slim_compat.load_slim()
    finally:
        monkeypatch.undo()
        slim_compat.load_slim.cache_clear()
        slim_compat.load_slim()


@pytest.mark.parametrize("updates_collections", [tf1.GraphKeys.UPDATE_OPS, (tf1.GraphKeys.UPDATE_OPS,)])
def test_batch_norm_is_fused_and_its_updates_land_in_the_collection(updates_collections):
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 4, 4, 2])
        slim.batch_norm(images, updates_collections=updates_collections)
        types = {op.type for op in graph.get_operations()}
        assert "FusedBatchNormV3" in types
        assert len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)) == 2


def test_batch_norm_normalises_with_the_statistics_it_holds():
    images = np.arange(8, dtype=np.float32).reshape(1, 2, 2, 2)
    with tf.Graph().as_default(), tf1.Session() as session:
        net = slim.batch_norm(tf.constant(images), is_training=False, epsilon=0.001, scale=True, scope="norm")
        by_name = {variable.op.name: variable for variable in tf1.global_variables()}
        session.run(tf1.global_variables_initializer())
        for name, value in (("gamma", [2.0, 1.0]), ("beta", [0.5, 0.0])):
            session.run(by_name[f"norm/{name}"].assign(value))
        for name, value in (("moving_mean", [1.0, 2.0]), ("moving_variance", [4.0, 9.0])):
            session.run(by_name[f"norm/{name}"].assign(value))
        found = session.run(net)
    expected = (images - [1.0, 2.0]) / np.sqrt(np.array([4.0, 9.0]) + 0.001) * [2.0, 1.0] + [0.5, 0.0]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_create_train_op_of_slim_runs_the_updates_of_batch_norm():
    with tf.Graph().as_default(), tf1.Session() as session:
        net = slim.conv2d(tf.ones([2, 4, 4, 1]), 3, 3, normalizer_fn=slim.batch_norm, scope="conv")
        loss = tf.reduce_mean(net)
        train_op = slim.learning.create_train_op(loss, tf1.train.GradientDescentOptimizer(0.0))
        moving_mean = next(v for v in tf1.global_variables() if v.op.name == "conv/BatchNorm/moving_mean")
        session.run(tf1.global_variables_initializer())
        before = session.run(moving_mean)
        session.run(train_op)
        after = session.run(moving_mean)
    assert not np.array_equal(before, after)
