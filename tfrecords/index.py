"""Where each sample of a dataset lies, found without reading its pictures: they are nearly all of its bytes."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tfrecords import wire
from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.example import FEATURE, FEATURES, FILENAME, KEY, MAP_KEY, decode_example, read_key
from tfrecords.features import Features, decode_features
from tfrecords.framing import Span, read_record_at, scan_spans
from tfrecords.manifest import read_shards
from tfrecords.plain import read_plain_features

# Read at once: the end of one record and the beginning of the next, up to its picture.
_BUFFER_BYTES = 4096


class Place(NamedTuple):
    """Where a sample lies: the shard, and where in it the record begins, in bytes."""

    path: Path
    offset: int


def locate(folder: Path, keys: Collection[str] | None = None) -> dict[str, Place]:
    """Finds the samples of a finished dataset.

    Args:
      folder: The folder of records.
      keys: Which samples; all of them by default. Those there are none of are left out.

    Raises:
      CorruptShardError: A shard is damaged where its samples' keys are.
      RecordsError: `dataset.json` or a shard is missing.
    """
    wanted = None if keys is None else frozenset(keys)
    places = {}
    for shard in read_shards(folder):
        path = folder / shard.name
        if not path.exists():
            raise RecordsError(f"{folder} lacks {shard.name}; convert again")
        for offset, key in iterate_keys(path):
            if wanted is None or key in wanted:
                places[key] = Place(path, offset)
    return places


def read_encoded(path: Path, offset: int) -> bytes:
    """Returns the encoded picture of the record that begins at `offset`, held against its checksum.

    Raises:
      CorruptShardError: The record is damaged, or no sample.
    """
    try:
        return decode_example(read_record_at(path, offset)).encoded
    except CorruptShardError:
        raise
    except RecordsError as error:
        raise CorruptShardError(f"{path}: record at byte {offset}: {error}") from None


def iterate_keys(path: Path) -> Generator[tuple[int, str], None, None]:
    """Yields the offset and the key of each record, passing over all else.

    The checksum of what is passed over cannot be known; `read_encoded` and `Reader.lookup` hold a record against
    its own.

    Raises:
      CorruptShardError: The file ends within a record, a length differs from its checksum, or a record is no
        sample.
    """
    for index, (offset, features) in enumerate(iterate_features(path, (KEY, FILENAME))):
        try:
            key = read_key(features)
        except RecordsError as error:
            raise CorruptShardError(f"{path}: record {index} at byte {offset}: {error}") from None
        yield offset, key


def iterate_features(path: Path, names: Collection[str]) -> Generator[tuple[int, Features], None, None]:
    """Yields the offset of each record and those of its features that are named, passing over all else.

    Raises:
      CorruptShardError: As `iterate_keys`, as far as the named features go.
    """
    wanted = {name.encode(): name for name in names}
    with open(path, "rb", buffering=_BUFFER_BYTES) as file:
        for index, span in enumerate(scan_spans(file)):
            try:
                views = read_plain_features(file, span.start, span.stop, wanted)  # where `scan_spans` has left it
                features = _read_features(file, span, wanted) if views is None else Features(views)
            except RecordsError as error:
                raise CorruptShardError(f"{path}: record {index} at byte {span.offset}: {error}") from None
            yield span.offset, features


class _Cursor:
    """A place in a file that moves on with what is taken from there."""

    def __init__(self, file: BinaryIO, position: int):
        self._file = file
        self.move(position)

    def move(self, position: int) -> None:
        self._file.seek(position)  # within the buffer this asks nothing of the system
        self.position = position

    def take(self, count: int) -> bytes:
        self.position += count
        return self._file.read(count)

    def take_varint(self) -> int:
        data = self.take(1)
        while data[-1:] > b"\x7f" and len(data) < wire.MAX_VARINT_BYTES:
            data += self.take(1)
        return wire.decode_varint(memoryview(data), 0)[0]


def _read_features(file: BinaryIO, span: Span, wanted: Collection[bytes]) -> Features:
    """Reads some features of an example however it is laid out, by way of an example of their own."""
    cursor = _Cursor(file, span.start)
    features = [
        piece
        for _, features_stop in _iterate_fields(cursor, span.stop, FEATURES)
        for start, feature_stop in _iterate_fields(cursor, features_stop, FEATURE)
        if _read_name(cursor, feature_stop) in wanted
        for piece in wire.encode_delimited(FEATURE, _read_from(cursor, start, feature_stop))
    ]
    return decode_features(b"".join(wire.encode_delimited(FEATURES, *features)))


def _read_name(cursor: _Cursor, stop: int) -> bytes:
    return b"".join(_read_from(cursor, *place) for place in _iterate_fields(cursor, stop, MAP_KEY))


def _read_from(cursor: _Cursor, start: int, stop: int) -> bytes:
    cursor.move(start)
    return cursor.take(stop - start)


def _iterate_fields(cursor: _Cursor, stop: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Yields where the content of each length-delimited field `wanted` lies; the cursor is at its beginning."""
    while cursor.position < stop:
        tag = cursor.take_varint()
        number, wire_type = tag >> 3, tag & 7
        if wire_type == wire.VARINT:
            cursor.take_varint()
            continue
        size = cursor.take_varint() if wire_type == wire.DELIMITED else wire.fixed_size(wire_type)
        start, field_stop = cursor.position, cursor.position + size
        if field_stop > stop:
            raise RecordsError(f"truncated: {size} bytes expected at byte {start}, {stop - start} left")
        if number == wanted and wire_type == wire.DELIMITED:
            yield start, field_stop
        cursor.move(field_stop)
