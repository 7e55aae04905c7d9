"""What several packages' tests need: a folder of shards, written by TensorFlow's own writer."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from tfrecords.manifest import Manifest, ShardInfo, write_manifest

TOY_LABELS = ("blue", "green", "red")
# Shards and the samples in each; 7 does not divide any batch.
TOY_SHARDS = {
    "train-00000-of-00002.tfrecord": ("train", 13),
    "train-00001-of-00002.tfrecord": ("train", 11),
    "validation-00000-of-00001.tfrecord": ("validation", 9),
    "test-00000-of-00001.tfrecord": ("test", 7),
}


def draw_picture(label: int, seed: int) -> bytes:
    """A noisy 40x48 JPEG in which the channel of the label stands out."""
    pixels = np.random.default_rng(seed).integers(0, 120, (40, 48, 3), np.uint8)
    pixels[..., 2 - label] += 110
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


def make_record(contents: bytes, label: int, key: str) -> bytes:
    from graphcore.graph.runtime import tf

    features = {
        "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[contents])),
        "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
        "sample/key": tf.train.Feature(bytes_list=tf.train.BytesList(value=[key.encode()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


@pytest.fixture(scope="session")
def toy_records(tmp_path_factory):
    """Three classes told apart by colour; 24, 9 and 7 samples by split; keys are "<split>/<n>"."""
    from graphcore.graph.runtime import tf

    folder = tmp_path_factory.mktemp("toy_records")
    counts = {split: dict.fromkeys(TOY_LABELS, 0) for split in ("train", "validation", "test")}
    shards, number = [], 0
    for name, (split, samples) in TOY_SHARDS.items():
        with tf.io.TFRecordWriter(str(folder / name)) as writer:
            for _ in range(samples):
                label = number % 3
                writer.write(make_record(draw_picture(label, number), label, f"{split}/{number}"))
                counts[split][TOY_LABELS[label]] += 1
                number += 1
        data = (folder / name).read_bytes()
        shards.append(ShardInfo(name, split, samples, len(data), hashlib.sha256(data).hexdigest()))
    write_manifest(folder, Manifest("toy", "image_folder", TOY_LABELS, counts, tuple(shards)))
    return folder
