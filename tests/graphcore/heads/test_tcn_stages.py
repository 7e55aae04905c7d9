import numpy as np
import pytest

from graphcore.config.network import MsTcnHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.tcn_stages import build_tcn_stages, list_tcn_weights

CONFIG = MsTcnHeadConfig("ms_tcn", stages=2, layers=3, maps=4)


def test_names_and_shapes_of_the_published_network():
    with tf.Graph().as_default():
        build_tcn_stages(tf.zeros([1, 8, 6]), None, CONFIG, 3, "head/ms_tcn")
        found = {each.op.name: tuple(each.shape) for each in tf1.model_variables()}
    for stage, inputs in (("stage_1", 6), ("stage_2", 3)):
        assert found[f"head/ms_tcn/{stage}/inputs/weights"] == (inputs, 4)
        assert found[f"head/ms_tcn/{stage}/layer_3/dilated/weights"] == (3, 4, 4)
        assert found[f"head/ms_tcn/{stage}/layer_3/project/weights"] == (4, 4)
        assert found[f"head/ms_tcn/{stage}/logits/weights"] == (4, 3)
    assert set(list_tcn_weights(CONFIG, "head/ms_tcn")) == {name for name in found if name.endswith("weights")}
    assert len(found) == 2 * 2 * (1 + 2 * 3 + 1)


@pytest.mark.parametrize(("causal", "reached"), [(False, range(13, 28)), (True, range(6, 21))])
def test_dilations_double_so_that_a_stage_sees_as_far(causal, reached):
    # 1 + 2 + 4 frames on each side, or twice as many before.
    config = MsTcnHeadConfig("ms_tcn", stages=1, layers=3, maps=32, causal=causal)
    with tf.Graph().as_default(), tf1.Session() as session:
        features = tf.constant(np.random.default_rng(0).normal(size=(1, 40, 6)).astype(np.float32))
        (stage,) = build_tcn_stages(features, None, config, 3, "head/ms_tcn")
        (gradient,) = tf.gradients(tf.reduce_sum(tf.sin(stage[0, 20])), features)
        session.run(tf1.global_variables_initializer())
        seen = np.flatnonzero(np.abs(session.run(gradient)[0]).sum(1))
    assert list(seen) == list(reached)


def test_a_later_stage_sees_the_scores_of_the_one_before_and_nothing_else():
    with tf.Graph().as_default(), tf1.Session() as session:
        features = tf.constant(np.random.default_rng(0).normal(size=(1, 5, 6)).astype(np.float32))
        first, second = build_tcn_stages(features, None, CONFIG, 3, "head/ms_tcn")
        session.run(tf1.global_variables_initializer())
        given, found = session.run([first, second])
        # A constant added to all classes is the same score.
        moved = session.run(second, {first: given + 3})
        changed = session.run(second, {first: given + np.float32([1, 0, 0])})
    np.testing.assert_allclose(moved, found, rtol=1e-4, atol=1e-7)
    assert not np.allclose(changed, found, rtol=1e-4, atol=1e-7)
