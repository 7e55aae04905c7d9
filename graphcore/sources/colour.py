"""Every way a picture can hold its colours, to 8-bit RGB."""

from __future__ import annotations

import numpy as np
from PIL import Image

from graphcore.sources.errors import PictureError

_WITH_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")
_CONVERTED = ("1", "L", "P", "RGBX", "CMYK", "YCbCr", "HSV")
_WHITE = (255, 255, 255, 255)


def to_rgb(image: Image.Image) -> Image.Image:
    """Converts a loaded image to mode RGB.

    Transparent parts lie over white. 16 bits are scaled so that 65 535 becomes 255, where Pillow's own
    conversion would cut everything above 255.

    Raises:
        PictureError: the numbers have no agreed meaning as colours.
    """
    mode = image.mode
    if mode.startswith("I;16") or mode == "I":
        return _from_integers(np.asarray(image))
    if mode == "F":
        return _from_fractions(np.asarray(image))
    if mode in _WITH_ALPHA or "transparency" in image.info:
        return _over_white(image)
    if mode == "RGB":
        return image
    if mode in _CONVERTED:
        return image.convert("RGB")
    raise PictureError(f"colours of the kind {mode} are not read")


def _over_white(image: Image.Image) -> Image.Image:
    layer = image if image.mode == "RGBA" else image.convert("RGBA")
    ground = Image.new("RGBA", layer.size, _WHITE)
    ground.alpha_composite(layer)
    return ground.convert("RGB")


def _from_integers(values: np.ndarray) -> Image.Image:
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > 65_535:
        raise PictureError(f"32-bit grey from {low} to {high} has no agreed white; save it with 8 or 16 bits")
    grey = (values.astype(np.uint32) * 255 + 32_767) // 65_535
    return Image.fromarray(grey.astype(np.uint8)).convert("RGB")


def _from_fractions(values: np.ndarray) -> Image.Image:
    low, high = float(values.min()), float(values.max())
    if not (low >= 0 and high <= 1):  # also refuses NaN
        raise PictureError(f"fractions from {low:g} to {high:g} have no agreed white; save it with 8 or 16 bits")
    return Image.fromarray(np.round(values * 255).astype(np.uint8)).convert("RGB")
