import pytest

from graphcore.errors import ConfigError
from graphcore.nets.factory import get_backbone
from graphcore.nets.mobilenet_v3 import LARGE, SMALL, plan_stack

# Inner depths and kernels of arXiv:1905.02244, tables 1 and 2.
INNER = {
    LARGE: [16, 64, 72, 72, 120, 120, 240, 200, 184, 184, 480, 672, 672, 960, 960],
    SMALL: [16, 72, 88, 96, 240, 240, 120, 144, 288, 576, 576],
}
KERNELS = {LARGE: [3, 3, 3, 5, 5, 5, 3, 3, 3, 3, 3, 3, 5, 5, 5], SMALL: [3, 3, 3, *[5] * 8]}
SQUEEZED = {LARGE: [3, 4, 5, 10, 11, 12, 13, 14], SMALL: [0, *range(3, 11)]}


@pytest.mark.parametrize("name", [LARGE, SMALL])
def test_the_blocks_are_those_of_the_paper(name):
    blocks = plan_stack(name, 1.0).blocks
    assert [block.inner_depth for block in blocks] == INNER[name]
    assert [block.kernel for block in blocks] == KERNELS[name]
    assert [index for index, block in enumerate(blocks) if block.squeeze] == SQUEEZED[name]


@pytest.mark.parametrize(
    ("name", "width", "end_point", "size"),
    [
        (LARGE, 1.0, "layer_17", 960),
        (LARGE, 0.75, "layer_17", 720),
        (LARGE, 0.75, "layer_19", 1280),
        (SMALL, 1.0, "layer_13", 576),
        (SMALL, 0.75, "layer_13", 432),
        (SMALL, 1.0, "layer_15", 1024),
    ],
)
def test_features_are_the_last_convolution_or_the_layer_above_it(name, width, end_point, size):
    assert get_backbone(name, width, 224, end_point).feature_size == size
    assert get_backbone(name, width, 224).end_point == plan_stack(name, width).last


def test_both_have_one_scope():
    for name in (LARGE, SMALL):
        backbone = get_backbone(name, 1.0, 160)
        assert (backbone.scope, backbone.logits_scopes) == ("MobilenetV3", ("MobilenetV3/Logits",))


def test_a_width_that_never_was_is_refused():
    with pytest.raises(ConfigError, match=r"backbone.width is 0.5, and mobilenet_v3_small.*\nChoices: 1, 0.75\."):
        get_backbone(SMALL, 0.5, 224)


def test_the_mean_is_no_end_point_of_its_own():
    with pytest.raises(ConfigError, match=r"backbone.end_point is 'layer_18'"):
        get_backbone(LARGE, 1.0, 224, "layer_18")
