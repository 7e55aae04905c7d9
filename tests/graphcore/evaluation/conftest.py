"""Small finished runs on photos and on videos, with all that a run's folder holds for an evaluation."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from graphcore.config import ImageFolderConfig, VideoConfig
from tests.graphcore.evaluation.small_runs import (
    PHOTO_LABELS,
    STEP_SECS,
    VIDEO_LABELS,
    VIDEOS,
    draw_photo,
    make_config,
)
from tfrecords.manifest import Manifest
from tfrecords.plan import Entry, plan_shards
from tfrecords.writer import begin, finish, write_dataset


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of 30 photos, 10 of each of three classes."""
    folder = tmp_path_factory.mktemp("photos") / "colours"
    for number in range(30):
        label = PHOTO_LABELS[number % 3]
        draw_photo(folder / label / f"{number}.jpg", label, number)
    return folder


@pytest.fixture(scope="session")
def photo_run(photos, tmp_path_factory):
    """A finished run on `photos`, with its options beside it."""
    from graphcore.convert import convert
    from graphcore.training.frozen import train_frozen
    from graphcore.training.same_run import write_config

    folder = tmp_path_factory.mktemp("photo_run")
    dataset = ImageFolderConfig(kind="image_folder", dir=str(photos), records=str(folder / "records"), size=32)
    config = make_config(folder, dataset=dataset)
    config.split.validation, config.split.test, config.split.train = 20, 20, 60
    config.shards.workers = 1
    convert(config)
    run = train_frozen(config, folder / "records", folder / "run")
    write_config(config, run.folder)
    return run


@pytest.fixture(scope="session")
def video_records(tmp_path_factory):
    """Frames of five short videos, of two classes told apart by brightness; keys are "<video>@<seconds>"."""
    root = tmp_path_factory.mktemp("videos")
    entries = []
    for video, (split, labels) in VIDEOS.items():
        for frame, label in enumerate(labels):
            noise = np.random.default_rng(int(video) * 100 + frame).normal((190, 60)[label], 30, (40, 50, 3))
            buffer = io.BytesIO()
            Image.fromarray(noise.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG")
            source = root / f"{video}-{frame}.jpg"
            source.write_bytes(buffer.getvalue())
            entries.append(
                Entry(
                    key=f"{video}@{frame * STEP_SECS:.3f}", split=split, label=label, text=VIDEO_LABELS[label],
                    filename=f"{video}.mp4", format="jpeg", height=40, width=50, size_bytes=len(buffer.getvalue()),
                    source=str(source), video_id=video, time_secs=frame * STEP_SECS, group=video,
                    digest=hashlib.sha256(buffer.getvalue()).hexdigest(),
                )
            )  # fmt: skip
    folder = root / "records"
    begin(folder)
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=100_000))
    counts = {
        split: {label: sum(e.split == split and e.text == label for e in entries) for label in VIDEO_LABELS}
        for split in ("train", "validation", "test")
    }
    options = {"dataset.every_secs": STEP_SECS}
    finish(folder, Manifest("videos", "video", VIDEO_LABELS, counts, tuple(shards), options=options))
    return folder


@pytest.fixture(scope="session")
def video_run(video_records, tmp_path_factory):
    """A finished run of a linear head on `video_records`, with its options beside it."""
    from graphcore.training.frozen import train_frozen
    from graphcore.training.same_run import write_config

    folder = tmp_path_factory.mktemp("video_run")
    config = make_config(folder, dataset=VideoConfig(kind="video"))
    run = train_frozen(config, video_records, folder / "run")
    write_config(config, run.folder)
    return run
