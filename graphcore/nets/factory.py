"""From the name in a configuration to a backbone that can be built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.nets import mobilenet_v1
from graphcore.nets.input_spec import InputSpec

BuildBackbone = Callable[..., tuple[tf.Tensor, dict[str, tf.Tensor]]]


@dataclass(frozen=True)
class Backbone:
    """A network without its last layer, ready to be built in any graph.

    Attributes:
        name: as in the configuration ("mobilenet_v1").
        width: depth multiplier.
        build: (images, is_training=False, **options) -> (features, end_points); images are float32
            [batch, image_size, image_size, 3] in the range of `input_spec`, features float32
            [batch, feature_size]. Options are those of the network: num_classes (adds its own last layer),
            weight_decay, batch_norm_decay, updates_collections (see `mobilenet_v1_arg_scope`), reuse.
        input_spec: how it wants its pictures.
        feature_size: length of the feature vector.
        scope: variable scope; what a checkpoint's names begin with.
    """

    name: str
    width: float
    build: BuildBackbone
    input_spec: InputSpec
    feature_size: int
    scope: str

    @property
    def title(self) -> str:
        """What messages call it: "mobilenet_v1 0.5/160"."""
        return f"{self.name} {self.width:g}/{self.input_spec.image_size}"


def get_backbone(name: str, width: float = 1.0, image_size: int = 224) -> Backbone:
    """Looks a backbone up.

    Args:
        name: one of `BACKBONES`.
        width: depth multiplier.
        image_size: side of the square input, pixels.

    Raises:
        ConfigError: there is no such network, width or size; the message lists those there are.
    """
    if name not in BACKBONES:
        raise ConfigError(
            f"backbone.name is {name!r}, and no such network is built in.", choices=sorted(BACKBONES)
        )
    return BACKBONES[name](width, image_size)


def _get_mobilenet_v1(width: float, image_size: int) -> Backbone:
    _require_choice("backbone.width", width, mobilenet_v1.WIDTHS)
    _require_choice("backbone.image_size", image_size, mobilenet_v1.IMAGE_SIZES)

    def build(images: tf.Tensor, is_training: bool | tf.Tensor = False, **options: Any) -> Any:
        return mobilenet_v1.mobilenet_v1(images, width=width, is_training=is_training, **options)

    return Backbone(
        name="mobilenet_v1",
        width=width,
        build=build,
        input_spec=InputSpec(image_size),
        feature_size=mobilenet_v1.feature_size(width),
        scope=mobilenet_v1.SCOPE,
    )


def _require_choice(option: str, value: float, choices: tuple[float, ...]) -> None:
    if value not in choices:
        raise ConfigError(
            f"{option} is {value:g}, and mobilenet_v1 has no such variant.",
            choices=[f"{choice:g}" for choice in choices],
        )


BACKBONES: dict[str, Callable[[float, int], Backbone]] = {"mobilenet_v1": _get_mobilenet_v1}
