"""tf-slim 1.1.0 on a current TensorFlow, without tf-keras: the names it misses given back, then tried out.

tf-slim reads private TensorFlow modules whose names have moved since its last release. `load_slim` puts each
name that is gone back where tf-slim looks, keeps its layers from warning about themselves, and turns
`slim.batch_norm` to slim's own fused implementation, because the other one needs tf-keras, which pins
TensorFlow. Nothing of this is anywhere else.
"""

from __future__ import annotations

import functools
import importlib
import warnings
from collections.abc import Callable
from typing import Any

from graphcore.errors import GraphcoreError
from graphcore.graph.runtime import tf, tf1
from graphcore.layers.drawing import build_drawn_dropout
from graphcore.layers.folded_norm import fold_norm
from graphcore.layers.freezing import are_statistics_frozen

# Module that tf-slim reads -> what it looks for there, as public TensorFlow offers it today.
MOVED_NAMES: dict[str, dict[str, Any]] = {
    "tensorflow.python.framework.ops": {"IndexedSlices": tf.IndexedSlices, "Tensor": tf.Tensor},
    "tensorflow.python.ops.array_ops": {"stack": tf.stack, "unstack": tf.unstack},
    "tensorflow.python.ops.control_flow_ops": {
        "Assert": tf1.Assert,
        "case": tf1.case,
        "cond": tf1.cond,
        "while_loop": tf1.while_loop,
    },
    "tensorflow.python.ops.variable_scope": {"variable": tf1.Variable},
}


@functools.cache
def load_slim() -> Any:
    """Returns the `tf_slim` module, mended and tested; every later call returns the same one at once.

    Raises:
        GraphcoreError: this TensorFlow and this tf-slim do not work together; the message names the layers
            that failed and how.
    """
    _give_names_back()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slim = importlib.import_module("tf_slim")
        layers = importlib.import_module("tf_slim.layers.layers")
    vars(layers)["ops"] = _OpsOfSlim(vars(layers)["ops"])
    vars(layers)["core_layers"] = _CoreLayersOfSlim(vars(layers)["core_layers"])
    vars(layers)["_fused_batch_norm"] = _get_freezable(vars(layers)["_fused_batch_norm"])
    failures = self_test(slim)
    if failures:
        raise GraphcoreError(
            f"tf-slim does not work on TensorFlow {tf.__version__}: " + "; ".join(failures) + ".",
            next_step="Install the versions in constraints.txt (tensorflow>=2.21,<2.23 and tf-slim==1.1.0).",
        )
    return slim


def _give_names_back() -> None:
    for module_name, names in MOVED_NAMES.items():
        module = importlib.import_module(module_name)
        for name, value in names.items():
            if not hasattr(module, name):
                setattr(module, name, value)
    # slim calls its layers through `apply`, which warns at every call and then does just this.
    legacy_layer = importlib.import_module("tensorflow.python.layers.base").Layer
    legacy_layer.apply = legacy_layer.__call__


class _OpsOfSlim:
    """The `ops` module as `tf_slim.layers.layers` sees it, with a collection key that is equal but not
    identical.

    `slim.batch_norm` asks `updates_collections is ops.GraphKeys.UPDATE_OPS` and on identity takes an
    implementation that has moved to tf-keras. With a copy of the string the answer is no, for every caller
    and every arg_scope, and the update operations still land in the collection of that name.
    """

    def __init__(self, ops: Any) -> None:
        self._ops = getattr(ops, "_ops", ops)
        copied_key = "".join(list(self._ops.GraphKeys.UPDATE_OPS))
        self.GraphKeys = type("GraphKeys", (self._ops.GraphKeys,), {"UPDATE_OPS": copied_key})

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ops, name)


