import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.inception import make_backbone
from graphcore.nets.input_spec import InputSpec
from tests.graphcore.nets.released_networks import build_shapes, count_parameters, fold, read_released

SIZES = {"inception_v1": 224, "inception_v2": 224, "inception_v3": 299}
# Convolutions, as the papers' tables count them; in v2 the first is a depthwise and a pointwise one.
CONVOLUTIONS = {"inception_v1": 57, "inception_v2": 69, "inception_v3": 94}


@pytest.fixture(scope="module", params=SIZES)
def built(request):
    backbone = make_backbone(request.param, 1.0, SIZES[request.param])
    return backbone, *build_shapes(backbone, 1001)


def test_names_and_shapes_are_those_of_the_released_checkpoint(built):
    backbone, variables, _ = built
    parameters, released = read_released(backbone.name)
    assert variables == released
    below = {name: shape for name, shape in variables.items() if not name.startswith("Logits/")}
    assert count_parameters(below) == parameters


def test_every_end_point_has_the_depth_that_the_backbone_says(built):
    backbone, _, end_points = built
    layers = [name for name in end_points if name not in ("global_pool", "features", "Logits", "Predictions")]
    size = backbone.input_spec.image_size
    depths = {name: make_backbone(backbone.name, 1.0, size, name).feature_size for name in layers}
    assert depths == {name: end_points[name][-1] for name in layers}
    with pytest.raises(ConfigError) as told:
        make_backbone(backbone.name, 1.0, size, "Mixed_9z")
    assert str(told.value).rpartition("Choices: ")[2] == ", ".join(layers) + "."


def test_what_it_takes_and_gives(built):
    backbone, _, end_points = built
    assert backbone.input_spec == InputSpec(SIZES[backbone.name], -1.0, 1.0, 0.875)
    assert backbone.checkpoint_classes == 1001
    assert end_points["features"] == [None, backbone.feature_size]
    assert end_points["Predictions"] == [None, 1001]
    sides = {"inception_v1": 7, "inception_v2": 7, "inception_v3": 8}
    assert end_points[backbone.end_point][1:3] == [sides[backbone.name]] * 2


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("inception_v1", ("InceptionV1/Logits",)),
        ("inception_v2", ("InceptionV2/Logits",)),
        ("inception_v3", ("InceptionV3/Logits", "InceptionV3/AuxLogits")),
    ],
)
def test_scopes_of_the_last_layers(name, scopes):
    assert make_backbone(name, 1.0, 224).logits_scopes == scopes


@pytest.mark.parametrize(
    ("name", "end_point"), [("inception_v1", None), ("inception_v2", None), ("inception_v3", "Mixed_6b")]
)
def test_folded_it_computes_the_same_with_convolutions_alone(name, end_point):
    difference, counts = fold(make_backbone(name, 1.0, 75, end_point))
    assert difference < 1e-5
    convolutions = CONVOLUTIONS[name] if end_point is None else 40
    assert counts["Conv2D"] == counts["BiasAdd"] == convolutions
    assert not {"FusedBatchNormV3", "Mul", "AddV2", "VarHandleOp", "ReadVariableOp"} & counts.keys()


def test_nothing_is_built_above_the_end_point():
    backbone = make_backbone("inception_v3", 1.0, 139, "Mixed_5d")
    variables, end_points = build_shapes(backbone)
    assert not [name for name in variables if name.startswith("Mixed_6")]
    assert list(end_points)[-3:] == ["Mixed_5d", "global_pool", "features"]
    assert backbone.feature_size == 288 == end_points["features"][1]


@pytest.mark.parametrize(("width", "size", "message"), [(0.5, 299, "no such variant"), (1.0, 74, "needs at least 75")])
def test_other_widths_and_too_small_pictures_are_refused(width, size, message):
    with pytest.raises(ConfigError, match=message):
        make_backbone("inception_v3", width, size)


def test_options_of_training_reach_the_layers():
    backbone = make_backbone("inception_v1", 1.0, 64, "Mixed_3b")
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 64, 64, 3])
        backbone.build(images, True, weight_decay=1e-4, batch_norm_decay=0.9, updates_collections=["moving"])
        assert len(tf1.get_collection("moving")) == 2 * 9  # the stem's three convolutions, and six in Mixed_3b
        assert len(tf1.losses.get_regularization_losses()) == 9
        before = len(tf1.global_variables())
        backbone.build(images, reuse=True)
        assert len(tf1.global_variables()) == before
        epsilons = [op.get_attr("epsilon") for op in graph.get_operations() if op.type == "FusedBatchNormV3"]
        assert epsilons == pytest.approx([0.001] * 2 * 9)


def test_dropout_is_on_in_training_alone():
    backbone = make_backbone("inception_v1", 1.0, 32, "MaxPool_3a_3x3")
    for is_training in (True, False):
        with tf.Graph().as_default() as graph:
            backbone.build(tf1.placeholder(tf.float32, [None, 32, 32, 3]), is_training, num_classes=3)
            kinds = [op.type for op in graph.get_operations() if "Dropout" in op.name]
        assert ("RandomUniform" in kinds) is is_training
