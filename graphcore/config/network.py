"""Options of the pretrained network, its new last layer, and the changes to training pictures."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from graphcore.config.checks import between, one_of
from graphcore.errors import ConfigError

GRAPH = "graph"
# TensorFlow keeps no constant above 2 GiB in a graph, and an optimiser's slots begin as one.
_WIDEST, _MOST_WEIGHTS = 65_536, 2**28
BACKBONES = (
    *("mobilenet_v1", "mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large"),
    *("inception_v1", "inception_v2", "inception_v3", "inception_v4", "inception_resnet_v2"),
    *("resnet_v1_50", "resnet_v1_101", "resnet_v1_152", "resnet_v2_50", "resnet_v2_101", "resnet_v2_152"),
    *("vgg_16", "vgg_19", GRAPH),
)
EXECUTORS = ("auto", "tensorflow", "xnnpack")


@dataclass
class BackboneConfig:
    """The pretrained network below the new last layer."""

    name: str = "mobilenet_v1"
    width: float = 0.25
    image_size: int = 128
    grayscale: bool = False
    checkpoint: str | None = "embedded"
    use_ema: bool | None = None
    exclude_scopes: list[str] | None = None
    ignore_missing: bool = False
    end_point: str | None = None
    features_dir: str = "data/features"
    batch_size: int = 64
    executor: str = EXECUTORS[0]

    def __post_init__(self) -> None:
        one_of("backbone.executor", self.executor, EXECUTORS)
        between("backbone.width", self.width, 0.01, 16)
        between("backbone.image_size", self.image_size, 8, 4096, "pixels")
        between("backbone.batch_size", self.batch_size, 1, 65_536)


@dataclass
class GraphBackboneConfig(BackboneConfig):
    """A frozen graph or a SavedModel as it is; null finds the tensors by the names of the classic scripts."""

    width: float = 1.0
    image_size: int = 224
    checkpoint: str | None = None
    input_tensor: str | None = None
    features_tensor: str | None = None
    low: float | None = None
    high: float | None = None
    crop_fraction: float = 0.875

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("low", "high"):
            value = getattr(self, name)
            if value is not None:
                between(f"backbone.{name}", value, -1e6, 1e6, "or null")
        between("backbone.crop_fraction", self.crop_fraction, 0.01, 1)


@dataclass
class HeadConfig:
    """The new last layer and its loss: one fully connected layer, softmax."""

    name: str = "linear"
    class_weights: str = "none"
    label_smoothing: float = 0.0
    focal_gamma: float = 0.0
    weight_decay: float = 0.003

    def __post_init__(self) -> None:
        one_of("head.name", self.name, tuple(HEADS))
        one_of("head.class_weights", self.class_weights, ("none", "balanced"))
        between("head.label_smoothing", self.label_smoothing, 0, 0.999)
        between("head.focal_gamma", self.focal_gamma, 0, 100)
        between("head.weight_decay", self.weight_decay, 0, 1e3)


@dataclass
class MlpHeadConfig(HeadConfig):
    """Hidden fully connected layers below the last one."""

    widths: list[int] = field(default_factory=lambda: [256])
    dropout: float = 0.2
    batch_norm: bool = True
    unit_norm: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.widths:
            raise ConfigError("head.widths=[] leaves no hidden layer.", next_step="Choose head=linear for none.")
        _check_hidden(self.widths, self.dropout)


@dataclass
class CosineHeadConfig(HeadConfig):
    """Cosines between the features and one direction a class, times `scale`."""

    scale: float = 16.0
    learn_scale: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        between("head.scale", self.scale, 1e-3, 1e4)


@dataclass
class MultiLabelHeadConfig(HeadConfig):
    """Any number of labels a picture: a sigmoid a class, each with a threshold of its own."""

    widths: list[int] = field(default_factory=list)
    dropout: float = 0.0
    batch_norm: bool = True
    unit_norm: bool = False
    threshold: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_hidden(self.widths, self.dropout)
        if self.dropout and not self.widths:
            raise ConfigError(
                f"head.dropout={self.dropout:g} acts on hidden layers, and head.widths=[] has none.",
                next_step="Give widths, 'head.widths=[256]', or leave head.dropout at 0.",
            )
        if self.threshold is not None:
            between("head.threshold", self.threshold, 0.0001, 0.9999, "or null")


@dataclass
class TemporalHeadConfig(HeadConfig):
    """Judges a video's frames among their neighbours in time."""

    causal: bool = False


@dataclass
class MedianHeadConfig(TemporalHeadConfig):
    """A linear head, whose scores are then replaced by the median around each frame."""

    width_secs: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.width_secs is not None:
            between("head.width_secs", self.width_secs, 0, 86_400, "seconds, or null")


