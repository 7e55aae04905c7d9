import numpy as np
import pytest

from graphcore.config import BackboneConfig
from graphcore.errors import CheckpointError, ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets import factory
from graphcore.nets.factory import get_backbone, get_configured_backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.weights import CheckpointSource, write_checkpoint


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
        (("resnet", 1.0, 224), r"backbone.name is 'resnet'.*\nChoices: .*mobilenet_v1, mobilenet_v2, "),
        (("mobilenet_v1", 0.3, 224), r"backbone.width is 0.3.*\nChoices: 1, 0.75, 0.5, 0.25\."),
        (("mobilenet_v1", 1.0, 225), r"backbone.image_size is 225.*\nChoices: 224, 192, 160, 128\."),
    ],
)
def test_what_there_is_not_is_told_with_what_there_is(arguments, message):
    with pytest.raises(ConfigError, match=message):
        get_backbone(*arguments)


def test_features_of_an_earlier_layer_build_nothing_above_it():
    backbone = get_backbone("mobilenet_v1", 0.25, 128, "Conv2d_7_pointwise")
    with tf.Graph().as_default() as graph:
        net, end_points = backbone.build(tf1.placeholder(tf.float32, [2, 128, 128, 3]))
        assert net.shape.as_list() == [2, 128] == [2, backbone.feature_size]  # 512 * 0.25
        assert "Conv2d_8_depthwise" not in end_points
        assert not [variable for variable in tf1.global_variables() if "Conv2d_8" in variable.name]
    assert graph is not None


def test_unknown_end_point_lists_those_there_are():
    with pytest.raises(ConfigError, match=r"backbone.end_point is 'pool'(.|\n)*Conv2d_13_pointwise"):
        get_backbone("mobilenet_v1", 0.25, 128, "pool")


def test_a_checkpoint_may_choose_the_end_point_and_the_user_may_overrule():
    ends = {
        name: get_configured_backbone(BackboneConfig(checkpoint=name))[0].end_point
        for name in ("embedded", "embedded_fine")
    }
    assert ends == {"embedded": "Conv2d_13_pointwise", "embedded_fine": "Conv2d_7_pointwise"}
    chosen, _ = get_configured_backbone(BackboneConfig(checkpoint="embedded_fine", end_point="Conv2d_5_pointwise"))
    assert chosen.end_point == "Conv2d_5_pointwise"


def test_random_weights_are_pooled_at_the_last_layer():
    backbone, source = get_configured_backbone(BackboneConfig(checkpoint=None))
    assert (backbone.end_point, source) == ("Conv2d_13_pointwise", None)


def test_options_of_restoring_travel_with_the_source():
    config = BackboneConfig(exclude_scopes=["MobilenetV1/Conv2d_0"], ignore_missing=True)
    _, source = get_configured_backbone(config)
    assert source is not None
    assert (source.exclude_scopes, source.ignore_missing) == (("MobilenetV1/Conv2d_0",), True)


@pytest.mark.parametrize(("asked", "taken"), [(None, True), (True, True), (False, False)])
def test_averages_of_an_archive_are_taken_unless_told_otherwise(asked, taken, monkeypatch, tmp_path):
    values = {"a": np.zeros(1, np.float32), "a/ExponentialMovingAverage": np.ones(1, np.float32)}
    archived = CheckpointSource("checkpoint", write_checkpoint(tmp_path / "net.ckpt", values), "net", use_ema=True)
    monkeypatch.setattr(factory, "fetch_checkpoint", lambda archive: archived)
    _, source = get_configured_backbone(BackboneConfig(checkpoint="imagenet", use_ema=asked))
    assert source is not None
    assert source.use_ema is taken


def test_averages_that_are_not_there_are_told_at_once():
    with pytest.raises(CheckpointError, match=r"the embedded .* has no moving averages"):
        get_configured_backbone(BackboneConfig(use_ema=True))


@pytest.mark.parametrize("options", [{"use_ema": True}, {"exclude_scopes": ["a"]}, {"ignore_missing": True}])
def test_options_of_restoring_need_something_to_restore(options):
    with pytest.raises(ConfigError, match=r"means nothing with backbone\.checkpoint=null"):
        get_configured_backbone(BackboneConfig(checkpoint=None, **options))
