"""Samples as rows of JSON, which is how staging and later conversions keep them, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graphcore.sources.item import Item, Taken
from tfrecords.manifest import describe_input
from tfrecords.staging import Staging

Row = dict[str, Any]

_FIRST = Item._fields.index("offset") + 1
_NEEDED = Item._fields[: Item._fields.index("source")]
_OPTIONAL = Item._fields[_FIRST : Item._fields.index("crc")]
_UNSAID = tuple(Item._field_defaults[name] for name in _OPTIONAL)


def describe_taken(taken: Taken) -> Row:
    """What became of an input, but for the encoded picture and its place."""
    row: Row = {}
    if taken.item is not None:
        row["item"] = _describe(taken.item)
    if taken.rejected is not None:
        row["rejected"] = asdict(taken.rejected)
    if taken.info is not None:
        row["input"], row["info"] = taken.input_name, describe_input(taken.info)
    return row


def _describe(item: Item) -> dict[str, Any]:
    """An item's values that are not what they would be unsaid, nor where its picture lies."""
    values = dict(zip(_NEEDED, item, strict=False))
    optional = item[_FIRST : _FIRST + len(_OPTIONAL)]
    if optional != _UNSAID:
        values |= {name: value for name, value in zip(_OPTIONAL, optional, strict=True) if value not in ("", None)}
    return values


def make_item(row: Row, source: str, staging: Staging) -> Item:
    """The item of a row that has one.

    Args:
        row: as `describe_taken` made it, maybe with a place in a spool or a shard.
        source: the file of its picture where that stays as it is.
        staging: where the spools are.
    """
    values = row["item"] | {"crc": None}  # whatever a damaged row says
    if "labels" in values:
        values["labels"] = tuple(values["labels"])
    return place_item(Item(**values), row, source, staging)


def place_item(item: Item, row: Row, source: str, staging: Staging) -> Item:
    """The item with where its picture lies."""
    if "spool" in row:
        return item._replace(source=str(staging.spool_path(row["spool"])), offset=row["offset"])
    if "shard" in row:
        return item._replace(source=row["shard"], offset=row["offset"])
    return item if item.source == source else item._replace(source=source)
