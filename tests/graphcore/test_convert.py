from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from graphcore.config import ImageFolderConfig, ShardsConfig, SplitConfig, VideoConfig
from graphcore.conversion.options import records_dir
from graphcore.conversion.show import show
from graphcore.convert import convert, is_fresh
from graphcore.errors import ConfigError, DatasetError
from tfrecords.errors import RecordsError
from tfrecords.manifest import read_manifest
from tfrecords.reader import Reader
from tfrecords.verify import verify

ROOT = Path(__file__).parents[2]


def encode(seed: int, file_format: str = "JPEG", size: int = 32) -> bytes:
    buffer = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (size, size, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(buffer, file_format)
    return buffer.getvalue()


@pytest.fixture
def photos(tmp_path) -> Path:
    """24 pictures in 2 classes, every fourth a PNG."""
    for number in range(24):
        path = (
            tmp_path / "photos" / ("Cat" if number % 2 else "dog") / f"{number}.{'png' if number % 4 == 0 else 'jpg'}"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(number, "PNG" if number % 4 == 0 else "JPEG"))
    return tmp_path / "photos"


@pytest.fixture
def videos(tmp_path) -> Path:
    """6 videos of 4 s, the label is on from 1 s to 3 s; half of them show subject s1, half s2."""
    folder = tmp_path / "videos"
    folder.mkdir()
    rows = []
    for number in range(6):
        with av.open(str(folder / f"{number}.mp4"), "w") as container:
            stream: Any = container.add_stream("libx264", rate=5)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            for frame in range(20):
                image = np.full((48, 64, 3), frame * 10 + number, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
        segment = {"startSeconds": 1, "endSeconds": 3, "label": "suturing"}
        rows.append({"videoId": number, "durationSeconds": 4, "annotations": [segment], "subject": f"s{number % 3}"})
    (folder / "annotations.json").write_text(json.dumps(rows))
    return folder


def configure(
    folder: Path,
    records: Path,
    split: dict | None = None,
    workers: int = 2,
    size_mib: float = 0.02,
    **dataset,
):
    if folder.name == "videos":
        options: Any = VideoConfig(
            kind="video", videos=str(folder), records=str(records), **{"every_secs": 1.0, **dataset}
        )
    else:
        options = ImageFolderConfig(kind="image_folder", dir=str(folder), records=str(records), **dataset)
    shards = ShardsConfig(size_mib=size_mib, workers=workers)
    return SimpleNamespace(dataset=options, split=SplitConfig(**(split or {})), shards=shards)


def read_records(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.tfrecord"))}


def read_rejected(folder: Path) -> list[list[str]]:
    with (folder / "rejected.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_every_picture_is_in_the_records_once(photos, tmp_path):
    manifest = convert(configure(photos, tmp_path / "records"))
    assert manifest.labels == ("Cat", "dog")
    assert sum(manifest.samples(split) for split in manifest.counts) == 24
    assert all(count >= 1 for counts in manifest.counts.values() for count in counts.values())
    reader = Reader(tmp_path / "records")
    samples = {sample.key: sample for split in manifest.counts for sample in reader.iterate(split)}
    assert sorted(samples) == sorted(path.relative_to(photos).as_posix() for path in photos.rglob("*.*"))
    for key, sample in samples.items():
        assert sample.text == manifest.labels[sample.label] == key.split("/")[0]
        assert (sample.height, sample.width, sample.format) == (32, 32, "jpeg")
        if key.endswith("jpg"):
            assert sample.encoded == (photos / key).read_bytes()
        else:
            assert Image.open(io.BytesIO(sample.encoded)).format == "JPEG"
    assert verify(tmp_path / "records") == []
    assert read_rejected(tmp_path / "records") == [["path", "reason"]]
    assert not (tmp_path / "records" / ".staging").exists()


def test_frames_carry_their_video_and_time(videos, tmp_path):
    manifest = convert(configure(videos, tmp_path / "records", {"group_by": "video"}))
    assert manifest.labels == ("suturing", "not-suturing")
    reader = Reader(tmp_path / "records")
    by_split = {split: list(reader.iterate(split)) for split in manifest.counts}
    assert sum(map(len, by_split.values())) == 24
    for samples in by_split.values():
        for sample in samples:
            assert sample.text == ("suturing" if 1 <= sample.time_secs < 3 else "not-suturing")
            assert sample.key == f"{sample.video_id}@{sample.time_secs:.3f}"
            assert sample.group == sample.video_id
    homes = [{sample.video_id for sample in samples} for samples in by_split.values()]
    assert sum(map(len, homes)) == 6  # no video is in two splits


def test_subjects_stay_together_where_they_are_named(videos, tmp_path):
    split = {"train": 40, "validation": 30, "test": 30, "group_by": "subject"}
    manifest = convert(configure(videos, tmp_path / "records", split))
    reader = Reader(tmp_path / "records")
    homes = [{sample.group for sample in reader.iterate(split)} for split in manifest.counts]
    assert sorted(map(len, homes)) == [1, 1, 1]


@pytest.mark.parametrize("kind", ["photos", "videos"])
def test_any_number_of_workers_makes_the_same_bytes(kind, tmp_path, request):
    folder = request.getfixturevalue(kind)
    one = convert(configure(folder, tmp_path / "one", workers=1))
    five = convert(configure(folder, tmp_path / "five", workers=5))
    assert read_records(tmp_path / "one") == read_records(tmp_path / "five")
    assert len(one.shards) >= 3
    assert one.digest() == five.digest()


def test_records_do_not_depend_on_where_the_photos_lie(photos, tmp_path):
    convert(configure(photos, tmp_path / "before", name="n"))
    photos.rename(tmp_path / "moved")
    convert(configure(tmp_path / "moved", tmp_path / "after", name="n"))
    assert read_records(tmp_path / "before") == read_records(tmp_path / "after")


@pytest.mark.parametrize(("name", "what"), [("file", "is a file"), ("file/below", "cannot be made: Not a directory")])
def test_records_where_no_folder_can_be(name, what, photos, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatasetError, match=f"dataset.records=.*{name} {what}.\nGive another folder"):
        convert(configure(photos, tmp_path / name))


def test_nothing_is_done_when_nothing_changed(photos, tmp_path, monkeypatch, capsys):
    config = configure(photos, tmp_path / "records")
    assert not is_fresh(config)
    first = convert(config)
    assert is_fresh(config)
    monkeypatch.setattr("graphcore.convert.take_in", None)
    assert convert(config) == first
    assert "are up to date: 24 samples" in capsys.readouterr().err


def test_touched_photos_are_looked_into_and_remembered(photos, tmp_path):
    config = configure(photos, tmp_path / "records")
    convert(config)
    os.utime(photos / "Cat" / "1.jpg", ns=(7, 7))
    assert is_fresh(config)
    assert read_manifest(tmp_path / "records").inputs["Cat/1.jpg"].mtime_ns == 7


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda photos: (photos / "Cat" / "1.jpg").write_bytes(encode(99)), "Cat/1.jpg has changed"),
        (lambda photos: (photos / "Cat" / "1.jpg").unlink(), "Cat/1.jpg is no longer an input"),
        (lambda photos: (photos / "dog" / "new.jpg").write_bytes(encode(98)), "dog/new.jpg is new"),
    ],
)
def test_a_change_of_the_photos_makes_the_records_again(photos, tmp_path, change, reason, capsys):
    config = configure(photos, tmp_path / "records")
    before = convert(config)
    change(photos)
    after = convert(config)
    told = capsys.readouterr().err
    assert reason in told
    assert "Runs trained on the earlier ones can no longer be evaluated; dataset.records=DIR keeps both." in told
    assert after.digest() != before.digest()
    convert(configure(photos, tmp_path / "fresh"))
    assert read_records(tmp_path / "records") == read_records(tmp_path / "fresh")
    assert verify(tmp_path / "records") == []


def test_a_change_of_an_option_makes_the_records_again(photos, tmp_path, capsys):
    convert(configure(photos, tmp_path / "records"))
    assert not is_fresh(configure(photos, tmp_path / "records", size=16))
    manifest = convert(configure(photos, tmp_path / "records", size=16))
    assert "dataset.size was None and is 16" in capsys.readouterr().err
    assert manifest.options["dataset.size"] == 16
    assert {sample.height for sample in Reader(tmp_path / "records").iterate("train")} == {16}
    assert is_fresh(configure(photos, tmp_path / "records", size=16, workers=7))


def test_where_the_name_decides_the_folder_another_name_keeps_both(photos, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for size in (None, 16):
        config = configure(photos, tmp_path / "records", size=size)
        config.dataset.records = None
        convert(config)
    assert "can no longer be evaluated; dataset.name=NAME keeps both." in capsys.readouterr().err


def test_a_lost_shard_is_made_again_and_no_run_is_lost(photos, tmp_path, capsys):
    before = convert(configure(photos, tmp_path / "records"))
    (tmp_path / "records" / before.shards[0].name).unlink()
    after = convert(configure(photos, tmp_path / "records"))
    told = capsys.readouterr().err
    assert "made again: " + before.shards[0].name + " is missing or has another size.\n" in told
    assert "evaluated" not in told
    assert after.digest() == before.digest()


def test_frames_that_are_all_read_anew_are_not_called_known(videos, tmp_path, capsys):
    convert(configure(videos, tmp_path / "records"))
    capsys.readouterr()
    convert(configure(videos, tmp_path / "records", every_secs=0.5))
    told = capsys.readouterr().err
    assert "dataset.every_secs was" in told
    assert "not read again" not in told


def test_every_input_left_out_has_a_row(photos, tmp_path, capsys):
    (photos / "Cat" / "empty.jpg").touch()
    (photos / "Cat" / 'a "quoted", name\n.jpg').write_bytes(encode(1)[:-9])
    (photos / "dog" / "loop").symlink_to(photos)
    manifest = convert(configure(photos, tmp_path / "records"))
    assert read_rejected(tmp_path / "records") == [
        ["path", "reason"],
        ['Cat/a "quoted", name\n.jpg', "truncated: the JPEG ends before its picture does"],
        ["Cat/empty.jpg", "empty file"],
        ["dog/loop", "a link back to a folder above it"],
    ]
    assert manifest.rejected == 3
    assert "inputs were left out" in capsys.readouterr().err


def test_videos_left_out_have_rows_too(videos, tmp_path):
    data = (videos / "5.mp4").read_bytes()
    (videos / "5.mp4").write_bytes(data[: len(data) // 2])
    (videos / "4.mp4").unlink()
    manifest = convert(configure(videos, tmp_path / "records"))
    assert read_rejected(tmp_path / "records")[1:] == [
        ["4", "missing: no 4.mp4 or other video of that name"],
        ["5.mp4", "unreadable: Invalid data found when processing input"],
    ]
    assert sum(manifest.samples(split) for split in manifest.counts) == 16
    assert is_fresh(configure(videos, tmp_path / "records"))


def test_a_touched_annotation_file_is_looked_into(videos, tmp_path):
    config = configure(videos, tmp_path / "records")
    convert(config)
    os.utime(videos / "annotations.json", ns=(7, 7))
    assert is_fresh(config)
    text = (videos / "annotations.json").read_text()
    (videos / "annotations.json").write_text(text.replace("suturing", "stitching"))
    assert not is_fresh(config)


def test_faults_of_annotations_leave_the_earlier_records_alone(videos, tmp_path):
    config = configure(videos, tmp_path / "records")
    convert(config)
    rows = json.loads((videos / "annotations.json").read_text())
    rows[0]["annotations"][0]["endSeconds"] = 0.5
    (videos / "annotations.json").write_text(json.dumps(rows))
    with pytest.raises(DatasetError, match=r"endSeconds=0.5 is not after startSeconds=1"):
        convert(config)
    assert verify(tmp_path / "records") == []


def test_a_class_nothing_is_left_of_is_an_error(photos, tmp_path):
    (photos / "bird").mkdir()
    (photos / "bird" / "a.jpg").write_bytes(b"<html>")
    with pytest.raises(DatasetError, match=r"1 of 3 classes have 0 samples: bird(?s:.*)rejected\.csv"):
        convert(configure(photos, tmp_path / "records"))
    assert read_rejected(tmp_path / "records")[1:] == [["bird/a.jpg", "not a picture: an HTML page"]]
    manifest = convert(configure(photos, tmp_path / "records", {"require_every_class": False}))
    assert manifest.labels == ("Cat", "bird", "dog")
    assert [counts["bird"] for counts in manifest.counts.values()] == [0, 0, 0]


def test_a_segment_between_two_frames_is_an_error_that_names_the_option(videos, tmp_path):
    rows = json.loads((videos / "annotations.json").read_text())
    rows[0]["annotations"].append({"startSeconds": 3.3, "endSeconds": 3.5, "label": "knot"})
    (videos / "annotations.json").write_text(json.dumps(rows))
    with pytest.raises(DatasetError, match=r"knot(?s:.*)Lower dataset.every_secs=1"):
        convert(configure(videos, tmp_path / "records"))


def test_too_few_samples_is_an_error_with_the_numbers(photos, tmp_path):
    for number in (2, 6, 10, 14, 18, 22, 0, 4, 8, 12):
        next(photos.glob(f"dog/{number}.*")).unlink()
    with pytest.raises(DatasetError, match=r"dog: 2 distinct samples \(2 samples\), missing from"):
        convert(configure(photos, tmp_path / "records"))


def test_no_sample_at_all_is_an_error(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        (tmp_path / "photos" / name / "a.jpg").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"Not one sample is left: 2 inputs (?s:.*)cat/a\.jpg: empty file"):
        convert(configure(tmp_path / "photos", tmp_path / "records"))


@pytest.mark.parametrize(("group_by", "choices"), [("video", "file, subject"), ("subject", "file")])
def test_pictures_have_no_groups(photos, tmp_path, group_by, choices):
    with pytest.raises(ConfigError, match=rf"split.group_by={group_by} needs(?s:.*)Choices: {choices}\."):
        convert(configure(photos, tmp_path / "records", {"group_by": group_by}))


def test_a_video_without_a_subject_is_an_error_where_subjects_are_asked_for(videos, tmp_path):
    text = (videos / "annotations.json").read_text()
    (videos / "annotations.json").write_text(text.replace('"subject": "s1"', '"subject": ""'))
    with pytest.raises(ConfigError, match=r"no subject for video 1(?s:.*): file, video, recording\.\n.*our JSON"):
        convert(configure(videos, tmp_path / "records", {"group_by": "subject"}))


def test_somebody_elses_records_are_left_alone(photos, tmp_path):
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / "mine.tfrecord").write_bytes(b"precious")
    with pytest.raises(RecordsError, match=r"mine\.tfrecord"):
        convert(configure(photos, tmp_path / "records"))
    assert (tmp_path / "records" / "mine.tfrecord").read_bytes() == b"precious"


def test_records_go_beside_each_other_by_name():
    assert records_dir(ImageFolderConfig(kind="image_folder", dir="a/photos")) == Path("data/tfrecords/photos")
    assert records_dir(ImageFolderConfig(kind="image_folder", records="x/y")) == Path("x/y")


def test_the_table_counts_classes_and_splits(photos, tmp_path, capsys):
    manifest = convert(configure(photos, tmp_path / "records"))
    show(manifest, tmp_path / "records", 1.0)
    out, err = capsys.readouterr()
    row = next(line for line in out.splitlines() if "Cat" in line)
    assert [int(cell) for cell in row.split() if cell.isdigit()] == [
        counts["Cat"] for counts in manifest.counts.values()
    ]
    assert "0 rejected" in err


# A conversion that ends itself with SIGKILL just before its n-th step on the disk.
KILLED = """
import os, signal, sys
from graphcore.config import ImageFolderConfig, ShardsConfig, SplitConfig
from graphcore.convert import convert
from types import SimpleNamespace

left = [int(sys.argv[3])]
for name in ("replace", "fsync", "unlink"):
    def step(*args, real=getattr(os, name), **kwargs):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    setattr(os, name, step)
dataset = ImageFolderConfig(kind="image_folder", dir=sys.argv[1], records=sys.argv[2])
shards = ShardsConfig(size_mib=0.02, workers=2)
convert(SimpleNamespace(dataset=dataset, split=SplitConfig(), shards=shards))
assert "tensorflow" not in sys.modules
"""


def run_killed(photos: Path, records: Path, steps: int) -> int:
    command = [sys.executable, "-c", KILLED, str(photos), str(records), str(steps)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=120).returncode


def test_a_killed_conversion_is_finished_by_the_same_command(photos, tmp_path):
    convert(configure(photos, tmp_path / "unbroken"))
    expected = read_records(tmp_path / "unbroken")
    records = tmp_path / "records"
    for steps in (2, 9, 14, 23, 3):  # each goes on where the one before it died
        assert run_killed(photos, records, steps) == -signal.SIGKILL
        assert not (records / "dataset.json").exists()
        assert read_records(records).items() <= expected.items()  # no half shard ever has a name
    assert run_killed(photos, records, steps=10**6) == 0
    assert read_records(records) == expected
    assert verify(records) == []
    assert not (records / ".staging").exists()


@pytest.mark.parametrize("delay_secs", [0.5, 0.65])
def test_a_conversion_killed_at_some_moment_is_finished(photos, tmp_path, delay_secs):
    convert(configure(photos, tmp_path / "unbroken"))
    records = tmp_path / "records"
    command = [sys.executable, "-c", KILLED, str(photos), str(records), "1000000"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(delay_secs)
        except subprocess.TimeoutExpired:
            process.kill()
    convert(configure(photos, records))
    assert read_records(records) == read_records(tmp_path / "unbroken")


def test_the_command_converts_and_needs_no_tensorflow(photos, tmp_path):
    code = (
        "import sys; from graphcore.convert import main; main(); "
        "heavy = {'tensorflow', 'tf_slim', 'matplotlib'} & set(sys.modules); assert not heavy, heavy"
    )
    arguments = ["dataset=image_folder", f"dataset.dir={photos}", f"dataset.records={tmp_path / 'records'}"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "dog" in done.stdout
    assert (tmp_path / "records" / "dataset.json").exists()


def test_a_mistake_ends_with_status_2_and_no_traceback(tmp_path):
    command = [
        sys.executable,
        "-m",
        "graphcore.convert",
        "dataset=image_folder",
        f"dataset.dir={tmp_path / 'nowhere'}",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert "nowhere does not exist" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.shared
def test_real_photos(tmp_path):
    folder = ROOT / "../shared/data/clothing"
    if not folder.is_dir():
        pytest.skip("no ../shared")
    manifest = convert(configure(folder, tmp_path / "records", size_mib=4))
    assert (len(manifest.labels), manifest.rejected) == (10, 0)
    assert sum(manifest.samples(split) for split in manifest.counts) == 400
    assert verify(tmp_path / "records") == []
