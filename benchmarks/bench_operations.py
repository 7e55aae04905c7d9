"""Fused operations against the same written out, forwards and backwards: what of a fine-tuning step gains by which.

    pytest benchmarks/bench_operations.py -s --benchmark-only

Each pair computes the same, on sizes that MobileNet v1 0.5/160 meets at batch 32; inputs are variables, so that
TensorFlow computes nothing of it beforehand, and outputs stay where they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from benchmarks.drawn import DISTINCT, make_photo
from benchmarks.measuring import note_goal, time_beside
from graphcore.config import AdamConfig, MomentumConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.inputs.preprocess import DCT_METHOD
from graphcore.layers import slim
from graphcore.layers.folded_norm import fold_frozen_norms
from graphcore.layers.freezing import freeze_statistics
from graphcore.training.optimizers import get_optimizer

BATCH_SIZE, SIDE, MAPS, CLASSES = 32, 40, 64, 1000
EPSILON, RATE, MOMENTUM = 1e-3, 0.01, 0.9
VARIABLES = 83
"""Of MobileNet v1 with a linear head; those here have 10 000 numbers each."""


def get_run(build: Callable[[], list[Any]], repeats: int) -> Callable[[], None]:
    """Runs what `build` returns, `repeats` times, in a session of its own."""
    with tf.Graph().as_default() as graph:
        tf1.set_random_seed(0)
        operations = [getattr(each, "op", each) for each in build()]
        session = make_session(graph)
        session.run(tf1.global_variables_initializer())
        # Fetched themselves: of a group of them TensorFlow would compute nothing whose value nobody takes.
        step = session.make_callable(operations)

    def run() -> None:
        for _ in range(repeats):
            step()

    return run


def draw(name: str, *shape: int, low: float = -1.0) -> Any:
    """A variable's value."""
    values = np.random.default_rng(len(name)).uniform(low, 1, shape).astype(np.float32)
    return tf1.get_variable(name, initializer=values, trainable=False, use_resource=True).read_value()


def compare(benchmark: Any, what: str, fused: Any, written_out: dict[str, Any], repeats: int = 20) -> None:
    others = {name: get_run(build, repeats) for name, build in written_out.items()}
    found = time_beside(benchmark, get_run(fused, repeats), others, rounds=7, warmup_rounds=2)
    for name, ratio in found.ratios.items():
        note_goal(benchmark, 6, f"{what}: against {name}", ratio, None)


def build_norm(fused: bool) -> list[Any]:
    images, gamma, beta = draw("images", BATCH_SIZE, SIDE, SIDE, MAPS), draw("gamma", MAPS), draw("beta", MAPS)
    if fused:
        outputs, mean, variance = tf1.nn.fused_batch_norm(images, gamma, beta, epsilon=EPSILON)
    else:
        mean, variance = tf.nn.moments(images, [0, 1, 2])
        outputs = tf.nn.batch_normalization(images, mean, variance, beta, gamma, EPSILON)
    gradient = draw("gradient", BATCH_SIZE, SIDE, SIDE, MAPS)
    return [outputs, mean, variance, *tf.gradients(outputs, [images, gamma, beta], gradient)]


def test_batch_norm(benchmark):
    what = "batch norm of the batch's statistics, fused, both ways"
    compare(benchmark, what, lambda: build_norm(True), {"moments and batch_normalization": lambda: build_norm(False)})


def build_layer(folds: bool) -> list[Any]:
    images = draw("images", BATCH_SIZE, SIDE, SIDE, MAPS)
    with freeze_statistics(lambda scope: True), fold_frozen_norms(folds):
        norm = {"is_training": True, "scale": True}
        outputs = slim.conv2d(
            images, MAPS, 1, normalizer_fn=slim.batch_norm, normalizer_params=norm, activation_fn=tf.nn.relu6
        )
    gradient = draw("gradient", BATCH_SIZE, SIDE, SIDE, MAPS)
    return [outputs, *tf.gradients(outputs, [images, *tf1.trainable_variables()], gradient)]


def test_frozen_norm(benchmark):
    what = "convolution, batch norm of kept statistics and ReLU6, folded, both ways"
    compare(benchmark, what, lambda: build_layer(True), {"fused batch norm": lambda: build_layer(False)})


