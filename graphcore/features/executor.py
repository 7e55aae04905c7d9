"""Who computes features: TensorFlow's session, or XNNPACK where that is faster and gives the same.

Microseconds of a core a picture (Zen 5, two threads; TensorFlow's best batch of 16, 32 and 64, XNNPACK's 16), and the
largest difference between their features, as a share of the largest feature:

    mobilenet_v1 0.25/128   TensorFlow   252, XNNPACK   191, 3e-7
    mobilenet_v1 0.5/160    TensorFlow   909, XNNPACK   710, 4e-7
    mobilenet_v1 1.0/224    TensorFlow 5 520, XNNPACK 5 120, 4e-7
    mobilenet_v2 1.0/224    TensorFlow 4 420, XNNPACK 3 800, 2e-6
    mobilenet_v3_small      TensorFlow 1 350, XNNPACK   900, 6e-7
    mobilenet_v3_large      TensorFlow 3 670, XNNPACK 3 000, 2e-6
    resnet_v1_50            TensorFlow 28 000, XNNPACK 28 700, 3e-7

    inception_v1            TensorFlow 12 700, XNNPACK 13 100, 2e-9
    inception_v3            TensorFlow 44 300, XNNPACK 44 500, 5e-7
    resnet_v2_50            TensorFlow 54 500, XNNPACK 56 600, 4e-7

So depthwise convolutions decide: where most of the work is dense convolutions oneDNN, which TensorFlow uses, is as
good, and converting such a network takes seconds. One is not checked against the other at each start, which would take
as long as 200 pictures: the tests do that for what is built in. A graph of a stranger's is checked on a batch of noise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import numpy as np

from graphcore.console import warn
from graphcore.errors import ConfigError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf
from graphcore.graph.xnnpack import XnnpackRunner, convert
from graphcore.inputs.pipeline import count_cores
from graphcore.nets.backbone import FEATURES, IMAGES, Backbone
from graphcore.nets.graph_backbone import GraphBackbone

AUTO, TENSORFLOW, XNNPACK = "auto", "tensorflow", "xnnpack"
DEPTHWISE = "DepthwiseConv2dNative"
# Pictures that XNNPACK takes at a time, whatever the batch: what one layer hands the next stays in the cache. 64 at a
# time cost 15 % more a picture.
STEP = 16
# Of the largest feature.
TOLERANCE = 1e-3

Forward = Callable[[np.ndarray], np.ndarray]

# None where it was tried in vain, which is said once. A run makes three passes, a sweep many.
_kept: WeakKeyDictionary[tf.Graph, XnnpackRunner | None] = WeakKeyDictionary()


def plan_executor(asked: str, op_counts: Mapping[str, int], gpu: bool) -> str:
    """The executor of a network: `asked`, or with "auto" the faster one.

    Args:
        asked: "auto", "tensorflow" or "xnnpack".
        op_counts: how many operations of each kind the frozen network has.
        gpu: whether TensorFlow sees one; XNNPACK is of processors alone.
    """
    if asked != AUTO:
        return asked
    return XNNPACK if op_counts.get(DEPTHWISE, 0) and not gpu else TENSORFLOW


@contextmanager
def open_forward(backbone: Backbone, program: Program, asked: str = AUTO) -> Iterator[Forward]:
    """Gives a function from images float32 [batch, size, size, 3] to features float32 [batch, dimension].

    Args:
        backbone: the network.
        program: the same with its weights, frozen.
        asked: see `plan_executor`. With "auto" what XNNPACK cannot do is done by TensorFlow, and said once.

    Raises:
        ConfigError: "xnnpack" was asked for, and cannot run this network, or not as TensorFlow does.
    """
    op_counts = Counter(op.type for op in program.graph.get_operations())
    runner = None
    if plan_executor(asked, op_counts, bool(tf.config.list_physical_devices("GPU"))) == XNNPACK:
        runner = _get_xnnpack(backbone, program, must=asked == XNNPACK)
    if runner is not None:
        yield runner
        return
    with program.session() as session:
        step = session.make_callable([IMAGES], [FEATURES])
        yield lambda images: step(images)[0]


def forget() -> None:
    """Frees what this process has converted."""
    _kept.clear()


def _get_xnnpack(backbone: Backbone, program: Program, must: bool) -> XnnpackRunner | None:
    if _kept.get(program.graph) is None and (must or program.graph not in _kept):
        _kept[program.graph] = None
        try:
            _kept[program.graph] = _make_xnnpack(backbone, program)
        except ConfigError as error:
            if must:
                raise
            warn(f"{str(error).splitlines()[0]} TensorFlow computes the features, which takes longer.")
    return _kept[program.graph]


def _make_xnnpack(backbone: Backbone, program: Program) -> XnnpackRunner:
    size = backbone.input_spec.image_size
    runner = XnnpackRunner(convert(program, IMAGES, FEATURES, (STEP, size, size, 3)), count_cores())
    if isinstance(backbone, GraphBackbone):
        require_same(runner, backbone, program)
    return runner


def require_same(forward: Forward, backbone: Backbone, program: Program) -> None:
    """Holds what `forward` makes of a batch of noise against what TensorFlow makes of it.

    Raises:
        ConfigError: it is something else.
    """
    spec = backbone.input_spec
    noise = np.random.default_rng(0).uniform(spec.low, spec.high, (STEP, spec.image_size, spec.image_size, 3))
    images = noise.astype(np.float32)
    with program.session() as session:
        (expected,) = session.run({IMAGES: images}, [FEATURES])
    # In two parts of unequal length: whatever mixes the pictures of a batch shows.
    found = np.concatenate([forward(images[:5]), forward(images[5:])])
    difference = np.abs(found - expected).max() / max(float(np.abs(expected).max()), 1e-30)
    if not difference <= TOLERANCE:
        raise ConfigError(
            f"XNNPACK and TensorFlow disagree on the features of {backbone.title} by {difference:.1g} of the largest.",
            next_step="Choose backbone.executor=tensorflow.",
        )
