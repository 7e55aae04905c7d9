"""How a finished conversion takes the place of the one before it: as a whole, or not yet.

All that is new waits in staging. One small file there, the commit record, says what takes which name and what
goes; from the moment it is on disk the new dataset is the one that counts, and whoever comes next carries the
record out to its end. No step undoes another, so it may be begun again however often it was killed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tfrecords.errors import RecordsError
from tfrecords.files import is_file_name, read_json, sync_folder, write_json
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, write_manifest
from tfrecords.staging import Staging

_VERSION = 1


@dataclass(frozen=True)
class Commit:
    """What is left to be done once everything new is on disk.

    Attributes:
      shards: Names of the shards to come, each with the digest of its plan, by which staging calls it. Shards
        that stay where they are do not appear.
      attachments: Names of the other files to come.
      removals: Names of the shards to go.
    """

    shards: tuple[tuple[str, str], ...]
    attachments: tuple[str, ...]
    removals: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in (*(name for pair in self.shards for name in pair), *self.attachments, *self.removals):
            if not is_file_name(name):  # names are joined to folders: never let one point elsewhere
                raise ValueError(f"{name!r} is no file name")


def plan_commit(
    shards: Iterable[ShardInfo], staged: Iterable[str], attachments: Sequence[str], known: Iterable[str]
) -> Commit:
    """Says what moves and what goes.

    Args:
      shards: Those of the new dataset.
      staged: Plan digests of the shards that lie in staging; the others are in place.
      attachments: Names of the files that come with it.
      known: Names of all shards that conversions into this folder wrote.
    """
    listed, waiting = list(shards), set(staged)
    moves = tuple((shard.name, shard.plan) for shard in listed if shard.plan in waiting)
    gone = set(known) - {shard.name for shard in listed}
    return Commit(moves, tuple(attachments), tuple(sorted(gone)))


def record_commit(staging: Staging, manifest: Manifest, commit: Commit) -> None:
    """Puts the new manifest, then the commit record, on disk: from here on the new dataset counts."""
    staging.path.mkdir(parents=True, exist_ok=True)
    write_manifest(staging.path, manifest)
    write_json(staging.commit_path, {"version": _VERSION, **asdict(commit)})


def carry_out(staging: Staging) -> bool:
    """Does what the commit record says, and clears staging; False when there is none.

    Call it while holding `Staging.exclusive`. Between its steps the folder has no `dataset.json`, or a whole one.
    """
    commit = _read_commit(staging.commit_path)
    if commit is None:
        return False
    folder = staging.folder
    new_manifest, manifest = staging.path / MANIFEST_NAME, folder / MANIFEST_NAME
    if new_manifest.exists() and manifest.exists():
        staging.set_aside(manifest)
        sync_folder(folder)  # before any of its shards changes, also should the power fail
    for name, plan_digest in commit.shards:
        _move(staging.shard_path(plan_digest), folder / name)
    for name in commit.attachments:
        _move(staging.attachment(name), folder / name)
    sync_folder(folder)
    _move(new_manifest, manifest)
    for name in commit.removals:
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
    staging.clear()
    return True


def _move(staged: Path, path: Path) -> None:
    if staged.exists():  # else it has moved already
        os.replace(staged, path)


def _read_commit(path: Path) -> Commit | None:
    values = read_json(path)
    if values is None:
        return None
    try:
        if values["version"] != _VERSION:
            raise ValueError(f"version {values['version']!r}, this program reads {_VERSION}")
        shards = tuple((str(name), str(plan)) for name, plan in values["shards"])
        return Commit(shards, tuple(values["attachments"]), tuple(values["removals"]))
    except (KeyError, TypeError, ValueError) as error:
        raise RecordsError(
            f"{path} is no commit record of ours ({type(error).__name__}: {error}); remove the folder and convert again"
        ) from None
