"""From inputs at a remote address to records at a remote address, and on to another machine."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from graphcore.config import ImageFolderConfig, ShardsConfig, SplitConfig, VideoConfig
from graphcore.convert import convert, records_dir
from graphcore.errors import DatasetError
from graphcore.storage import Mirror, make_local, to_path
from graphcore.storage.folder import RemoteFolder
from tfrecords.errors import RecordsError
from tfrecords.manifest import MANIFEST_NAME
from tfrecords.reader import Reader
from tfrecords.verify import verify

PICTURES = 24


def draw_picture(number):
    """JPEGs, and every fourth a PNG, which is encoded anew."""
    pixels = np.random.default_rng(number).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG" if number % 4 == 0 else "JPEG")
    return buffer.getvalue()


def name_picture(number):
    return f"{'Cat' if number % 2 else 'dog'}/{number:02d}.{'png' if number % 4 == 0 else 'jpg'}"


def draw_video(number):
    """4 s at 5 frames a second, each a little brighter."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for frame in range(20):
            image = np.full((48, 64, 3), frame * 10 + number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def put(address, data):
    path: Any = to_path(address, "dataset.dir")
    path.fs.pipe_file(path.path, data)


def configure(dataset):
    return SimpleNamespace(dataset=dataset, split=SplitConfig(), shards=ShardsConfig(size_mib=0.02, workers=2))


@pytest.fixture
def photos(store):
    """Pictures in two classes, at an address."""
    for number in range(PICTURES):
        put(f"{store}/photos/{name_picture(number)}", draw_picture(number))
    return store


@pytest.fixture
def config(photos, go):
    return configure(ImageFolderConfig(kind="image_folder", dir=f"{photos}/photos", records=f"{photos}/records"))


@pytest.fixture
def moved(monkeypatch):
    """(what, name) of every file that goes to the records' address or comes from there."""
    names = []
    for what, position in (("fetch", 0), ("put", 1)):
        real = getattr(RemoteFolder, what)

        def note(self, *arguments, what=what, position=position, real=real):
            names.append((what, arguments[position]))
            real(self, *arguments)

        monkeypatch.setattr(RemoteFolder, what, note)
    return names


@pytest.fixture
def read(monkeypatch):
    """The names of pictures that are read."""
    from graphcore.sources import pictures

    names, real = [], pictures.take_picture

    def note(file, *arguments):
        names.append(file.name)
        return real(file, *arguments)

    monkeypatch.setattr(pictures, "take_picture", note)
    return names


def list_shards(remote):
    return sorted(name for name in remote.list_sizes() if name.endswith(".tfrecord"))


def test_records_of_remote_pictures_are_at_their_address_and_here(config):
    manifest = convert(config)
    mirror = Mirror(config.dataset.records)
    folder = records_dir(config.dataset, config.split)
    assert folder == mirror.local
    assert verify(folder) == []
    assert sum(manifest.samples(split) for split in manifest.counts) == PICTURES
    keys = {sample.key for split in manifest.counts for sample in Reader(folder).iterate(split)}
    assert keys == {name_picture(number) for number in range(PICTURES)}
    assert list_shards(mirror.remote) == sorted(shard.name for shard in manifest.shards)
    for name in (*list_shards(mirror.remote), MANIFEST_NAME, "splits.json", "intake.jsonl", "rejected.csv"):
        assert mirror.remote.read(name) == (folder / name).read_bytes(), name


def test_records_of_remote_pictures_are_those_of_local_ones(config, tmp_path):
    for number in range(PICTURES):
        path = tmp_path / "photos" / name_picture(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw_picture(number))
    local = ImageFolderConfig(kind="image_folder", dir=str(tmp_path / "photos"), records=str(tmp_path / "records"))
    assert convert(configure(local)).digest() == convert(config).digest()


def test_a_second_conversion_is_up_to_date_and_moves_nothing(config, moved, read, capsys):
    first = convert(config)
    moved.clear()
    read.clear()
    assert convert(config) == first
    assert "up to date" in capsys.readouterr().err
    assert (moved, read) == ([], [])


def test_another_machine_has_the_same_records_and_reads_no_picture(config, go, read, capsys):
    first = convert(config)
    go("second")
    assert Reader(make_local(config.dataset.records)).manifest.digest() == first.digest()
    read.clear()
    capsys.readouterr()
    assert convert(config).digest() == first.digest()
    assert read == []
    assert "up to date" in capsys.readouterr().err


def test_one_more_picture_is_all_that_another_machine_reads(config, photos, go, read):
    convert(config)
    put(f"{photos}/photos/dog/new.jpg", draw_picture(99))
    go("second")
    read.clear()
    second = convert(config)
    assert read == ["dog/new.jpg"]
    assert sum(second.samples(split) for split in second.counts) == PICTURES + 1
    assert list_shards(Mirror(config.dataset.records).remote) == sorted(shard.name for shard in second.shards)
    go("first")
    read.clear()
    assert convert(config).digest() == second.digest()
    assert read == []


def test_a_picture_that_was_replaced_makes_the_records_anew(config, photos, read):
    first = convert(config)
    put(f"{photos}/photos/{name_picture(1)}", draw_picture(77))
    read.clear()
    assert convert(config).digest() != first.digest()
    assert read == [name_picture(1)]


def test_an_upload_that_was_cut_short_is_finished_by_the_same_command(config, monkeypatch, read):
    def refuse(*_):
        raise DatasetError("out of reach")

    with monkeypatch.context() as patched:
        patched.setattr(RemoteFolder, "put", refuse)
        with pytest.raises(DatasetError, match="out of reach"):
            convert(config)
    remote = Mirror(config.dataset.records).remote
    assert remote.read(MANIFEST_NAME) is None
    read.clear()
    manifest = convert(config)
    assert read == []
    assert list_shards(remote) == sorted(shard.name for shard in manifest.shards)
    assert remote.read(MANIFEST_NAME) is not None


def test_somebody_else_s_records_are_refused_before_a_picture_is_read(config, photos, read):
    put(f"{photos}/records/mine.tfrecord", b"mine")
    with pytest.raises(RecordsError, match=r"records holds 1 record file not from a conversion here"):
        convert(config)
    assert read == []


def test_records_of_local_pictures_may_be_remote(store, tmp_path, go):
    for number in range(PICTURES):
        path = tmp_path / "photos" / name_picture(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draw_picture(number))
    dataset = ImageFolderConfig(kind="image_folder", dir=str(tmp_path / "photos"), records=f"{store}/records")
    manifest = convert(configure(dataset))
    go("second")
    assert Reader(make_local(f"{store}/records")).manifest.digest() == manifest.digest()


def test_videos_and_annotations_may_be_remote(store, tmp_path, go):
    rows = []
    (tmp_path / "videos").mkdir()
    for number in range(4):
        segment = {"startSeconds": 1, "endSeconds": 3, "label": "suturing"}
        rows.append({"videoId": number, "durationSeconds": 4, "annotations": [segment], "subject": f"s{number}"})
        video = draw_video(number)
        put(f"{store}/videos/{number}.mp4", video)
        (tmp_path / "videos" / f"{number}.mp4").write_bytes(video)
    put(f"{store}/videos/annotations.json", json.dumps(rows).encode())
    (tmp_path / "videos" / "annotations.json").write_text(json.dumps(rows))

    def make(videos, records):
        return configure(VideoConfig(kind="video", videos=videos, records=records, every_secs=1.0))

    remote = convert(make(f"{store}/videos", f"{store}/records"))
    local = convert(make(str(tmp_path / "videos"), str(tmp_path / "records")))
    assert sum(remote.samples(split) for split in remote.counts) == 16
    assert remote.digest() == local.digest()


def test_a_bucket_that_is_missing_ends_in_words(s3_environment, go):
    dataset = ImageFolderConfig(kind="image_folder", dir="s3://nobody-has-this/photos", records="data/records")
    with pytest.raises(DatasetError, match=r"s3://nobody-has-this/photos"):
        convert(configure(dataset))
    assert not Path("data/records").exists()
