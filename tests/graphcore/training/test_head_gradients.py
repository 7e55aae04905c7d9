import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.head import Head
from graphcore.training.head_gradients import build_head_gradients, build_update, choose_histograms

HEAD = Head("toy", 2, "head/toy", ("head/toy/weights",), lambda features: (features, {}))


def build():
    """Of w = 2 and b = 3 the loss 5 w + b, and a variable that is no part of the head."""
    weights = tf1.get_variable("head/toy/weights", initializer=2.0)
    biases = tf1.get_variable("head/toy/biases", initializer=3.0)
    other = tf1.get_variable("other", initializer=1.0)
    return 5 * weights + biases + other


def test_gradients_are_of_the_heads_variables_with_decay_on_its_weights():
    with tf.Graph().as_default(), tf1.Session() as session:
        gradients = build_head_gradients(build(), HEAD, weight_decay=0.5)
        session.run(tf1.global_variables_initializer())
        found = session.run({name: gradient for name, (gradient, _) in gradients.items()})
        assert found == {"head/toy/weights": 5 + 0.5 * 2, "head/toy/biases": 1}
        shown = session.run(choose_histograms(gradients))
    assert shown == {
        "head/toy/weights": 2,
        "head/toy/biases": 3,
        "gradients/head/toy/weights": 6,
        "gradients/head/toy/biases": 1,
    }


def test_a_step_goes_along_the_gradients_no_farther_than_the_clip_allows():
    for clip, step in ((0.0, 1.0), (np.sqrt(26) / 2, 0.5)):
        with tf.Graph().as_default(), tf1.Session() as session:
            gradients = build_head_gradients(build(), HEAD, weight_decay=0.0)
            update = build_update(gradients, tf1.train.GradientDescentOptimizer(0.1), clip)
            session.run(tf1.global_variables_initializer())
            session.run(update)
            values = session.run({each.op.name: each for each in tf1.global_variables()})
        np.testing.assert_allclose(values["head/toy/weights"], 2 - 0.1 * 5 * step, rtol=1e-5)
        np.testing.assert_allclose(values["head/toy/biases"], 3 - 0.1 * step, rtol=1e-5)
        assert values["other"] == 1
