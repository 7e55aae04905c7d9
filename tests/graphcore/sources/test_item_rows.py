from __future__ import annotations

import json

import pytest

from graphcore.sources.item import Item, Rejected, Taken
from graphcore.sources.item_rows import describe_taken, make_item
from tfrecords.manifest import InputInfo
from tfrecords.staging import Staging

PHOTO = Item("cat/1.jpg", "i", "cat", "1.jpg", "jpeg", 480, 640, 31_000, "d", "/photos/cat/1.jpg", crc=5)
SAID = {"key": "cat/1.jpg", "identity": "i", "text": "cat", "filename": "1.jpg", "format": "jpeg", "height": 480,
        "width": 640, "size_bytes": 31_000, "digest": "d"}  # fmt: skip


def test_what_is_as_if_unsaid_is_left_out_and_so_is_where_the_picture_lies():
    row = describe_taken(Taken(PHOTO, input_name="1.jpg", info=InputInfo(1, 2, "3", 4)))
    assert row == {
        "item": SAID,
        "input": "1.jpg",
        "info": {"size_bytes": 1, "mtime_ns": 2, "sha256": "3", "ctime_ns": 4},
    }
    assert list(row["item"]) == list(SAID)


@pytest.mark.parametrize("values", [{"video_id": "5", "time_secs": 0.0}, {"labels": ()}, {"labels": ("a", "b")}])
def test_what_is_said_comes_back(tmp_path, values):
    item = PHOTO._replace(**values)
    row = json.loads(json.dumps(describe_taken(Taken(item))))
    assert row["item"].keys() == SAID.keys() | values.keys()
    # But for the checksum: what lay on a disk is held against its digest.
    row["item"]["crc"] = 5
    assert make_item(row, item.source, Staging(tmp_path)) == item._replace(crc=None)


def test_a_picture_lies_in_its_file_in_a_spool_or_in_a_shard(tmp_path):
    row = describe_taken(Taken(PHOTO))
    staging = Staging(tmp_path)
    spooled = make_item(row | {"spool": "a.spool", "offset": 7}, "/in", staging)
    sharded = make_item(row | {"shard": "/records/a.tfrecord", "offset": 9}, "/in", staging)
    assert make_item(row, "/in", staging)[9:11] == ("/in", 0)
    assert (spooled.source, spooled.offset) == (str(staging.spool_path("a.spool")), 7)
    assert (sharded.source, sharded.offset) == ("/records/a.tfrecord", 9)


def test_what_was_left_out_says_why():
    assert describe_taken(Taken(rejected=Rejected("a", "no picture"))) == {
        "rejected": {"path": "a", "reason": "no picture"}
    }
