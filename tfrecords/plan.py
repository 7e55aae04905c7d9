"""Which sample goes to which shard, and in what order: pure functions, decided before a byte is written.

Order is a hash of each sample's key, so it depends on neither the listing order of a disk, nor the number of
workers, nor chance: the same samples always make the same shards.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from array import array
from collections import Counter
from collections.abc import Iterable, MutableSequence, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import NamedTuple

from tfrecords.errors import RecordsError
from tfrecords.selection import Selection

SHARD_SUFFIX = ".tfrecord"

# What a record needs beside the picture: feature names, key, labels and framing, with names of usual length.
# It keeps shards of thumbnails near the asked size, and sizes from ever summing to nothing.
RECORD_OVERHEAD_BYTES = 384

# Raised whenever the bytes written for the same entries change, so that no old shard is taken for a new one.
_SCHEMA_VERSION = 1

_SPLIT_ORDER = ("train", "validation", "test")
_SPLIT_NAME = re.compile(r"[A-Za-z0-9_]+")
_SHARD_NAME = re.compile(r"([A-Za-z0-9_]+)-(\d{5,})-of-(\d{5,})" + re.escape(SHARD_SUFFIX))


class Entry(NamedTuple):
    """One sample before it is written: all that goes into its record, and where its picture's bytes lie.

    No dataclass, for entries are made whenever they are asked for: frozen, 1.3 microseconds instead of 0.2.

    Attributes:
      key: Unique name within the dataset; its hash decides the order.
      split: The split's name, such as "train".
      label: Index of the class; where there may be several, of the first, or -1 for none.
      text: Name of that class; empty for none.
      filename: Name of the input, for people.
      format: "jpeg" or "png".
      height: Pixels.
      width: Pixels.
      size_bytes: Length of the encoded picture.
      source: File that holds the encoded picture.
      offset: Where in `source` the encoded picture begins, in bytes.
      video_id: The video a frame is from; empty for pictures.
      time_secs: A frame's presentation time; None for pictures.
      group: What must not straddle splits (a video, a subject); may be empty.
      labels: Indices of all its classes where a picture may have several; None where it has exactly one.
      subject: Whom it shows; may be empty.
      crc: CRC32C of the encoded picture, by which a change since then is told in a seventh of the time; None where
        it is not known.
      digest: SHA-256 of the encoded picture, hex; always given, and by name. It stands last, for a named tuple has no
        fields that must be named; see `plan_shards`.
    """

    key: str
    split: str
    label: int
    text: str
    filename: str
    format: str
    height: int
    width: int
    size_bytes: int
    source: str
    offset: int = 0
    video_id: str = ""
    time_secs: float | None = None
    group: str = ""
    labels: tuple[int, ...] | None = None
    subject: str = ""
    crc: int | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class ShardPlan:
    """One shard to be written: its file name and its entries in order."""

    name: str
    split: str
    entries: Sequence[Entry]

    @property
    def size_bytes(self) -> int:
        """About how large the shard will be."""
        return sum(map(_record_bytes, self.entries))

    @property
    def digest(self) -> str:
        """SHA-256 over all that decides the shard's name and bytes, and nothing else (no source paths)."""
        digest = hashlib.sha256(json.dumps([_SCHEMA_VERSION, self.name, self.split]).encode())
        for entry in self.entries:
            digest.update(_encode_deciding_values(entry))
        return digest.hexdigest()


def stable_hash(key: str, salt: str = "") -> int:
    """Returns 64 well-mixed bits of a key, the same on every machine and in every process.

    BLAKE2b of the salt, a zero byte and the key. Python's own `hash` differs between processes.
    """
    data = f"{salt}\0{key}".encode(errors="surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")


def order_key(entry: Entry) -> tuple[int, str, str]:
    """Returns what entries are sorted by within their split."""
    return stable_hash(entry.key), entry.key, entry.digest


def shard_name(split: str, index: int, count: int) -> str:
    """Returns a shard's file name, such as "train-00000-of-00004.tfrecord".

    Raises:
      RecordsError: The split's name would not survive in a file name.
    """
    if not _SPLIT_NAME.fullmatch(split):
        raise RecordsError(f"split {split!r} cannot name a file; use letters, digits and underscores only")
    return f"{split}-{index:05d}-of-{count:05d}{SHARD_SUFFIX}"


def is_shard_name(name: str) -> bool:
    """Says whether a file name is one that `shard_name` gives; it then holds no folder either."""
    return _SHARD_NAME.fullmatch(name) is not None


