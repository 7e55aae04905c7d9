"""What the tests of the summaries need: shards with pictures, and a moment of a training to show."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from graphcore.training.observer import Moment
from graphcore.training.stepper import ChunkResult, Evaluation
from tfrecords.manifest import Manifest
from tfrecords.plan import Entry, plan_shards
from tfrecords.writer import begin, finish, write_dataset

SHOWN_LABELS = ("grey", "red")


class Notes:
    """Writers that keep what they are told to write."""

    def __init__(self, folder):
        self.root = folder
        self.images, self.tensors = {}, {}

    def write_image(self, split, step, tag, picture, description=""):
        self.images[split, step, tag] = picture

    def write_tensors(self, split, step, arrays, plugin, content):
        for tag, values in arrays.items():
            self.tensors[split, step, tag] = (values, plugin, content)

    def folder(self, split):
        return self.root / split


@pytest.fixture
def make_moment(tmp_path):
    """Makes moments that share one `Notes`; without scores there is no evaluation."""
    notes = Notes(tmp_path)

    def make(step, labels=(), scores=None, keys=None, best=True):
        evaluation = None
        if scores is not None:
            names = keys if keys is not None else tuple(f"validation/{n}.png" for n in range(len(labels)))
            evaluation = Evaluation({}, tuple(names), np.asarray(labels), np.asarray(scores, np.float32))
        return Moment(step, ChunkResult(1, 1.0, 0.5, 0.1), evaluation, None, notes, best)  # pyright: ignore

    return make


@pytest.fixture(scope="session")
def shown_records(tmp_path_factory):
    """Plain pictures, 40 pixels wide and 20 high; keys are "<split>/<n>.png", the class is n % 2."""
    root = tmp_path_factory.mktemp("shown")
    entries = []
    for split, count in {"train": 3, "validation": 4}.items():
        for number in range(count):
            buffer = io.BytesIO()
            Image.new("RGB", (40, 20), ((90, 90, 90), (200, 10, 10))[number % 2]).save(buffer, "PNG")
            source = root / f"{split}{number}.png"
            source.write_bytes(buffer.getvalue())
            entries.append(
                Entry(
                    key=f"{split}/{number}.png", split=split, label=number % 2, text=SHOWN_LABELS[number % 2],
                    filename=source.name, format="png", height=20, width=40, size_bytes=len(buffer.getvalue()),
                    source=str(source), digest=hashlib.sha256(buffer.getvalue()).hexdigest(),
                )
            )  # fmt: skip
    folder = root / "records"
    begin(folder)
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=10_000))
    counts = {"train": {"grey": 2, "red": 1}, "validation": {"grey": 2, "red": 2}}
    finish(folder, Manifest(name="shown", kind="test", labels=SHOWN_LABELS, counts=counts, shards=tuple(shards)))
    return folder
