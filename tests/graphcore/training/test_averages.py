import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.training.averages import Averages

DECAY = 0.3


class _Averaged:
    """A variable that grows by 1 a step, and its average."""

    def __init__(self):
        self.step = tf1.placeholder(tf.int64, [])
        self.weights = tf1.get_variable("weights", initializer=np.zeros(2, np.float32), use_resource=True)
        grow = self.weights.assign_add([1.0, 2.0], read_value=False)
        self.averages = Averages(DECAY, [self.weights], self.step, [grow])
        self.session = tf1.Session()
        self.session.run(tf1.global_variables_initializer())

    def take(self, steps):
        for step in range(steps):
            self.session.run(self.averages.update, {self.step: step})

    def read(self):
        return self.session.run([self.weights, self.averages.by_name["weights"]])


@pytest.fixture
def averaged():
    with tf.Graph().as_default():
        found = _Averaged()
        yield found
        found.session.close()


def test_averages_follow_the_weights_after_each_step_and_faster_at_first(averaged):
    averaged.take(6)
    expected = 0.0
    for step in range(6):
        decay = min(DECAY, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * (step + 1)
    np.testing.assert_allclose(averaged.read()[1], [expected, 2 * expected], rtol=1e-6)


def test_averages_have_the_names_that_slims_checkpoints_have(averaged):
    assert "weights/ExponentialMovingAverage" in {variable.op.name for variable in tf1.global_variables()}


def test_averages_begin_at_the_weights(averaged):
    averaged.session.run(averaged.weights.assign([5.0, 7.0]))
    averaged.averages.begin(averaged.session)
    np.testing.assert_array_equal(averaged.read()[1], [5.0, 7.0])


def test_averages_take_the_place_of_the_weights_for_a_while(averaged):
    averaged.take(3)
    own, average = averaged.read()
    with pytest.raises(KeyError), averaged.averages.in_place(averaged.session):
        np.testing.assert_array_equal(averaged.read(), [average, average])
        raise KeyError
    np.testing.assert_array_equal(averaged.read(), [own, average])
