import numpy as np
import pytest

from graphcore.config import (
    CosineConfig,
    ExponentialConfig,
    PiecewiseConfig,
    PolynomialConfig,
    ScheduleConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.training.schedules import build_learning_rate, depends_on_total

BASE, TOTAL = 0.5, 100
STEPS = np.arange(0, 250)


def rates(config, steps=STEPS, total=TOTAL, steps_per_epoch=1):
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.placeholder(tf.int64, [])
        rate = build_learning_rate(step, BASE, config, total, steps_per_epoch)
        return np.array([session.run(rate, {step: value}) for value in steps])


def warm_up(rates_after, warmup):
    """What `rates_after` (a function of the steps since the warmup) is once a warmup goes before it."""
    return np.where(warmup > STEPS, BASE * (STEPS + 1) / max(warmup, 1), rates_after(np.maximum(STEPS - warmup, 0)))


@pytest.mark.parametrize("warmup", [0, 7])
def test_fixed_stays(warmup):
    expected = warm_up(lambda steps: np.full(steps.shape, BASE), warmup)
    np.testing.assert_allclose(rates(ScheduleConfig("fixed", warmup)), expected, rtol=1e-6)


@pytest.mark.parametrize("warmup", [0, 7])
def test_exponential_decays_smoothly(warmup):
    expected = warm_up(lambda steps: BASE * 0.3 ** (steps / 40), warmup)
    config = ExponentialConfig("exponential", warmup, decay_steps=40, decay_rate=0.3)
    np.testing.assert_allclose(rates(config), expected, rtol=1e-5)


def test_a_staircase_decays_in_whole_steps():
    config = ExponentialConfig("exponential", decay_steps=40, decay_rate=0.3, staircase=True)
    np.testing.assert_allclose(rates(config), BASE * 0.3 ** (STEPS // 40), rtol=1e-5)


@pytest.mark.parametrize("warmup", [0, 7])
@pytest.mark.parametrize("power", [1.0, 2.0])
def test_polynomial_falls_to_its_end_and_stays_there(power, warmup):
    def fall(steps):
        left = 1 - np.minimum(steps / (TOTAL - warmup), 1)
        return BASE * (0.01 + 0.99 * left**power)

    np.testing.assert_allclose(
        rates(PolynomialConfig("polynomial", warmup, power=power)), warm_up(fall, warmup), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("warmup", [0, 7])
def test_cosine_spans_what_the_warmup_leaves_and_stays_at_its_end(warmup):
    def fall(steps):
        done = np.minimum(steps / (TOTAL - warmup), 1)
        return BASE * (0.2 + 0.8 * (1 + np.cos(np.pi * done)) / 2)

    np.testing.assert_allclose(
        rates(CosineConfig("cosine", warmup, end_factor=0.2)), warm_up(fall, warmup), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("warmup", [0, 7])
def test_piecewise_factors_hold_from_their_boundaries_on(warmup):
    config = PiecewiseConfig("piecewise", warmup, boundaries=[5, 30, 120], factors=[0.5, 2.0, 0.01])
    after = BASE * np.select([STEPS >= 120, STEPS >= 30, STEPS >= 5], [0.01, 2.0, 0.5], 1.0)
    np.testing.assert_allclose(rates(config), np.where(warmup > STEPS, BASE * (STEPS + 1) / 7, after), rtol=1e-6)


def test_an_epoch_is_as_many_steps_as_it_takes():
    config = ExponentialConfig("exponential", decay_epochs=2.5, decay_rate=0.1)
    # 2.5 epochs of 8 steps.
    assert rates(config, (0, 20, 40), steps_per_epoch=8) == pytest.approx([0.5, 0.05, 0.005])


def test_plain_options_take_a_schedules_own_defaults():
    assert rates(ScheduleConfig("cosine"), (0, 50, 100)) == pytest.approx([0.5, 0.25, 0.0], abs=1e-7)


def test_unknown_schedule_lists_the_choices():
    config = ScheduleConfig()
    config.name = "step"
    with pytest.raises(ConfigError, match=r"(?s)step is not known.*fixed.*cosine.*piecewise"):
        rates(config, [0])


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ScheduleConfig("fixed", warmup_steps=10), False),
        (PiecewiseConfig("piecewise"), False),
        *[(options(name), True) for name, options in (("cosine", CosineConfig), ("polynomial", PolynomialConfig))],
        (ExponentialConfig("exponential"), True),
        (CosineConfig("cosine", decay_steps=5), False),
        (PolynomialConfig("polynomial", decay_epochs=2.0), False),
        (ExponentialConfig("exponential", decay_steps=5, staircase=True), False),
    ],
)
def test_only_a_decay_without_its_own_length_depends_on_the_total(config, expected):
    assert depends_on_total(config) is expected
