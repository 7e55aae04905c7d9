import numpy as np
import pytest

from graphcore.config import (
    AdadeltaConfig,
    AdagradConfig,
    AdamConfig,
    Config,
    ExponentialConfig,
    FtrlConfig,
    HeadConfig,
    ImageFolderConfig,
    MomentumConfig,
    OptimizerConfig,
    RmspropConfig,
    SgdConfig,
    TrainerConfig,
)
from graphcore.errors import ConfigError
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import get_head
from graphcore.training.actions import Pause
from graphcore.training.batches import plan_batches
from graphcore.training.head_stepper import HeadStepper
from graphcore.training.optimizers import clip_gradients, get_optimizer

WEIGHTS = "head/linear/weights"
RATE, DECAY_RATE, STEPS, BATCH = 0.1, 0.8, 6, 4


# Each rule by its paper, in float64: (weights, gradient, rate, step from 1, state) -> weights. `state` is a dict that
# keeps what the rule remembers.
def sgd(w, g, rate, step, state):
    return w - rate * g


def momentum(w, g, rate, step, state):
    state["v"] = 0.8 * state.get("v", 0) + g
    return w - rate * state["v"]


def nesterov(w, g, rate, step, state):
    state["v"] = 0.8 * state.get("v", 0) + g
    return w - rate * (g + 0.8 * state["v"])


def adam(w, g, rate, step, state):
    state["m"] = 0.8 * state.get("m", 0) + 0.2 * g
    state["v"] = 0.9 * state.get("v", 0) + 0.1 * g**2
    # TensorFlow's epsilon is that of the paper's last paragraph of section 2, before the bias is taken out.
    return w - rate * np.sqrt(1 - 0.9**step) / (1 - 0.8**step) * state["m"] / (np.sqrt(state["v"]) + 1e-3)


def rmsprop(w, g, rate, step, state):
    # TensorFlow begins with ones, not zeros.
    state["s"] = 0.7 * state.get("s", 1) + 0.3 * g**2
    state["v"] = 0.6 * state.get("v", 0) + rate * g / np.sqrt(state["s"] + 0.01)
    return w - state["v"]


def adagrad(w, g, rate, step, state):
    state["s"] = state.get("s", 0.05) + g**2
    return w - rate * g / np.sqrt(state["s"])


def adadelta(w, g, rate, step, state):
    state["s"] = 0.9 * state.get("s", 0) + 0.1 * g**2
    delta = np.sqrt(state.get("d", 0) + 0.01) / np.sqrt(state["s"] + 0.01) * g
    state["d"] = 0.9 * state.get("d", 0) + 0.1 * delta**2
    return w - rate * delta


def ftrl(w, g, rate, step, state):
    # z carries sum(sigma * w), where the sigmas add up to accum ** 0.6 / rate; the first of them pulls to the start.
    before = state.get("n", 0.2)
    state["n"] = before + g**2
    old = state.get("pull", 0.0)
    state["pull"] = state["n"] ** 0.6 / rate
    state["z"] = state.get("z", 0) + g - (state["pull"] - old) * w
    shrunk = np.sign(state["z"]) * 0.002 - state["z"]
    return np.where(np.abs(state["z"]) > 0.002, shrunk / (state["pull"] + 2 * 0.03), 0.0)


CASES = {
    "sgd": (SgdConfig("sgd", RATE), sgd),
    "sgd_momentum": (SgdConfig("sgd", RATE, momentum=0.8), momentum),
    "momentum": (MomentumConfig("momentum", RATE, momentum=0.8), momentum),
    "nesterov": (MomentumConfig("momentum", RATE, momentum=0.8, nesterov=True), nesterov),
    "adam": (AdamConfig("adam", RATE, beta1=0.8, beta2=0.9, epsilon=1e-3), adam),
    "rmsprop": (RmspropConfig("rmsprop", RATE, decay=0.7, momentum=0.6, epsilon=0.01), rmsprop),
    "adagrad": (AdagradConfig("adagrad", RATE, initial_accumulator_value=0.05), adagrad),
    "adadelta": (AdadeltaConfig("adadelta", RATE, rho=0.9, epsilon=0.01), adadelta),
    "ftrl": (
        FtrlConfig("ftrl", RATE, learning_rate_power=-0.6, initial_accumulator_value=0.2, l1=0.002, l2=0.03),
        ftrl,
    ),
}


@pytest.fixture(scope="module")
def features():
    draws = np.random.default_rng(3)
    found = FeatureSet(
        draws.normal(size=(10, 3)).astype(np.float32),
        draws.integers(0, 2, 10).astype(np.int32),
        tuple(str(index) for index in range(10)),
    )
    return {"train": found, "validation": found}


