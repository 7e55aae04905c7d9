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
# Tried and dropped. Decoding only the crop (`decode_and_crop_jpeg`): libjpeg's upsampling of colours ends at its edge,
# and 24 of 400 photos differed in their last column, by up to 2.4 levels once resized. With a pixel more around it, or
# 16, all are equal, and decoding and resizing takes 655 microseconds of a core, not 675, but a PNG is refused, and the
# `tf.cond` that lets it through makes 698 of them. Scaling while decoding (ratio=2): 1.4 times as fast, but other
# pictures (features differ by 24 %; 66.0 instead of 66.8 % of 400 photos right, five folds, three seeds), and frames of
# a video, which come as arrays, could not have it. The resize takes uint8 as it is: no conversion before it to spare.
# Of red, green and blue, as `tf.image.rgb_to_grayscale` has them. Source: ITU-R BT.601, luma.
GREY_WEIGHTS = (0.2989, 0.5870, 0.1140)


def decode_picture(contents: Any) -> Any:
    """Decodes one JPEG or PNG.

    Args:
        contents: string scalar, the encoded picture.

    Returns:
        uint8 [height, width, 3] in [0, 255], RGB.
    """
    return tf.io.decode_jpeg(contents, channels=CHANNELS, dct_method=DCT_METHOD)


def central_crop(image: Any, fraction: float, keep_aspect: bool = False) -> Any:
    """Cuts the central `fraction` of both sides.

    Args:
        image: any type [height, width, 3].
        fraction: in (0, 1]; 1 keeps everything.
        keep_aspect: whether to cut a square, of `fraction` of the shorter side.
    """
    if fraction >= 1 and not keep_aspect:
        return image
    sides = tf.shape(image)[:2]
    cut_from = tf.fill([2], tf.reduce_min(sides)) if keep_aspect else sides
    # At least one pixel stays of the tiniest picture.
    kept = tf.maximum(tf.cast(tf.round(tf.cast(cut_from, tf.float32) * fraction), tf.int32), 1)
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


def to_grayscale(image: Any) -> Any:
    """Gives all three channels the same brightness; float32 [..., 3] in any range."""
    grey = tf.reduce_sum(image * tf.constant(GREY_WEIGHTS), axis=-1, keepdims=True)
    return tf.concat([grey] * CHANNELS, axis=-1)


def scale_pixels(image: Any, spec: InputSpec) -> Any:
    """Turns grey, takes the mean off and maps [0, 255] to [low, high], each as far as the network wants it.

    Args:
        image: float32 in [0, 255], [..., 3]; any shape where there is neither grey nor mean.
        spec: what the network takes.
    """
    if spec.grayscale:
        image = to_grayscale(image)
    if spec.mean is not None:
        image = image - tf.constant(spec.mean, tf.float32)
    return image * ((spec.high - spec.low) / 255.0) + spec.low


def prepare(image: Any, spec: InputSpec) -> Any:
    """Central crop, resize, scale: what every picture goes through outside augmented training.

    Args:
        image: uint8 [height, width, 3].
        spec: what the network takes.

    Returns:
        float32 [size, size, 3] in [spec.low, spec.high], less the mean where there is one.
    """
    cropped = central_crop(image, spec.crop_fraction, spec.keep_aspect)
    return scale_pixels(resize(cropped, spec.image_size), spec)


def decode_and_prepare(contents: Any, spec: InputSpec) -> Any:
    """`decode_picture` and `prepare` in one: string scalar to float32 [size, size, 3]."""
    return prepare(decode_picture(contents), spec)
