"""One serialized example, as tf.data reads it from a shard, to what training and features need of it."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf

ENCODED, LABEL, LABELS, KEY = "image/encoded", "image/class/label", "image/class/labels", "sample/key"


def parse_record(record: Any, num_labels: int | None = None) -> tuple[Any, Any, Any]:
    """Takes one serialized example apart.

    Args:
        record: string scalar.
        num_labels: how many classes a dataset of several labels has; None where a picture has exactly one.

    Returns:
        Contents (string scalar), label and key (string scalar). The label is an int32 scalar, or, where there
        may be several, uint8 [num_labels]: 1 for each that the picture has, so all 0 for none.
    """
    features: dict[str, Any] = {
        ENCODED: tf.io.FixedLenFeature([], tf.string),
        KEY: tf.io.FixedLenFeature([], tf.string, default_value=""),
    }
    if num_labels is None:
        features[LABEL] = tf.io.FixedLenFeature([], tf.int64)
    else:
        features[LABELS] = tf.io.FixedLenSequenceFeature([], tf.int64, allow_missing=True)
    parsed = tf.io.parse_single_example(record, features)
    if num_labels is None:
        label = tf.cast(parsed[LABEL], tf.int32)
    else:
        # The least uint8 is 0, which is what the largest of no rows comes to.
        label = tf.reduce_max(tf.one_hot(parsed[LABELS], num_labels, dtype=tf.uint8, on_value=1, off_value=0), axis=0)
    return parsed[ENCODED], label, parsed[KEY]
