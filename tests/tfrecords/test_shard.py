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


@pytest.mark.parametrize("count", [0, 1, 600])
def test_progress_adds_up_to_the_samples(count):
    steps = []
    write_shard(io.BytesIO(), make_plan(count), lambda _: b"", steps.append)
    assert sum(steps) == count
