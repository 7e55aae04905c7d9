import contextlib
import dataclasses
import hashlib
import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords.errors import RecordsError
from tfrecords.example import Sample, decode_example, encode_example, read_key
from tfrecords.features import decode_features

PICTURE = Sample(
    key="cat/a.jpg",
    encoded=b"\xff\xd8",
    format="jpeg",
    height=3,
    width=300,
    label=1,
    text="cat",
    filename="a.jpg",
)
FRAME = dataclasses.replace(PICTURE, key="5@2.500", video_id="5", time_secs=2.5, group="subject 1")


def field(number, content):
    """A length-delimited field of up to 127 bytes, written out by hand."""
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def feature(key, kind, content):
    return field(1, field(1, key.encode()) + field(2, field(kind, content)))


def text(key, value):
    return feature(key, 1, field(1, value.encode()))


def integer(key, value):
    return feature(key, 3, field(1, bytes([value])))


def example(*features):
    body = b"".join(features)
    return b"\x0a" + bytes([len(body) & 0x7F | 0x80, len(body) >> 7]) + body


def slim_features():
    return [
        text("image/encoded", "JPEG"),
        text("image/format", "jpeg"),
        integer("image/height", 3),
        integer("image/width", 4),
        integer("image/class/label", 1),
    ]


samples = st.builds(
    Sample,
    key=st.text(),
    encoded=st.binary(max_size=300),
    format=st.sampled_from(["jpeg", "png"]),
    height=st.integers(0, 1 << 40),
    width=st.integers(0, 1 << 40),
    label=st.integers(-(1 << 63), (1 << 63) - 1),
    text=st.text(),
    filename=st.text(),
    video_id=st.text(),
    time_secs=st.none() | st.integers(0, 4 * 3600 * 1000).map(lambda millis: millis / 1000),
    group=st.text(),
    labels=st.none() | st.lists(st.integers(-1, 1 << 40)).map(tuple),
    subject=st.text(),
)


@given(samples)
def test_round_trip(sample):
    decoded = decode_example(encode_example(sample))
    expected = sample.time_secs
    if expected is not None and expected > 8192:  # from here on, 32-bit floats are a millisecond apart
        assert decoded.time_secs == pytest.approx(expected, abs=0.0005)
        decoded = dataclasses.replace(decoded, time_secs=expected)
    assert decoded == sample


def test_a_picture_written_out_by_hand():
    assert encode_example(PICTURE) == example(
        text("group", ""),
        integer("image/class/label", 1),
        text("image/class/text", "cat"),
        feature("image/encoded", 1, field(1, b"\xff\xd8")),
        text("image/filename", "a.jpg"),
        text("image/format", "jpeg"),
        integer("image/height", 3),
        feature("image/width", 3, field(1, b"\xac\x02")),
        text("sample/key", "cat/a.jpg"),
    )


def test_a_frame_has_its_video_and_time_too():
    frame = encode_example(FRAME)
    assert text("video/id", "5") in frame
    assert feature("frame/time_secs", 2, field(1, struct.pack("<f", 2.5))) in frame
    assert text("group", "subject 1") in frame


@pytest.mark.parametrize(
    ("sample", "sha256"),
    [
        (PICTURE, "550a1d674789ac2a930cd4347c21a22fe2ceb7aa4a690f34038883a726908565"),
        (FRAME, "b08dedcf95fadd920053e07089cdf5821dd0799e889508dca743b009ba88595d"),
    ],
)
def test_bytes_are_those_of_before_there_were_several_labels_and_subjects(sample, sha256):
    assert hashlib.sha256(encode_example(sample)).hexdigest() == sha256


@pytest.mark.parametrize(("labels", "content"), [((), b""), ((3,), field(1, b"\x03")), ((3, 0), field(1, b"\x03\x00"))])
def test_any_number_of_labels(labels, content):
    sample = dataclasses.replace(PICTURE, label=labels[0] if labels else -1, labels=labels)
    encoded = encode_example(sample)
    assert feature("image/class/labels", 3, content) in encoded
    assert decode_example(encoded) == sample


