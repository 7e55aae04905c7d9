"""Every backbone side by side: parameters, names matched, features a second by each executor, length of the features.

    pytest benchmarks/bench_backbones.py -s
    python benchmarks/bench_backbones.py [NAME ...]

The second prints one Markdown table. Weights are random, frozen, batch norm folded; batches of 32 go from NumPy through
the forward pass and back, TensorFlow's and XNNPACK's in turn; of five after one that does not count the fastest, as
other work only ever slows. "auto" is the executor that `backbone.executor=auto` takes where there is no GPU.
"Names" are the variables that the table of the released checkpoint has under the same name with the same shape, of all
that are built for the features; the tables are those that the tests hold (tests/graphcore/nets): no released archive is
read here.
"""

import contextlib
import gc
import io
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.measuring import time_beside
from graphcore.features.executor import AUTO, TENSORFLOW, XNNPACK, Forward, open_forward, plan_executor
from graphcore.graph.freeze import count_ops
from graphcore.graph.runtime import tf1
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import BACKBONES, get_backbone
from graphcore.nets.frozen import FrozenBackbone, freeze_backbone
from tests.graphcore.nets import released_mobilenets, released_networks, test_mobilenet_v1

BATCH_SIZE = 32
ROUNDS = 5
SAMPLE = ("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "inception_v1", "resnet_v1_50")
"""What `make bench` runs; all seventeen take minutes."""
# Networks whose released checkpoints saw larger pictures than 224.
LARGE = ("inception_v3", "inception_v4", "inception_resnet_v2", "resnet_v2_50", "resnet_v2_101", "resnet_v2_152")


def make(name: str) -> Backbone:
    return get_backbone(name, 1.0, 299 if name in LARGE else 224)


def released_shapes(backbone: Backbone) -> dict[str, tuple[int, ...]]:
    """Name -> shape in the released checkpoint, without an auxiliary head."""
    if backbone.name == "mobilenet_v1":
        return test_mobilenet_v1.expected_shapes(1.0, 1001)
    if backbone.name in released_mobilenets.SCOPES:
        tables = released_mobilenets.read_released()
        return next(table.shapes() for table in tables if (table.name, table.width) == (backbone.name, 1.0))
    return {f"{backbone.scope}/{name}": shape for name, shape in _released_below(backbone).items()}


def _released_below(backbone: Backbone) -> dict[str, tuple[int, ...]]:
    if backbone.name.startswith("resnet"):
        return released_networks.resnet_shapes(backbone.name, backbone.checkpoint_classes)
    if backbone.name.startswith("vgg"):
        return released_networks.vgg_shapes(backbone.name, backbone.checkpoint_classes)
    return released_networks.read_released(backbone.name)[1]


def describe(name: str) -> tuple[Backbone, dict[str, str], FrozenBackbone]:
    """The backbone, its row of the table but for the speeds, and the same with weights."""
    backbone = make(name)
    with contextlib.redirect_stderr(io.StringIO()):
        frozen = freeze_backbone(backbone, None)
    built = {name: value.shape for name, value in frozen.weights.items()}
    released = released_shapes(backbone)
    matched = sum(released.get(name) == shape for name, shape in built.items())
    row = {
        "backbone": name,
        "input": str(backbone.input_spec.image_size),
        "parameters": f"{sum(value.size for value in frozen.weights.values()) / 1e6:.2f} M",
        "names": f"{matched} of {len(built)}",
    }
    return backbone, row, frozen


def draw_batch(backbone: Backbone) -> np.ndarray:
    size = backbone.input_spec.image_size
    return np.random.default_rng(0).uniform(-1, 1, (BATCH_SIZE, size, size, 3)).astype(np.float32)


@contextlib.contextmanager
def open_executors(backbone: Backbone, frozen: FrozenBackbone) -> Iterator[dict[str, Forward]]:
    """What computes the features of a batch, by executor."""
    with contextlib.ExitStack() as stack:
        yield {
            executor: stack.enter_context(open_forward(backbone, frozen.program, executor))
            for executor in (TENSORFLOW, XNNPACK)
        }


@pytest.mark.parametrize("name", SAMPLE)
def test_forward(benchmark, name):
    backbone, row, frozen = describe(name)
    batch = draw_batch(backbone)
    with open_executors(backbone, frozen) as forwards:
        others = {TENSORFLOW: lambda: forwards[TENSORFLOW](batch)}
        beside = time_beside(benchmark, lambda: forwards[XNNPACK](batch), others, ROUNDS)
    row["xnnpack_times_as_fast"] = str(round(beside.ratios[TENSORFLOW], 2))
    benchmark.extra_info.update(row)
    found, _, total = row["names"].split()
    assert found == total


def measure(name: str) -> dict[str, str]:
    """One row of the table."""
    backbone, row, frozen = describe(name)
    batch = draw_batch(backbone)
    seconds: dict[str, list[float]] = {TENSORFLOW: [], XNNPACK: []}
    with open_executors(backbone, frozen) as forwards:
        for number in range(ROUNDS + 1):
            for executor, forward in forwards.items():
                start = time.perf_counter()
                forward(batch)
                if number:
                    seconds[executor].append(time.perf_counter() - start)
    row |= {f"features/s, {executor}": f"{BATCH_SIZE / min(each):.1f}" for executor, each in seconds.items()}
    auto = plan_executor(AUTO, count_ops(frozen.program.graph.as_graph_def()), gpu=False)
    return row | {"auto": auto, "features": str(backbone.feature_size)}


def main() -> None:
    """Prints the table of the networks named on the command line, or of all; a row as soon as it is measured."""
    for index, name in enumerate(sys.argv[1:] or BACKBONES):
        row = measure(name)
        if index == 0:
            print("| " + " | ".join(row) + " |\n|" + "---|" * len(row))
        print("| " + " | ".join(row.values()) + " |", flush=True)
        tf1.reset_default_graph()
        gc.collect()


if __name__ == "__main__":
    main()
