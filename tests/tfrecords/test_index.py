import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tfrecords.index
from tfrecords import wire
from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.example import FILENAME, GROUP, KEY, SUBJECT, TIME_SECS, VIDEO_ID, Sample, decode_example, encode_example
from tfrecords.framing import scan_records, write_record
from tfrecords.index import Place, iterate_features, iterate_keys, locate, read_encoded

SHARD = "test-00000-of-00002.tfrecord"


def make_sample(key, size_bytes, **values):
    return Sample(key, random.Random(key).randbytes(size_bytes), "jpeg", 1, 2, 0, "cat", f"{key}.jpg", **values)


def write(path, payloads):
    with open(path, "wb") as file:
        for payload in payloads:
            write_record(file, payload)
    return path


@given(
    keys=st.lists(st.text(max_size=300), max_size=5),
    size_bytes=st.integers(0, 10_000),
    labels=st.none() | st.lists(st.integers(0, 3)).map(tuple),
)
def test_keys_and_offsets_are_those_of_reading_everything(tmp_path_factory, keys, size_bytes, labels):
    path = tmp_path_factory.mktemp("index") / "records"
    write(path, [encode_example(make_sample(key, size_bytes, labels=labels)) for key in keys])
    expected = [(record.offset, decode_example(record.payload).key) for record in scan_records(path)]
    assert list(iterate_keys(path)) == expected
    assert [key for _, key in expected] == keys


def test_pictures_are_passed_over(tmp_path, monkeypatch):
    path = write(tmp_path / "records", [encode_example(make_sample(str(i), 1_000_000)) for i in range(3)])
    taken = []

    class Counting(io.FileIO):
        def readinto(self, buffer):
            taken.append(super().readinto(buffer))
            return taken[-1]

    monkeypatch.setattr(
        tfrecords.index,
        "open",
        lambda path, mode, buffering: io.BufferedReader(Counting(path), buffering),
        raising=False,
    )
    assert [key for _, key in iterate_keys(path)] == ["0", "1", "2"]
    assert sum(taken) <= 4 * 4096  # between pictures, and at both ends


@given(
    keys=st.lists(st.text(max_size=300), max_size=5),
    size_bytes=st.integers(0, 10_000),
    names=st.sets(st.sampled_from([KEY, FILENAME, GROUP, TIME_SECS, "image/encoded"])),
)
def test_the_plain_way_finds_what_the_general_way_finds(tmp_path_factory, keys, size_bytes, names):
    samples = [make_sample(key, size_bytes, video_id="5", time_secs=1.5, group=key) for key in keys]
    path = write(tmp_path_factory.mktemp("index") / "records", map(encode_example, samples))
    plain = [dict(features.views) for _, features in iterate_features(path, names)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tfrecords.index, "read_plain_features", lambda *_: None)
        assert [dict(features.views) for _, features in iterate_features(path, names)] == plain


def test_the_file_name_is_the_key_where_there_is_none(tmp_path):
    payload = encode_example(make_sample("a", 10)).replace(b"sample/key", b"sample/kex")
    assert list(iterate_keys(write(tmp_path / "records", [payload]))) == [(0, "a.jpg")]


def test_other_writers_may_put_other_fields_between(tmp_path):
    feature = b"".join(wire.encode_delimited(2, *wire.encode_delimited(1, *wire.encode_delimited(1, b"k"))))
    entry = b"\x18\x07" + feature + b"".join(wire.encode_delimited(1, b"sample/key"))  # the value before its name
    features = b"\x25ABCD" + b"".join(wire.encode_delimited(1, entry))
    payload = b"\x11ABCDEFGH" + b"".join(wire.encode_delimited(1, features))
    assert list(iterate_keys(write(tmp_path / "records", [payload]))) == [(0, "k")]


