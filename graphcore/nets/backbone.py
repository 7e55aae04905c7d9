"""What a backbone is to the rest of the project: something to build, and how it wants its pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.nets.input_spec import InputSpec

# What programs of frozen backbones call their input and outputs.
IMAGES = "images"
FEATURES = "features"
LOGITS = "logits"

BuildBackbone = Callable[..., tuple[tf.Tensor, dict[str, tf.Tensor]]]


@dataclass(frozen=True)
class Backbone:
    """A network without its last layer, ready to be built in any graph.

    Attributes:
        name: as in the configuration ("mobilenet_v1").
        width: depth multiplier; 1 for networks that have none.
        build: (images, is_training=False, **options) -> (features, end_points); images are float32
            [batch, image_size, image_size, 3] in the range of `input_spec`, features float32
            [batch, feature_size]. Options are those of the network: num_classes (adds its own last layer),
            weight_decay, batch_norm_decay, updates_collections (see `conv_norm_arg_scope`), reuse.
        input_spec: how it wants its pictures.
        feature_size: length of the feature vector.
        scope: variable scope; what a checkpoint's names begin with.
        end_point: the layer that is pooled into the features; nothing above it is built.
        checkpoint_classes: outputs of the last layer that the released checkpoints have (1001 with background).
        logits_scopes: scopes of that last layer, and of auxiliary ones, in the released checkpoints.
    """

    name: str
    width: float
    build: BuildBackbone
    input_spec: InputSpec
    feature_size: int
    scope: str
    end_point: str
    checkpoint_classes: int = 1001
    logits_scopes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What messages call it: "mobilenet_v1 0.5/160"."""
        return f"{self.name} {self.width:g}/{self.input_spec.image_size}"


def require_choice(network: str, option: str, value: float, choices: Sequence[float]) -> None:
    """Refuses a width or a size that no checkpoint of `network` was ever trained with."""
    if value not in choices:
        raise ConfigError(
            f"{option} is {value:g}, and {network} has no such variant.",
            choices=[f"{choice:g}" for choice in choices],
        )


def require_end_point(end_point: str | None, choices: Sequence[str]) -> str:
    """The layer that is pooled: `end_point`, or the last of `choices`; one that is not there is refused."""
    layer = end_point or choices[-1]
    if layer not in choices:
        raise ConfigError(f"backbone.end_point is {layer!r}.", choices=choices)
    return layer
