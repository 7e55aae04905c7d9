"""What the tests of all big networks share: the tables of released names, and a comparison of folded with unfolded."""

import re
from pathlib import Path

import numpy as np

from graphcore.graph.freeze import count_ops, freeze, import_graph
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.restore import assign_values

# Units of ResNet's blocks (arXiv:1512.03385, table 1), and convolutions before each of VGG's poolings (arXiv:1409.1556,
# table 1).
RESNET_UNITS = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
VGG_CONVOLUTIONS = {"vgg_16": (2, 2, 3, 3, 3), "vgg_19": (2, 2, 4, 4, 4)}
FOLDER = Path(__file__).parent / "released"
KINDS = {
    "norm": ("weights", "BatchNorm/beta", "BatchNorm/moving_mean", "BatchNorm/moving_variance"),
    "biases": ("weights", "biases"),
}


def read_released(name):
    """The parameters below the last layer, and name -> shape of every variable, from a table in released/."""
    lines = [line.split() for line in (FOLDER / f"{name}.txt").read_text().splitlines() if line[0] != "#"]
    parameters = int(lines[0][1])
    shapes = {}
    for pattern, kind, kernel in lines[1:]:
        shape = tuple(int(side) for side in kernel.split("x"))
        for layer in expand(pattern):
            if kind == "only":
                shapes[layer] = shape
            for part in KINDS.get(kind, ()):
                shapes[f"{layer}/{part}"] = shape if part == "weights" else shape[-1:]
    return parameters, shapes


def expand(pattern):
    """ "a{b-d}c" to ["abc", "acc", "adc"], and "a{9-10}c" to ["a9c", "a10c"]."""
    match = re.fullmatch(r"(.*)\{(\w+)-(\w+)\}(.*)", pattern)
    if not match:
        return [pattern]
    before, first, last, after = match.groups()
    if first.isdigit():
        values = [str(number) for number in range(int(first), int(last) + 1)]
    else:
        values = [chr(code) for code in range(ord(first), ord(last) + 1)]
    return [before + value + after for value in values]


def resnet_shapes(network, num_classes):
    """Names below the scope, and shapes, as the released ResNets have them (v1 has 1000 classes, v2 1001)."""
    _, version, layers = network.split("_")
    depth_in, norms, biases = 64, {}, {"logits": num_classes}
    shapes = {"conv1/weights": (7, 7, 3, 64), "logits/weights": (1, 1, 2048, num_classes)}
    if version == "v1":
        norms["conv1/BatchNorm"] = 64
    else:
        biases["conv1"] = 64
        norms["postnorm"] = 2048
    for block, count in enumerate(RESNET_UNITS[layers], start=1):
        inner, depth = 32 * 2**block, 128 * 2**block
        for unit in range(1, count + 1):
            scope = f"block{block}/unit_{unit}/bottleneck_{version}"
            shapes[f"{scope}/conv1/weights"] = (1, 1, depth_in, inner)
            shapes[f"{scope}/conv2/weights"] = (3, 3, inner, inner)
            shapes[f"{scope}/conv3/weights"] = (1, 1, inner, depth)
            norms |= {f"{scope}/conv1/BatchNorm": inner, f"{scope}/conv2/BatchNorm": inner}
            last = ["conv3"]
            if unit == 1:
                shapes[f"{scope}/shortcut/weights"] = (1, 1, depth_in, depth)
                last.append("shortcut")
            if version == "v1":
                norms |= {f"{scope}/{name}/BatchNorm": depth for name in last}
            else:
                norms[f"{scope}/preact"] = depth_in
                biases |= {f"{scope}/{name}": depth for name in last}
            depth_in = depth
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    shapes |= {f"{scope}/{name}": (depth,) for scope, depth in norms.items() for name in names}
    return shapes | {f"{scope}/biases": (depth,) for scope, depth in biases.items()}


def vgg_shapes(network, num_classes):
    """Names below the scope, and shapes, as the released VGGs have them (1000 classes)."""
    kernels, depth_in = {}, 3
    for block, (count, depth) in enumerate(zip(VGG_CONVOLUTIONS[network], (64, 128, 256, 512, 512), strict=True), 1):
        for layer in range(1, count + 1):
            kernels[f"conv{block}/conv{block}_{layer}"] = (3, 3, depth_in, depth)
            depth_in = depth
    kernels |= {"fc6": (7, 7, 512, 4096), "fc7": (1, 1, 4096, 4096), "fc8": (1, 1, 4096, num_classes)}
    biases = {f"{layer}/biases": kernel[-1:] for layer, kernel in kernels.items()}
    return {f"{layer}/weights": kernel for layer, kernel in kernels.items()} | biases


def build_shapes(backbone, num_classes=None):
    """Name below the scope -> shape of every variable, and end point -> shape, without a session."""
    size = backbone.input_spec.image_size
    with tf.Graph().as_default():
        images = tf1.placeholder(tf.float32, [None, size, size, 3])
        _, end_points = backbone.build(images, num_classes=num_classes)
        variables = {
            variable.op.name.removeprefix(f"{backbone.scope}/"): tuple(variable.shape.as_list())
            for variable in tf1.global_variables()
        }
    return variables, {name: layer.shape.as_list() for name, layer in end_points.items()}


def count_parameters(shapes):
    return sum(int(np.prod(shape)) for shape in shapes.values())


def fold(backbone, batch_size=2):
    """Freezes a backbone with random weights and statistics.

    Returns the largest difference of the folded graph's features from the live ones, as a share of the largest
    feature, and the operations of the folded graph.
    """
    size = backbone.input_spec.image_size
    random = np.random.default_rng(0)
    pictures = random.uniform(-1, 1, (batch_size, size, size, 3)).astype(np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(0)
        images = tf1.placeholder(tf.float32, [None, size, size, 3], name="images")
        features, _ = backbone.build(images)
        session.run(tf1.global_variables_initializer())
        ranges = {"beta": (-0.2, 0.2), "gamma": (0.5, 1.5), "moving_mean": (-0.2, 0.2), "moving_variance": (0.5, 1.5)}
        vectors = [v for v in tf1.global_variables() if v.op.name.rpartition("/")[2] in ranges]
        values = {v: random.uniform(*ranges[v.op.name.rpartition("/")[2]], v.shape.as_list()) for v in vectors}
        assign_values(session, values)
        live = session.run(features, {images: pictures})
        folded = freeze(session, [features.op.name])
    with tf1.Session(graph=import_graph(folded)) as session:
        found = session.run(features.name, {"images:0": pictures})
    return np.abs(found - live).max() / np.abs(live).max(), count_ops(folded)
