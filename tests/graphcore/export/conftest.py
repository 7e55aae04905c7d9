import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.linear import BIASES, WEIGHTS
from graphcore.nets.factory import get_backbone
from graphcore.nets.weights import read_variables
from graphcore.training import checkpoints
from graphcore.training.run import Run

LABELS = ("hat", "shoes", "t-shirt")


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """A finished run of a random MobileNet 0.25/128 and a random head, whose features and scores spread."""
    folder = tmp_path_factory.mktemp("run")
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        backbone.build(tf1.placeholder(tf.float32, [None, 128, 128, 3]), is_training=False)
        session.run(tf1.global_variables_initializer())
        weights = read_variables(session, tf1.global_variables(backbone.scope))
    # Fresh weights are so small that every picture ends near the same features.
    weights = {name: value * 4 if name.endswith("weights") else value for name, value in weights.items()}
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(folder), weights)
    random = np.random.default_rng(0)
    head = {
        WEIGHTS: (random.normal(size=(backbone.feature_size, len(LABELS))) * 0.02).astype(np.float32),
        BIASES: np.zeros(len(LABELS), np.float32),
    }
    checkpoints.write_checkpoint(checkpoints.best_prefix(folder), head)
    run = Run(folder, LABELS, "mobilenet_v1", 0.25, 128, folder / "records", "digest", folder / "features")
    run.write()
    return run
