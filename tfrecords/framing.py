"""The TFRecord container: each record is a length and a payload, each followed by its masked CRC32C.

Layout of a record, little-endian: uint64 length, uint32 masked CRC of those 8 bytes, the payload, uint32
masked CRC of the payload. Source: tensorflow/core/lib/io/record_writer.h, tensorflow/core/lib/hash/crc32c.h.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

import google_crc32c

from tfrecords.errors import CorruptShardError

_LENGTH = struct.Struct("<Q")
_CRC = struct.Struct("<I")
_HEADER_BYTES = _LENGTH.size + _CRC.size
_FOOTER_BYTES = _CRC.size

# Source: kMaskDelta, tensorflow/core/lib/hash/crc32c.h.
_MASK_DELTA = 0xA282EAD8

# Pieces of 8 MiB took twice the processor time (88 against 37 ms for 200 MiB), larger ones more still.
DEFAULT_CHUNK_BYTES = 2 << 20


class Record(NamedTuple):
    """One record of a file: where it begins, in bytes, and its payload."""

    offset: int
    payload: bytes


class Span(NamedTuple):
    """Where one record of a file lies, in bytes: its beginning, and that and the end of its payload."""

    offset: int
    start: int
    stop: int


class Sink(Protocol):
    """What records are written to: anything with a file's `write`."""

    def write(self, data: bytes, /) -> object:
        """Takes all of `data`."""
        ...


def mask_crc(crc: int) -> int:
    """Masks a CRC32C, as a CRC over bytes that hold CRCs of their own would be weak."""
    return (((crc >> 15) | (crc << 17)) + _MASK_DELTA) & 0xFFFFFFFF


def write_record(file: Sink, *pieces: bytes) -> int:
    """Writes one record, whose payload may come in pieces, and returns how many bytes it took."""
    size_bytes = sum(map(len, pieces))
    length = _LENGTH.pack(size_bytes)
    file.write(length + _checksum(length))
    crc = 0
    for piece in pieces:
        crc = google_crc32c.extend(crc, piece)
        file.write(piece)
    file.write(_CRC.pack(mask_crc(crc)))
    return framed_size(size_bytes)


def framed_size(payload_bytes: int) -> int:
    """Returns how many bytes a payload of this size takes in a file."""
    return _HEADER_BYTES + payload_bytes + _FOOTER_BYTES


def iterate_records(path: Path, check: bool = True, chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> Iterator[bytes]:
    """Yields the payloads of a file of records; see `scan_records`."""
    for record in scan_records(path, check, chunk_bytes):
        yield record.payload


def scan_records(path: Path, check: bool = True, chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> Iterator[Record]:
    """Yields the records of a file, with their offsets.

    Args:
      path: The file.
      check: Compare each payload with its CRC. Lengths always are: a wrong one would lose the thread.
      chunk_bytes: How much to read at a time; memory stays near this plus the largest record.

    Raises:
      CorruptShardError: A CRC differs or the file ends within a record.
    """
    with open(path, "rb", buffering=0) as file:
        window = _Window(file, chunk_bytes)
        index = 0
        while window.fill(1):
            offset = window.offset
            try:
                yield Record(offset, _take_record(window, check))
            except _Fault as fault:
                raise CorruptShardError(f"{path}: record {index} at byte {offset}: {fault}") from None
            index += 1


def scan_spans(file: BinaryIO) -> Iterator[Span]:
    """Yields where the records of an open file lie. Payloads are neither read nor held against their checksums.

    Raises:
      CorruptShardError: A length differs from its checksum or the file ends within a record.
    """
    end = os.fstat(file.fileno()).st_size
    index = offset = 0
    while offset < end:
        file.seek(offset)
        try:
            start = offset + _HEADER_BYTES
            stop = start + _parse_header(file.read(_HEADER_BYTES))
            if stop + _FOOTER_BYTES > end:
                raise _Fault(f"the file is truncated: {stop + _FOOTER_BYTES - end} bytes are missing")
        except _Fault as fault:
            raise CorruptShardError(f"{file.name}: record {index} at byte {offset}: {fault}") from None
        yield Span(offset, start, stop)
        offset = stop + _FOOTER_BYTES
        index += 1


def read_record_at(path: Path, offset: int) -> bytes:
    """Returns the payload of the record that begins at `offset`.

    Raises:
      CorruptShardError: A CRC differs or the file ends within the record.
    """
    with open(path, "rb", buffering=0) as file:
        file.seek(offset)
        try:
            return _take_record(_Window(file, chunk_bytes=_HEADER_BYTES), check=True)
        except _Fault as fault:
            raise CorruptShardError(f"{path}: record at byte {offset}: {fault}") from None


class _Fault(Exception):
    """What is wrong with a record, before it is known which one of which file it is."""


class _Window:
    """The part of a file between what was taken and what was read, read in large pieces."""

    def __init__(self, file: BinaryIO, chunk_bytes: int):
        self._file = file
        self._chunk_bytes = chunk_bytes
        self._data = b""
        self._start = 0
        self.offset = file.tell()

    def fill(self, count: int) -> bool:
        """Reads on until `count` bytes are at hand; False when the file ends before."""
        pieces, available = [], len(self._data) - self._start
        while available < count:
            # Never much more than is there: a damaged length must not make us ask for exabytes.
            piece = self._file.read(max(self._chunk_bytes, min(count - available, DEFAULT_CHUNK_BYTES)))
            if not piece:
                break
            pieces.append(piece)
            available += len(piece)
        if pieces:
            self._data = b"".join([self._data[self._start :], *pieces])
            self._start = 0
        return available >= count

    def take(self, count: int) -> bytes:
        """Returns the next `count` bytes and moves past them."""
        if not self.fill(count):
            left = len(self._data) - self._start
            raise _Fault(f"the file is truncated: {count} bytes expected, {left} left")
        taken = self._data[self._start : self._start + count]
        self._start += count
        self.offset += count
        return taken


def _take_record(window: _Window, check: bool) -> bytes:
    payload = window.take(_parse_header(window.take(_HEADER_BYTES)))
    footer = window.take(_FOOTER_BYTES)
    if check and footer != _checksum(payload):
        raise _Fault("the payload's checksum differs: flipped bits")
    return payload


def _parse_header(header: bytes) -> int:
    if len(header) < _HEADER_BYTES:
        raise _Fault(f"the file is truncated: {_HEADER_BYTES} bytes expected, {len(header)} left")
    length = header[: _LENGTH.size]
    if header[_LENGTH.size :] != _checksum(length):
        raise _Fault("the length's checksum differs: flipped bits, or no TFRecord file at all")
    return _LENGTH.unpack(length)[0]


def _checksum(data: bytes) -> bytes:
    return _CRC.pack(mask_crc(google_crc32c.value(data)))
