"""Holds a finished dataset against its `dataset.json`, byte by byte, and names whatever differs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tfrecords.errors import CorruptShardError
from tfrecords.example import Sample
from tfrecords.files import hash_file
from tfrecords.manifest import Manifest, ShardInfo, read_manifest
from tfrecords.plan import SHARD_SUFFIX
from tfrecords.reader import iterate_samples


def verify(folder: Path | str) -> list[str]:
    """Checks every shard: its presence, size, SHA-256, checksums, samples and labels.

    Returns:
      What is wrong, one line each, beginning with the file's name; empty when all is well.

    Raises:
      RecordsError: `dataset.json` is missing or cannot be read.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        findings = list(pool.map(lambda shard: _inspect(folder, shard, manifest.labels), manifest.shards))
    problems = [problem for finding in findings for problem in finding.problems]
    if not problems:  # else the counts differ for a reason already named
        problems += _compare_counts(manifest, findings)
    return problems + list(_find_strangers(folder, manifest))


@dataclass
class _Finding:
    """What one shard was found to hold, and what is wrong with it."""

    split: str
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def _inspect(folder: Path, shard: ShardInfo, labels: tuple[str, ...]) -> _Finding:
    finding = _Finding(shard.split)
    try:
        finding.problems += [f"{shard.name}: {problem}" for problem in _check_file(folder / shard.name, shard)]
        for index, (offset, sample) in enumerate(iterate_samples(folder / shard.name)):
            finding.counts[sample.text] += 1
            if problem := _check_label(sample, labels):
                finding.problems.append(f"{shard.name}: record {index} at byte {offset}: {problem}")
    except FileNotFoundError:
        finding.problems = [f"{shard.name}: missing"]
        return finding
    except CorruptShardError as error:
        finding.problems.append(str(error).removeprefix(f"{folder}{os.sep}"))
        return finding
    if (found := finding.counts.total()) != shard.samples:
        finding.problems.append(f"{shard.name}: {found} samples, dataset.json says {shard.samples}")
    return finding


def _check_file(path: Path, shard: ShardInfo) -> Iterator[str]:
    size = path.stat().st_size
    if size < shard.size_bytes:
        yield f"truncated: {size} bytes, dataset.json says {shard.size_bytes}"
    elif size > shard.size_bytes:
        yield f"has {size - shard.size_bytes} extra bytes beyond the {shard.size_bytes} of dataset.json"
    elif hash_file(path) != shard.sha256:
        yield "its bytes changed: SHA-256 is not that of dataset.json"


def _check_label(sample: Sample, labels: tuple[str, ...]) -> str | None:
    if not 0 <= sample.label < len(labels):
        return f"{sample.key!r} has label {sample.label}, there are {len(labels)} labels"
    if sample.text != labels[sample.label]:
        return f"{sample.key!r} is called {sample.text!r}, label {sample.label} is {labels[sample.label]!r}"
    return None


def _compare_counts(manifest: Manifest, findings: Iterable[_Finding]) -> Iterator[str]:
    found: dict[str, Counter[str]] = {split: Counter() for split in manifest.counts}
    for finding in findings:
        found.setdefault(finding.split, Counter()).update(finding.counts)
    for split, counts in found.items():
        listed = manifest.counts.get(split, {})
        for label in dict.fromkeys([*listed, *counts]):
            if counts[label] != listed.get(label, 0):
                yield f"dataset.json: {split} has {counts[label]} of {label!r}, not {listed.get(label, 0)}"


def _find_strangers(folder: Path, manifest: Manifest) -> Iterator[str]:
    listed = {shard.name for shard in manifest.shards}
    for path in sorted(folder.glob(f"*{SHARD_SUFFIX}")):
        if path.name not in listed:
            yield f"{path.name}: not listed in dataset.json"
