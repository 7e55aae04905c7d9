import numpy as np
import pytest

from graphcore.config import AdamConfig, SgdConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.training.precision import FIRST_SCALE, LossScale
from graphcore.training.trainable import TrainingPlan
from graphcore.training.updates import build_update

NAMES = ("Net/a/w", "Net/b/w", "head/w")
# d(loss)/d(each) is the number that is fed, times these.
SLOPES = (1.0, 2.0, -3.0)


class _Toy:
    def __init__(self, plan, config, batches=1, scaled=False):
        self.slope = tf1.placeholder(tf.float32, [])
        self.weights = [tf1.get_variable(name, initializer=1.0, use_resource=True) for name in NAMES]
        tf1.get_variable("Net/unused/w", initializer=1.0, use_resource=True)
        loss = sum(self.slope * factor * weight for factor, weight in zip(SLOPES, self.weights, strict=True))
        self.scale = LossScale() if scaled else None
        self.update = build_update(loss, tf.constant(0.1), plan, config, batches, self.scale)
        self.session = tf1.Session()
        self.session.run([tf1.global_variables_initializer(), tf1.local_variables_initializer()])

    def gather(self, slope):
        self.session.run(self.update.gather, {self.slope: slope})

    def apply(self, slope):
        self.session.run(self.update.apply, {self.slope: slope})
        return self.session.run(self.weights)


@pytest.fixture
def make_toy():
    with tf.Graph().as_default():
        made = []

        def make(*args, **options):
            made.append(_Toy(*args, **options))
            return made[-1]

        yield make
        for toy in made:
            toy.session.close()


def test_what_is_not_trained_or_not_used_has_no_gradient(make_toy):
    toy = make_toy(TrainingPlan("Net", ("Net/b", "Net/unused")), SgdConfig("sgd"))
    assert [variable.op.name for variable in toy.update.variables] == ["Net/b/w", "head/w"]
    np.testing.assert_allclose(toy.apply(1.0), [1.0, 0.8, 1.3], rtol=1e-6)


def test_learning_rates_are_multiplied_where_gradients_divide_by_their_own_size(make_toy):
    toy = make_toy(TrainingPlan("Net", multipliers={"Net": 0.5, "Net/b": 0}), AdamConfig("adam"))
    # Adam's first step is the rate itself, whatever the gradient.
    np.testing.assert_allclose(toy.apply(7.0), [1 - 0.05, 1.0, 1 + 0.1], rtol=1e-6)


def test_gradients_are_clipped_all_together_before_they_part(make_toy):
    toy = make_toy(TrainingPlan("Net", multipliers={"head": 2.0}), SgdConfig("sgd", clip_norm=1.0))
    step = 0.1 / np.sqrt(1 + 4 + 9)
    np.testing.assert_allclose(toy.apply(10.0), [1 - step, 1 - 2 * step, 1 + 6 * step], rtol=1e-6)


def test_several_batches_make_one_step_on_their_mean(make_toy):
    toy = make_toy(TrainingPlan("Net"), SgdConfig("sgd"), batches=3)
    for _ in range(2):
        before = toy.session.run(toy.weights)
        toy.gather(1.0)
        toy.gather(2.0)
        assert toy.session.run(toy.weights) == before
        # The mean of 1, 2 and 6 is 3; the second round shows that nothing is left of the first.
        np.testing.assert_allclose(toy.apply(6.0), np.array(before) - 0.1 * 3 * np.array(SLOPES), rtol=1e-6)


def test_gathered_gradients_are_no_part_of_a_checkpoint(make_toy):
    make_toy(TrainingPlan("Net"), SgdConfig("sgd"), batches=2)
    assert not [variable for variable in tf1.global_variables() if "gathered" in variable.op.name]


def test_a_scaled_loss_makes_the_same_step(make_toy):
    toy = make_toy(TrainingPlan("Net"), AdamConfig("adam"), scaled=True)
    np.testing.assert_allclose(toy.apply(1e-3), [0.9, 0.9, 1.1], rtol=1e-4)


def test_a_scaled_loss_that_overflows_makes_no_step_and_leaves_the_slots_alone(make_toy):
    toy = make_toy(TrainingPlan("Net"), AdamConfig("adam"), scaled=True)
    slots = [variable for variable in tf1.global_variables() if "Adam" in variable.op.name]
    assert toy.apply(1e38) == [1.0, 1.0, 1.0]
    assert not np.any(toy.session.run(slots))
    assert toy.session.run(toy.scale.factor) == FIRST_SCALE / 2
