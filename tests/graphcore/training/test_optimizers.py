import numpy as np
import pytest

from graphcore.config import AdamConfig, OptimizerConfig, SgdConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.training.optimizers import get_optimizer


def step_twice(config, gradient=2.0):
    with tf.Graph().as_default(), tf1.Session() as session:
        variable = tf1.get_variable("w", initializer=1.0, use_resource=True)
        optimizer = get_optimizer(config, lambda: tf.constant(0.1))
        update = optimizer.apply_gradients([(tf.constant(gradient), variable)])
        session.run(tf1.global_variables_initializer())
        values = []
        for _ in range(2):
            session.run(update)
            values.append(session.run(variable))
        return values


def test_sgd_subtracts_rate_times_gradient():
    np.testing.assert_allclose(step_twice(SgdConfig("sgd")), [0.8, 0.6], rtol=1e-6)


def test_momentum_accumulates():
    # Velocities 2 and 0.9 * 2 + 2 = 3.8.
    np.testing.assert_allclose(step_twice(SgdConfig("sgd", momentum=0.9)), [0.8, 0.42], rtol=1e-6)


def test_adam_moves_by_the_rate_under_a_constant_gradient():
    np.testing.assert_allclose(step_twice(AdamConfig("adam")), [0.9, 0.8], rtol=1e-5)


def test_unknown_optimizer_lists_the_choices():
    config = OptimizerConfig()
    config.name = "lion"
    with pytest.raises(ConfigError, match=r"(?s)lion is not known.*adam, sgd"):
        get_optimizer(config, lambda: 0.1)
