"""Records from a remote folder to this machine: what is missing here, checked, and put in place as a whole.

It comes the way a conversion does: shards wait in staging under their digest, and take their names together with
`dataset.json`. Killed at any moment, the folder holds the records it held, and the next pull goes on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from graphcore.storage.folder import RemoteFolder
from graphcore.storage.transfer import transfer
from tfrecords.errors import RecordsError
from tfrecords.files import hash_file
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, read_manifest
from tfrecords.staging import Staging
from tfrecords.writer import begin, finish

ATTACHMENTS = ("rejected.csv", "splits.json", "intake.jsonl")
"""Files beside the shards that the next conversion needs: what was left out, who went where, what is known."""

_DIGEST = re.compile(r"[0-9a-f]{8,128}")


def pull(remote: RemoteFolder, folder: Path, manifest: Manifest, names: Collection[str]) -> None:
    """Makes `folder` hold the records of a remote folder.

    Args:
        remote: where they are.
        folder: where they shall be; made when missing.
        manifest: what the remote folder's dataset.json says.
        names: the files that are there.

    Raises:
        DatasetError: the store is out of reach, does not know us, or refuses.
        RecordsError: a shard is not what the manifest says, the folder holds somebody else's files, or the disk is
            full.
    """
    manifest = name_plans(manifest)
    folder.mkdir(parents=True, exist_ok=True)
    staging = Staging(folder)
    with staging.exclusive():
        begin(folder)
        staging.keep_shards({shard.plan for shard in manifest.shards})
        wanted = plan_pull(manifest.shards, _find_in_place(folder), _find_staged(staging))
        transfer("Fetching", wanted, lambda shard: _fetch(remote, staging, shard))
        attachments = [name for name in ATTACHMENTS if name in names]
        for name in attachments:
            remote.fetch(name, staging.attachment(name))
        finish(folder, manifest, attachments)


def plan_pull(shards: Sequence[ShardInfo], in_place: Mapping[str, str], staged: Mapping[str, str]) -> list[ShardInfo]:
    """The shards to fetch.

    Args:
        shards: those wanted.
        in_place: SHA-256 of those here, by name.
        staged: SHA-256 of those an earlier pull fetched, by the digest of their plan.
    """
    return [shard for shard in shards if shard.sha256 not in (in_place.get(shard.name), staged.get(shard.plan))]


def name_plans(manifest: Manifest) -> Manifest:
    """The manifest with a digest for each shard that staging can name it by.

    Raises:
        RecordsError: it gives no SHA-256 of a shard.
    """
    for shard in manifest.shards:
        if not _DIGEST.fullmatch(shard.sha256):
            raise RecordsError(f"{MANIFEST_NAME} gives {shard.sha256!r} as the SHA-256 of {shard.name}; convert again")
    return replace(manifest, shards=tuple(map(_name_plan, manifest.shards)))


def _name_plan(shard: ShardInfo) -> ShardInfo:
    if _DIGEST.fullmatch(shard.plan):
        return shard
    return replace(shard, plan=hashlib.sha256(f"{shard.name} {shard.sha256}".encode()).hexdigest())


def _find_in_place(folder: Path) -> dict[str, str]:
    """What the records here vouch for; a shard of another size is none of theirs."""
    if not (folder / MANIFEST_NAME).exists():
        return {}
    shards = read_manifest(folder).shards
    return {shard.name: shard.sha256 for shard in shards if _has_size(folder / shard.name, shard.size_bytes)}


def _find_staged(staging: Staging) -> dict[str, str]:
    remembered = staging.finished_shards().items()
    return {plan: info.sha256 for plan, info in remembered if _has_size(staging.shard_path(plan), info.size_bytes)}


def _has_size(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def _fetch(remote: RemoteFolder, staging: Staging, shard: ShardInfo) -> None:
    with staging.open_shard(shard.plan) as file:
        path = Path(file.name)
        remote.fetch(shard.name, path)
        if not _has_size(path, shard.size_bytes) or hash_file(path) != shard.sha256:
            raise RecordsError(
                f"{remote.path / shard.name} is not what {MANIFEST_NAME} beside it says: damaged, or two conversions "
                f"wrote there at once; remove {remote.path / MANIFEST_NAME} and convert again"
            )
    staging.remember_shard(shard.plan, shard)
