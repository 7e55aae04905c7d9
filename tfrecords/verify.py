"""Holds a finished dataset against its `dataset.json`, byte by byte, and names whatever differs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
        findings = list(pool.map(lambda shard: _inspect(folder, shard, manifest), manifest.shards))
    problems = [problem for finding in findings for problem in finding.problems]
    if not problems:  # else the counts differ for a reason already named
        problems += _compare_counts(manifest, findings)
    return problems + list(_find_strangers(folder, manifest))


@dataclass
class _Finding:
    """What one shard was found to hold, and what is wrong with it."""

    split: str
    samples: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def _inspect(folder: Path, shard: ShardInfo, manifest: Manifest) -> _Finding:
    finding = _Finding(shard.split)
    try:
        finding.problems += [f"{shard.name}: {problem}" for problem in _check_file(folder / shard.name, shard)]
        for index, (offset, sample) in enumerate(iterate_samples(folder / shard.name)):
            finding.counts.update(_find_classes(sample, manifest.labels))
            finding.samples += 1
            if problem := _check_label(sample, manifest):
                finding.problems.append(f"{shard.name}: record {index} at byte {offset}: {problem}")
    except FileNotFoundError:
        finding.problems = [f"{shard.name}: missing"]
        return finding
    except CorruptShardError as error:
        finding.problems.append(str(error).removeprefix(f"{folder}{os.sep}"))
        return finding
    if finding.samples != shard.samples:
        finding.problems.append(f"{shard.name}: {finding.samples} samples, dataset.json says {shard.samples}")
    return finding


def _check_file(path: Path, shard: ShardInfo) -> Iterator[str]:
    size = path.stat().st_size
    if size < shard.size_bytes:
        yield f"truncated: {size} bytes, dataset.json says {shard.size_bytes}"
    elif size > shard.size_bytes:
        yield f"has {size - shard.size_bytes} extra bytes beyond the {shard.size_bytes} of dataset.json"
    elif hash_file(path) != shard.sha256:
        yield "its bytes changed: SHA-256 is not that of dataset.json"


def _find_classes(sample: Sample, labels: Sequence[str]) -> list[str]:
    """Returns the names of a sample's classes, each once."""
    if sample.labels is None:
        return [sample.text]
    return [labels[label] for label in set(sample.labels) if 0 <= label < len(labels)]


def _check_label(sample: Sample, manifest: Manifest) -> str | None:
    labels = manifest.labels
    if (sample.labels is not None) != manifest.multi_label:
        has, may = ("a list of labels", "one") if sample.labels is not None else ("one label", "any number")
        return f"{sample.key!r} has {has}, dataset.json says that a sample has {may}"
    for label in (sample.label,) if sample.labels is None else sample.labels:
        if not 0 <= label < len(labels):
            return f"{sample.key!r} has label {label}, there are {len(labels)} labels"
    if sample.labels is not None and sample.label != (sample.labels[0] if sample.labels else -1):
        return f"{sample.key!r} has label {sample.label}, which is not the first of {list(sample.labels)}"
    text = "" if sample.labels == () else labels[sample.label]
    if sample.text != text:
        return f"{sample.key!r} is called {sample.text!r}, label {sample.label} is {text!r}"
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
