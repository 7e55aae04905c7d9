"""The features of a tf.train.Example by their keys, whatever wrote it and whatever keys it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfrecords import wire
from tfrecords.errors import RecordsError

# Field numbers. Source: tensorflow/core/example/example.proto and feature.proto.
FEATURES, FEATURE, MAP_KEY, MAP_VALUE, VALUES = 1, 1, 1, 2, 1
BYTES_LIST, FLOAT_LIST, INT64_LIST = 1, 2, 3
_SHORT_LIST, _SHORT_VALUE = BYTES_LIST << 3 | wire.DELIMITED, VALUES << 3 | wire.DELIMITED


@dataclass(frozen=True)
class Features:
    """An example's features, decoded when asked for: a picture is copied once.

    Attributes:
      views: Each feature as it lies in the example, by its key.
    """

    views: Mapping[str, memoryview]

    def bytes(self, key: str) -> bytes:
        """Returns the one text or bytes of a feature.

        Raises:
          RecordsError: There is no such feature, or it does not hold exactly one; so do all methods here.
        """
        return bytes(self._one(key, BYTES_LIST, "text or bytes"))

    def text(self, key: str, default: str | None = None) -> str:
        """Returns the one text of a feature; `default`, where one is given, for a feature that is missing."""
        if default is not None and key not in self.views:
            return default
        return str(self._one(key, BYTES_LIST, "text or bytes"), "utf-8", "surrogateescape")

    def integer(self, key: str) -> int:
        """Returns the one integer of a feature."""
        return self._one(key, INT64_LIST, "integer")

    def integers(self, key: str) -> tuple[int, ...]:
        """Returns all integers of a feature."""
        return tuple(self._all(key, INT64_LIST))

    def number(self, key: str) -> float:
        """Returns the one float of a feature."""
        # The shortest decimal that makes this 32-bit float: 2976.301 comes back, not 2976.301025390625.
        return float(str(np.float32(self._one(key, FLOAT_LIST, "number"))))

    def _one(self, key: str, kind: int, kind_name: str) -> Any:
        if key not in self.views:
            raise RecordsError(f"no feature {key!r}; there are: {', '.join(sorted(self.views)) or 'none'}")
        if kind == BYTES_LIST and (short := _find_short_text(self.views[key])) is not None:
            return short
        values = self._all(key, kind)
        if len(values) != 1:
            raise RecordsError(f"feature {key!r} holds {len(values)} values of kind {kind_name}, not one")
        return values[0]

    def _all(self, key: str, kind: int) -> list[Any]:
        lists = _messages(self.views[key], kind)
        return [value for one_list in lists for value in _read_values(one_list, kind)]


def _find_short_text(feature: memoryview) -> memoryview | None:
    """The one text of a feature that holds nothing else and is below 126 bytes, as nearly all are; None of others."""
    size = len(feature)
    is_short = 4 <= size < 130 and feature[1] == size - 2 and feature[3] == size - 4
    return feature[4:] if is_short and feature[0] == _SHORT_LIST and feature[2] == _SHORT_VALUE else None


def decode_features(serialized: bytes) -> Features:
    """Finds the features of a serialised tf.train.Example; their values are read when asked for.

    Raises:
      RecordsError: The bytes are truncated or are no tf.train.Example.
    """
    return Features(dict(_iterate_features(memoryview(serialized))))


def _iterate_features(example: memoryview) -> Iterator[tuple[str, memoryview]]:
    """Yields each feature's key and serialised Feature."""
    for features in _messages(example, FEATURES):
        for entry in _messages(features, FEATURE):
            key = value = memoryview(b"")
            for number, wire_type, field in wire.decode_fields(entry):
                if number == MAP_KEY and wire_type == wire.DELIMITED:
                    key = _view(field)
                elif number == MAP_VALUE and wire_type == wire.DELIMITED:
                    value = _view(field)
            yield str(key, "utf-8", "surrogateescape"), value


def _messages(data: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, wire_type, field in wire.decode_fields(data):
        if number == wanted and wire_type == wire.DELIMITED:
            yield _view(field)


def _view(field: int | memoryview) -> memoryview:
    assert isinstance(field, memoryview)  # a delimited field always is; this tells the type checker
    return field


def _read_values(values: memoryview, kind: int) -> Iterator[Any]:
    """Yields what a BytesList, FloatList or Int64List holds."""
    for number, wire_type, field in wire.decode_fields(values):
        if number != VALUES:
            continue
        if kind == INT64_LIST and isinstance(field, int):
            yield wire.decode_signed(field)
        elif kind == INT64_LIST and wire_type == wire.DELIMITED:
            yield from wire.decode_packed_varints(_view(field))
        elif kind == FLOAT_LIST and wire_type in (wire.FIXED32, wire.DELIMITED):
            yield from wire.decode_floats(_view(field))
        elif kind == BYTES_LIST and wire_type == wire.DELIMITED:
            yield field
        else:
            raise RecordsError(f"a value of wire type {wire_type} where none may be: not a tf.train.Example")
