"""The one feature schema: a `Sample` to and from the bytes of a tf.train.Example.

The feature keys are those of slim's converters, so that `slim.tfexample_decoder` and every script written for
them read our shards. Features are written in the order of their keys, so the same sample always makes the
same bytes: those of Protocol Buffers' own deterministic serialisation, but for the order of `LABELS` and `LABEL`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfrecords import wire
from tfrecords.errors import RecordsError

ENCODED = "image/encoded"
FORMAT = "image/format"
HEIGHT = "image/height"
WIDTH = "image/width"
LABEL = "image/class/label"
LABELS = "image/class/labels"
TEXT = "image/class/text"
FILENAME = "image/filename"
KEY = "sample/key"
VIDEO_ID = "video/id"
TIME_SECS = "frame/time_secs"
GROUP = "group"
SUBJECT = "subject"

# Field numbers. Source: tensorflow/core/example/example.proto and feature.proto.
FEATURES, FEATURE, MAP_KEY, _MAP_VALUE, _VALUES = 1, 1, 1, 2, 1
_BYTES_LIST, _FLOAT_LIST, _INT64_LIST = 1, 2, 3

_Value = bytes | int | float | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture or video frame with its label, as it lies in a record.

    Attributes:
      key: Unique name within the dataset.
      encoded: The picture as JPEG or PNG bytes.
      format: "jpeg" or "png".
      height: Pixels.
      width: Pixels.
      label: Index of the class; where there may be several, of the first, or -1 for none.
      text: Name of that class; empty for none.
      filename: Name of the input, for people.
      video_id: The video a frame is from; empty for pictures.
      time_secs: A frame's presentation time; None for pictures. Stored as a 32-bit float, as slim's decoders
        expect: good to a millisecond up to four hours.
      group: What must not straddle splits (a video, a subject); may be empty.
      labels: Indices of all its classes where a picture may have several; None where it has exactly one.
      subject: Whom it shows; may be empty.
    """

    key: str
    encoded: bytes
    format: str
    height: int
    width: int
    label: int
    text: str
    filename: str
    video_id: str = ""
    time_secs: float | None = None
    group: str = ""
    labels: tuple[int, ...] | None = None
    subject: str = ""


def encode_example(sample: Sample) -> bytes:
    """Returns the serialised tf.train.Example of a sample.

    Raises:
      RecordsError: A text is no text, or a number does not fit its feature.
    """
    values: dict[str, _Value] = {
        ENCODED: sample.encoded,
        FORMAT: _encode_text(FORMAT, sample.format),
        HEIGHT: sample.height,
        WIDTH: sample.width,
        LABEL: sample.label,
        TEXT: _encode_text(TEXT, sample.text),
        FILENAME: _encode_text(FILENAME, sample.filename),
        KEY: _encode_text(KEY, sample.key),
        GROUP: _encode_text(GROUP, sample.group),
    }
    if sample.video_id or sample.time_secs is not None:
        values[VIDEO_ID] = _encode_text(VIDEO_ID, sample.video_id)
    if sample.time_secs is not None:
        values[TIME_SECS] = float(sample.time_secs)
    # Written only where they say something: records made before there were such features keep their bytes.
    if sample.labels is not None:
        values[LABELS] = sample.labels
    if sample.subject:
        values[SUBJECT] = _encode_text(SUBJECT, sample.subject)
    features = [piece for key in sorted(values) for piece in _encode_feature(key, values[key])]
    return b"".join(wire.encode_delimited(FEATURES, *features))


def decode_example(serialized: bytes) -> Sample:
    """Reads a sample back, from any writer that keeps slim's schema.

    Features may come in any order, numbers packed or not; unknown features are ignored. Where `sample/key` is
    missing, the file name is the key; whatever else slim's converters do not all write may be missing too.

    Raises:
      RecordsError: The bytes are truncated, are no tf.train.Example, or lack one of slim's features.
    """
    features = _Features(dict(_iterate_features(memoryview(serialized))))
    filename = features.text(FILENAME, default="")
    return Sample(
        key=features.text(KEY, default=filename),
        encoded=features.bytes(ENCODED),
        format=features.text(FORMAT),
        height=features.integer(HEIGHT),
        width=features.integer(WIDTH),
        label=features.integer(LABEL),
        text=features.text(TEXT, default=""),
        filename=filename,
        video_id=features.text(VIDEO_ID, default=""),
        time_secs=features.number(TIME_SECS) if TIME_SECS in features.views else None,
        group=features.text(GROUP, default=""),
        labels=features.integers(LABELS) if LABELS in features.views else None,
        subject=features.text(SUBJECT, default=""),
    )


