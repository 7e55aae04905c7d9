"""Samples in little memory: as objects, 10 000 of them are 5 MiB, so little more than 1."""

from __future__ import annotations

import itertools
import marshal
from array import array
from collections.abc import Iterator, Sequence
from typing import Any, overload

from graphcore.sources.item import Item

_KEY, _DIGEST = 0, 1
"""What stands for an identity that is the same text as the key, or the digest."""


class ItemTable(Sequence[Item]):
    """Items in the order they were added. Each is made anew whenever it is asked for.

    What an item shares with others of its class, video or folder is held once for all of them; the rest of it is
    packed.

    Args:
        shared: what the items of several tables have in common, for tables that will be joined.
    """

    def __init__(self, shared: dict[Any, Any] | None = None) -> None:
        self._shared = {} if shared is None else shared
        self._common: list[tuple[Any, ...]] = []
        self._own = bytearray()
        self._ends = array("q")

    def append(self, item: Item) -> None:
        """Adds an item."""
        filename = None if item.filename == item.key else item.filename
        start = item.source.removesuffix(item.filename)  # pictures that stay in their folder
        common = (
            item.text, filename, item.format, start, start != item.source, item.video_id, item.recording, item.subject,
            item.camera, item.group, item.split, item.labels,
        )  # fmt: skip
        identity = _DIGEST if item.identity == item.digest else _KEY if item.identity == item.key else item.identity
        own = item.key, identity, _shorten(item.digest), item.height, item.width, item.size_bytes, item.crc
        if item.offset or item.time_secs is not None:
            own = *own, item.offset, item.time_secs
        self._common.append(self._shared.setdefault(common, common))
        self._own += marshal.dumps(own)  # a quarter of the time and half of the bytes of pickle
        self._ends.append(len(self._own))

    def join(self, other: ItemTable) -> None:
        """Adds the items of another table."""
        self._ends.extend(len(self._own) + end for end in other._ends)
        self._common += other._common
        self._own += other._own

    def labels(self) -> set[str]:
        """Names of all classes that a sample has, found without making one."""
        different = {id(common): common for common in self._common}.values()
        several = [(text,) if labels is None else labels for text, *_, labels in different]
        return set(itertools.chain.from_iterable(several))

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> list[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | list[Item]:
        if isinstance(index, slice):
            return [self[place] for place in range(len(self))[index]]
        index = range(len(self))[index]
        start = self._ends[index - 1] if index else 0
        return _unpack(self._common[index], self._own[start : self._ends[index]])

    def __iter__(self) -> Iterator[Item]:
        starts = itertools.chain((0,), self._ends)
        for common, start, end in zip(self._common, starts, self._ends, strict=False):
            yield _unpack(common, self._own[start:end])

    def __len__(self) -> int:
        return len(self._ends)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ItemTable) and list(self) == list(other)


def _unpack(common: tuple[Any, ...], own: bytearray) -> Item:
    text, filename, format, start, is_below, video_id, recording, subject, camera, group, split, labels = common
    key, identity, digest, height, width, size_bytes, crc, *rest = marshal.loads(own)
    offset, time_secs = rest or (0, None)
    filename = key if filename is None else filename
    digest = digest.hex() if isinstance(digest, bytes) else digest
    identity = identity if isinstance(identity, str) else (key, digest)[identity]
    source = start + filename if is_below else start
    return Item(
        key, identity, text, filename, format, height, width, size_bytes, digest, source, offset, video_id, time_secs,
        recording, subject, camera, group, split, labels, crc,
    )  # fmt: skip


def _shorten(digest: str) -> bytes | str:
    """The bytes that hexadecimal text stands for; text that is none as it is."""
    try:
        data = bytes.fromhex(digest)
    except ValueError:
        return digest
    return data if data.hex() == digest else digest
