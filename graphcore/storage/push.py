"""Records from this machine to a remote folder: what it lacks, `dataset.json` last, then what it no longer needs.

A store replaces one object at a time. Where a shard takes the name of one that the remote `dataset.json` lists, that
file goes first: whoever looks meanwhile finds no dataset rather than a broken one. Else the old one stays whole until
the new `dataset.json` replaces its own. Until the end a journal lies beside the shards: it says which of them are ours,
and what they hold, so that a killed push goes on where it was.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphcore.storage.folder import RemoteFolder
from graphcore.storage.pull import ATTACHMENTS
from graphcore.storage.transfer import transfer
from tfrecords.errors import RecordsError
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo
from tfrecords.plan import SHARD_SUFFIX, is_shard_name

JOURNAL_NAME = ".upload.json"

_VERSION = 1


@dataclass(frozen=True)
class Journal:
    """What is known of the shards in a remote folder.

    Attributes:
        shards: SHA-256 by name, of those whose contents are certain.
        known: names of all that conversions wrote there, or began to.
    """

    shards: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PushPlan:
    """What is to be done in a remote folder.

    Attributes:
        uploads: shards it lacks, or has others of the same names.
        kept: SHA-256 of the shards that are not written over, by name.
        removals: names of shards to remove at the end.
        replaces: whether an upload takes the name of a shard that the present dataset.json lists.
    """

    uploads: tuple[ShardInfo, ...]
    kept: Mapping[str, str]
    removals: tuple[str, ...]
    replaces: bool


def plan_push(
    shards: Sequence[ShardInfo], sizes: Mapping[str, int], journal: Journal, listed: Collection[str]
) -> PushPlan:
    """Says what is to be uploaded and removed.

    Args:
        shards: the new records'.
        sizes: of the files in the remote folder, by name.
        journal: what is known of them.
        listed: names of the shards that the remote dataset.json lists.
    """
    certain = {name: sha256 for name, sha256 in journal.shards.items() if name in sizes}
    uploads = tuple(
        shard
        for shard in shards
        if certain.get(shard.name) != shard.sha256 or sizes.get(shard.name) != shard.size_bytes
    )
    written = {shard.name for shard in uploads}
    names = {shard.name for shard in shards}
    return PushPlan(
        uploads,
        {name: sha256 for name, sha256 in certain.items() if name not in written},
        tuple(sorted(name for name in journal.known - names if name in sizes)),
        not written.isdisjoint(listed),
    )


def read_journal(remote: RemoteFolder, earlier: Manifest | None) -> Journal:
    """What is known of a remote folder's shards: by a killed push, else by its dataset.json."""
    listed = {shard.name: shard.sha256 for shard in earlier.shards} if earlier else {}
    values = _parse(remote.read(JOURNAL_NAME))
    if values is None:
        return Journal(listed, frozenset(listed))
    # Names are joined to the folder and removed: never let one point elsewhere.
    known = {name for name in (*values["known"], *listed) if is_shard_name(name)}
    return Journal({name: str(sha256) for name, sha256 in values["shards"].items()}, frozenset(known))


def refuse_strangers(remote: RemoteFolder, sizes: Mapping[str, int], known: Collection[str]) -> None:
    """Finds record files in a remote folder that no conversion of ours wrote.

    Raises:
        RecordsError: there are some.
    """
    strangers = sorted(name for name in sizes if name.endswith(SHARD_SUFFIX) and name not in known)
    if strangers:
        count = "1 record file" if len(strangers) == 1 else f"{len(strangers)} record files"
        raise RecordsError(
            f"{remote.path} holds {count} not from a conversion here, such as {strangers[0]}; give another folder, "
            "or move them away"
        )


def push(
    remote: RemoteFolder, folder: Path, manifest: Manifest, sizes: Mapping[str, int], earlier: Manifest | None
) -> None:
    """Makes a remote folder hold the records of `folder`.

    Args:
        remote: where to.
        folder: finished records.
        manifest: what its dataset.json says.
        sizes: of the files in the remote folder, by name.
        earlier: what the remote folder's dataset.json says; None where there is none.

    Raises:
        DatasetError: the store is out of reach, does not know us, or refuses.
        RecordsError: the remote folder holds somebody else's records.
    """
    journal = read_journal(remote, earlier)
    refuse_strangers(remote, sizes, journal.known)
    plan = plan_push(manifest.shards, sizes, journal, {shard.name for shard in earlier.shards} if earlier else ())
    if plan.uploads or plan.removals:
        note = _Note(remote, dict(plan.kept), sorted(journal.known | {shard.name for shard in manifest.shards}))
        note.write()
        if plan.replaces:
            remote.remove(MANIFEST_NAME)
        transfer("Uploading", plan.uploads, lambda shard: _upload(remote, folder, shard, note))
    for name in (*ATTACHMENTS, MANIFEST_NAME):
        if (folder / name).is_file():
            remote.put(folder / name, name)
    for name in plan.removals:
        remote.remove(name)
    remote.remove(JOURNAL_NAME)


def _upload(remote: RemoteFolder, folder: Path, shard: ShardInfo, note: _Note) -> None:
    remote.put(folder / shard.name, shard.name)
    note.add(shard)


class _Note:
    """The journal while shards are being uploaded. A shard is in it only once all of it is there."""

    def __init__(self, remote: RemoteFolder, shards: dict[str, str], known: list[str]) -> None:
        self._remote = remote
        self._values = {"version": _VERSION, "shards": shards, "known": known}
        self._shards = shards
        self._lock = threading.Lock()

    def add(self, shard: ShardInfo) -> None:
        with self._lock:
            self._shards[shard.name] = shard.sha256
            self.write()

    def write(self) -> None:
        self._remote.write(JOURNAL_NAME, json.dumps(self._values).encode())


def _parse(data: bytes | None) -> dict[str, Any] | None:
    if data is None:
        return None
    try:
        values = json.loads(data)
        sound = values["version"] == _VERSION and isinstance(values["shards"], dict)
        return values if sound and all(isinstance(name, str) for name in values["known"]) else None
    except (ValueError, KeyError, TypeError):
        return None  # damaged: what is not certain is uploaded again
