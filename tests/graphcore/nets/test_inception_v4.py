import pytest

from graphcore.errors import ConfigError
from graphcore.nets.inception_v4 import DEPTHS, make_backbone
from graphcore.nets.input_spec import InputSpec
from tests.graphcore.nets.released_networks import build_shapes, count_parameters, fold, read_released

# Side of the maps at each end point, for pictures of 299 (arXiv:1602.07261, figures 3 and 9).
SIDES = {"Conv2d_1a_3x3": 149, "Conv2d_2a_3x3": 147, "Conv2d_2b_3x3": 147, "Mixed_3a": 73, "Mixed_4a": 71}
SIDES |= {"Mixed_5a": 35, "Mixed_5e": 35, "Mixed_6a": 17, "Mixed_6h": 17, "Mixed_7a": 8, "Mixed_7d": 8}


@pytest.fixture(scope="module", name="built")
def whole_network():
    return build_shapes(make_backbone("inception_v4", 1.0, 299), 1001)


def test_names_and_shapes_are_those_of_the_released_checkpoint(built):
    parameters, released = read_released("inception_v4")
    assert built[0] == released
    assert count_parameters({name: shape for name, shape in built[0].items() if "Logits/" not in name}) == parameters


def test_every_layer_has_the_papers_size(built):
    end_points = built[1]
    assert {name: end_points[name][1] for name in SIDES} == SIDES
    assert {name: end_points[name][3] for name in DEPTHS} == DEPTHS
    assert end_points["features"] == [None, 1536]
    assert end_points["Logits"] == [None, 1001]


def test_what_it_takes_and_gives():
    backbone = make_backbone("inception_v4", 1.0, 299)
    assert backbone.input_spec == InputSpec(299)
    assert (backbone.feature_size, backbone.end_point, backbone.checkpoint_classes) == (1536, "Mixed_7d", 1001)
    assert backbone.logits_scopes == ("InceptionV4/Logits", "InceptionV4/AuxLogits")


def test_folded_it_computes_the_same_with_convolutions_alone():
    difference, counts = fold(make_backbone("inception_v4", 1.0, 99, "Mixed_6b"))
    assert difference < 1e-5
    # 11 in the stem, 4 x 7 in A, 4 in the reduction, 10 in B.
    assert counts["Conv2D"] == counts["BiasAdd"] == 53
    assert not {"FusedBatchNormV3", "Mul", "AddV2", "VarHandleOp"} & counts.keys()


@pytest.mark.parametrize(("width", "size", "message"), [(0.5, 299, "no such variant"), (1.0, 74, "needs at least 75")])
def test_other_widths_and_too_small_pictures_are_refused(width, size, message):
    with pytest.raises(ConfigError, match=message):
        make_backbone("inception_v4", width, size)
