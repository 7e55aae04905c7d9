import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone
from graphcore.nets.guess import NetworkGuess, guess_network
from tests.graphcore.nets.released_mobilenets import read_released


def shapes_of(name, width, end_point=None):
    backbone = get_backbone(name, width, 96 if name == "mobilenet_v2" else 128, end_point)
    with tf.Graph().as_default():
        size = backbone.input_spec.image_size
        backbone.build(tf1.placeholder(tf.float32, [None, size, size, 3]), num_classes=7)
        return {variable.op.name: tuple(variable.shape.as_list()) for variable in tf1.global_variables()}


@pytest.mark.parametrize("released", read_released(), ids=lambda released: f"{released.name}-{released.width}")
def test_a_network_and_its_width_are_read_off_its_variables(released):
    assert guess_network(released.shapes() | {"global_step": ()}) == NetworkGuess(released.name, released.width)


@pytest.mark.parametrize(("depth", "width"), [(64, 1.0), (48, 0.75), (32, 0.5), (16, 0.25)])
def test_a_mobilenet_v1_shows_its_width_in_its_second_layer(depth, width):
    shapes = {"MobilenetV1/Conv2d_1_pointwise/weights": (1, 1, depth // 2, depth)}
    assert guess_network(shapes) == NetworkGuess("mobilenet_v1", width)


def test_half_a_network_is_enough():
    assert guess_network(shapes_of("mobilenet_v1", 0.5, "Conv2d_7_pointwise")) == NetworkGuess("mobilenet_v1", 0.5)
    assert guess_network(shapes_of("mobilenet_v2", 0.5, "layer_8")) == NetworkGuess("mobilenet_v2", 0.5)


@pytest.mark.parametrize(
    ("variable", "name"),
    [
        ("InceptionV1/Conv2d_1a_7x7/weights", "inception_v1"),
        ("InceptionV2/Conv2d_1a_7x7/depthwise_weights", "inception_v2"),
        ("InceptionV3/Conv2d_1a_3x3/weights", "inception_v3"),
        ("InceptionV4/Conv2d_1a_3x3/weights", "inception_v4"),
        ("InceptionResnetV2/Conv2d_1a_3x3/weights", "inception_resnet_v2"),
        *[(f"resnet_{name}/conv1/weights", f"resnet_{name}") for name in ("v1_50", "v1_101", "v1_152", "v2_50")],
        *[(f"resnet_{name}/conv1/weights", f"resnet_{name}") for name in ("v2_101", "v2_152")],
        ("vgg_16/conv1/conv1_1/weights", "vgg_16"),
        ("vgg_19/conv1/conv1_1/weights", "vgg_19"),
    ],
)
def test_other_networks_are_known_by_their_scope(variable, name):
    assert guess_network({variable: (3, 3, 3, 64), "global_step": ()}) == NetworkGuess(name)


def test_a_width_that_never_was_is_not_guessed():
    shapes = {"MobilenetV1/Conv2d_1_pointwise/weights": (1, 1, 7, 7)}
    assert guess_network(shapes) == NetworkGuess("mobilenet_v1", None)


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {"alexnet_v2/conv1/weights": (11, 11, 3, 64)},
        {"MobilenetV3/expanded_conv_3/project/weights": (1, 1, 72, 40)},
    ],
    ids=["nothing", "unknown", "minimalistic"],
)
def test_what_we_do_not_build_is_not_guessed(shapes):
    assert guess_network(shapes) is None


def test_the_options_say_what_differs():
    guess = NetworkGuess("mobilenet_v2", 0.5)
    assert guess.title == "mobilenet_v2 of width 0.5"
    assert guess.options() == "backbone=mobilenet_v2 backbone.width=0.5"
    assert guess.options(NetworkGuess("mobilenet_v2", 1.0)) == "backbone.width=0.5"
    assert NetworkGuess("vgg_16").options(guess) == "backbone=vgg_16"
    assert NetworkGuess("vgg_16").options(NetworkGuess("vgg_16")) == ""
