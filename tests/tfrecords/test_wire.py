import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords import wire
from tfrecords.errors import RecordsError


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        (0, b"\x00"),
        (1, b"\x01"),
        (127, b"\x7f"),
        (128, b"\x80\x01"),
        (150, b"\x96\x01"),  # the example of the encoding guide
        (300, b"\xac\x02"),
        (-1, b"\xff" * 9 + b"\x01"),
        (-(1 << 63), b"\x80" * 9 + b"\x01"),
    ],
)
def test_varints(value, encoded):
    assert wire.encode_varint(value) == encoded
    decoded, position = wire.decode_varint(memoryview(encoded + b"rest"), 0)
    assert wire.decode_signed(decoded) == value
    assert position == len(encoded)


@pytest.mark.parametrize("value", [1 << 64, -(1 << 63) - 1])
def test_a_number_beyond_64_bits_is_refused(value):
    with pytest.raises(RecordsError, match="does not fit into 64 bits"):
        wire.encode_varint(value)


def test_a_varint_without_end_is_truncated():
    with pytest.raises(RecordsError, match="truncated: an integer at byte 1 has no end"):
        wire.decode_varint(memoryview(b"\x00\x80\x80"), 1)


def test_a_varint_of_more_than_ten_bytes_is_refused():
    with pytest.raises(RecordsError, match="longer than 64 bits"):
        wire.decode_varint(memoryview(b"\x80" * 11), 0)


def test_delimited_pieces_join_to_the_guides_example():
    # Field 2 with the text "testing". Source: the encoding guide.
    assert b"".join(wire.encode_delimited(2, b"test", b"ing")) == b"\x12\x07testing"


def test_fields_of_every_wire_type():
    message = b"\x08\x96\x01" + b"\x11" + bytes(8) + b"\x1a\x02ab" + b"\x25" + bytes(4)
    fields = [
        (number, kind, value if isinstance(value, int) else bytes(value))
        for number, kind, value in wire.decode_fields(memoryview(message))
    ]
    assert fields == [
        (1, wire.VARINT, 150),
        (2, wire.FIXED64, bytes(8)),
        (3, wire.DELIMITED, b"ab"),
        (4, wire.FIXED32, bytes(4)),
    ]


def test_a_truncated_field_says_what_is_missing():
    with pytest.raises(RecordsError, match="truncated: 7 bytes expected at byte 2, 3 left"):
        list(wire.decode_fields(memoryview(b"\x12\x07tes")))


def test_groups_are_refused():
    with pytest.raises(RecordsError, match="wire type 3"):
        list(wire.decode_fields(memoryview(b"\x0b")))


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1)))
def test_packed_integers_round_trip(values):
    packed = b"".join(map(wire.encode_varint, values))
    assert wire.decode_packed_varints(memoryview(packed)) == values


def test_floats():
    assert wire.decode_floats(memoryview(struct.pack("<2f", 0.5, -2.0))) == (0.5, -2.0)
    with pytest.raises(RecordsError, match="5 bytes are no whole number of floats"):
        wire.decode_floats(memoryview(bytes(5)))


@given(st.binary(max_size=60))
def test_any_bytes_either_parse_or_are_refused(data):
    with contextlib.suppress(RecordsError):
        list(wire.decode_fields(memoryview(data)))


def test_sizes_of_fixed_fields():
    assert [wire.fixed_size(wire.FIXED32), wire.fixed_size(wire.FIXED64)] == [4, 8]


def test_a_type_that_no_field_has_is_refused():
    with pytest.raises(RecordsError, match=r"wire type 3 in a message: not a tf\.train\.Example"):
        wire.fixed_size(3)
