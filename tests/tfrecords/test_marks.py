import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords.errors import CorruptShardError
from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.marks import Mark, iterate_marks

PHOTO = Sample("cat/a.jpg", b"\xff\xd8", "jpeg", 3, 4, 1, "cat", "a.jpg")
FRAME = Sample("5@2.500", b"\xff\xd8", "jpeg", 3, 4, 0, "cut", "5.mp4", "5", 2.5, "theatre 1", subject="case 7")


def write(path, payloads):
    with open(path, "wb") as file:
        for payload in payloads:
            write_record(file, payload)
    return path


def test_a_frame_says_from_which_moment_of_which_video_it_is(tmp_path):
    path = write(tmp_path / "records", [encode_example(FRAME)])
    assert list(iterate_marks(path)) == [Mark("5@2.500", "5.mp4", "5", 2.5, "theatre 1", "case 7")]


def test_a_photo_has_no_video_and_no_time(tmp_path):
    path = write(tmp_path / "records", [encode_example(PHOTO)])
    assert list(iterate_marks(path)) == [Mark("cat/a.jpg", "a.jpg", "", None, "", "")]


def test_the_first_moment_is_a_time(tmp_path):
    path = write(tmp_path / "records", [encode_example(dataclasses.replace(FRAME, time_secs=0.0))])
    (mark,) = iterate_marks(path)
    assert mark.time_secs == 0.0


def test_the_file_name_is_the_key_where_there_is_none(tmp_path):
    path = write(tmp_path / "records", [encode_example(PHOTO).replace(b"sample/key", b"sample/kex")])
    (mark,) = iterate_marks(path)
    assert mark.key == "a.jpg"


def test_records_of_others_may_say_nothing(tmp_path):
    assert list(iterate_marks(write(tmp_path / "records", [b""]))) == [Mark("", "", "", None, "", "")]


names = st.text(max_size=200)


@given(
    frames=st.lists(st.tuples(names, names, st.none() | st.integers(0, 20_000), names, names), max_size=4),
    size_bytes=st.integers(0, 9000),
)
def test_what_was_written_comes_back_in_order(tmp_path_factory, frames, size_bytes):
    samples = [
        Sample(key, bytes(size_bytes), "jpeg", 1, 1, 0, "x", "f", video, time and time / 4, group, subject=subject)
        for key, video, time, group, subject in frames
    ]
    path = write(tmp_path_factory.mktemp("marks") / "records", map(encode_example, samples))
    expected = [Mark(s.key, "f", s.video_id, s.time_secs, s.group, s.subject) for s in samples]
    assert list(iterate_marks(path)) == expected


def test_a_feature_of_another_kind_is_named_with_its_record(tmp_path):
    good, size = encode_example(PHOTO), len(encode_example(PHOTO)) + 16
    wrong = _make_example(b"group", b"\x1a\x03\x0a\x01\x05")  # a list of integers
    with pytest.raises(CorruptShardError, match=rf"records: record at byte {size}: feature 'group' holds 0 values"):
        list(iterate_marks(write(tmp_path / "records", [good, wrong])))


def _make_example(key, value):
    """An example of one feature, written out by hand."""
    content = b""
    for field, piece in ((1, key), (2, value)):
        content += bytes([field << 3 | 2, len(piece)]) + piece
    for _ in range(2):
        content = bytes([1 << 3 | 2, len(content)]) + content
    return content


@given(data=st.data())
def test_damaged_bytes_give_marks_or_the_right_error(tmp_path_factory, data):
    payload = bytearray(encode_example(FRAME))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path_factory.mktemp("marks") / "records", [bytes(payload)])
    try:
        assert len(list(iterate_marks(path))) == 1
    except CorruptShardError as error:
        assert str(error).startswith(f"{path}: record ")  # noqa: PT017
        assert "byte 0: " in str(error)  # noqa: PT017