@pytest.mark.parametrize("payload", [b"\x0b", b"\x0a\x05a", b"\x0a", b"\x80" * 11, b"\x0a\x02\x0a\x09"])
def test_a_record_that_is_no_sample_is_named(tmp_path, payload):
    path = write(tmp_path / "records", [encode_example(make_sample("a", 10)), payload])
    keys = iterate_keys(path)
    assert next(keys) == (0, "a")
    with pytest.raises(CorruptShardError, match=r"records: record 1 at byte \d+: (truncated|wire type|the integer)"):
        next(keys)


@given(data=st.data())
def test_damaged_bytes_give_keys_or_the_right_error(tmp_path_factory, data):
    payload = bytearray(encode_example(make_sample("a", 10, video_id="5", time_secs=1.5)))
    payload[data.draw(st.integers(0, len(payload) - 1))] = data.draw(st.integers(0, 255))
    path = write(tmp_path_factory.mktemp("index") / "records", [bytes(payload)])
    try:
        assert len(list(iterate_keys(path))) == 1
    except CorruptShardError as error:
        assert str(error).startswith(f"{path}: record 0 at byte 0: ")  # noqa: PT017


def test_only_the_named_features_are_read(tmp_path):
    samples = [make_sample(key, 5000, video_id="5", group="g", time_secs=1.5) for key in ("a", "b")]
    path = write(tmp_path / "records", map(encode_example, samples))
    found = list(iterate_features(path, (VIDEO_ID, GROUP, SUBJECT)))
    assert [offset for offset, _ in found] == [record.offset for record in scan_records(path)]
    assert [sorted(features.views) for _, features in found] == [[GROUP, VIDEO_ID]] * 2  # there is no subject
    assert [features.text(VIDEO_ID) for _, features in found] == ["5", "5"]


@pytest.mark.parametrize("names", [(), ("no such feature",)])
def test_without_a_feature_that_is_there_offsets_alone_are_read(tmp_path, names):
    path = write(tmp_path / "records", [encode_example(make_sample(key, 10)) for key in "ab"])
    found = list(iterate_features(path, names))
    assert [dict(features.views) for _, features in found] == [{}, {}]
    assert found[0][0] < found[1][0]


def test_a_feature_may_be_larger_than_what_is_read_at_once(tmp_path):
    name = "n" * 10_000
    sample = Sample("k", b"", "jpeg", 1, 2, 0, "cat", name)
    ((_, features),) = iterate_features(write(tmp_path / "records", [encode_example(sample)]), (FILENAME,))
    assert features.text(FILENAME) == name


def test_locate_finds_every_sample_and_its_picture(dataset, make_entries):
    places = locate(dataset)
    entries = {entry.key: entry for entry in make_entries(count=16)}
    assert places.keys() == entries.keys()
    for key, place in places.items():
        with open(entries[key].source, "rb") as file:
            assert read_encoded(*place) == file.read()


def test_locate_finds_only_what_is_asked_for(dataset):
    places = locate(dataset, ["cat/4.jpg", "bird/1.jpg"])
    assert list(places) == ["cat/4.jpg"]
    assert isinstance(places["cat/4.jpg"], Place)


def test_locate_names_a_missing_shard(dataset):
    (dataset / SHARD).unlink()
    with pytest.raises(RecordsError, match=f"lacks {SHARD}; convert again"):
        locate(dataset)


def test_a_picture_with_a_flipped_bit_is_located_and_not_read(dataset):
    path = dataset / SHARD
    data = bytearray(path.read_bytes())
    data[500] ^= 1
    path.write_bytes(data)
    place = next(place for place in locate(dataset).values() if place == Place(path, 0))
    with pytest.raises(CorruptShardError, match=f"{SHARD}: record at byte 0: .*flipped bits"):
        read_encoded(*place)


def test_a_record_without_a_picture_is_named(tmp_path):
    with pytest.raises(CorruptShardError, match="records: record at byte 0: no feature 'image/encoded'"):
        read_encoded(write(tmp_path / "records", [b""]), 0)
