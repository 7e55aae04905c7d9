"""Every backbone side by side: parameters, names matched, features a second, length of the features.

    pytest benchmarks/bench_backbones.py -s
    python benchmarks/bench_backbones.py [NAME ...]

The second prints one Markdown table. Weights are random, frozen, batch norm folded; batches of 32 go from NumPy through
the forward pass and back; of five after one that does not count the fastest, as other work only ever slows.
"Names" are the variables that the table of the released checkpoint has under the same name with the same shape, of all
that are built for the features; the tables are those that the tests hold (tests/graphcore/nets): no released archive is
read here.
"""

import contextlib
import gc
import io
import sys
import time

import numpy as np
import pytest

from graphcore.graph.runtime import tf1
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import BACKBONES, get_backbone
from graphcore.nets.frozen import freeze_backbone
from tests.graphcore.nets import released_mobilenets, released_networks, test_mobilenet_v1

BATCH_SIZE = 32
ROUNDS = 5
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


def describe(name: str) -> tuple[Backbone, dict[str, str], object]:
    """The backbone, its row of the table but for the speed, and what computes the features of a batch."""
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
    return backbone, row, frozen.program.make_callable(["images"], ["features"])


def draw_batch(backbone: Backbone) -> np.ndarray:
    size = backbone.input_spec.image_size
    return np.random.default_rng(0).uniform(-1, 1, (BATCH_SIZE, size, size, 3)).astype(np.float32)


@pytest.mark.parametrize("name", BACKBONES)
def test_forward(benchmark, name):
    backbone, row, step = describe(name)
    batch = draw_batch(backbone)
    benchmark.pedantic(step, (batch,), rounds=ROUNDS, warmup_rounds=1)
    row["features_per_second"] = str(round(BATCH_SIZE / benchmark.stats.stats.min, 1))
    benchmark.extra_info.update(row)
    found, _, total = row["names"].split()
    assert found == total


def measure(name: str) -> dict[str, str]:
    """One row of the table."""
    backbone, row, step = describe(name)
    batch = draw_batch(backbone)
    step(batch)
    seconds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        step(batch)
        seconds.append(time.perf_counter() - start)
    row["features/s"] = f"{BATCH_SIZE / min(seconds):.1f}"
    return row | {"features": str(backbone.feature_size)}


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
