from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.colour import to_rgb
from graphcore.sources.errors import PictureError


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBX", "RGBA", "LA", "CMYK", "YCbCr", "HSV", "I;16", "I", "F"])
def test_black_stays_black_in_every_mode(mode):
    black = Image.new("RGB", (3, 2)).convert(mode) if mode not in ("I;16", "I", "F") else Image.new(mode, (3, 2))
    result = to_rgb(black)
    assert (result.mode, result.size) == ("RGB", (3, 2))
    assert np.asarray(result).max() == 0


def test_grey_with_one_transparent_value_lies_over_white():
    image = Image.new("L", (2, 1), 7)
    image.putpixel((1, 0), 200)
    image.info["transparency"] = 7
    assert np.asarray(to_rgb(image))[0, :, 0].tolist() == [255, 200]


@pytest.mark.parametrize("values", [[[0, 70_000]], [[-1, 3]]])
def test_integers_beyond_sixteen_bits_are_refused(values):
    with pytest.raises(PictureError, match="no agreed white"):
        to_rgb(Image.fromarray(np.array(values, np.int32)))


def test_unknown_modes_are_refused_by_name():
    with pytest.raises(PictureError, match="LAB"):
        to_rgb(Image.new("LAB", (2, 2)))
