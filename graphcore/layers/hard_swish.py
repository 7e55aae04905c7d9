"""Hard sigmoid and hard swish: the sigmoid's shape in straight lines, cheap where exponentials are not.

Source: Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, section 5.2.
"""

from __future__ import annotations

from graphcore.graph.runtime import tf


def hard_sigmoid(inputs: tf.Tensor) -> tf.Tensor:
    """Returns relu6(inputs + 3) / 6: 0 below -3, 1 above 3, a line between."""
    return tf.nn.relu6(inputs + 3.0) * (1.0 / 6.0)


def hard_swish(inputs: tf.Tensor) -> tf.Tensor:
    """Returns inputs times their hard sigmoid: 0 below -3, the inputs themselves above 3; never under -0.375."""
    return inputs * hard_sigmoid(inputs)
