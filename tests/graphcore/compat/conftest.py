"""Records as slim's converter wrote them, small."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from tfrecords import wire
from tfrecords.framing import write_record


def encode(features):
    """A tf.train.Example of bytes and integers."""
    entries = []
    for key, value in features.items():
        kind, content = (3, wire.encode_varint(value)) if isinstance(value, int) else (1, value)
        values = wire.encode_delimited(kind, *wire.encode_delimited(1, content))
        name = wire.encode_delimited(1, key.encode())
        entries += wire.encode_delimited(1, *name, *wire.encode_delimited(2, *values))
    return b"".join(wire.encode_delimited(1, *entries))


def draw(label, seed):
    """A 40x40 JPEG in which the channel of the label stands out."""
    pixels = np.random.default_rng(seed).integers(0, 90, (40, 40, 3), dtype=np.uint8)
    pixels[..., label] += 120
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95)
    return file.getvalue()


@pytest.fixture(scope="session")
def slim_records(tmp_path_factory):
    """flowers_train, 24 pictures in 2 files, and flowers_validation, 8; two classes."""
    folder = tmp_path_factory.mktemp("slim") / "flowers"
    folder.mkdir()
    number = 0
    for name, count in (("train-00000-of-00002", 12), ("train-00001-of-00002", 12), ("validation-00000-of-00001", 8)):
        with open(folder / f"flowers_{name}.tfrecord", "wb") as file:
            for _ in range(count):
                number += 1
                features = {"image/encoded": draw(number % 2, number), "image/class/label": number % 2}
                write_record(file, encode(features | {"image/format": b"jpg"}))
    (folder / "labels.txt").write_text("0:daisy\n1:roses\n")
    return folder
