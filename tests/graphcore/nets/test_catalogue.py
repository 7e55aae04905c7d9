import re
from collections import Counter

import pytest

from graphcore.config.network import BACKBONES, GRAPH
from graphcore.errors import ConfigError
from graphcore.nets.catalogue import ARCHIVES, plan_archive

MODELS = "https://storage.googleapis.com/download.tensorflow.org/models"


@pytest.mark.parametrize(
    ("network", "url", "checkpoint"),
    [
        (
            ("mobilenet_v1", 0.5, 160),
            f"{MODELS}/mobilenet_v1_2018_08_02/mobilenet_v1_0.5_160.tgz",
            "mobilenet_v1_0.5_160.ckpt",
        ),
        (
            ("mobilenet_v2", 1.4, 224),
            "https://storage.googleapis.com/mobilenet_v2/checkpoints/mobilenet_v2_1.4_224.tgz",
            "mobilenet_v2_1.4_224.ckpt",
        ),
        (
            ("mobilenet_v3_large", 0.75, 224),
            "https://storage.googleapis.com/mobilenet_v3/checkpoints/v3-large_224_0.75_float.tgz",
            "v3-large_224_0.75_float/ema/model-220000",
        ),
        (("inception_v3", 1.0, 299), f"{MODELS}/inception_v3_2016_08_28.tar.gz", "inception_v3.ckpt"),
        (("inception_v3", 1.0, 400), f"{MODELS}/inception_v3_2016_08_28.tar.gz", "inception_v3.ckpt"),
        (
            ("inception_resnet_v2", 1.0, 299),
            f"{MODELS}/inception_resnet_v2_2016_08_30.tar.gz",
            "inception_resnet_v2_2016_08_30.ckpt",
        ),
        (("resnet_v1_101", 1.0, 224), f"{MODELS}/resnet_v1_101_2016_08_28.tar.gz", "resnet_v1_101.ckpt"),
        (("resnet_v2_152", 1.0, 299), f"{MODELS}/resnet_v2_152_2017_04_14.tar.gz", "resnet_v2_152.ckpt"),
        (("vgg_19", 1.0, 224), f"{MODELS}/vgg_19_2016_08_28.tar.gz", "vgg_19.ckpt"),
    ],
)
def test_a_network_has_its_archive(network, url, checkpoint):
    found = plan_archive(*network)
    assert (found.url, found.checkpoint) == (url, checkpoint)


def test_the_published_checksums_are_known():
    found = plan_archive("mobilenet_v1", 0.25, 128)
    assert found.size_bytes == 10_800_019
    assert found.sha256 == "879ddc3e0857f3611b5cf248e36de2288c7a11ea8c2ed8a8bdded635e6010dfe"
    assert sum(archive.sha256 is not None for archive in ARCHIVES.values()) == 9
    assert all(re.fullmatch("[0-9a-f]{64}", archive.sha256) for archive in ARCHIVES.values() if archive.sha256)


def test_every_network_that_is_built_in_was_released():
    counts = Counter(name for name, _, _ in ARCHIVES)
    assert set(counts) == set(BACKBONES) - {GRAPH}
    assert (counts["mobilenet_v1"], counts["mobilenet_v2"], counts["mobilenet_v3_small"]) == (16, 22, 2)


def test_file_names_tell_archives_apart():
    assert len({archive.file_name for archive in ARCHIVES.values()}) == len(ARCHIVES)
    assert len({archive.stem for archive in ARCHIVES.values()}) == len(ARCHIVES)
    assert all(archive.url.startswith("https://") for archive in ARCHIVES.values())


def test_a_variant_that_was_not_released_is_told_with_those_that_were():
    with pytest.raises(
        ConfigError, match=r"mobilenet_v2 .* than 1\.4/192\.\nChoices: 1\.4/224, 1\.3/224, 1/224, 1/192,"
    ):
        plan_archive("mobilenet_v2", 1.4, 192)


def test_a_network_that_was_not_released_is_told_with_those_that_were():
    with pytest.raises(ConfigError, match=r"no weights of alexnet were released\.\nChoices: inception_resnet_v2,"):
        plan_archive("alexnet", 1.0, 224)