def decode_key(serialized: bytes) -> str:
    """Reads the key alone; every feature but those it is read from may be missing.

    Raises:
      RecordsError: As `decode_example`.
    """
    features = _Features(dict(_iterate_features(memoryview(serialized))))
    return features.text(KEY, default=features.text(FILENAME, default=""))


def _encode_text(key: str, text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # file names that are no UTF-8 keep their own bytes
    except UnicodeEncodeError as error:
        raise RecordsError(f"{key}: {text!r} is no valid text: {error.reason}") from None


def _encode_feature(key: str, value: _Value) -> wire.Pieces:
    if isinstance(value, bytes):
        kind, content = _BYTES_LIST, value
    elif isinstance(value, float):
        kind, content = _FLOAT_LIST, _encode_float(key, value)
    elif isinstance(value, tuple):
        kind, content = _INT64_LIST, b"".join(map(wire.encode_varint, value))
    else:
        kind, content = _INT64_LIST, wire.encode_varint(value)
    # An empty list has no field for its values; an empty text is a value, of no bytes.
    values = wire.encode_delimited(kind, *(() if value == () else wire.encode_delimited(_VALUES, content)))
    name = wire.encode_delimited(MAP_KEY, key.encode())
    return wire.encode_delimited(FEATURE, *name, *wire.encode_delimited(_MAP_VALUE, *values))


def _encode_float(key: str, value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        raise RecordsError(f"{key}: {value} does not fit into a 32-bit float") from None


def _iterate_features(example: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Yields each feature's key and serialised Feature."""
    for features in _messages(example, FEATURES):
        for entry in _messages(features, FEATURE):
            key = value = memoryview(b"")
            for number, wire_type, field in wire.decode_fields(entry):
                if number == MAP_KEY and wire_type == wire.DELIMITED:
                    key = _view(field)
                elif number == _MAP_VALUE and wire_type == wire.DELIMITED:
                    value = _view(field)
            yield str(key, "utf-8", "surrogateescape"), value


def _messages(data: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, wire_type, field in wire.decode_fields(data):
        if number == wanted and wire_type == wire.DELIMITED:
            yield _view(field)


def _view(field: int | memoryview) -> memoryview:
    assert isinstance(field, memoryview)  # a delimited field always is; this tells the type checker
    return field


@dataclass(frozen=True)
class _Features:
    """Access by key to an example's features, decoded when asked for: a picture is copied once."""

    views: Mapping[str, memoryview]

    def bytes(self, key: str) -> bytes:
        return bytes(self._one(key, _BYTES_LIST, "text or bytes"))

    def text(self, key: str, default: str | None = None) -> str:
        if default is not None and key not in self.views:
            return default
        return str(self._one(key, _BYTES_LIST, "text or bytes"), "utf-8", "surrogateescape")

    def integer(self, key: str) -> int:
        return self._one(key, _INT64_LIST, "integer")

    def integers(self, key: str) -> tuple[int, ...]:
        return tuple(self._all(key, _INT64_LIST))

    def number(self, key: str) -> float:
        # The shortest decimal that makes this 32-bit float: 2976.301 comes back, not 2976.301025390625.
        return float(str(np.float32(self._one(key, _FLOAT_LIST, "number"))))

    def _one(self, key: str, kind: int, kind_name: str) -> Any:
        if key not in self.views:
            raise RecordsError(f"no feature {key!r}; there are: {', '.join(sorted(self.views)) or 'none'}")
        values = self._all(key, kind)
        if len(values) != 1:
            raise RecordsError(f"feature {key!r} holds {len(values)} values of kind {kind_name}, not one")
        return values[0]

    def _all(self, key: str, kind: int) -> list[Any]:
        lists = _messages(self.views[key], kind)
        return [value for one_list in lists for value in _read_values(one_list, kind)]


def _read_values(values: memoryview, kind: int) -> Iterator[Any]:
    """Yields what a BytesList, FloatList or Int64List holds."""
    for number, wire_type, field in wire.decode_fields(values):
        if number != _VALUES:
            continue
        if kind == _INT64_LIST and isinstance(field, int):
            yield wire.decode_signed(field)
        elif kind == _INT64_LIST and wire_type == wire.DELIMITED:
            yield from wire.decode_packed_varints(_view(field))
        elif kind == _FLOAT_LIST and wire_type in (wire.FIXED32, wire.DELIMITED):
            yield from wire.decode_floats(_view(field))
        elif kind == _BYTES_LIST and wire_type == wire.DELIMITED:
            yield field
        else:
            raise RecordsError(f"a value of wire type {wire_type} where none may be: not a tf.train.Example")
