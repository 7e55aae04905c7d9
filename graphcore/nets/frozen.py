"""A backbone made ready to compute features: built, restored, frozen, folded, its weights beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graphcore.console import say
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import Backbone
from graphcore.nets.restore import restore
from graphcore.nets.weights import CheckpointSource, digest_weights, read_variables

IMAGES = "images"
FEATURES = "features"
LOGITS = "logits"


@dataclass(frozen=True)
class FrozenBackbone:
    """A backbone whose weights no longer change.

    Attributes:
        program: "images" (float32 [batch, size, size, 3], tensor "images:0") to "features" (float32
            [batch, feature_size]); batch norm is folded, there are no variables.
        weights: the backbone's variables as restored, batch norm unfolded, by slim's names.
        digest: `digest_weights` of `weights`: the content identity that feature caches are keyed by.
    """

    program: Program
    weights: Mapping[str, np.ndarray] = field(repr=False)
    digest: str


def freeze_backbone(
    backbone: Backbone,
    source: CheckpointSource | None,
    seed: int = 0,
    num_classes: int | None = None,
    announce: bool = True,
) -> FrozenBackbone:
    """Builds a backbone in a graph of its own and freezes it.

    Args:
        backbone: what to build.
        source: its weights; None leaves them random.
        seed: decides random weights.
        num_classes: adds the network's own last layer as output "logits", restored as well.
        announce: see `restore`.

    Raises:
        CheckpointError: the weights are damaged or of another network.
    """
    size = backbone.input_spec.image_size
    with tf.Graph().as_default() as graph:
        tf1.set_random_seed(seed)
        images = tf1.placeholder(tf.float32, [None, size, size, 3], name=IMAGES)
        net, end_points = backbone.build(images, is_training=False, num_classes=num_classes)
        outputs = {FEATURES: end_points["features"].name}
        if num_classes is not None:
            outputs[LOGITS] = net.name
        variables = tf1.global_variables(backbone.scope)
        with Program(graph, {IMAGES: images.name}, outputs).session() as runner:
            if source is None:
                say(f"Weights of {backbone.title}: random, seed {seed}")
            else:
                restore(runner.session, source, variables, announce=announce)
            weights = read_variables(runner.session, variables)
            return FrozenBackbone(runner.freeze(), weights, digest_weights(weights))