def plan_shards(entries: Iterable[Entry], shard_bytes: int) -> list[ShardPlan]:
    """Divides samples into shards of about equal size, split by split.

    Args:
      entries: All samples, in any order. A sequence that cannot be changed is not copied: it may make its entries
        when they are asked for, so that they need never exist all at once.
      shard_bytes: How large a shard may be, exceeded by at most one sample.

    Returns:
      Shards of train, validation, test, then any other split by name. A split with samples has at least one
      shard, and no shard is empty.

    Raises:
      RecordsError: Two samples share a key, one has no digest, a split cannot name a file, or `shard_bytes` is not
        positive.
    """
    if shard_bytes <= 0:
        raise RecordsError(f"a shard of {shard_bytes} bytes holds nothing; give a positive size")
    if isinstance(entries, MutableSequence) or not isinstance(entries, Sequence):
        entries = tuple(entries)
    by_split, sizes, hashes = _survey(entries)
    alike = _find_alike(entries, hashes)
    plans: list[ShardPlan] = []
    for split in sorted(by_split, key=_split_position):
        # As by `order_key`, without holding what does not decide: pairs for all samples would be 100 bytes each.
        ordered = sorted(by_split[split], key=hashes.__getitem__)
        if alike:
            ordered.sort(key=lambda index: (hashes[index], alike.get(index, "")))
        parts = _divide(ordered, sizes, shard_bytes)
        plans += [
            ShardPlan(shard_name(split, i, len(parts)), split, Selection(entries, part)) for i, part in enumerate(parts)
        ]
    return plans


def _survey(entries: Iterable[Entry]) -> tuple[dict[str, array[int]], array[int], array[int]]:
    """Returns the indices of each split's entries, the size of each record and the hash of each key.

    Raises:
      RecordsError: A sample has no digest.
    """
    by_split: dict[str, array[int]] = {}
    sizes, hashes = array("q"), array("Q")
    for index, entry in enumerate(entries):
        if not entry.digest:
            raise RecordsError(f"{entry.key}: no digest; give its entry the SHA-256 of the encoded picture, digest=HEX")
        by_split.setdefault(entry.split, array("q")).append(index)
        sizes.append(_record_bytes(entry))
        hashes.append(stable_hash(entry.key))
    return by_split, sizes, hashes


def _find_alike(entries: Sequence[Entry], hashes: Sequence[int]) -> dict[int, str]:
    """Returns the keys, by index, whose hash another key has too: none, but for a chance of one in billions.

    Raises:
      RecordsError: Two samples share a key.
    """
    repeated_hashes = {one for one, other in itertools.pairwise(sorted(hashes)) if one == other}
    alike = {index: entries[index].key for index, one in enumerate(hashes) if one in repeated_hashes}
    counts = Counter(alike.values())
    if repeated := sorted(key for key, count in counts.items() if count > 1):
        raise RecordsError(
            f"{len(repeated)} sample keys are used more than once, such as {repeated[0]!r}; "
            "give every sample a key of its own"
        )
    return alike


def _divide(ordered: Sequence[int], sizes: Sequence[int], shard_bytes: int) -> list[list[int]]:
    """Cuts indices where the cumulative size crosses equal fractions of the whole."""
    total = sum(sizes[index] for index in ordered)
    count = -(-total // shard_bytes)
    parts: dict[int, list[int]] = {}
    before = 0
    for index in ordered:
        size = sizes[index]
        # A sample belongs where its middle falls. Integers only: nothing two machines could round apart.
        parts.setdefault((2 * before + size) * count // (2 * total), []).append(index)
        before += size
    return list(parts.values())  # a sample larger than a shard leaves gaps: close them


def _record_bytes(entry: Entry) -> int:
    return entry.size_bytes + RECORD_OVERHEAD_BYTES


def _split_position(split: str) -> tuple[int, str]:
    return (_SPLIT_ORDER.index(split) if split in _SPLIT_ORDER else len(_SPLIT_ORDER)), split


def _encode_deciding_values(entry: Entry) -> bytes:
    """JSON of a list, to the letter as `json.dumps` writes it, which takes four times as long for so little."""
    quoted = encode_basestring_ascii
    # As in the record: what says nothing is left out, so that earlier shards keep their digests.
    more = "" if entry.labels is None else f", {json.dumps({'labels': entry.labels})}"
    if entry.subject:
        more += f", {json.dumps({'subject': entry.subject})}"
    time_secs = "null" if entry.time_secs is None else json.dumps(entry.time_secs)
    return (
        f"[{quoted(entry.key)}, {entry.label}, {quoted(entry.text)}, {quoted(entry.filename)}, "
        f"{quoted(entry.format)}, {entry.height}, {entry.width}, {entry.size_bytes}, {quoted(entry.video_id)}, "
        f"{time_secs}, {quoted(entry.group)}, {quoted(entry.digest)}{more}]"
    ).encode()
