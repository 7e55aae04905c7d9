"""The one way from encoded bytes to a network's input.

Training, feature extraction, evaluation and the exported graph all build these same operations, so a picture
has one score wherever it is asked for.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf
from graphcore.nets.input_spec import InputSpec

CHANNELS = 3
# INTEGER_FAST, TensorFlow's default, differs from Pillow and simplejpeg by a few levels; this one equals
# them.
DCT_METHOD = "INTEGER_ACCURATE"


def decode_picture(contents: Any) -> Any:
    """Decodes one JPEG or PNG.

    Args:
        contents: string scalar, the encoded picture.

    Returns:
        uint8 [height, width, 3] in [0, 255], RGB.
    """
    return tf.io.decode_jpeg(contents, channels=CHANNELS, dct_method=DCT_METHOD)


def central_crop(image: Any, fraction: float) -> Any:
    """Cuts the central `fraction` of both sides.

    Args:
        image: any type [height, width, 3].
        fraction: in (0, 1]; 1 keeps everything.
    """
    if fraction >= 1:
        return image
    sides = tf.shape(image)[:2]
    # At least one pixel stays of the tiniest picture.
    kept = tf.maximum(tf.cast(tf.round(tf.cast(sides, tf.float32) * fraction), tf.int32), 1)
    top_left = (sides - kept) // 2
    return tf.slice(image, tf.concat([top_left, [0]], 0), tf.concat([kept, [CHANNELS]], 0))


def resize(image: Any, size: int) -> Any:
    """Resizes bilinearly to a square, without regard for the aspect (as the released MobileNets were
    evaluated).

    Args:
        image: uint8 or float32 [height, width, 3].
        size: side in pixels.

    Returns:
        float32 [size, size, 3] in the range of `image`.
    """
    resized = tf.raw_ops.ResizeBilinear(images=image[tf.newaxis], size=[size, size], half_pixel_centers=True)
    return tf.ensure_shape(resized[0], [size, size, CHANNELS])


def scale_pixels(image: Any, spec: InputSpec) -> Any:
    """Maps [0, 255] to the network's [low, high]; float32, any shape."""
    return image * ((spec.high - spec.low) / 255.0) + spec.low


def prepare(image: Any, spec: InputSpec) -> Any:
    """Central crop, resize, scale: what every picture goes through outside augmented training.

    Args:
        image: uint8 [height, width, 3].
        spec: what the network takes.

    Returns:
        float32 [size, size, 3] in [spec.low, spec.high].
    """
    return scale_pixels(resize(central_crop(image, spec.crop_fraction), spec.image_size), spec)


def decode_and_prepare(contents: Any, spec: InputSpec) -> Any:
    """`decode_picture` and `prepare` in one: string scalar to float32 [size, size, 3] in [low, high]."""
    return prepare(decode_picture(contents), spec)