def make_stepper(optimizer, features):
    config = Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        head=HeadConfig(weight_decay=0.0),
        optimizer=optimizer,
        schedule=ExponentialConfig("exponential", decay_steps=1, decay_rate=DECAY_RATE),
        trainer=TrainerConfig(steps=STEPS, batch_size=BATCH),
    )
    return HeadStepper(features, config, np.array([5, 5]), get_head(config.head, 2))


def train_in_numpy(rule, start, found):
    weights, biases = start[WEIGHTS].astype(np.float64), np.zeros(2)
    states = {}, {}
    for step, rows in enumerate(plan_batches(0, STEPS, 10, BATCH, 0)):
        inputs = found.features[rows].astype(np.float64)
        scores = np.exp(inputs @ weights + biases)
        error = scores / scores.sum(1, keepdims=True) - np.eye(2)[found.labels[rows]]
        rate = RATE * DECAY_RATE**step
        weights = rule(weights, inputs.T @ error / BATCH, rate, step + 1, states[0])
        biases = rule(biases, error.mean(0), rate, step + 1, states[1])
    return weights, biases


@pytest.mark.parametrize("name", CASES)
def test_many_steps_in_one_loop_follow_the_formula_at_a_rate_that_changes(name, features):
    optimizer, rule = CASES[name]
    with make_stepper(optimizer, features) as stepper:
        start = stepper.read_weights()
        stepper.advance(0, STEPS, Pause())
        found = stepper.read_weights()
    weights, biases = train_in_numpy(rule, start, features["train"])
    np.testing.assert_allclose(found[WEIGHTS], weights, rtol=2e-4, atol=2e-6)
    np.testing.assert_allclose(found["head/linear/biases"], biases, rtol=2e-4, atol=2e-6)


@pytest.mark.parametrize("name", CASES)
def test_slots_are_part_of_what_a_training_goes_on_from(name, features):
    optimizer, _ = CASES[name]
    with make_stepper(optimizer, features) as stepper:
        stepper.advance(0, 3, Pause())
        half = stepper.read_variables()
        stepper.advance(3, 3, Pause())
        whole = stepper.read_variables()
        stepper.advance(6, 3, Pause())
        stepper.write_variables(half)
        stepper.advance(3, 3, Pause())
        resumed = stepper.read_variables()
    for variable, value in whole.items():
        np.testing.assert_array_equal(value, resumed[variable], err_msg=variable)


def step_through(config, rates, gradient, start=1.0):
    with tf.Graph().as_default(), tf1.Session() as session:
        variable = tf1.get_variable("w", initializer=start, use_resource=True)
        rate = tf1.placeholder(tf.float32, [])
        update = get_optimizer(config, lambda: rate).apply_gradients([(tf.constant(gradient), variable)])
        session.run(tf1.global_variables_initializer())
        values = []
        for value in rates:
            session.run(update, {rate: value})
            values.append(float(session.run(variable)))
        return values


def test_ftrl_begins_at_the_weights_it_finds_and_keeps_them_when_the_rate_falls():
    assert step_through(FtrlConfig("ftrl"), [0.1, 0.01, 1e-5], gradient=0.0) == pytest.approx([1.0] * 3, rel=1e-6)


def test_ftrl_outlives_a_rate_of_zero():
    assert step_through(FtrlConfig("ftrl"), [0.1, 0.0, 0.0], gradient=0.0) == pytest.approx([1.0] * 3, rel=1e-5)


def test_plain_options_take_an_optimizers_own_defaults():
    # Momentum 0.9: velocities 2 and 3.8.
    found = step_through(OptimizerConfig("momentum"), [0.1, 0.1], gradient=2.0)
    assert found == pytest.approx([0.8, 0.42])


def test_unknown_optimizer_lists_the_choices():
    config = OptimizerConfig()
    config.name = "lion"
    with pytest.raises(ConfigError, match=r"(?s)lion is not known.*adam, sgd.*ftrl"):
        get_optimizer(config, lambda: 0.1)


def clip(gradients, norm):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(clip_gradients([tf.constant(each) for each in gradients], norm))


def test_long_gradients_are_shortened_together():
    # The norm of all is 5: to 1 they shrink to a fifth.
    np.testing.assert_allclose(np.hstack(clip([[3.0, 0.0], [4.0]], 1.0)), [0.6, 0.0, 0.8], rtol=1e-6)


@pytest.mark.parametrize("norm", [0.0, 6.0])
def test_short_gradients_and_those_without_a_bound_stay(norm):
    np.testing.assert_allclose(np.hstack(clip([[3.0, 0.0], [4.0]], norm)), [3.0, 0.0, 4.0], rtol=1e-6)
