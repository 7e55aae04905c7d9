"""The official archives of ImageNet weights: which one `backbone.checkpoint=imagenet` means, and what is in it.

The same files that the slim scripts and retrain.py fetched, by https from the bucket behind download.tensorflow.org.

Source: github.com/tensorflow/models, research/slim/README.md, nets/mobilenet_v1.md and nets/mobilenet/README.md (which
archives there are); github.com/openvinotoolkit/open_model_zoo, models/public/*/model.yml (sizes and SHA-256 of nine of
them; none were found for the others, whose SHA-256 is recorded at the first use).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphcore.errors import ConfigError

_HOST = "https://storage.googleapis.com"
_MODELS = f"{_HOST}/download.tensorflow.org/models"


@dataclass(frozen=True)
class Archive:
    """One archive of a released checkpoint.

    Attributes:
        url: where it lies; the last part is its file name, which no other archive has.
        checkpoint: the checkpoint's prefix (V2) or file (V1) inside it.
        size_bytes: of the archive; None where that is not known.
        sha256: of the archive, in hex; None where that is not known.
    """

    url: str
    checkpoint: str
    size_bytes: int | None = None
    sha256: str | None = None

    @property
    def file_name(self) -> str:
        """The archive's own name."""
        return self.url.rpartition("/")[2]

    @property
    def stem(self) -> str:
        """Its name without .tar.gz or .tgz: a folder's name."""
        return self.file_name.removesuffix(".gz").removesuffix(".tar").removesuffix(".tgz")


# File name -> size in bytes, SHA-256.
_KNOWN = {
    "mobilenet_v1_1.0_224.tgz": (94321559, "2fadeabb9968ec6833bee903900dda6e61b3947200535874ce2fe42a8493abc0"),
    "mobilenet_v1_0.5_224.tgz": (29969407, "98cf7a39552f73920cb99617cfa9b88d5732a87abf9ec14f7cc7f3ade1db0aaa"),
    "mobilenet_v1_0.5_160.tgz": (29958343, "6bbc9dd7892433e49b4b6ff6af2952183eaa6c1c0cb862868465377a29c77b0d"),
    "mobilenet_v1_0.25_128.tgz": (10800019, "879ddc3e0857f3611b5cf248e36de2288c7a11ea8c2ed8a8bdded635e6010dfe"),
    "mobilenet_v2_1.0_224.tgz": (78306834, "318084bc1b63d6d7b854553e09cdf77078b1c0168be27c59a0d44253b5ed49dc"),
    "mobilenet_v2_1.4_224.tgz": (135977516, "a20d0c8d698502dc6a620528871c97a588885df7737556243a3412b39fce85e0"),
    "inception_v1_2016_08_28.tar.gz": (24642554, "7a620c430fcaba8f8f716241f5148c4c47c035cce4e49ef02cfbe6cd1adf96a6"),
    "inception_v2_2016_08_28.tar.gz": (41577079, "3b9d269984402003d8330affc4e1463c0b4cfd536339ad12446a48d72477480a"),
    "inception_v4_2016_09_09.tar.gz": (171177982, "272a2b24f68b2e51f3081479df075dd62b019ccda630e998fb7f6cf314c0f304"),
}

# Network -> (archive without .tar.gz, V1 checkpoint in it); one width, any size.
_PLAIN = {
    "inception_v1": ("inception_v1_2016_08_28", "inception_v1.ckpt"),
    "inception_v2": ("inception_v2_2016_08_28", "inception_v2.ckpt"),
    "inception_v3": ("inception_v3_2016_08_28", "inception_v3.ckpt"),
    "inception_v4": ("inception_v4_2016_09_09", "inception_v4.ckpt"),
    "inception_resnet_v2": ("inception_resnet_v2_2016_08_30", "inception_resnet_v2_2016_08_30.ckpt"),
    "vgg_16": ("vgg_16_2016_08_28", "vgg_16.ckpt"),
    "vgg_19": ("vgg_19_2016_08_28", "vgg_19.ckpt"),
    **{f"resnet_v1_{depth}": (f"resnet_v1_{depth}_2016_08_28", f"resnet_v1_{depth}.ckpt") for depth in (50, 101, 152)},
    **{f"resnet_v2_{depth}": (f"resnet_v2_{depth}_2017_04_14", f"resnet_v2_{depth}.ckpt") for depth in (50, 101, 152)},
}

_V1_WIDTHS, _V1_SIZES = (1.0, 0.75, 0.5, 0.25), (224, 192, 160, 128)
# Width -> the sizes released at it.
_V2_SIZES = {
    1.4: (224,),
    1.3: (224,),
    **dict.fromkeys((1.0, 0.75, 0.5, 0.35), (224, 192, 160, 128, 96)),
}
# (kind, width) -> the step that the checkpoint of averaged weights is named after; size 224.
_V3_STEPS = {("large", 1.0): 540000, ("large", 0.75): 220000, ("small", 1.0): 388500, ("small", 0.75): 497500}

Key = tuple[str, float, int | None]


def _make(url: str, checkpoint: str) -> Archive:
    return Archive(url, checkpoint, *_KNOWN.get(url.rpartition("/")[2], (None, None)))


def _iterate() -> Iterator[tuple[Key, Archive]]:
    for name, (stem, checkpoint) in _PLAIN.items():
        yield (name, 1.0, None), _make(f"{_MODELS}/{stem}.tar.gz", checkpoint)
    for width in _V1_WIDTHS:
        for size in _V1_SIZES:
            stem = f"mobilenet_v1_{width}_{size}"
            yield ("mobilenet_v1", width, size), _make(f"{_MODELS}/mobilenet_v1_2018_08_02/{stem}.tgz", f"{stem}.ckpt")
    for width, sizes in _V2_SIZES.items():
        for size in sizes:
            stem = f"mobilenet_v2_{width}_{size}"
            url = f"{_HOST}/mobilenet_v2/checkpoints/{stem}.tgz"
            yield ("mobilenet_v2", width, size), _make(url, f"{stem}.ckpt")
    for (kind, width), step in _V3_STEPS.items():
        stem = f"v3-{kind}_224_{width}_float"
        url = f"{_HOST}/mobilenet_v3/checkpoints/{stem}.tgz"
        yield (f"mobilenet_v3_{kind}", width, None), _make(url, f"{stem}/ema/model-{step}")


# (network, width, image size; None where one checkpoint serves any size) -> its archive.
ARCHIVES: dict[Key, Archive] = dict(_iterate())


def plan_archive(name: str, width: float, image_size: int) -> Archive:
    """Chooses the archive of a network.

    Args:
        name: as in `backbone.name`.
        width: depth multiplier.
        image_size: side of the input in pixels.

    Raises:
        ConfigError: no weights were released for it; the message lists what was.
    """
    found = ARCHIVES.get((name, width, image_size)) or ARCHIVES.get((name, width, None))
    if found is not None:
        return found
    released = [key for key in ARCHIVES if key[0] == name]
    if not released:
        raise ConfigError(
            f"backbone.checkpoint=imagenet: no weights of {name} were released.",
            choices=sorted({key[0] for key in ARCHIVES}),
        )
    raise ConfigError(
        f"backbone.checkpoint=imagenet: {name} was released with other widths and sizes than {width:g}/{image_size}.",
        choices=_list_variants(released),
        next_step="Set backbone.width and backbone.image_size to one of these, or name a checkpoint of your own.",
    )


def _list_variants(keys: Sequence[Key]) -> list[str]:
    return [f"{width:g}/{'any size' if size is None else size}" for _, width, size in keys]
