import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.weights import read_variables
from graphcore.training import checkpoints
from graphcore.training.run import Run


def write_run(folder, seed):
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(seed)
        backbone.build(tf1.placeholder(tf.float32, [None, 128, 128, 3]), is_training=False)
        session.run(tf1.global_variables_initializer())
        weights = read_variables(session, tf1.global_variables(backbone.scope))
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(folder), weights)
    return Run(folder, ("a", "b"), "mobilenet_v1", 0.25, 128, folder, "digest", folder)


def test_a_run_is_frozen_once_until_its_weights_change(tmp_path, capsys):
    run = write_run(tmp_path, seed=1)
    first = freeze_run_backbone(run)
    again = freeze_run_backbone(run)

    write_run(tmp_path, seed=2)
    _, changed = freeze_run_backbone(run)

    assert again[1] is first[1]
    assert changed.digest != first[1].digest
    name = "MobilenetV1/Conv2d_0/weights"
    assert not np.array_equal(changed.weights[name], first[1].weights[name])


def test_a_run_without_weights_is_an_error(tmp_path):
    with pytest.raises(CheckpointError):
        freeze_run_backbone(Run(tmp_path, ("a", "b"), "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path))
