from dataclasses import replace

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.graph_backbone import make_graph_backbone, write_graph_backbone
from graphcore.nets.input_spec import InputSpec
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


def test_a_runs_own_input_specification_holds(tmp_path):
    run = replace(write_run(tmp_path, seed=1), input_spec=InputSpec(128, grayscale=True, crop_fraction=0.5).to_json())
    backbone, _ = freeze_run_backbone(run)
    assert backbone.input_spec == InputSpec(128, grayscale=True, crop_fraction=0.5)


def test_a_run_of_a_graph_is_read_from_the_graph_it_kept(tmp_path):
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="images")
        tf.reduce_mean(images * 3.0, [1, 2], name="features")
    spec = InputSpec(8, 0.0, 1.0)
    made = make_graph_backbone(Program(graph, {"images": "images"}, {"features": "features"}), spec)
    write_graph_backbone(tmp_path / "checkpoints" / "backbone.pb", made)
    run = Run(tmp_path, ("a", "b"), "graph", 1.0, 8, tmp_path, "digest", tmp_path, input_spec=spec.to_json())
    backbone, frozen = freeze_run_backbone(run)
    assert (backbone.input_spec, backbone.feature_size) == (spec, 3)
    np.testing.assert_allclose(frozen.program.run({"images": np.ones([2, 8, 8, 3], np.float32)})[0], 3.0)
    assert frozen.digest == made.digest
    frozen.program.close()


def test_a_run_of_a_graph_that_lost_it_is_told(tmp_path):
    run = Run(tmp_path, ("a", "b"), "graph", 1.0, 8, tmp_path, "digest", tmp_path)
    with pytest.raises(CheckpointError, match="The run's backbone cannot be read"):
        freeze_run_backbone(run)
