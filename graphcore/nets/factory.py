"""From the name in a configuration to a backbone that can be built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphcore.config import BackboneConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.nets import mobilenet_v1
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.weights import CheckpointSource, locate_checkpoint

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
        end_point: the layer that is pooled into the features; nothing above it is built.
    """

    name: str
    width: float
    build: BuildBackbone
    input_spec: InputSpec
    feature_size: int
    scope: str
    end_point: str

    @property
    def title(self) -> str:
        """What messages call it: "mobilenet_v1 0.5/160"."""
        return f"{self.name} {self.width:g}/{self.input_spec.image_size}"


def get_configured_backbone(config: BackboneConfig) -> tuple[Backbone, CheckpointSource | None]:
    """Looks up the backbone and finds the weights that a configuration names; reads none.

    Where no end point is chosen it is the one that suits the weights: "embedded_fine" is pooled half-way up, a run's
    backbone where that run did, all others at the last layer.

    Raises:
        ConfigError: see `get_backbone`.
        CheckpointError: there is no such checkpoint.
    """
    get_backbone(config.name, config.width, config.image_size)
    source = locate_checkpoint(config.checkpoint) if config.checkpoint else None
    end_point = config.end_point or (source.end_point if source else None)
    return get_backbone(config.name, config.width, config.image_size, end_point), source


def get_backbone(name: str, width: float = 1.0, image_size: int = 224, end_point: str | None = None) -> Backbone:
    """Looks a backbone up.

    Args:
        name: one of `BACKBONES`.
        width: depth multiplier.
        image_size: side of the square input, pixels.
        end_point: the layer to pool; None for the last.

    Raises:
        ConfigError: there is no such network, width, size or end point; the message lists those there are.
    """
    if name not in BACKBONES:
        raise ConfigError(f"backbone.name is {name!r}, and no such network is built in.", choices=sorted(BACKBONES))
    return BACKBONES[name](width, image_size, end_point)


def _get_mobilenet_v1(width: float, image_size: int, end_point: str | None) -> Backbone:
    _require_choice("backbone.width", width, mobilenet_v1.WIDTHS)
    _require_choice("backbone.image_size", image_size, mobilenet_v1.IMAGE_SIZES)
    layer = end_point or mobilenet_v1.LAST
    if layer not in mobilenet_v1.END_POINTS:
        raise ConfigError(f"backbone.end_point is {layer!r}.", choices=mobilenet_v1.END_POINTS)

    def build(images: tf.Tensor, is_training: bool | tf.Tensor = False, **options: Any) -> Any:
        return mobilenet_v1.mobilenet_v1(images, width=width, is_training=is_training, final_endpoint=layer, **options)

    return Backbone(
        name="mobilenet_v1",
        width=width,
        build=build,
        input_spec=InputSpec(image_size),
        feature_size=mobilenet_v1.feature_size(width, layer),
        scope=mobilenet_v1.SCOPE,
        end_point=layer,
    )


def _require_choice(option: str, value: float, choices: tuple[float, ...]) -> None:
    if value not in choices:
        raise ConfigError(
            f"{option} is {value:g}, and mobilenet_v1 has no such variant.",
            choices=[f"{choice:g}" for choice in choices],
        )


BACKBONES: dict[str, Callable[[float, int, str | None], Backbone]] = {"mobilenet_v1": _get_mobilenet_v1}
