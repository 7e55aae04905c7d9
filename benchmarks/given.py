"""What whole runs are given, ours and the old way's: an album of distinct photos, and a network.

The network's random weights are written twice: as slim's checkpoint, which ours restores, and as a frozen graph with
batch norm folded, which is what the old way reads.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import simplejpeg
from PIL import Image

from benchmarks.drawn import HEIGHT, WIDTH

PHOTOS, CLASSES = 3781, 10
WIDTH_OF_NETWORK, IMAGE_SIZE = 0.5, 160


def draw_album(folder: Path) -> None:
    """Distinct photos of 400x534 pixels and some 30 KiB, whose colour says something of their class."""
    noises = [np.random.default_rng(seed).normal(0, 5, (HEIGHT, WIDTH, 3)).astype(np.int16) for seed in range(8)]
    tints = np.random.default_rng(0).integers(-50, 51, (CLASSES, 3))

    def draw(number: int) -> None:
        coarse = np.random.default_rng(number).integers(0, 256, (12, 16, 3)) + tints[number % CLASSES]
        smooth = Image.fromarray(np.clip(coarse, 0, 255).astype(np.uint8)).resize((WIDTH, HEIGHT), 3)
        noisy = np.clip(np.asarray(smooth) + noises[number % len(noises)], 0, 255).astype(np.uint8)
        jpeg = simplejpeg.encode_jpeg(noisy, quality=85, colorsubsampling="420")
        (folder / f"class_{number % CLASSES}" / f"{number:06d}.jpg").write_bytes(jpeg)

    for label in range(CLASSES):
        (folder / f"class_{label}").mkdir(parents=True)
    with ThreadPoolExecutor() as pool:  # all of it happens outside Python's lock
        list(pool.map(draw, range(PHOTOS)))


def write_network(folder: Path) -> tuple[Path, Path]:
    """Random weights for MobileNet v1 with its own last layer; returns the checkpoint and the frozen graph."""
    from graphcore.graph.runtime import tf, tf1
    from graphcore.nets.factory import get_backbone
    from graphcore.nets.frozen import freeze_backbone
    from graphcore.nets.weights import locate_checkpoint, write_checkpoint

    backbone = get_backbone("mobilenet_v1", WIDTH_OF_NETWORK, IMAGE_SIZE)
    shapes = freeze_backbone(backbone, None, num_classes=1001, announce=False).weights
    prefix = write_checkpoint(folder / "network.ckpt", scale_weights(shapes))
    frozen = freeze_backbone(backbone, locate_checkpoint(str(prefix)), num_classes=1001, announce=False).program
    with tf.Graph().as_default() as graph:
        names = [frozen.outputs["features"], frozen.outputs["logits"]]
        features, logits = tf1.import_graph_def(frozen.graph.as_graph_def(), name="", return_elements=names)
        tf.identity(features, "pooled_features")
        tf.nn.softmax(logits, name="probabilities")
        (folder / "network.pb").write_bytes(graph.as_graph_def().SerializeToString())
    return prefix, folder / "network.pb"


def scale_weights(shapes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """He's scale, with which activations neither vanish nor explode on their way; other variables as they are."""
    random, scaled = np.random.default_rng(0), dict(shapes)
    for name, value in shapes.items():
        if value.ndim == 4:
            fan_in = np.prod(value.shape[:2] if "depthwise" in name.rpartition("/")[2] else value.shape[:3])
            scaled[name] = random.normal(0, np.sqrt(2 / fan_in), value.shape).astype(np.float32)
    return scaled