@dataclass
class HmmHeadConfig(TemporalHeadConfig):
    """A linear head, then the likeliest path through a hidden Markov model of the labels."""

    pseudo_count: float = 1.0
    emission_weight: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        between("head.pseudo_count", self.pseudo_count, 1e-6, 1e6, "transitions")
        if self.emission_weight is not None:
            between("head.emission_weight", self.emission_weight, 1e-4, 1e2, "or null")


@dataclass
class SequenceHeadConfig(TemporalHeadConfig):
    """A network over the frames of a video, trained on stretches of whole videos."""

    window: int = 1024
    dropout: float = 0.5
    smoothing: float = 0.15
    smoothing_clamp: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("head.window", self.window, 2, 1_000_000, "frames")
        between("head.dropout", self.dropout, 0, 0.99)
        between("head.smoothing", self.smoothing, 0, 1e3)
        between("head.smoothing_clamp", self.smoothing_clamp, 1e-3, 1e3)


@dataclass
class GruHeadConfig(SequenceHeadConfig):
    """Gated recurrent units; both ways through time unless causal."""

    units: int = 64
    layers: int = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        between("head.units", self.units, 1, 4096)
        between("head.layers", self.layers, 1, 8)


@dataclass
class MsTcnHeadConfig(SequenceHeadConfig):
    """Stages of dilated convolutions over time, each refining what the one before it said."""

    stages: int = 4
    layers: int = 10
    maps: int = 64

    def __post_init__(self) -> None:
        super().__post_init__()
        between("head.stages", self.stages, 1, 16)
        between("head.layers", self.layers, 1, 16)
        between("head.maps", self.maps, 1, 4096)


@dataclass
class TecnoHeadConfig(MsTcnHeadConfig):
    """The same, causal and smaller."""

    causal: bool = True
    stages: int = 2
    layers: int = 8
    maps: int = 32


HEADS: dict[str, type[HeadConfig]] = {
    "linear": HeadConfig,
    "mlp": MlpHeadConfig,
    "cosine": CosineHeadConfig,
    "multi_label": MultiLabelHeadConfig,
    "median": MedianHeadConfig,
    "hmm": HmmHeadConfig,
    "gru": GruHeadConfig,
    "ms_tcn": MsTcnHeadConfig,
    "tecno": TecnoHeadConfig,
}


def _check_hidden(widths: list[int], dropout: float) -> None:
    for width in widths:
        between("head.widths", width, 1, _WIDEST)
    for below, above in pairwise(widths):
        if below * above > _MOST_WEIGHTS:
            raise ConfigError(
                f"head.widths={widths}: {below} to {above} is a layer of {below * above:,} weights, more than "
                f"{_MOST_WEIGHTS:,}.",
                next_step="Make one of them smaller.",
            )
    between("head.dropout", dropout, 0, 0.99)


@dataclass
class AugmentConfig:
    """Random changes to training pictures; 0 is off. The first four are percentages, as retrain.py has them."""

    flip_left_right: bool = False
    random_crop: float = 0.0
    random_scale: float = 0.0
    random_brightness: float = 0.0
    min_area: float = 0.0
    max_aspect: float = 1.333
    color: float = 0.0
    rand_layers: int = 0
    rand_magnitude: float = 5.0
    views: int = 0

    def __post_init__(self) -> None:
        for name in ("random_crop", "random_scale", "random_brightness"):
            between(f"augment.{name}", getattr(self, name), 0, 99, "percent")
        between("augment.min_area", self.min_area, 0, 1, "of the picture")
        between("augment.max_aspect", self.max_aspect, 1, 100)
        between("augment.color", self.color, 0, 1)
        between("augment.rand_layers", self.rand_layers, 0, 16)
        between("augment.rand_magnitude", self.rand_magnitude, 0, 10)
        between("augment.views", self.views, 0, 10_000)
        if self.min_area and (self.random_crop or self.random_scale):
            raise ConfigError(
                f"augment.min_area={self.min_area:g} and augment.random_crop={self.random_crop:g}, "
                f"augment.random_scale={self.random_scale:g} are two ways to choose one box.",
                next_step="Set min_area to 0, or the other two.",
            )

        self._refuse_idle("max_aspect", "min_area", "random boxes")
        self._refuse_idle("rand_magnitude", "rand_layers", "RandAugment")

    def _refuse_idle(self, name: str, switch: str, what: str) -> None:
        """Refuses an amount that was set although what it is of is off."""
        if getattr(self, name) != getattr(type(self), name) and not getattr(self, switch):
            raise ConfigError(
                f"augment.{name}={getattr(self, name):g} changes nothing: augment.{switch}=0 has no {what}.",
                next_step=f"Set augment.{switch}, or leave augment.{name} out.",
            )

    def is_off(self) -> bool:
        """Whether pictures stay as they are."""
        amounts = (self.random_crop, self.random_scale, self.random_brightness, self.min_area, self.color)
        return not (self.flip_left_right or any(amounts) or self.rand_layers)
