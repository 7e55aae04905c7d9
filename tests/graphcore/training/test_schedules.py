import pytest

from graphcore.config import CosineConfig, ExponentialConfig, ScheduleConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.training.schedules import build_learning_rate, depends_on_total


def rates(config, *steps, total=100):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run([build_learning_rate(tf.constant(step, tf.int64), 0.5, config, total) for step in steps])


def test_fixed_stays():
    assert rates(ScheduleConfig("fixed"), 0, 99) == pytest.approx([0.5, 0.5])


def test_exponential_multiplies_every_decay_steps():
    config = ExponentialConfig("exponential", decay_steps=10, decay_rate=0.1)
    assert rates(config, 0, 10, 20) == pytest.approx([0.5, 0.05, 0.005])


def test_cosine_spans_the_training_and_stays_at_its_end():
    config = CosineConfig("cosine", end_factor=0.2)
    # Halfway the factor is (1 + 0.2) / 2.
    assert rates(config, 0, 50, 100, 200) == pytest.approx([0.5, 0.3, 0.1, 0.1])


def test_warmup_climbs_linearly_and_decay_begins_after_it():
    config = CosineConfig("cosine", warmup_steps=10)
    assert rates(config, 0, 4, 9, 10, 55) == pytest.approx([0.05, 0.25, 0.5, 0.5, 0.25])


def test_unknown_schedule_lists_the_choices():
    config = ScheduleConfig()
    config.name = "step"
    with pytest.raises(ConfigError, match=r"(?s)step is not known.*cosine"):
        rates(config, 0)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ScheduleConfig("fixed"), False),
        (CosineConfig("cosine"), True),
        (CosineConfig("cosine", decay_steps=5), False),
    ],
)
def test_only_a_decay_without_its_own_length_depends_on_the_total(config, expected):
    assert depends_on_total(config) is expected
