"""Options of the pretrained network, its new last layer, and the changes to training pictures."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.config.checks import between, one_of


@dataclass
class BackboneConfig:
    """The pretrained network below the new last layer."""

    name: str = "mobilenet_v1"
    width: float = 0.25
    image_size: int = 128
    checkpoint: str | None = "embedded"
    end_point: str | None = None
    features_dir: str = "data/features"
    batch_size: int = 64

    def __post_init__(self) -> None:
        between("backbone.batch_size", self.batch_size, 1, 65_536)


@dataclass
class HeadConfig:
    """The new last layer and its loss."""

    name: str = "linear"
    class_weights: str = "none"
    weight_decay: float = 0.003

    def __post_init__(self) -> None:
        one_of("head.name", self.name, ("linear",))
        one_of("head.class_weights", self.class_weights, ("none", "balanced"))
        between("head.weight_decay", self.weight_decay, 0, 1e3)


@dataclass
class AugmentConfig:
    """Random changes to training pictures; the amounts are percentages, 0 is off."""

    flip_left_right: bool = False
    random_crop: float = 0.0
    random_scale: float = 0.0
    random_brightness: float = 0.0

    def __post_init__(self) -> None:
        for name in ("random_crop", "random_scale", "random_brightness"):
            between(f"augment.{name}", getattr(self, name), 0, 99, "percent")

    def is_off(self) -> bool:
        """Whether pictures stay as they are."""
        return not (self.flip_left_right or self.random_crop or self.random_scale or self.random_brightness)
