import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.resnet import make_backbone
from tests.graphcore.nets.released_networks import RESNET_UNITS, build_shapes, count_parameters, fold, resnet_shapes

# With 1000 classes: v1 without statistics (torchvision.models), v2 with them (keras.applications, of the same weights).
PARAMETERS = {
    **{"resnet_v1_50": 25_557_032, "resnet_v1_152": 60_192_808},
    **{"resnet_v2_50": 25_613_800, "resnet_v2_101": 44_675_560},
}


# Either version at 50, and each other depth once: versions share the units, and building takes seconds.
@pytest.fixture(scope="module", params=["resnet_v1_50", "resnet_v1_152", "resnet_v2_50", "resnet_v2_101"])
def built(request):
    backbone = make_backbone(request.param, 1.0, 224)
    return backbone, *build_shapes(backbone, 1000)


def test_names_and_shapes_are_those_of_the_released_checkpoint(built):
    backbone, variables, _ = built
    assert variables == resnet_shapes(backbone.name, 1000)
    statistics = "/moving_" if "_v1_" in backbone.name else "none"
    counted = {name: shape for name, shape in variables.items() if statistics not in name}
    assert count_parameters(counted) == PARAMETERS[backbone.name]


def test_every_end_point_can_be_pooled(built):
    backbone, _, end_points = built
    layers = {name: shape for name, shape in end_points.items() if name.startswith(backbone.scope)}
    units = sum(RESNET_UNITS[backbone.name[10:]])
    assert len(layers) == units + 4 + 2 + ("_v2_" in backbone.name)  # units, blocks, conv1 and pool1, postnorm
    depths = {name: make_backbone(backbone.name, 1.0, 224, name).feature_size for name in layers}
    assert depths == {name: shape[-1] for name, shape in layers.items()}
    # The stride lies in a block's last unit.
    sides = [end_points[f"{backbone.scope}/{name}"][1] for name in ("conv1", "pool1", "block1", "block2", "block4")]
    assert sides == [112, 56, 28, 14, 7]
    assert end_points["features"] == [None, 2048]


def test_version_1_takes_the_means_off_and_version_2_scales():
    first, second = make_backbone("resnet_v1_50", 1.0, 224), make_backbone("resnet_v2_50", 1.0, 299)
    assert first.input_spec == InputSpec(224, 0.0, 255.0, 0.875, (123.68, 116.779, 103.939), keep_aspect=True)
    assert second.input_spec == InputSpec(299, -1.0, 1.0, 0.875)
    assert (first.checkpoint_classes, second.checkpoint_classes) == (1000, 1001)
    assert first.logits_scopes == ("resnet_v1_50/logits",)
    assert (first.end_point, second.end_point) == ("resnet_v1_50/block4", "resnet_v2_50/postnorm")


@pytest.mark.parametrize("end_point", ["block2", "resnet_v2_50/block2"])
def test_end_points_go_by_slims_name_or_without_the_networks(end_point):
    backbone = make_backbone("resnet_v2_50", 1.0, 64, end_point)
    variables, end_points = build_shapes(backbone)
    assert backbone.end_point == "resnet_v2_50/block2"
    assert end_points["features"] == [None, 512]
    assert not [name for name in variables if name.startswith(("block3", "postnorm"))]


def test_folding_leaves_nothing_of_the_batch_norm_of_version_1():
    difference, counts = fold(make_backbone("resnet_v1_50", 1.0, 64, "block3"))
    assert difference < 1e-5
    assert counts["Conv2D"] == counts["BiasAdd"] == 1 + 13 * 3 + 3
    assert counts["AddV2"] == 13  # the residuals
    assert not {"FusedBatchNormV3", "Mul", "VarHandleOp"} & counts.keys()


def test_folding_leaves_a_product_and_a_sum_before_each_unit_of_version_2():
    difference, counts = fold(make_backbone("resnet_v2_50", 1.0, 64))
    assert difference < 1e-5
    assert counts["Conv2D"] == counts["BiasAdd"] == 53
    assert counts["Mul"] == 17  # sixteen units and postnorm
    assert counts["AddV2"] == 17 + 16
    assert not {"FusedBatchNormV3", "VarHandleOp"} & counts.keys()


@pytest.mark.parametrize(("width", "size", "message"), [(0.5, 224, "no such variant"), (1.0, 31, "needs at least 32")])
def test_other_widths_and_too_small_pictures_are_refused(width, size, message):
    with pytest.raises(ConfigError, match=message):
        make_backbone("resnet_v1_50", width, size)


def test_options_of_training_reach_the_layers():
    backbone = make_backbone("resnet_v2_50", 1.0, 64, "block1")
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 64, 64, 3])
        backbone.build(images, True, weight_decay=1e-4, batch_norm_decay=0.9)
        assert len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)) == 2 * 9  # three in each of three units
        assert len(tf1.losses.get_regularization_losses()) == 1 + 1 + 9  # the first, the shortcut, the units
        before = len(tf1.global_variables())
        backbone.build(images, reuse=True)
        assert len(tf1.global_variables()) == before
        assert sum(op.type == "FusedBatchNormV3" for op in graph.get_operations()) == 2 * 9
