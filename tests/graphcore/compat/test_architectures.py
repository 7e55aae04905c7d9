from __future__ import annotations

import pytest

from graphcore.compat.architectures import find_weights, list_architectures, parse_architecture, parse_module
from graphcore.errors import ConfigError


def test_there_are_33_architectures_and_each_is_a_backbone():
    names = list_architectures()
    assert len(names) == 1 + 4 * 4 * 2
    assert {parse_architecture(name).name for name in names} == {"inception_v3", "mobilenet_v1"}


@pytest.mark.parametrize(
    ("name", "width", "size", "quantized"),
    [
        ("mobilenet_1.0_224", 1.0, 224, False),
        ("mobilenet_0.50_160", 0.5, 160, False),
        ("mobilenet_0.25_128_quantized", 0.25, 128, True),
    ],
)
def test_a_name_says_width_and_size(name, width, size, quantized):
    found = parse_architecture(name)
    assert (found.name, found.width, found.image_size, found.quantized) == ("mobilenet_v1", width, size, quantized)


@pytest.mark.parametrize("name", ["mobilenet_0.5_160", "mobilenet_0.50_200", "mobilenet_0.50_160_quantised", ""])
def test_other_names_are_refused(name):
    with pytest.raises(ConfigError, match=r"(.|\n)*Choices: inception_v3, mobilenet_<1\.0"):
        parse_architecture(name)


@pytest.mark.parametrize(
    ("handle", "name", "width", "size"),
    [
        ("https://tfhub.dev/google/imagenet/inception_v3/feature_vector/1", "inception_v3", None, None),
        ("https://tfhub.dev/google/imagenet/mobilenet_v1_050_160/feature_vector/3", "mobilenet_v1", 0.5, 160),
        ("https://tfhub.dev/google/imagenet/mobilenet_v2_100_224/feature_vector/2", "mobilenet_v2", 1.0, 224),
        ("https://tfhub.dev/google/imagenet/resnet_v2_50/feature_vector/1", "resnet_v2_50", None, None),
    ],
)
def test_modules_are_known_by_their_addresses(handle, name, width, size):
    found = parse_module(handle)
    assert (found.name, found.width, found.image_size) == (name, width, size)


def test_other_modules_are_refused_with_the_reason():
    with pytest.raises(ConfigError, match=r"nasnet_large.*do not run on a current TensorFlow(.|\n)*backbone=graph"):
        parse_module("https://tfhub.dev/google/imagenet/nasnet_large/feature_vector/1")


MOBILENET = parse_architecture("mobilenet_0.50_160")


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (["mobilenet_v1_0.5_160/mobilenet_v1_0.5_160.ckpt.index"], ("checkpoint", "mobilenet_v1_0.5_160")),
        (["mobilenet_v1_0.50_160/model.ckpt.index"], ("checkpoint", "mobilenet_v1_0.50_160")),
        (["mobilenet_v1_0.5_160.ckpt.index"], ("checkpoint", "")),
        (["mobilenet_v1_0.50_160/frozen_graph.pb"], ("graph", "mobilenet_v1_0.50_160/frozen_graph.pb")),
        (["mobilenet_v1_0.5_160/mobilenet_v1_0.5_160_frozen.pb"],
         ("graph", "mobilenet_v1_0.5_160/mobilenet_v1_0.5_160_frozen.pb")),
        (["mobilenet_v1_0.25_128/mobilenet_v1_0.25_128.ckpt.index"], None),
        (["mobilenet_v1_1.0_224.ckpt.index"], None),
        ([], None),
    ],
)  # fmt: skip
def test_weights_are_found_where_the_archives_put_them(tmp_path, files, found):
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()
    expected = None if found is None else (found[0], tmp_path / found[1])
    assert find_weights(MOBILENET, tmp_path) == expected


def test_the_inception_of_2015_is_a_graph(tmp_path):
    (tmp_path / "classify_image_graph_def.pb").touch()
    expected = ("graph", tmp_path / "classify_image_graph_def.pb")
    assert find_weights(parse_architecture("inception_v3"), tmp_path) == expected
    assert find_weights(MOBILENET, tmp_path) is None


def test_a_folder_that_is_not_there_has_no_weights(tmp_path):
    assert find_weights(MOBILENET, tmp_path / "none") is None
