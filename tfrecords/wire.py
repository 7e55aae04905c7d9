"""The part of Protocol Buffers' wire format that tf.train.Example uses, so that records need no TensorFlow.

Writing returns tuples of pieces rather than bytes: a picture is then copied once, when the pieces are joined,
not once for every message around it. Source: https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

import operator
import struct
from collections.abc import Iterator, Sequence

from tfrecords.errors import RecordsError

VARINT, FIXED64, DELIMITED, FIXED32 = 0, 1, 2, 5

Pieces = tuple[bytes, ...]

_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
MAX_VARINT_BYTES = 10
_ONE_BYTE = [bytes([value]) for value in range(128)]


def encode_varint(value: int) -> bytes:
    """Encodes a 64-bit integer; negative ones as their two's complement, in ten bytes.

    Raises:
      RecordsError: It does not fit into 64 bits.
    """
    if 0 <= value < 128:
        return _ONE_BYTE[value]
    if not -(1 << 63) <= value < 1 << 64:
        raise RecordsError(f"{value} does not fit into 64 bits")
    rest = operator.index(value) & 0xFFFFFFFFFFFFFFFF  # NumPy's integers do not mask themselves
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)


def encode_delimited(number: int, *pieces: bytes) -> Pieces:
    """Encodes a length-delimited field: bytes, text, a message or packed numbers, made of `pieces`."""
    return encode_start(number, sum(map(len, pieces))), *pieces


def encode_start(number: int, size_bytes: int) -> bytes:
    """Encodes what stands before the content of a length-delimited field."""
    return encode_varint(number << 3 | DELIMITED) + encode_varint(size_bytes)


def decode_fields(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Yields a message's fields as (number, wire type, value); value: integer for varints, else a view.

    Raises:
      RecordsError: The message is truncated or is no message.
    """
    position = 0
    while position < len(data):
        tag, position = decode_varint(data, position)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == VARINT:
            value, position = decode_varint(data, position)
            yield number, wire_type, value
            continue
        if wire_type == DELIMITED:
            size, position = decode_varint(data, position)
        else:
            size = fixed_size(wire_type)
        if position + size > len(data):
            left = len(data) - position
            raise RecordsError(f"truncated: {size} bytes expected at byte {position}, {left} left")
        yield number, wire_type, data[position : position + size]
        position += size


def fixed_size(wire_type: int) -> int:
    """Returns the bytes that a field of a wire type takes which is neither a varint nor length-delimited.

    Raises:
      RecordsError: No message has such a type.
    """
    if wire_type not in _FIXED_BYTES:
        raise RecordsError(f"wire type {wire_type} in a message: not a tf.train.Example")
    return _FIXED_BYTES[wire_type]


def decode_varint(data: memoryview, position: int) -> tuple[int, int]:
    """Decodes an unsigned varint and returns it with the position after it.

    Raises:
      RecordsError: It is truncated or longer than ten bytes.
    """
    if position < len(data) and (first := data[position]) < 0x80:
        return first, position + 1
    value = 0
    for index, byte in enumerate(data[position : position + MAX_VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, position + index + 1
    if len(data) - position < MAX_VARINT_BYTES:
        raise RecordsError(f"truncated: an integer at byte {position} has no end")
    raise RecordsError(f"the integer at byte {position} is longer than 64 bits: not a tf.train.Example")


def decode_signed(value: int) -> int:
    """Reads 64 unsigned bits as a signed integer."""
    return value - (1 << 64) if value >= 1 << 63 else value


def decode_packed_varints(data: memoryview) -> Sequence[int]:
    """Decodes varints that follow one another, as signed integers."""
    values, position = [], 0
    while position < len(data):
        value, position = decode_varint(data, position)
        values.append(decode_signed(value))
    return values


def decode_floats(data: memoryview) -> Sequence[float]:
    """Decodes 32-bit floats that follow one another.

    Raises:
      RecordsError: The last one is cut short.
    """
    if len(data) % 4:
        raise RecordsError(f"truncated: {len(data)} bytes are no whole number of floats")
    return struct.unpack(f"<{len(data) // 4}f", data)
