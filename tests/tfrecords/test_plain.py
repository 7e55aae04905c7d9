import io

import pytest

from tfrecords.example import FILENAME, KEY, Sample, encode_example
from tfrecords.features import Features
from tfrecords.plain import read_plain_features

WANTED = {KEY.encode(): KEY, FILENAME.encode(): FILENAME}
PAYLOAD = encode_example(Sample("cat/a.jpg", b"\xff" * 3000, "jpeg", 3, 4, 1, "cat", "a.jpg"))


def read(payload, before=b"before"):
    file = io.BytesIO(before + payload + b"behind")
    file.seek(len(before))
    return read_plain_features(file, len(before), len(before) + len(payload), WANTED)


def test_what_is_wanted_is_found_on_both_sides_of_a_picture():
    views = read(PAYLOAD)
    assert views is not None
    features = Features(views)
    assert (features.text(KEY), features.text(FILENAME)) == ("cat/a.jpg", "a.jpg")
    assert sorted(views) == sorted([KEY, FILENAME])


def test_an_example_that_is_cut_off_is_none_of_these():
    assert [length for length in range(len(PAYLOAD)) if read(PAYLOAD[:length]) is not None] == []


@pytest.mark.parametrize("payload", [b"", b"\x12\x00", b"\x0a\x02\x10\x01", b"\x0a\x03\x0a\x01\x0a"])
def test_another_layout_is_left_to_the_general_way(payload):
    assert read(payload) is None
