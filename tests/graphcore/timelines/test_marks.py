import numpy as np
import pytest

from graphcore.timelines.marks import Marks, read_marks
from tfrecords.errors import RecordsError
from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.manifest import Manifest, ShardInfo, write_manifest


def make_marks(videos, times=None, groups=None):
    count = len(videos)
    times = np.full(count, np.nan) if times is None else np.array(times, float)
    keys = tuple(f"k{row}" for row in range(count))
    return Marks(keys, keys, tuple(videos), times, tuple(groups or [""] * count), ("",) * count)


def make_frame(key, video, time, **values):
    return Sample(key, b"jpeg", "jpeg", 1, 1, 0, "cut", f"{video}.mp4", video, time, **values)


@pytest.fixture
def records(tmp_path):
    """Two shards of test, one of train."""
    splits = {
        "test": [
            [make_frame("5@1", "5", 1.0, group="g", subject="s"), make_frame("5@0", "5", 0.0)],
            [Sample("a.jpg", b"jpeg", "jpeg", 1, 1, 0, "cut", "a.jpg"), make_frame("7@?", "7", None)],
        ],
        "train": [[make_frame("6@0", "6", 0.0)]],
    }
    shards = []
    for split, samples_of_shards in splits.items():
        for number, samples in enumerate(samples_of_shards):
            name = f"{split}-{number:05}-of-{len(samples_of_shards):05}.tfrecord"
            with (tmp_path / name).open("wb") as file:
                for sample in samples:
                    write_record(file, encode_example(sample))
            shards.append(ShardInfo(name, split, len(samples), (tmp_path / name).stat().st_size, "0" * 64))
    counts = {"test": {"cut": 4}, "train": {"cut": 1}}
    write_manifest(tmp_path, Manifest("toy", "video", ("cut",), counts, tuple(shards)))
    return tmp_path


def test_marks_are_in_the_order_of_the_shards(records):
    marks = read_marks(records, "test")
    assert marks.keys == ("5@1", "5@0", "a.jpg", "7@?")
    assert marks.filenames == ("5.mp4", "5.mp4", "a.jpg", "7.mp4")
    assert marks.groups == ("g", "", "", "")
    assert marks.subjects == ("s", "", "", "")
    assert len(marks) == 4


def test_pictures_and_what_has_no_time_are_of_no_video(records):
    marks = read_marks(records, "test")
    assert marks.videos == ("5", "5", "", "")
    np.testing.assert_array_equal(marks.times_secs, [1.0, 0.0, np.nan, np.nan])
    assert not marks.are_frames


def test_a_split_that_the_records_do_not_have_is_refused(records):
    with pytest.raises(RecordsError, match="has no split 'validation'; it has: test, train"):
        read_marks(records, "validation")


def test_a_split_of_frames_is_known_as_such(records):
    assert read_marks(records, "train").are_frames


def test_without_samples_there_are_no_frames():
    assert not make_marks([]).are_frames
    assert make_marks([]).find_videos() == {}
    assert make_marks([]).measure_step() == 0.0


def test_videos_stand_in_the_order_of_people_and_frames_in_that_of_time():
    marks = make_marks(["v10", "v9", "v10", "", "v9"], [2.0, 0.5, 1.0, np.nan, 0.0])
    found = marks.find_videos()
    assert list(found) == ["v9", "v10"]
    assert {video: rows.tolist() for video, rows in found.items()} == {"v9": [4, 1], "v10": [2, 0]}
    assert found["v9"].dtype == np.int64


def test_frames_of_one_time_keep_their_order():
    assert make_marks(["v"] * 4, [1.0, 0.0, 1.0, 0.0]).find_videos()["v"].tolist() == [1, 3, 0, 2]


def test_the_step_is_the_median_over_all_videos():
    marks = make_marks(["a", "a", "a", "b", "b", "b"], [0, 0.5, 1.0, 30, 30.5, 90])
    assert marks.measure_step() == 0.5


def test_videos_of_one_frame_have_no_step():
    assert make_marks(["a", "b"], [0.0, 7.0]).measure_step() == 0.0


def test_some_samples_are_picked_in_the_order_asked_for():
    marks = make_marks(["a", "b", "c"], [0.0, 1.0, 2.0], ["x", "y", "z"]).pick(["k2", "k0"])
    assert marks is not None
    assert (marks.keys, marks.videos, marks.groups) == (("k2", "k0"), ("c", "a"), ("z", "x"))
    assert marks.times_secs.tolist() == [2.0, 0.0]


def test_a_sample_that_is_not_known_cannot_be_picked():
    assert make_marks(["a"], [0.0]).pick(["k0", "k1"]) is None
