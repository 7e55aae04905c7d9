import hashlib

import pytest

from graphcore.audit.perceptual import look_at
from graphcore.audit.scan import Facts, scan_records
from tests.graphcore.audit.pictures import draw, encode
from tfrecords.errors import RecordsError


def test_every_sample_is_seen_once_in_the_order_of_the_records(write_records):
    pictures = [encode(draw(seed, 60, 50)) for seed in range(150)]  # more than a batch
    splits = ["train", "test", "train"] * 50
    scan = scan_records(write_records(list(zip(splits, pictures, [{}] * 150, strict=True))))
    expected = [f"train/{n}" for n in range(100)] + [f"test/{n}" for n in range(50)]
    assert [one.key for one in scan.facts] == expected
    in_order = [
        picture for split in ("train", "test") for name, picture in zip(splits, pictures, strict=True) if name == split
    ]
    assert [one.digest for one in scan.facts] == [hashlib.sha256(picture).digest() for picture in in_order]
    assert (scan.looks.hashes == look_at(in_order).hashes).all()
    assert scan.find("test").tolist() == list(range(100, 150))
    assert scan.find("validation").tolist() == []


def test_facts_are_those_of_the_sample(write_records):
    picture = encode(draw(1))
    values = {
        "key": "7@1.5", "label": 1, "video_id": "7", "time_secs": 1.5, "group": "room 2", "subject": "s1",
    }  # fmt: skip
    several = {"labels": (1, 0), "label": 1}
    scan = scan_records(write_records([("train", picture, values), ("test", picture, several)]))
    digest = hashlib.sha256(picture).digest()
    assert scan.facts == [
        Facts("7@1.5", "train", (1,), "room 2", "s1", "7", 1.5, digest),
        Facts("test/0", "test", (0, 1), digest=digest),
    ]


def test_a_picture_that_cannot_be_decoded_is_named(write_records):
    rows = [("train", encode(draw(1)), {}), ("train", b"\xff\xd8\xff nothing", {"key": "cat/b.jpg"})]
    with pytest.raises(
        RecordsError, match=r"sample 'cat/b.jpg' of train: its picture cannot be decoded: .*convert again"
    ):
        scan_records(write_records(rows))


def test_records_without_samples_are_an_empty_scan(write_records):
    scan = scan_records(write_records([]))
    assert len(scan.facts) == len(scan.looks) == 0


def test_missing_records_are_named(tmp_path):
    with pytest.raises(RecordsError, match="is no folder"):
        scan_records(tmp_path / "nowhere")
