import pytest

from graphcore.nets.classic_names import HUB, INCEPTION_2015, find_features, find_input, guess_range

MOBILENET = ["input", "MobilenetV1/Logits/AvgPool_1a/AvgPool", "MobilenetV1/Predictions/Reshape"]


@pytest.mark.parametrize(
    ("ops", "expected"),
    [
        (["DecodeJpeg", "Mul", "pool_3", "pool_3/_reshape", "softmax"], "pool_3/_reshape:0"),
        (MOBILENET, "MobilenetV1/Logits/AvgPool_1a/AvgPool:0"),
        (["MobilenetV2/Logits/AvgPool", "MobilenetV2/Predictions/Reshape_1"], "MobilenetV2/Logits/AvgPool:0"),
        (["InceptionV3/Logits/AvgPool_1a_8x8/AvgPool"], "InceptionV3/Logits/AvgPool_1a_8x8/AvgPool:0"),
        (["InceptionResnetV2/Logits/AvgPool_1a_8x8/AvgPool"], "InceptionResnetV2/Logits/AvgPool_1a_8x8/AvgPool:0"),
        (["resnet_v2_50/pool5"], "resnet_v2_50/pool5:0"),
        (["vgg_16/fc7/Relu"], "vgg_16/fc7/Relu:0"),
        (["MobilenetV1/features", "MobilenetV1/pooled"], "MobilenetV1/features:0"),
        (["Call/model/global_average_pooling2d/Mean"], "Call/model/global_average_pooling2d/Mean:0"),
        (["input", "MobilenetV1/Predictions/Reshape"], None),
        (["my_pool_3/_reshape"], None),
    ],
)
def test_features_are_the_pooled_maps_and_never_the_probabilities(ops, expected):
    assert find_features(ops) == expected


def test_a_signature_may_say_which_output_is_the_features():
    outputs = {"default": "out:0", "logits": "logits:0"}
    assert find_features([], "image_feature_vector", outputs) == "out:0"
    assert find_features([], "serving_default", outputs) is None
    assert find_features([], "serving_default", {"feature_vector": "v:0"}) == "v:0"


@pytest.mark.parametrize(
    ("ops", "pictures", "features", "expected"),
    [
        (["Mul", "DecodeJpeg/contents"], [], "pool_3/_reshape:0", "Mul:0"),
        (["Mul", "input"], ["input"], "MobilenetV1/Logits/AvgPool_1a/AvgPool:0", "input:0"),
        ([], ["somebodys_name"], None, "somebodys_name:0"),
        ([], ["mask", "Placeholder"], None, "Placeholder:0"),
        ([], ["mask", "module/hub_input/images"], None, "module/hub_input/images:0"),
        ([], ["mask", "other"], None, None),
        ([], [], None, None),
    ],
)
def test_pictures_go_in_where_the_classic_scripts_put_them(ops, pictures, features, expected):
    assert find_input(ops, pictures, features) == expected


@pytest.mark.parametrize(
    ("name", "expected"), [("Mul:0", INCEPTION_2015), ("module/hub_input/images:0", HUB), ("input:0", None)]
)
def test_the_range_is_known_of_some(name, expected):
    assert guess_range(name) == expected


def test_the_range_of_2015_is_that_of_its_own_preparation():
    assert INCEPTION_2015.low == (0 - 128) / 128
    assert INCEPTION_2015.high == (255 - 128) / 128
