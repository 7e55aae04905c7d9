"""The one feature schema: a `Sample` to and from the bytes of a tf.train.Example.

The feature keys are those of slim's converters, so that `slim.tfexample_decoder` and every script written for
them read our shards. Features are written in the order of their keys, so the same sample always makes the
same bytes: those of Protocol Buffers' own deterministic serialisation, but for the order of `LABELS` and `LABEL`.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass

from tfrecords import wire
from tfrecords.errors import RecordsError
from tfrecords.features import (
    BYTES_LIST,
    FEATURE,
    FEATURES,
    FLOAT_LIST,
    INT64_LIST,
    MAP_KEY,
    MAP_VALUE,
    VALUES,
    Features,
    decode_features,
)

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
    return b"".join(encode_pieces(sample))


def encode_pieces(sample: Sample) -> wire.Pieces:
    """Returns the same bytes in three pieces, of which the second is the picture: it need not be copied.

    Raises:
      RecordsError: As `encode_example`.
    """
    # In the order of their keys.
    head, shape, tail = _encode_shared(
        sample.label, sample.labels, sample.text, sample.group, sample.format, sample.height, sample.width,
        sample.subject, sample.video_id if sample.video_id or sample.time_secs is not None else None,
    )  # fmt: skip
    if sample.time_secs is not None:
        head = b"".join(_encode_feature(TIME_SECS, float(sample.time_secs))) + head
    head += _encode_start(ENCODED, len(sample.encoded))
    filename, key = _encode_text(FILENAME, sample.filename), _encode_text(KEY, sample.key)
    name_start, key_start = _encode_text_start(FILENAME, len(filename)), _encode_text_start(KEY, len(key))
    rest = b"".join((name_start, filename, shape, key_start, key, tail))
    start, *_ = wire.encode_delimited(FEATURES, head, sample.encoded, rest)
    return start + head, sample.encoded, rest


def _encode_start(key: str, size_bytes: int) -> bytes:
    """All of a feature that holds one text or bytes but these themselves: they come last in it."""
    start = b""
    for number in (VALUES, BYTES_LIST, MAP_VALUE):  # from within
        start = wire.encode_start(number, size_bytes + len(start)) + start
    start = _encode_name(key) + start
    return wire.encode_start(FEATURE, size_bytes + len(start)) + start


_encode_text_start = functools.lru_cache(maxsize=1024)(_encode_start)  # of names there are a few lengths only


@functools.lru_cache(maxsize=1024)
def _encode_shared(
    label: int, labels: tuple[int, ...] | None, text: str, group: str, format: str, height: int, width: int,
    subject: str, video_id: str | None,
) -> tuple[bytes, bytes, bytes]:  # fmt: skip
    """What many samples share, in the places that their keys give it: before the picture, after its file's name, last.

    Encoded for each sample, this took three quarters of a record's time.
    """
    head: list[tuple[str, _Value]] = [(GROUP, _encode_text(GROUP, group)), (LABEL, label)]
    # Written only where they say something: records made before there were such features keep their bytes.
    if labels is not None:
        head.append((LABELS, labels))
    head.append((TEXT, _encode_text(TEXT, text)))
    shape = [(FORMAT, _encode_text(FORMAT, format)), (HEIGHT, height), (WIDTH, width)]
    tail = [(SUBJECT, _encode_text(SUBJECT, subject))] if subject else []
    if video_id is not None:
        tail.append((VIDEO_ID, _encode_text(VIDEO_ID, video_id)))
    before, between, last = (b"".join(_encode_repeated(*one) for one in part) for part in (head, shape, tail))
    return before, between, last


def decode_example(serialized: bytes) -> Sample:
    """Reads a sample back, from any writer that keeps slim's schema.

    Features may come in any order, numbers packed or not; unknown features are ignored. Where `sample/key` is
    missing, the file name is the key; whatever else slim's converters do not all write may be missing too.

    Raises:
      RecordsError: The bytes are truncated, are no tf.train.Example, or lack one of slim's features.
    """
    features = decode_features(serialized)
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


def read_key(features: Features) -> str:
    """Returns the key among an example's features; every one but those it is read from may be missing.

    Raises:
      RecordsError: As `decode_example`.
    """
    return features.text(KEY, default=features.text(FILENAME, default=""))


def _encode_text(key: str, text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")  # file names that are no UTF-8 keep their own bytes
    except UnicodeEncodeError as error:
        raise RecordsError(f"{key}: {text!r} is no valid text: {error.reason}") from None


@functools.lru_cache(maxsize=1024)
def _encode_repeated(key: str, value: _Value) -> bytes:
    """A feature whose value many samples share; encoded each time, they took more than half of a record's time."""
    return b"".join(_encode_feature(key, value))


def _encode_feature(key: str, value: _Value) -> wire.Pieces:
    if isinstance(value, bytes):
        kind, content = BYTES_LIST, value
    elif isinstance(value, float):
        kind, content = FLOAT_LIST, _encode_float(key, value)
    elif isinstance(value, tuple):
        kind, content = INT64_LIST, b"".join(map(wire.encode_varint, value))
    else:
        kind, content = INT64_LIST, wire.encode_varint(value)
    # An empty list has no field for its values; an empty text is a value, of no bytes.
    values = wire.encode_delimited(kind, *(() if value == () else wire.encode_delimited(VALUES, content)))
    return wire.encode_delimited(FEATURE, _encode_name(key), *wire.encode_delimited(MAP_VALUE, *values))


@functools.cache
def _encode_name(key: str) -> bytes:
    return b"".join(wire.encode_delimited(MAP_KEY, key.encode()))


def _encode_float(key: str, value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        raise RecordsError(f"{key}: {value} does not fit into a 32-bit float") from None
