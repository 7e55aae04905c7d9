"""Half precision: which kind this machine has, and the scaling that keeps small gradients from vanishing in it.

Weights, slots and losses stay float32 in every case; TensorFlow's own graph rewriter turns the convolutions and what
lies between them.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1

FLOAT32, FLOAT16, BFLOAT16 = "float32", "float16", "bfloat16"
# Tensor cores, without which the rewriter leaves a graph as it is.
GPU_CAPABILITY = (7, 0)
CPU_FLAGS = ("avx512_bf16", "amx_bf16")

# Source: Micikevicius et al., "Mixed Precision Training", arXiv:1710.03740, section 3.2; constants of TensorFlow's.
FIRST_SCALE = 2.0**15
LARGEST_SCALE = 2.0**24
STEPS_TO_DOUBLE = 2000


def plan_precision(asked: str, capabilities: Sequence[tuple[int, int]], flags: Iterable[str], onednn: bool) -> str:
    """What a training computes in: "float32", "float16" on a GPU, or "bfloat16" on a CPU.

    Args:
        asked: "float32" or "mixed".
        capabilities: the compute capability of each GPU.
        flags: what the processor can do, by the names of /proc/cpuinfo.
        onednn: whether TensorFlow uses oneDNN, which has the CPU's half-precision kernels.

    Raises:
        ConfigError: mixed precision is asked for, and the machine has none.
    """
    if asked == FLOAT32:
        return FLOAT32
    if any(capability >= GPU_CAPABILITY for capability in capabilities):
        return FLOAT16
    if not set(CPU_FLAGS).isdisjoint(flags):
        if onednn:
            return BFLOAT16
        lacks = "oneDNN is switched off here (TF_ENABLE_ONEDNN_OPTS=0), which has the processor's half precision"
    elif capabilities:
        found = ", ".join(f"{major}.{minor}" for major, minor in capabilities)
        lacks = f"the GPU's compute capability is {found}, less than 7.0, and the processor has no {CPU_FLAGS[0]}"
    else:
        lacks = f"there is no GPU here, and the processor has neither {' nor '.join(CPU_FLAGS)}"
    raise ConfigError(f"trainer.precision=mixed: {lacks}.", next_step="Set trainer.precision=float32.")


def find_precision(asked: str) -> str:
    """`plan_precision` for this machine."""
    if asked == FLOAT32:
        return FLOAT32
    details = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    capabilities = [each.get("compute_capability", (0, 0)) for each in details]
    return plan_precision(asked, capabilities, _read_cpu_flags(), os.environ.get("TF_ENABLE_ONEDNN_OPTS") != "0")


def _read_cpu_flags() -> list[str]:
    if platform.system() != "Linux":
        return []
    lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").splitlines()
    return next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])


class LossScale:
    """What a float16 loss is multiplied by so that its gradients stay above 0; it finds the largest that fits.

    Gradients that overflow make no step and halve it; `STEPS_TO_DOUBLE` that do not, in a row, double it. Its two
    variables are part of what a training goes on from.
    """

    def __init__(self) -> None:
        with tf1.variable_scope("loss_scale"):
            self.factor, self._good_steps = (
                tf1.get_variable(name, initializer=value, trainable=False, use_resource=True)
                for name, value in (("factor", FIRST_SCALE), ("good_steps", 0))
            )

    def build_guarded(self, gradients: Sequence[Any], apply: Callable[[], Any]) -> Any:
        """Adds `apply` for gradients that are finite, and the change of the factor for both cases: one operation.

        Args:
            gradients: divided by the factor already.
            apply: adds the optimiser's operations and returns one of them.
        """
        finite = tf.reduce_all([tf.reduce_all(tf.math.is_finite(gradient)) for gradient in gradients])

        def take_step() -> Any:
            with tf.control_dependencies([apply()]):
                return tf.constant(True)

        taken = tf.cond(finite, take_step, lambda: tf.constant(False))
        with tf.control_dependencies([taken]):
            good_steps = tf.where(finite, self._good_steps.read_value() + 1, 0)
            doubled = good_steps >= STEPS_TO_DOUBLE
            grown = tf.minimum(self.factor.read_value() * tf.where(doubled, 2.0, 1.0), LARGEST_SCALE)
            factor = tf.where(finite, grown, tf.maximum(self.factor.read_value() / 2.0, 1.0))
            return tf.group(
                self.factor.assign(factor, read_value=False),
                self._good_steps.assign(tf.where(doubled, 0, good_steps), read_value=False),
            )
