from dataclasses import replace

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.freeze import count_ops
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.nets.weights import digest_weights, locate_checkpoint, write_checkpoint

BACKBONE = get_backbone("mobilenet_v1", 0.25, 128)
IMAGES = np.random.default_rng(0).uniform(-1, 1, [2, 128, 128, 3]).astype(np.float32)


@pytest.fixture(name="frozen", scope="module")
def random_backbone():
    frozen = freeze_backbone(BACKBONE, None, seed=3)
    yield frozen
    frozen.program.close()


@pytest.fixture(name="trained_values", scope="module")
def weights_with_statistics_of_their_own(frozen):
    """Random weights whose batch norm is far from the identity, so that folding has something to do."""
    rng = np.random.default_rng(1)
    return {
        name: rng.uniform(0.5, 1.5, value.shape).astype(np.float32) if "BatchNorm" in name else value
        for name, value in frozen.weights.items()
    }


def test_it_maps_images_to_features(frozen):
    (features,) = frozen.program.run({"images": IMAGES}, ["features"])
    assert features.shape == (2, 256)
    assert features.dtype == np.float32


def test_nothing_is_left_of_batch_norm_and_variables(frozen):
    counts = count_ops(frozen.program.graph.as_graph_def())
    assert counts["FusedBatchNormV3"] == counts["VarHandleOp"] == counts["ReadVariableOp"] == 0
    assert counts["DepthwiseConv2dNative"] == 13
    assert counts["Conv2D"] == 14


