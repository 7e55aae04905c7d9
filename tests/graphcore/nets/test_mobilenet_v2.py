import pytest

from graphcore.errors import ConfigError
from graphcore.nets.factory import get_backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.mobilenet_v2 import plan_stack


def test_the_depths_are_those_of_the_paper():
    stack = plan_stack(1.0)
    assert [block.depth for block in stack.blocks] == [
        *(16, 24, 24, 32, 32, 32, 64, 64, 64, 64, 96, 96, 96, 160, 160, 160, 320)
    ]
    assert [index for index, block in enumerate(stack.blocks) if block.stride == 2] == [1, 3, 6, 13]
    assert sum(block.goes_around for block in stack.blocks) == 10


@pytest.mark.parametrize(("width", "depth"), [(1.4, 1792), (1.3, 1664), (1.0, 1280), (0.75, 1280), (0.35, 1280)])
def test_thin_networks_keep_the_last_convolution(width, depth):
    assert get_backbone("mobilenet_v2", width, 224).feature_size == depth


def test_it_says_what_it_takes_and_gives():
    backbone = get_backbone("mobilenet_v2", 0.5, 96, "layer_15/expansion_output")
    assert backbone.input_spec == InputSpec(96, -1.0, 1.0, 0.875)
    assert (backbone.feature_size, backbone.end_point) == (288, "layer_15/expansion_output")  # 6 x 96 / 2
    assert backbone.scope == "MobilenetV2"
    assert backbone.logits_scopes == ("MobilenetV2/Logits",)
    assert get_backbone("mobilenet_v2").end_point == "layer_19"


@pytest.mark.parametrize(
    ("width", "size", "message"),
    [
        (0.25, 224, r"backbone.width is 0.25.*\nChoices: 1.4, 1.3, 1, 0.75, 0.5, 0.35\."),
        (1.0, 100, r"backbone.image_size is 100.*\nChoices: 224, 192, 160, 128, 96\."),
    ],
)
def test_variants_that_never_were_are_refused(width, size, message):
    with pytest.raises(ConfigError, match=message):
        get_backbone("mobilenet_v2", width, size)