def _get_freezable(batch_norm: Any) -> Any:
    """slim's fused batch norm, as in inference, and folded, where `freezing` and `folded_norm` say so."""
    plain = getattr(batch_norm, "of_slim", batch_norm)

    @functools.wraps(plain)
    def build(*args: Any, is_training: Any = True, scope: Any = None, **options: Any) -> Any:
        frozen = are_statistics_frozen(_name_scope(scope, "BatchNorm"))
        net = plain(*args, is_training=False if frozen else is_training, scope=scope, **options)
        return fold_norm(net) if frozen else net

    vars(build)["of_slim"] = plain
    return build


class _CoreLayersOfSlim:
    """The `core_layers` module as `tf_slim.layers.layers` sees it; dropout draws as `layers.drawing` says."""

    def __init__(self, core_layers: Any) -> None:
        self._core_layers = getattr(core_layers, "_core_layers", core_layers)

        class Dropout(self._core_layers.Dropout):
            def call(self, inputs: Any, training: Any = False) -> Any:
                drawn = build_drawn_dropout(inputs, self.rate, self.name) if training is True else None
                return super().call(inputs, training=training) if drawn is None else drawn

        self.Dropout = Dropout

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core_layers, name)


def _name_scope(scope: Any, default: str) -> str:
    """What a layer's variable scope will be called: `scope` is a name, a scope, or None for the default."""
    if hasattr(scope, "name"):
        return scope.name
    parent = tf1.get_variable_scope().name
    return f"{parent}/{scope or default}" if parent else scope or default


def self_test(slim: Any) -> list[str]:
    """Builds one of each layer that graphcore rests on, in a graph of its own (about 0.1 s, no session).

    Returns:
        One "layer: what went wrong" per failure; empty when all is well.
    """
    failures = []
    for name, check in _CHECKS.items():
        try:
            with tf.Graph().as_default(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                check(slim)
        except Exception as error:  # whatever a wrong pair of versions raises is what the message must tell
            failures.append(f"{name}: {type(error).__name__}: {error}")
    return failures


def _check_batch_norm(slim: Any) -> None:
    images = tf1.placeholder(tf.float32, [None, 8, 8, 3])
    slim.conv2d(images, 4, 3, normalizer_fn=slim.batch_norm, scope="conv")
    _expect(
        {variable.op.name for variable in tf1.global_variables()},
        {
            "conv/weights",
            "conv/BatchNorm/beta",
            "conv/BatchNorm/moving_mean",
            "conv/BatchNorm/moving_variance",
        },
    )
    _expect(len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)), 2)
    _expect("FusedBatchNormV3" in {op.type for op in tf1.get_default_graph().get_operations()}, True)


def _check_separable_conv2d(slim: Any) -> None:
    images = tf1.placeholder(tf.float32, [None, 8, 8, 3])
    slim.separable_conv2d(images, None, 3, depth_multiplier=1, scope="conv")
    _expect({variable.op.name for variable in tf1.global_variables()}, {"conv/depthwise_weights", "conv/biases"})


def _check_fully_connected(slim: Any) -> None:
    features = tf1.placeholder(tf.float32, [None, 8])
    with slim.arg_scope([slim.fully_connected], activation_fn=None):
        logits = slim.fully_connected(features, 2, scope="logits")
    _expect({variable.op.name for variable in tf1.global_variables()}, {"logits/weights", "logits/biases"})
    _expect(logits.shape.as_list(), [None, 2])


def _check_create_train_op(slim: Any) -> None:
    features = tf1.placeholder(tf.float32, [None, 8])
    loss = tf.reduce_mean(slim.fully_connected(features, 2))
    slim.learning.create_train_op(loss, tf1.train.GradientDescentOptimizer(0.1))


def _expect(found: object, expected: object) -> None:
    if found != expected:
        raise ValueError(f"expected {expected}, found {found}")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "conv2d with batch_norm": _check_batch_norm,
    "separable_conv2d": _check_separable_conv2d,
    "fully_connected": _check_fully_connected,
    "learning.create_train_op": _check_create_train_op,
}