def build_cross_entropy(fused: bool) -> list[Any]:
    logits = draw("logits", BATCH_SIZE * 8, CLASSES)
    labels = tf.constant(np.arange(BATCH_SIZE * 8) % CLASSES, tf.int32)
    if fused:
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    else:
        losses = -tf.gather(tf.math.log(tf.nn.softmax(logits)), labels, batch_dims=1)
    return [losses, *tf.gradients(tf.reduce_mean(losses), [logits])]


def test_cross_entropy(benchmark):
    what = "cross-entropy of 256 samples and 1 000 classes, fused, both ways"
    written_out = {"softmax, log and gather": lambda: build_cross_entropy(False)}
    compare(benchmark, what, lambda: build_cross_entropy(True), written_out, repeats=100)


def build_crops(fused: bool, ratio: int = 1) -> list[Any]:
    """The middle of each picture, half of each side; `ratio` lets libjpeg scale down before."""
    crops = []
    for number in range(DISTINCT // 4):
        contents = tf1.get_variable(f"photo_{number}", initializer=make_photo(number), use_resource=True).read_value()
        height, width = 534 // ratio, 400 // ratio
        window = [height // 4, width // 4, height // 2, width // 2]
        if fused:
            crops.append(tf.image.decode_and_crop_jpeg(contents, window, channels=3, dct_method=DCT_METHOD))
        else:
            image = tf.io.decode_jpeg(contents, channels=3, ratio=ratio, dct_method=DCT_METHOD)
            crops.append(tf.slice(image, [*window[:2], 0], [*window[2:], 3]))
    return crops


def test_decode_and_crop(benchmark):
    what = "decoding the middle quarter of a JPEG, fused"
    written_out = {
        "decoding all, then cutting": lambda: build_crops(False),
        "the same at half the size, scaled by libjpeg (other pixels)": lambda: build_crops(False, 2),
    }
    compare(benchmark, what, lambda: build_crops(True), written_out, repeats=5)


def make_slots(name: str) -> tuple[list[Any], list[Any]]:
    values = np.random.default_rng(0).uniform(-1, 1, (VARIABLES, 100, 100)).astype(np.float32)
    made = [
        tf1.get_variable(f"{name}_{number}", initializer=each, use_resource=True) for number, each in enumerate(values)
    ]
    return made, [
        tf1.get_variable(f"{each.op.name}_slot", initializer=np.zeros((100, 100), np.float32), use_resource=True)
        for each in made
    ]


def build_momentum(fused: bool) -> list[Any]:
    (weights, slots), gradient = make_slots("weights"), draw("gradient", 100, 100)
    if fused:
        optimizer = get_optimizer(MomentumConfig("momentum", RATE, momentum=MOMENTUM), lambda: tf.constant(RATE))
        return [optimizer.apply_gradients([(gradient, each) for each in weights])]
    return [_write_momentum(each, slot, gradient) for each, slot in zip(weights, slots, strict=True)]


def _write_momentum(weights: Any, slot: Any, gradient: Any) -> Any:
    moved = MOMENTUM * slot.read_value() + gradient
    return tf.group(slot.assign(moved, read_value=False), weights.assign_sub(RATE * moved, read_value=False))


def build_adam(fused: bool) -> list[Any]:
    (weights, first), (_, second), gradient = make_slots("weights"), make_slots("squares"), draw("gradient", 100, 100)
    if fused:
        optimizer = get_optimizer(AdamConfig("adam", RATE), lambda: tf.constant(RATE))
        return [optimizer.apply_gradients([(gradient, each) for each in weights])]
    return [_write_adam(*each, gradient) for each in zip(weights, first, second, strict=True)]


def _write_adam(weights: Any, first: Any, second: Any, gradient: Any) -> Any:
    # The correction for the start is a scalar, which costs neither side anything.
    mean = 0.9 * first.read_value() + 0.1 * gradient
    square = 0.999 * second.read_value() + 0.001 * gradient * gradient
    change = RATE * mean / (tf.sqrt(square) + 1e-8)
    return tf.group(
        first.assign(mean, read_value=False),
        second.assign(square, read_value=False),
        weights.assign_sub(change, read_value=False),
    )


@pytest.mark.parametrize(("name", "build"), [("momentum", build_momentum), ("Adam", build_adam)])
def test_optimizer(benchmark, name, build):
    what = f"{name}'s step on {VARIABLES} variables, fused"
    compare(benchmark, what, lambda: build(True), {"products, sums and assignments": lambda: build(False)}, repeats=50)
