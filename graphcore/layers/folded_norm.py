"""Batch norm that keeps its statistics, as part of the convolution before it: while a network trains, not only frozen.

With fixed statistics batch norm is one factor and one summand for every map. The factor goes into the filters, the
summand becomes a bias, and then TensorFlow runs convolution, bias and activation as one operation; filters, gamma and
beta have the gradients they had, but for rounding. A step of MobileNet v1 0.5/160 (batch of 32, all of it trained) took
0.81 of the processor's time with it. Not done for half precision, which would round filters twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graphcore.graph.runtime import tf, tf1

_GRADIENT = "BiasOfFoldedNorm"
_folds: ContextVar[bool] = ContextVar("fold_frozen_norms", default=False)
_CONVOLUTIONS = {"Conv2D": tf.raw_ops.Conv2D, "DepthwiseConv2dNative": tf.raw_ops.DepthwiseConv2dNative}


@contextmanager
def fold_frozen_norms(folds: bool = True) -> Iterator[None]:
    """Inside, batch norm that `layers.freezing` keeps still is folded into the convolution before it if `folds`."""
    token = _folds.set(folds)
    try:
        yield
    finally:
        _folds.reset(token)


def fold_norm(net: Any) -> Any:
    """The same values as `net` by one convolution and a bias.

    Args:
        net: the output of a batch norm with fixed statistics; float32 [batch, height, width, depth].

    Returns:
        float32 of the same shape; `net` itself outside `fold_frozen_norms`, where it does not follow a convolution, and
        where the convolution's output goes elsewhere too. What the new operations replace is never run.
    """
    norm = net.op
    if not _folds.get() or norm.type != "FusedBatchNormV3":
        return net
    convolution = norm.inputs[0].op
    if not _is_foldable(convolution):
        return net
    _, gamma, beta, mean, variance = norm.inputs
    factor = gamma * tf.math.rsqrt(variance + norm.get_attr("epsilon"))
    convolved = _convolve_again(convolution, factor)
    with tf1.get_default_graph().gradient_override_map({"BiasAdd": _GRADIENT}):
        return tf.nn.bias_add(convolved, beta - mean * factor, name="folded")


@tf.RegisterGradient(_GRADIENT)
def _build_bias_gradient(_: Any, gradient: Any) -> tuple[Any, Any]:
    """The usual one, of a matrix: TensorFlow would join that of four dimensions with the gradient of the filters.

    The joined operation of oneDNN takes twice as long for large maps (5.6 ms against 2.4 of both apart, 32 x 80 x 80 of
    16 to 32 maps), which ate most of what folding gains.
    """
    flat = tf.reshape(gradient, [-1, gradient.shape[-1]])
    return gradient, tf.raw_ops.BiasAddGrad(out_backprop=flat)


def _is_foldable(convolution: Any) -> bool:
    if convolution.type not in _CONVOLUTIONS or convolution.get_attr("data_format") != b"NHWC":
        return False
    return len(convolution.outputs[0].consumers()) == 1


def _convolve_again(convolution: Any, factor: Any) -> Any:
    images, filters = convolution.inputs
    if convolution.type == "DepthwiseConv2dNative":
        # Filters [height, width, maps, multiplier]; output maps are counted multiplier first.
        factor = tf.reshape(factor, filters.shape[2:])
    attributes = {
        name: convolution.get_attr(name)
        for name in ("strides", "padding", "explicit_paddings", "data_format", "dilations")
    }
    attributes |= {name: attributes[name].decode() for name in ("padding", "data_format")}
    return _CONVOLUTIONS[convolution.type](input=images, filter=filters * factor, **attributes)
