"""What the names of TFRecord files say: which set of pictures they are, which split, and whether all of it is there.

`flowers_train-00000-of-00005.tfrecord`, `train-00000-of-01024`, `cifar10_test.tfrecord` and
`cars-train.tfrecord-00000-of-00002` are how slim's converters and their successors name what they write.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.split_words import list_spellings, parse_split

_SHARD = re.compile(r"-(\d{1,9})-of-(\d{1,9})")
_SUFFIX = re.compile(r"\.(?:tfrecords?|tfrec|records?)$", re.IGNORECASE)
_NAMED = 10


@dataclass(frozen=True)
class RecordName:
    """What one file is by its name.

    Attributes:
        file: the name itself.
        prefix: the set's name; "" where the name is the split's alone.
        split: "train", "validation" or "test"; "" where no split is named.
        shard: its number, from 0; None where the set is one file.
        shards: of how many.
    """

    file: str
    prefix: str
    split: str
    shard: int | None = None
    shards: int = 1


def parse_name(file: str) -> RecordName | None:
    """Reads a file's name; None where it is not that of a file of records."""
    name = PurePosixPath(file).name
    shard = _SHARD.search(name)
    plain = name if shard is None else name[: shard.start()] + name[shard.end() :]
    stem = _SUFFIX.sub("", plain)
    if shard is None and stem == plain:
        return None
    numbers = {} if shard is None else {"shard": int(shard[1]), "shards": int(shard[2])}
    if split := parse_split(stem):
        return RecordName(file, "", split, **numbers)
    prefix, word = _cut_word(stem)
    split = parse_split(word)
    return RecordName(file, prefix if split else stem, split, **numbers)


def _cut_word(stem: str) -> tuple[str, str]:
    """What stands before the last sign between words, and the word after it."""
    match = re.fullmatch(r"(.+)[_.\-]([^_.\-]+)", stem)
    return (match[1], match[2]) if match else (stem, "")


def choose_set(names: Sequence[RecordName], prefix: str | None) -> list[RecordName]:
    """The files of one set.

    Args:
        names: all that there are.
        prefix: the set's name; None where there is but one.

    Raises:
        ConfigError: there are several sets and none is named, or there is no such set.
    """
    prefixes = list_prefixes(names)
    if prefix is None and len(prefixes) > 1:
        raise ConfigError(
            f"There are records of {len(prefixes)} sets, and dataset.prefix does not say which.",
            choices=[one or '""' for one in prefixes[:_NAMED]],
        )
    if prefix is not None and prefix not in prefixes:
        raise ConfigError(f"dataset.prefix={prefix}: no such set.", choices=[one or '""' for one in prefixes[:_NAMED]])
    return [name for name in names if name.prefix == (prefixes[0] if prefix is None else prefix)]


def list_prefixes(names: Iterable[RecordName]) -> list[str]:
    """The sets that files belong to."""
    return sorted({name.prefix for name in names})


def check_whole(names: Sequence[RecordName]) -> None:
    """Refuses a set of which files are missing, or are there twice.

    Raises:
        DatasetError: naming them.
    """
    parts: dict[tuple[str, int], list[int]] = defaultdict(list)
    for name in names:
        if name.shard is not None:
            parts[name.split, name.shards].append(name.shard)
    for (split, shards), found in sorted(parts.items()):
        what = f"{split or 'the set'} is cut into {shards} files"
        # A hostile name may promise a billion: only as many are counted as could be missing among those that are there.
        missing = [number for number in range(min(shards, len(found) + _NAMED)) if number not in set(found)]
        if missing:
            shown = ", ".join(f"{number:05d}" for number in missing[:_NAMED])
            raise DatasetError(f"{what}, and there is no {shown}.", next_step="Copy or make the missing files.")
        if len(found) > shards:
            raise DatasetError(f"{what}, and there are {len(found)}.", next_step="Remove those that do not belong.")
    several = [split for split in {split for split, _ in parts} if sum(one == split for one, _ in parts) > 1]
    if several:
        counts = ", ".join(str(shards) for split, shards in sorted(parts) if split == several[0])
        raise DatasetError(
            f"{several[0] or 'the set'} is there several times, cut into {counts} files.",
            next_step="Keep one of them: its pictures would be counted twice.",
        )


def explain_names() -> str:
    """How files must be named, for messages."""
    words = ", ".join(list_spellings())
    return f"Files are called NAME_SPLIT-00000-of-00005.tfrecord or SPLIT.tfrecord, SPLIT being one of {words}."
