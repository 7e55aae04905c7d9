"""`dataset.json`, the last file a conversion writes: what a folder of shards holds and where it came from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import Any

from tfrecords.errors import RecordsError
from tfrecords.file_memory import FileMemory
from tfrecords.files import open_atomically
from tfrecords.members import Members
from tfrecords.plan import is_shard_name

MANIFEST_NAME = "dataset.json"
FORMAT_VERSION = 1

_LAST = "inputs"  # in the file, one line for each

# A training read its manifest 19 to 23 times, 9 ms each of 3 781 inputs. An input takes 400 bytes in memory and 220 in
# the file: what is kept of them stays below 65 MB, and whoever reads more of them reads them again.
_MOST_KEPT_BYTES = 32 << 20
_manifests: FileMemory[Manifest] = FileMemory(most=1, most_bytes=_MOST_KEPT_BYTES)
_outlines: FileMemory[Manifest] = FileMemory(most=8)

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ShardInfo:
    """One finished shard: its file name, split, number of samples, size and SHA-256 of the file.

    `plan` is the digest of the plan it was written to, by which a later conversion knows that it can stay; empty
    where that is not known.
    """

    name: str
    split: str
    samples: int
    size_bytes: int
    sha256: str
    plan: str = ""


@dataclass(frozen=True, slots=True)
class InputInfo:
    """One input as converted: size and times for a quick look, SHA-256 for certainty.

    `ctime_ns` tells of a file that was edited in place and given its old modification time back; 0 is not known.
    """

    size_bytes: int
    mtime_ns: int
    sha256: str
    ctime_ns: int = 0


@dataclass(frozen=True)
class Manifest:
    """What a folder of shards holds.

    Attributes:
      name: The dataset's name.
      kind: How it was made, such as "image_folder".
      labels: Class names; a sample's label is an index into them.
      counts: Samples by split, then by class name. A sample of several classes counts in each.
      shards: The shards, split by split.
      options: The options that decided the records, as plain JSON values.
      inputs: The inputs, by name relative to where they were found. Writing goes through its items once, in
        their order, so it need not hold them.
      rejected: How many inputs were left out.
      format_version: Version of this file's layout.
      multi_label: Whether a sample may have any number of classes rather than exactly one.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    counts: Mapping[str, Mapping[str, int]]
    shards: tuple[ShardInfo, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, InputInfo] = field(default_factory=dict)
    rejected: int = 0
    format_version: int = FORMAT_VERSION
    multi_label: bool = False

    def digest(self) -> str:
        """Returns the identity of the content: the labels and the shards' bytes, no times and no paths."""
        shards = sorted([shard.name, shard.split, shard.sha256] for shard in self.shards)
        return hashlib.sha256(json.dumps([self.format_version, self.labels, shards]).encode()).hexdigest()

    def samples(self, split: str) -> int:
        """Returns how many samples a split has; 0 for a split there is none of."""
        return sum(shard.samples for shard in self.shards if shard.split == split)

    @property
    def splits(self) -> tuple[str, ...]:
        """The splits' names, in the order of `counts`."""
        return tuple(self.counts)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes `dataset.json` atomically, input by input: made whole first, it would take six times its size."""
    with open_atomically(folder / MANIFEST_NAME) as file:
        for piece in _encode_manifest(manifest):
            file.write(piece.encode())


def _encode_manifest(manifest: Manifest) -> Iterator[str]:
    """Yields the JSON of a manifest in small pieces, one line for every input and shard."""
    # ASCII only, with escapes: this keeps file names that are no valid UTF-8.
    for name in ("name", "kind", "labels", "counts", "options", "rejected", "format_version", "multi_label"):
        value = json.dumps(getattr(manifest, name), indent=1).replace("\n", "\n ")
        yield f'{"," if name != "name" else "{"}\n "{name}": {value}'
    yield from _encode_lines(',\n "shards": [', (json.dumps(asdict(shard)) for shard in manifest.shards), "]")
    inputs = (f"{encode_basestring_ascii(name)}: {_encode_input(info)}" for name, info in manifest.inputs.items())
    yield from _encode_lines(',\n "inputs": {', inputs, "}\n}\n")


def _encode_lines(begin: str, values: Iterator[str], end: str) -> Iterator[str]:
    yield begin
    for index, value in enumerate(values):
        yield f"{',' if index else ''}\n  {value}"
    yield end


def describe_input(info: InputInfo) -> dict[str, int | str]:
    """Returns an input as `dataset.json` holds it; `dataclasses.asdict` takes ten times as long, for every input."""
    return {
        "size_bytes": info.size_bytes, "mtime_ns": info.mtime_ns, "sha256": info.sha256, "ctime_ns": info.ctime_ns
    }  # fmt: skip


def _encode_input(info: InputInfo) -> str:
    """As `json.dumps` writes `describe_input`, in a fifth of the time."""
    return (
        f'{{"size_bytes": {info.size_bytes}, "mtime_ns": {info.mtime_ns}, '
        f'"sha256": {encode_basestring_ascii(info.sha256)}, "ctime_ns": {info.ctime_ns}}}'
    )


def read_manifest(folder: Path) -> Manifest:
    """Reads `dataset.json`; one that is still as it was is not read again.

    Raises:
      RecordsError: It is missing, is no JSON, lacks a field, or has another version.
    """
    return _manifests.recall(folder / MANIFEST_NAME, lambda: _read_manifest(folder))


def read_outline(folder: Path) -> Manifest:
    """Reads all of `dataset.json` but its inputs, which of a large dataset are nearly all of it.

    Raises:
      RecordsError: As `read_manifest`, as far as that can be told without the inputs.
    """
    return _outlines.recall(folder / MANIFEST_NAME, lambda: _read_outline(folder))


def read_shards(folder: Path) -> tuple[ShardInfo, ...]:
    """Reads the shards of `dataset.json` alone.

    Raises:
      RecordsError: As `read_outline`.
    """
    return read_outline(folder).shards


def _read_manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST_NAME
    members = Members(path, _LAST)
    with suppress(OSError, ValueError, RecordsError):
        return parse_manifest(members.read_head() | {_LAST: members})
    try:  # laid out by somebody else, missing or damaged
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise RecordsError(_explain_missing(folder)) from None
    except (OSError, ValueError) as error:
        raise RecordsError(f"{path} cannot be read: {error}; remove the folder and convert again") from None
    try:
        return parse_manifest(values)
    except RecordsError as error:
        raise RecordsError(f"{path}: {error}; remove the folder and convert again") from None


def _read_outline(folder: Path) -> Manifest:
    with suppress(OSError, ValueError, RecordsError):
        return parse_manifest(Members(folder / MANIFEST_NAME, _LAST).read_head() | {_LAST: {}})
    return replace(read_manifest(folder), inputs={})


def parse_manifest(values: Any) -> Manifest:
    """Makes a manifest of decoded JSON.

    Raises:
      RecordsError: A field is missing or of the wrong kind, or the version is another.
    """
    version = values.get("format_version") if isinstance(values, dict) else None
    if version != FORMAT_VERSION:
        raise RecordsError(f"format_version is {version!r}, this program reads {FORMAT_VERSION}")
    try:
        return Manifest(
            name=str(values["name"]),
            kind=str(values["kind"]),
            labels=tuple(str(label) for label in values["labels"]),
            counts={split: _parse_counts(counts) for split, counts in values["counts"].items()},
            shards=tuple(parse_shard(shard) for shard in values["shards"]),
            options=dict(values["options"]),
            inputs={name: InputInfo(**info) for name, info in values["inputs"].items()},
            rejected=int(values["rejected"]),
            multi_label=bool(values.get("multi_label", False)),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise RecordsError(f"a field is missing or of the wrong kind ({reason})") from None


def parse_shard(values: Mapping[str, Any]) -> ShardInfo:
    """Makes a shard's information of decoded JSON.

    Raises:
      KeyError, TypeError, ValueError: A field is missing or of the wrong kind, or the name is no shard's.
    """
    name = str(values["name"])
    if not is_shard_name(name):  # names are joined to the folder: never let one point elsewhere
        raise ValueError(f"{name!r} is no shard's name")
    plan = str(values.get("plan", ""))
    if plan and not _DIGEST.fullmatch(plan):  # staging names files by it
        raise ValueError(f"{plan!r} is no digest of a plan")
    return ShardInfo(
        name=name,
        split=str(values["split"]),
        samples=int(values["samples"]),
        size_bytes=int(values["size_bytes"]),
        sha256=str(values["sha256"]),
        plan=plan,
    )


def _parse_counts(counts: Mapping[str, Any]) -> dict[str, int]:
    return {label: int(count) for label, count in counts.items()}


def _explain_missing(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} is no folder; convert a dataset first, or correct the path"
    return f"{folder} has no {MANIFEST_NAME}: its conversion never finished; run it again, it goes on from there"
