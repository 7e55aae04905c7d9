"""How a backbone wants its pictures: the one record that training, features and export follow."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from graphcore.errors import ConfigError

# Of red, green and blue over ImageNet's training pictures, as VGG and ResNet v1 were trained without them.
# Source: Simonyan and Zisserman, arXiv:1409.1556, section 2.1; the figures are those released with the weights.
RGB_MEANS = (123.68, 116.779, 103.939)


@dataclass(frozen=True)
class InputSpec:
    """Pictures as a network was trained on them.

    Attributes:
        image_size: side of the square input, pixels.
        low: value that black (0) becomes.
        high: value that white (255) becomes.
        crop_fraction: share of each side that the central crop keeps, in (0, 1].
        mean: of red, green and blue in [0, 255], taken off before the range is applied; None takes nothing off.
        keep_aspect: whether the central crop is a square of `crop_fraction` of the shorter side, rather than a
            rectangle that is then squeezed to a square.
        grayscale: whether pictures are turned grey, in three equal channels.
    """

    image_size: int
    low: float = -1.0
    high: float = 1.0
    crop_fraction: float = 0.875
    mean: tuple[float, float, float] | None = None
    keep_aspect: bool = False
    grayscale: bool = False

    def __post_init__(self) -> None:
        if self.image_size < 1:
            raise ConfigError(f"image_size is {self.image_size}, and a picture has at least 1 pixel a side.")
        if not self.low < self.high:
            raise ConfigError(f"The input range [{self.low}, {self.high}] is empty: low must be below high.")
        if not 0 < self.crop_fraction <= 1:
            raise ConfigError(f"crop_fraction is {self.crop_fraction}; it must lie in (0, 1].")
        if self.mean is not None and len(self.mean) != 3:
            raise ConfigError(f"mean is {self.mean}; it must have three values, of red, green and blue.")

    @classmethod
    def off_means(cls, image_size: int) -> InputSpec:
        """Pictures as VGG and ResNet v1 want them: a square from the middle, in [0, 255], the means taken off."""
        return cls(image_size, 0.0, 255.0, mean=RGB_MEANS, keep_aspect=True)

    def to_json(self) -> dict[str, Any]:
        """Returns the fields as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> InputSpec:
        """Rebuilds what `to_json` gave."""
        mean = fields.get("mean")
        return cls(**{**fields, "mean": tuple(mean) if mean is not None else None})

    def digest(self) -> str:
        """Returns a SHA-256 in hex that changes with any field."""
        return hashlib.sha256(json.dumps(self.to_json(), sort_keys=True).encode()).hexdigest()
