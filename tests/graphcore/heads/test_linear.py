import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.linear import BIASES, WEIGHTS, build_linear_head, make_linear_head


def test_logits_are_features_times_weights_plus_biases():
    features = np.array([[1.0, 2.0], [0.0, -1.0]], np.float32)
    weights = np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 0.0]], np.float32)
    biases = np.array([0.0, 1.0, -1.0], np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, end_points = build_linear_head(tf.constant(features), 3)
        for name, value in ((WEIGHTS, weights), (BIASES, biases)):
            (variable,) = [each for each in tf1.global_variables() if each.op.name == name]
            session.run(variable.initializer, {variable.initializer.inputs[1]: value})
        np.testing.assert_allclose(session.run(logits), [[2.0, -1.0, 1.0], [-0.5, 2.0, -1.0]])
        np.testing.assert_allclose(session.run(end_points["probabilities"]).sum(1), 1, rtol=1e-6)


def test_second_build_shares_the_variables():
    with tf.Graph().as_default():
        build_linear_head(tf.zeros([2, 4]), 3)
        build_linear_head(tf.zeros([5, 4]), 3)
        assert sorted(variable.op.name for variable in tf1.global_variables()) == [BIASES, WEIGHTS]


def test_another_head_can_have_one_in_its_own_scope():
    head = make_linear_head(3, seed=0, scope="head/other")
    with tf.Graph().as_default():
        head.build(tf.zeros([2, 4]))
        names = [variable.op.name for variable in tf1.global_variables()]
    assert names == ["head/other/weights", "head/other/biases"]
    assert (head.scope, head.decayed) == ("head/other", ("head/other/weights",))
