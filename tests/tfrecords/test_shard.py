import errno
import hashlib
import io

import pytest

from tfrecords.example import decode_example
from tfrecords.framing import iterate_records
from tfrecords.manifest import ShardInfo
from tfrecords.plan import Entry, ShardPlan
from tfrecords.shard import write_shard

NAME = "train-00000-of-00001.tfrecord"


def make_plan(count, **values):
    entries = (
        Entry(f"{i}", "train", 0, "cat", f"{i}.jpg", "jpeg", 1, 2, 3, "", digest="unused", **values)
        for i in range(count)
    )
    return ShardPlan(NAME, "train", tuple(entries))


def test_the_information_is_that_of_the_bytes():
    file = io.BytesIO()
    info = write_shard(file, make_plan(3), lambda entry: entry.key.encode(), lambda _: None)
    data = file.getvalue()
    assert info == ShardInfo(NAME, "train", 3, len(data), hashlib.sha256(data).hexdigest())


def test_everything_of_an_entry_goes_into_its_record(tmp_path):
    values = {"video_id": "5", "time_secs": 1.5, "group": "g", "labels": (0, 2), "subject": "s1"}
    with open(tmp_path / NAME, "wb") as file:
        write_shard(file, make_plan(1, **values), lambda _: b"JPG", lambda _: None)
    (sample,) = map(decode_example, iterate_records(tmp_path / NAME))
    assert {name: getattr(sample, name) for name in values} == values
    assert (sample.key, sample.encoded, sample.text, sample.width) == ("0", b"JPG", "cat", 2)


@pytest.mark.parametrize("size_bytes", [100, 100_000, 262_144, 300_000])
def test_pictures_smaller_and_larger_than_a_piece_come_back(tmp_path, size_bytes):
    pictures = [bytes([number]) * (size_bytes + number) for number in range(9)]
    with open(tmp_path / NAME, "wb") as file:
        info = write_shard(file, make_plan(9), lambda entry: pictures[int(entry.key)], lambda _: None)
    data = (tmp_path / NAME).read_bytes()
    assert (info.size_bytes, info.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert [decode_example(record).encoded for record in iterate_records(tmp_path / NAME)] == pictures


def test_a_file_that_takes_no_more_is_an_error():
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        write_shard(Full(), make_plan(1), lambda _: b"", lambda _: None)


@pytest.mark.parametrize("count", [0, 1, 600])
def test_progress_adds_up_to_the_samples(count):
    steps = []
    write_shard(io.BytesIO(), make_plan(count), lambda _: b"", steps.append)
    assert sum(steps) == count
