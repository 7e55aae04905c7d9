import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.cosine import SCALE, WEIGHTS, build_cosine_head

FEATURES = np.array([[3.0, 4.0], [0.0, 0.0], [-30.0, 0.0]], np.float32)
DIRECTIONS = np.array([[2.0, 0.0, 5.0], [0.0, 0.1, 5.0]], np.float32)


def run(fetch, scale=10.0, learn_scale=False, values=None):
    values = {WEIGHTS: DIRECTIONS} | (values or {})
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, end_points = build_cosine_head(tf.constant(FEATURES), 3, scale, learn_scale)
        session.run(tf1.global_variables_initializer())
        for variable in tf1.global_variables():
            if variable.op.name in values:
                initializer = variable.initializer
                session.run(initializer, {initializer.inputs[1]: np.float32(values[variable.op.name])})
        return session.run({"logits": logits, **end_points}[fetch])


def test_logits_are_scaled_cosines_whatever_the_lengths():
    diagonal = 0.7 * np.sqrt(2)
    expected = [[0.6, 0.8, diagonal], [0, 0, 0], [-1, 0, -np.sqrt(0.5)]]
    np.testing.assert_allclose(run("cosines"), expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(run("logits"), 10 * np.array(expected), rtol=1e-5, atol=1e-5)


def test_scores_are_the_softmax_of_the_logits():
    exponentials = np.exp(run("logits").astype(np.float64))
    np.testing.assert_allclose(
        run("probabilities"), exponentials / exponentials.sum(1, keepdims=True), rtol=1e-4, atol=1e-7
    )


def test_a_learnt_scale_begins_where_it_is_told_to():
    np.testing.assert_allclose(run("logits", learn_scale=True), run("logits"), rtol=1e-6)


def test_a_learnt_scale_is_what_counts():
    np.testing.assert_allclose(run("logits", learn_scale=True, values={SCALE: 2.0}), 2 * run("cosines"), rtol=1e-6)


@pytest.mark.parametrize(("learn_scale", "trained"), [(False, {WEIGHTS}), (True, {WEIGHTS, SCALE})])
def test_what_is_trained(learn_scale, trained):
    with tf.Graph().as_default():
        build_cosine_head(tf.zeros([1, 4]), 3, learn_scale=learn_scale)
        assert {variable.op.name for variable in tf1.trainable_variables()} == trained


def test_features_of_zeros_have_a_gradient():
    with tf.Graph().as_default(), tf1.Session() as session:
        logits, _ = build_cosine_head(tf.zeros([1, 4]), 3)
        (gradient,) = tf.gradients(tf.reduce_sum(logits), tf1.trainable_variables())
        session.run(tf1.global_variables_initializer())
        assert np.isfinite(session.run(gradient)).all()


def test_first_directions_are_about_as_long_as_one():
    with tf.Graph().as_default(), tf1.Session() as session:
        build_cosine_head(tf.zeros([1, 400]), 20)
        session.run(tf1.global_variables_initializer())
        (weights,) = session.run(tf1.trainable_variables())
    np.testing.assert_allclose(np.linalg.norm(weights, axis=0), 1, atol=0.2)