def test_a_subject():
    encoded = encode_example(dataclasses.replace(PICTURE, subject="s1"))
    assert text("subject", "s1") in encoded
    assert decode_example(encoded).subject == "s1"


def test_the_key_alone_needs_nothing_else():
    filename = text("image/filename", "b.jpg")
    assert read_key(decode_features(example(filename, text("sample/key", "k")))) == "k"
    assert read_key(decode_features(example(filename))) == "b.jpg"
    assert read_key(decode_features(b"")) == ""


def test_features_in_another_order_and_unknown_ones():
    features = [*reversed(slim_features()), text("image/colorspace", "RGB"), integer("sample/key2", 9)]
    assert decode_example(example(*features)).encoded == b"JPEG"


def test_slims_bare_schema_is_enough_and_the_filename_is_the_key():
    sample = decode_example(example(*slim_features(), text("image/filename", "b.jpg")))
    assert sample == Sample("b.jpg", b"JPEG", "jpeg", 3, 4, 1, "", "b.jpg")


def test_numbers_that_are_not_packed():
    features = [one for one in slim_features() if b"height" not in one]
    features.append(feature("image/height", 3, b"\x08\x07"))
    features.append(feature("frame/time_secs", 2, b"\x0d" + struct.pack("<f", 1.5)))
    sample = decode_example(example(*features))
    assert (sample.height, sample.time_secs) == (7, 1.5)


def test_the_last_of_two_features_of_one_key_counts():
    # So does a map of Protocol Buffers.
    assert decode_example(example(*slim_features(), integer("image/height", 9))).height == 9


def test_a_time_comes_back_as_the_decimal_it_was():
    assert float(np.float32(2976.301)) != 2976.301
    sample = dataclasses.replace(FRAME, time_secs=2976.301)
    assert decode_example(encode_example(sample)).time_secs == 2976.301


def test_a_file_name_that_is_no_utf8_keeps_its_bytes():
    sample = dataclasses.replace(PICTURE, filename=os.fsdecode(b"caf\xe9.jpg"))
    encoded = encode_example(sample)
    assert b"caf\xe9.jpg" in encoded
    assert decode_example(encoded) == sample


@pytest.mark.parametrize("size", range(0, 230, 3))
def test_truncated_bytes_are_refused_wherever_they_end(size):
    encoded = encode_example(FRAME)
    assert size < len(encoded)
    with pytest.raises(RecordsError, match=r"truncated|no feature"):
        decode_example(encoded[:size])


@given(data=st.data())
def test_damaged_bytes_give_a_sample_or_the_right_error(data):
    encoded = bytearray(encode_example(FRAME))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RecordsError):
        decode_example(bytes(encoded))


def test_a_missing_feature_is_named_with_those_there_are():
    features = [one for one in slim_features() if b"label" not in one]
    match = "no feature 'image/class/label'; there are: image/encoded, image/format, image/height, image/width"
    with pytest.raises(RecordsError, match=match):
        decode_example(example(*features))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(text("image/height", "3"), id="another kind"),
        pytest.param(feature("image/height", 3, field(1, b"")), id="no value"),
        pytest.param(feature("image/height", 3, field(1, b"\x01\x02")), id="two values"),
        pytest.param(feature("image/height", 3, b"\x0d" + bytes(4)), id="another wire type"),
    ],
)
def test_a_feature_of_the_wrong_kind_is_refused(wrong):
    with pytest.raises(RecordsError, match=r"'image/height' holds \d values of kind integer, not one|wire type 5"):
        decode_example(example(*slim_features(), wrong))


def test_text_that_no_encoding_has_is_refused():
    with pytest.raises(RecordsError, match=r"image/class/text: .* is no valid text"):
        encode_example(dataclasses.replace(PICTURE, text="\ud800"))


def test_a_time_beyond_32_bits_is_refused():
    with pytest.raises(RecordsError, match=r"frame/time_secs: 1e\+300 does not fit"):
        encode_example(dataclasses.replace(FRAME, time_secs=1e300))


def test_times_that_are_equal_and_differ_in_their_sign_keep_it():
    zero, minus = (encode_example(dataclasses.replace(FRAME, time_secs=value)) for value in (0.0, -0.0))
    assert zero != minus
