"""Pictures with something to see in them, and scans of them."""

import hashlib
import io

import numpy as np
from PIL import Image, ImageFilter

from graphcore.audit.perceptual import look_at
from graphcore.audit.scan import Facts, Scan

LABELS = ("cat", "dog")


def draw(seed, width=200, height=150):
    """Blurred noise: soft blobs, other ones for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC).filter(ImageFilter.BLUR)


def encode(image, quality=90):
    """JPEG bytes, or those of a PNG where `quality` is None."""
    buffer = io.BytesIO()
    if quality is None:
        image.save(buffer, "PNG")
    else:
        image.save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def make_scan(rows):
    """A scan of (facts as a dict, encoded picture) pairs."""
    facts = [
        Facts(**{"key": str(number), "labels": (0,), "digest": hashlib.sha256(encoded).digest(), **values})
        for number, (values, encoded) in enumerate(rows)
    ]
    return Scan(facts, look_at([encoded for _, encoded in rows]))
