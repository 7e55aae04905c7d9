"""FTRL on weights that already mean something, at a learning rate that changes.

TensorFlow's own takes the rate for a constant and the first weights for nothing: its "linear" slot starts at 0 instead
of where the optimum lies at those weights, so that a pretrained network is gone after one step, and a rate that falls
to a tenth takes every weight down to a tenth with it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphcore.graph.runtime import tf, tf1

# Below this a rate counts as this: FTRL divides by it, and schedules may end at 0.
SMALLEST_RATE = 1e-12


class FtrlOptimizer(tf1.train.FtrlOptimizer):
    """Follow the regularised leader, begun at the weights it finds and true to a rate that changes.

    Every weight w minimises `linear * w + (accum ** -power / rate) / 2 * w ** 2`, besides L1 and L2. Before each step
    `linear` is moved so that this minimum, at the rate of the step, lies at the weight as it is. Where the weights
    began at 0 and the rate is constant nothing is to be moved, and this is the published algorithm.

    Source: McMahan and others, "Ad Click Prediction: a View from the Trenches", KDD 2013, algorithm 1.
    """

    def __init__(self, get_learning_rate: Callable[[], Any], **options: Any) -> None:
        """Takes a function that returns the rate, a float32 scalar tensor, and the options of TensorFlow's."""
        super().__init__(0.0, **options)
        self._get_learning_rate = get_learning_rate

    def _create_slots(self, var_list: Any) -> None:
        super()._create_slots(var_list)
        for variable in var_list:
            # 1 / rate of the step before; 0 before the first, when no pull has been written down yet.
            zero = tf1.zeros_initializer()
            self._get_or_make_slot_with_initializer(
                variable, zero, tf.TensorShape([]), tf.float32, "inverse_rate", self._name
            )

    def _prepare(self) -> None:
        self._learning_rate = tf.maximum(tf.convert_to_tensor(self._get_learning_rate()), SMALLEST_RATE)
        super()._prepare()

    def _resource_apply_dense(self, grad: Any, var: Any) -> Any:
        linear, accum = self.get_slot(var, "linear"), self.get_slot(var, "accum")
        inverse_rate = self.get_slot(var, "inverse_rate")
        inverse_now = 1.0 / tf.cast(self._learning_rate_tensor, tf.float32)
        pull = tf.pow(accum.read_value(), -self._learning_rate_power)
        moved = linear.assign_sub(pull * (inverse_now - inverse_rate.read_value()) * var.read_value(), read_value=False)
        with tf.control_dependencies([moved]):
            noted = inverse_rate.assign(inverse_now, read_value=False)
            with tf.control_dependencies([noted]):
                return super()._resource_apply_dense(grad, var)
