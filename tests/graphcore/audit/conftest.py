"""Small datasets of pictures."""

import hashlib

import pytest

from tests.graphcore.audit.pictures import LABELS, draw, encode
from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.manifest import Manifest, ShardInfo, write_manifest


@pytest.fixture
def write_records(tmp_path):
    """Returns a function that writes a dataset of (split, picture, values of the sample) and gives its folder."""

    def write(rows, name="records", **manifest):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        splits = dict.fromkeys(("train", "validation", "test"), 0)
        counts = {split: dict.fromkeys(LABELS, 0) for split in splits}
        shards = []
        for split in splits:
            path = folder / f"{split}-00000-of-00001.tfrecord"
            with path.open("wb") as file:
                for number, (_, encoded, values) in enumerate(row for row in rows if row[0] == split):
                    file_format = "jpeg" if encoded.startswith(b"\xff\xd8") else "png"
                    sample = Sample(
                        **{"key": f"{split}/{number}", "encoded": encoded, "format": file_format, "height": 1,
                           "width": 1, "label": 0, "text": "cat", "filename": "x", **values}
                    )  # fmt: skip
                    write_record(file, encode_example(sample))
                    counts[split][LABELS[sample.label]] += 1
                    splits[split] += 1
            data = path.read_bytes()
            shards.append(ShardInfo(path.name, split, splits[split], len(data), hashlib.sha256(data).hexdigest()))
        write_manifest(folder, Manifest("pets", "test", LABELS, counts, tuple(shards), **manifest))
        return folder

    return write


@pytest.fixture
def clean(write_records):
    """Twelve different pictures."""
    splits = ["train"] * 6 + ["validation"] * 3 + ["test"] * 3
    return write_records([(split, encode(draw(seed)), {"label": seed % 2}) for seed, split in enumerate(splits)])


@pytest.fixture
def leaking(write_records):
    """As `clean`, but one of three test pictures is one of training, half as large."""
    rows = [("train", encode(draw(seed)), {}) for seed in range(4)]
    rows += [("validation", encode(draw(10)), {}), ("test", encode(draw(11)), {}), ("test", encode(draw(12)), {})]
    return write_records([*rows, ("test", encode(draw(2).resize((100, 75))), {})])
