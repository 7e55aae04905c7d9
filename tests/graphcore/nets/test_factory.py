import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.nets.factory import get_backbone
from graphcore.nets.input_spec import InputSpec


def test_a_backbone_says_what_it_takes_and_gives():
    backbone = get_backbone("mobilenet_v1", 0.5, 160)
    assert backbone.input_spec == InputSpec(160, -1.0, 1.0, 0.875)
    assert backbone.feature_size == 512
    assert backbone.scope == "MobilenetV1"
    assert backbone.title == "mobilenet_v1 0.5/160"


def test_it_builds_what_it_says():
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    with tf.Graph().as_default():
        net, end_points = backbone.build(tf.zeros([2, 128, 128, 3]))
    assert net.shape.as_list() == [2, backbone.feature_size]
    assert end_points["features"] is net


def test_options_reach_the_network():
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    with tf.Graph().as_default():
        net, _ = backbone.build(tf.zeros([2, 128, 128, 3]), True, num_classes=7, updates_collections=None)
    assert net.shape.as_list() == [2, 7]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("resnet", 1.0, 224), r"backbone.name is 'resnet'.*\nChoices: mobilenet_v1\."),
        (("mobilenet_v1", 0.3, 224), r"backbone.width is 0.3.*\nChoices: 1, 0.75, 0.5, 0.25\."),
        (("mobilenet_v1", 1.0, 225), r"backbone.image_size is 225.*\nChoices: 224, 192, 160, 128\."),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(arguments, message):
    with pytest.raises(ConfigError, match=message):
        get_backbone(*arguments)
