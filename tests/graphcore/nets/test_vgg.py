import pytest

from graphcore.config import BackboneConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.vgg import make_backbone
from tests.graphcore.nets.released_networks import build_shapes, count_parameters, fold, vgg_shapes

# All parameters (arXiv:1409.1556, table 2 has them in millions).
PARAMETERS = {"vgg_16": 138_357_544, "vgg_19": 143_667_240}


@pytest.mark.parametrize("name", PARAMETERS)
def test_names_and_shapes_are_those_of_the_released_checkpoint(name):
    variables, end_points = build_shapes(make_backbone(name, 1.0, 224), 1000)
    assert variables == vgg_shapes(name, 1000)
    assert count_parameters(variables) == PARAMETERS[name]
    assert end_points["features"] == [None, 4096]
    assert end_points["Logits"] == [None, 1000]
    layers = {layer: shape for layer, shape in end_points.items() if layer.startswith(name)}
    assert {layer: make_backbone(name, 1.0, 224, layer).feature_size for layer in layers} == {
        layer: shape[-1] for layer, shape in layers.items()
    }


def test_what_it_takes_and_gives():
    backbone = make_backbone("vgg_16", 1.0, 224)
    assert backbone.input_spec == InputSpec(224, 0.0, 255.0, 0.875, (123.68, 116.779, 103.939), keep_aspect=True)
    assert (backbone.feature_size, backbone.end_point) == (4096, "vgg_16/fc7")
    assert (backbone.checkpoint_classes, backbone.logits_scopes) == (1000, ("vgg_16/fc8",))


def test_the_connected_layers_want_the_size_they_were_made_for():
    with pytest.raises(ConfigError, match=r"image_size is 192, and fc7 of vgg_16 needs 224\.\n.*end_point=pool5"):
        make_backbone("vgg_16", 1.0, 192)


def test_an_earlier_layer_takes_any_size():
    backbone = make_backbone("vgg_16", 1.0, 50, "pool5")
    variables, end_points = build_shapes(backbone)
    assert end_points["vgg_16/pool5"] == [None, 1, 1, 512]
    assert backbone.feature_size == 512 == end_points["features"][1]
    assert not [name for name in variables if name.startswith("fc")]
    config = BackboneConfig(name="vgg_16", width=1.0, image_size=50, checkpoint=None, end_point="pool5")
    assert get_configured_backbone(config)[0].feature_size == 512


@pytest.mark.parametrize(("width", "size", "message"), [(0.5, 224, "no such variant"), (1.0, 31, "needs at least 32")])
def test_other_widths_and_too_small_pictures_are_refused(width, size, message):
    with pytest.raises(ConfigError, match=message):
        make_backbone("vgg_19", width, size, "pool5")


def test_frozen_it_computes_the_same():
    difference, counts = fold(make_backbone("vgg_16", 1.0, 64, "conv4/conv4_3"))
    assert difference < 1e-5
    assert (counts["Conv2D"], counts["BiasAdd"], counts["MaxPool"]) == (10, 10, 3)


def test_options_of_training_reach_the_layers():
    backbone = make_backbone("vgg_16", 1.0, 224)
    for is_training in (True, False):
        with tf.Graph().as_default() as graph:
            images = tf1.placeholder(tf.float32, [None, 224, 224, 3])
            backbone.build(
                images, is_training, num_classes=5, weight_decay=1e-4, batch_norm_decay=0.9, updates_collections=None
            )
            assert len(tf1.losses.get_regularization_losses()) == 16
            kinds = [op.type for op in graph.get_operations() if "dropout" in op.name]
        assert kinds.count("RandomUniform") == (2 if is_training else 0)
