"""`python -m tfrecords verify FOLDER`: says whether a dataset is whole; status 0 when it is, 1 when not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tfrecords.errors import RecordsError
from tfrecords.manifest import read_manifest
from tfrecords.verify import verify


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns its exit status; 2 for a mistake of the user's."""
    parser = argparse.ArgumentParser(prog="python -m tfrecords", description="Looks after folders of records.")
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("verify", help="check every shard against dataset.json, byte by byte")
    command.add_argument("folder", type=Path, help="a folder with dataset.json")
    try:
        return _verify(parser.parse_args(arguments).folder)
    except RecordsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _verify(folder: Path) -> int:
    problems = verify(folder)
    for problem in problems:
        print(problem)
    if problems:
        print(f"{folder}: {len(problems)} problems; delete the files named and convert again")
        return 1
    manifest = read_manifest(folder)
    shards = manifest.shards
    samples = sum(shard.samples for shard in shards)
    size_mib = sum(shard.size_bytes for shard in shards) / 2**20
    kind = "multi-label samples" if manifest.multi_label else "samples"
    print(f"{folder}: {samples} {kind} in {len(shards)} shards, {size_mib:.1f} MiB, all good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