def test_folded_and_live_networks_agree(trained_values, tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", trained_values)))
    folded = freeze_backbone(BACKBONE, source)
    (found,) = folded.program.run({"images": IMAGES})
    with tf.Graph().as_default(), tf1.Session() as session:
        features, _ = BACKBONE.build(tf.constant(IMAGES))
        feeds = {v.initializer.inputs[1]: trained_values[v.op.name] for v in tf1.global_variables()}
        session.run([variable.initializer for variable in tf1.global_variables()], feeds)
        expected = session.run(features)
    assert expected.std() > 0.1
    np.testing.assert_allclose(found, expected, atol=1e-4)
    folded.program.close()


def test_the_weights_are_those_of_the_checkpoint_unfolded(trained_values, tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", trained_values)))
    frozen = freeze_backbone(BACKBONE, source)
    assert digest_weights(frozen.weights) == digest_weights(trained_values)


def test_what_a_checkpoint_holds_besides_the_backbone_does_not_change_the_digest(frozen, tmp_path):
    values = {**frozen.weights, "global_step": np.array(5, np.int64)}
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", values)))
    assert freeze_backbone(BACKBONE, source).digest == frozen.digest


def test_random_weights_are_decided_by_the_seed(frozen):
    assert freeze_backbone(BACKBONE, None, seed=3).digest == frozen.digest
    assert freeze_backbone(BACKBONE, None, seed=4).digest != frozen.digest


def test_with_classes_there_are_logits_too():
    frozen = freeze_backbone(BACKBONE, None, num_classes=5)
    features, logits = frozen.program.run({"images": IMAGES}, ["features", "logits"])
    assert logits.shape == (2, 5)
    assert features.shape == (2, 256)
    frozen.program.close()


def test_a_checkpoint_of_another_width_is_refused(frozen, tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", frozen.weights)))
    with pytest.raises(CheckpointError, match=r"set backbone\.width=0\.25"):
        freeze_backbone(get_backbone("mobilenet_v1", 0.5, 128), source)


def test_an_excluded_scope_keeps_its_random_start(frozen, trained_values, tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", trained_values)))
    scope = "MobilenetV1/Conv2d_13_pointwise"
    found = freeze_backbone(BACKBONE, replace(source, exclude_scopes=(scope,)), seed=3)
    name = f"{scope}/BatchNorm/gamma"
    np.testing.assert_array_equal(found.weights[name], frozen.weights[name])
    assert digest_weights(found.weights) != digest_weights(trained_values)


def test_what_the_checkpoint_lacks_may_keep_its_random_start(frozen, trained_values, tmp_path):
    values = {name: value for name, value in trained_values.items() if "Conv2d_13" not in name}
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", values)))
    with pytest.raises(CheckpointError, match="lacks"):
        freeze_backbone(BACKBONE, source)
    found = freeze_backbone(BACKBONE, replace(source, ignore_missing=True), seed=3)
    name = "MobilenetV1/Conv2d_13_pointwise/weights"
    np.testing.assert_array_equal(found.weights[name], frozen.weights[name])


def test_averages_are_restored_in_place_of_the_weights(trained_values, tmp_path):
    averages = {f"{name}/ExponentialMovingAverage": value + 1 for name, value in trained_values.items()}
    prefix = write_checkpoint(tmp_path / "net.ckpt", {**trained_values, **averages})
    found = freeze_backbone(BACKBONE, replace(locate_checkpoint(str(prefix)), use_ema=True))
    expected = {name: value + 1 for name, value in trained_values.items()}
    assert digest_weights(found.weights) == digest_weights(expected)


def test_the_layer_that_is_pooled_changes_the_digest_even_where_it_has_no_weights():
    before, after = (
        freeze_backbone(get_backbone("inception_v1", 1.0, 32, end_point), None)
        for end_point in ("Conv2d_1a_7x7", "MaxPool_2a_3x3")
    )
    assert digest_weights(before.weights) == digest_weights(after.weights)
    assert before.digest != after.digest


# Counted by hand in the papers' tables, batch norm folded into the convolution before it. An activation is one
# operation; hard swish, x * relu6(x + 3) * (1/6), is four, and hard sigmoid, relu6(x + 3) * (1/6), three.
OPS = {
    # A convolution, then 13 times a depthwise one and a pointwise one. arXiv:1704.04861, table 1.
    "mobilenet_v1": {"Conv2D": 1 + 13, "DepthwiseConv2dNative": 13, "BiasAdd": 27, "Relu6": 27, "Mean": 1},
    # 17 blocks, the first without expansion, between two convolutions; a projection has no activation. 10 blocks
    # have a shortcut. arXiv:1801.04381, table 2.
    "mobilenet_v2": {
        "Conv2D": 1 + 16 + 17 + 1,
        "DepthwiseConv2dNative": 17,
        "BiasAdd": 35 + 17,
        "Relu6": 1 + 16 + 17 + 1,
        "AddV2": 10,
        "Mean": 1,
    },
    # 15 blocks, the first without expansion, 8 of them with two convolutions that squeeze and excite, 9 with hard
    # swish (twice; so have the first and the last convolution), 10 with a shortcut. arXiv:1905.02244, table 1.
    "mobilenet_v3_large": {
        "Conv2D": 1 + 14 + 15 + 1 + 8 * 2,
        "DepthwiseConv2dNative": 15,
        "BiasAdd": 47 + 15,
        "Relu": 1 + 5 * 2 + 8,
        "Relu6": (2 + 9 * 2) + 8,
        "AddV2": 10 + (2 + 9 * 2) + 8,
        "Mul": 2 * (2 + 9 * 2) + 2 * 8,
        "Mean": 1 + 8,
    },
    # 16 units of three convolutions, 4 of them with one in the shortcut. The root pads and pools; so does, as slim
    # has it, the last unit of three blocks, which strides: its shortcut is subsampled by pooling. arXiv:1512.03385.
    "resnet_v1_50": {
        "Conv2D": 1 + 16 * 3 + 4,
        "BiasAdd": 53,
        "Relu": 1 + 16 * 3,
        "AddV2": 16,
        "Pad": 1 + 3,
        "MaxPool": 1 + 3,
        "Mean": 1,
    },
}


@pytest.mark.parametrize("name", OPS)
def test_a_frozen_network_computes_nothing_but_its_layers(name):
    frozen = freeze_backbone(get_backbone(name, 1.0, 224), None)
    counts = count_ops(frozen.program.graph.as_graph_def())
    frozen.program.close()
    # A weight and a bias for each convolution, those of hard swish, and what a few operations are told.
    assert counts.pop("Const") <= 2 * OPS[name]["BiasAdd"] + OPS[name].get("Mul", 0) + 10
    assert counts == {"Placeholder": 1, "Squeeze": 1} | OPS[name]
