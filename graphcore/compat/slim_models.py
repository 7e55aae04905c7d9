"""slim's `--model_name` and `--preprocessing_name`: which backbone and which changes of training pictures they are."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.errors import ConfigError

INCEPTION, VGG = "inception", "vgg"


@dataclass(frozen=True)
class SlimModel:
    """A network of slim's factory.

    Attributes:
        backbone: its name here.
        image_size: pixels, where no size is asked for.
        preprocessing: the family of its preparation: `INCEPTION` or `VGG`.
        width: depth multiplier; None where it has one width.
    """

    backbone: str
    image_size: int
    preprocessing: str
    width: float | None = None


_MOBILE = {
    "mobilenet_v1": ("mobilenet_v1", 1.0),
    "mobilenet_v1_075": ("mobilenet_v1", 0.75),
    "mobilenet_v1_050": ("mobilenet_v1", 0.5),
    "mobilenet_v1_025": ("mobilenet_v1", 0.25),
    "mobilenet_v2": ("mobilenet_v2", 1.0),
    "mobilenet_v2_140": ("mobilenet_v2", 1.4),
    "mobilenet_v2_035": ("mobilenet_v2", 0.35),
    "mobilenet_v3_large": ("mobilenet_v3_large", 1.0),
    "mobilenet_v3_small": ("mobilenet_v3_small", 1.0),
}
_RESNETS = [f"resnet_{version}_{layers}" for version in ("v1", "v2") for layers in (50, 101, 152)]

MODELS: dict[str, SlimModel] = {
    **{name: SlimModel(backbone, 224, INCEPTION, width) for name, (backbone, width) in _MOBILE.items()},
    **{name: SlimModel(name, 224, INCEPTION) for name in ("inception_v1", "inception_v2")},
    **{name: SlimModel(name, 299, INCEPTION) for name in ("inception_v3", "inception_v4", "inception_resnet_v2")},
    **{name: SlimModel(name, 224, VGG) for name in (*_RESNETS, "vgg_16", "vgg_19")},
}

_NOT_BUILT = (
    *("alexnet_v2", "cifarnet", "lenet", "overfeat", "vgg_a", "resnet_v1_200", "resnet_v2_200", "i3d", "s3dg"),
    *("nasnet_cifar", "nasnet_mobile", "nasnet_large", "pnasnet_large", "pnasnet_mobile"),
    *("mobilenet_v3_large_minimalistic", "mobilenet_v3_small_minimalistic", "mobilenet_edgetpu"),
    *("mobilenet_edgetpu_075", "mobilenet_v3_075"),
)

# What each preparation did to training pictures, as options. Source: tensorflow/models, research/slim/preprocessing:
# boxes of 5 to 100 % of the picture, colours changed as far as they go; or a crop of 224 out of 256 to 512 pixels,
# colours as they are.
_AUGMENT = {
    INCEPTION: ("augment=inception", "augment.min_area=0.05", "augment.color=1.0"),
    VGG: ("augment=inception", "augment.min_area=0.19", "augment.max_aspect=1.0", "augment.color=0.0"),
}
_PLAIN = ("cifarnet", "lenet")


def find_model(name: str) -> SlimModel:
    """Looks `--model_name` up.

    Raises:
        ConfigError: there is no such network, or none here.
    """
    if name in _NOT_BUILT:
        raise ConfigError(f"--model_name={name} is a network that graphcore does not build.", choices=MODELS)
    if name not in MODELS:
        raise ConfigError(f"--model_name={name} is not known.", choices=MODELS)
    return MODELS[name]


def choose_augment(model: SlimModel, preprocessing_name: str | None) -> tuple[str, ...]:
    """The changes of training pictures that `--preprocessing_name` stands for, or else the network's own.

    Raises:
        ConfigError: there is no such preparation, or it is for pictures of 28 and 32 pixels.
    """
    if not preprocessing_name:
        return _AUGMENT[model.preprocessing]
    if preprocessing_name in _PLAIN:
        raise ConfigError(
            f"--preprocessing_name={preprocessing_name} is for a network that graphcore does not build.",
            choices=("inception", "vgg", *MODELS),
        )
    families = {INCEPTION: INCEPTION, VGG: VGG, "mobilenet": INCEPTION}
    families |= {name: known.preprocessing for name, known in MODELS.items()}
    if preprocessing_name not in families:
        raise ConfigError(f"--preprocessing_name={preprocessing_name} is not known.", choices=families)
    return _AUGMENT[families[preprocessing_name]]
