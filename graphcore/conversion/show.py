"""What a conversion tells the person who started it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphcore import console
from tfrecords.manifest import Manifest

_ROWS_SHOWN = 40
_MIB = 2**20


def show(manifest: Manifest, folder: Path, seconds: float) -> None:
    """Prints the classes' counts in each split, and what was written."""
    splits = list(manifest.counts)
    rows: list[list[Any]] = [
        [label, *(manifest.counts[split].get(label, 0) for split in splits)] for label in manifest.labels
    ]
    rest = rows[_ROWS_SHOWN:]
    if rest:
        sums = [sum(row[column] for row in rest) for column in range(1, len(splits) + 1)]
        rows = [*rows[:_ROWS_SHOWN], [f"{len(rest)} more", *sums]]
    rows.append(["all", *(manifest.samples(split) for split in splits)])
    console.show_table(f"{manifest.name} ({manifest.kind})", ["class", *splits], rows)
    size_mib = sum(shard.size_bytes for shard in manifest.shards) / _MIB
    facts = [
        "1 shard" if len(manifest.shards) == 1 else f"{len(manifest.shards)} shards",
        f"{size_mib:.1f} MiB",
        f"{manifest.rejected} rejected",
        f"{seconds:.1f} s",
    ]
    if manifest.multi_label:
        facts.insert(0, "several labels a sample")
    console.say(f"{folder}: {', '.join(facts)}")


def say_inputs(count: int) -> str:
    """ "1 input was", "2 inputs were"."""
    return "1 input was" if count == 1 else f"{count} inputs were"
