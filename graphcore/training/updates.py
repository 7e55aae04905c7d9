"""From a loss to one optimiser step: gradients, their mean over batches, their bound, a learning rate for each part."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphcore.config import OptimizerConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.training.optimizers import clip_gradients, get_optimizer
from graphcore.training.precision import LossScale
from graphcore.training.trainable import TrainingPlan


@dataclass(frozen=True)
class Update:
    """One optimiser step.

    Attributes:
        gather: adds the gradients of a batch that is not a step's last; None where every batch makes a step.
        apply: takes the step, on the gradients of its last batch and of those gathered before.
        gradients: their mean, not yet clipped, in the order of `variables`.
        variables: what is trained.
    """

    gather: Any
    apply: Any
    gradients: tuple[Any, ...]
    variables: tuple[Any, ...]


def build_update(
    loss: Any, rate: Any, plan: TrainingPlan, config: OptimizerConfig, batches: int = 1, scale: LossScale | None = None
) -> Update:
    """Adds a step on all of the graph's trainable variables that `plan` trains and `loss` depends on.

    Args:
        loss: float32 scalar, weight decay included.
        rate: float32 scalar, the learning rate.
        plan: what is trained, and how fast.
        config: the optimiser; one of its kind is made for each factor of the learning rate, because gradients that are
            scaled instead would change nothing for those that divide by the gradients' size.
        batches: how many of them make a step.
        scale: of the loss, where gradients are computed in float16.
    """
    wanted = [variable for variable in tf1.trainable_variables() if plan.rate_factor(variable.op.name)]
    found = tf.gradients(loss * scale.factor if scale else loss, wanted)
    pairs = [(gradient, variable) for gradient, variable in zip(found, wanted, strict=True) if gradient is not None]
    gradients, variables = [tf.convert_to_tensor(pair[0]) for pair in pairs], [pair[1] for pair in pairs]
    if scale:
        gradients = [gradient / scale.factor for gradient in gradients]
    gather, clear = None, None
    if batches > 1:
        sums = [_make_sum(variable) for variable in variables]
        gather = tf.group(*(total.assign_add(each) for total, each in zip(sums, gradients, strict=True)))
        gradients = [(total + each) / batches for total, each in zip(sums, gradients, strict=True)]
        clear = sums
    clipped = clip_gradients(gradients, config.clip_norm)

    def apply() -> Any:
        return _apply_by_factor(clipped, variables, rate, plan, config)

    step = scale.build_guarded(gradients, apply) if scale else apply()
    if clear:
        with tf.control_dependencies([step]):
            step = tf.group(*(total.assign(tf.zeros_like(total)) for total in clear))
    return Update(gather, step, tuple(gradients), tuple(variables))


def _make_sum(variable: Any) -> Any:
    # Local: a checkpoint is written between two steps, when it is 0.
    return tf1.get_variable(
        f"{variable.op.name}/gathered",
        variable.shape,
        initializer=tf1.zeros_initializer(),
        trainable=False,
        collections=[tf1.GraphKeys.LOCAL_VARIABLES],
        use_resource=True,
    )


def _apply_by_factor(
    gradients: Sequence[Any], variables: Sequence[Any], rate: Any, plan: TrainingPlan, config: OptimizerConfig
) -> Any:
    groups: dict[float, list[tuple[Any, Any]]] = {}
    for gradient, variable in zip(gradients, variables, strict=True):
        groups.setdefault(plan.rate_factor(variable.op.name), []).append((gradient, variable))
    with warnings.catch_warnings():
        # Of a method of TensorFlow that its own optimisers call.
        warnings.simplefilter("ignore")
        return tf.group(
            *(
                get_optimizer(config, lambda factor=factor: rate * factor).apply_gradients(pairs)
                for factor, pairs in sorted(groups.items())
            )
        )
