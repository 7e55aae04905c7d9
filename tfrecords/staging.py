"""What a killed conversion leaves in `<records>/.staging`, and the next one uses instead of doing it again.

Chunks of inputs as they were read; finished shards, named by the digest of their plan; files to be attached.
Shards, attachments and `dataset.json` take their names together, see `commit`; then all the rest goes.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tfrecords import chunks
from tfrecords.chunks import Chunk
from tfrecords.errors import RecordsError
from tfrecords.files import (
    UNFINISHED,
    explaining_full_disk,
    hash_file,
    is_file_name,
    open_atomically,
    read_json,
    remove_files,
    sync_folder,
    write_json,
)
from tfrecords.lock import hold_lock
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, parse_manifest, parse_shard
from tfrecords.plan import SHARD_SUFFIX

STAGING_NAME = ".staging"

_CHUNKS, _SHARDS, _ATTACHMENTS, _PREVIOUS = "chunks", "shards", "attachments", "previous"
_COMMIT, _LOCK = "commit.json", "lock"


@dataclass(frozen=True)
class Staging:
    """The staging folder of a folder of records. Only ever removes what it made.

    Attributes:
      folder: The folder of records; staging lies in `.staging` within it and is made when first needed.
    """

    folder: Path

    @property
    def path(self) -> Path:
        """The staging folder itself."""
        return self.folder / STAGING_NAME

    @property
    def commit_path(self) -> Path:
        """The commit record: while it is there, a new dataset is on the way to its place."""
        return self.path / _COMMIT

    def load_chunk(self, name: str, fingerprint: str, check: bool = True) -> list[dict[str, Any]] | None:
        """Returns the rows of a finished chunk; None when it is to be ingested (again).

        Args:
          name: The chunk's name.
          fingerprint: Stands for everything its rows depend on: the inputs and the options.
          check: Also hold its pictures against their checksum.
        """
        return chunks.load_chunk(self.path / _CHUNKS, name, fingerprint, check)

    @contextmanager
    def open_chunk(self, name: str, fingerprint: str) -> Iterator[Chunk]:
        """Opens a chunk to fill; it counts when the block ends without an error, else nothing of it stays.

        Raises:
          RecordsError: The disk is full.
        """
        with (
            explaining_full_disk(self.folder, f"while reading {name}"),
            chunks.open_chunk(self._make(_CHUNKS), name, fingerprint) as chunk,
        ):
            yield chunk

    def spool_path(self, spool_name: str) -> Path:
        """Returns the file that a row's `spool` names."""
        return self.path / _CHUNKS / spool_name

    def open_shard(self, plan_digest: str) -> AbstractContextManager[BinaryIO]:
        """Opens a shard to write; it lies at its `shard_path` when the block ends without an error.

        Nobody has waited for the disk then. What is found there later is held against its SHA-256.
        """
        return open_atomically(self._make(_SHARDS) / self.shard_path(plan_digest).name, durable=False)

    def sync_shards(self) -> None:
        """Makes the places of the shards durable, once their bytes are."""
        sync_folder(self.path / _SHARDS)

    def shard_path(self, plan_digest: str) -> Path:
        """Returns where a shard lies from its last byte on until it gets its name."""
        return self.path / _SHARDS / f"{plan_digest}{SHARD_SUFFIX}"

    def remember_shard(self, plan_digest: str, info: ShardInfo) -> None:
        """Remembers a shard, once it lies at its `shard_path`."""
        write_json(self._make(_SHARDS) / f"{plan_digest}.json", asdict(info), durable=False)

    def finished_shards(self) -> dict[str, ShardInfo]:
        """Returns the remembered shards by their plan's digest; the files themselves are not checked."""
        found = {}
        for path in sorted((self.path / _SHARDS).glob("*.json")):
            try:
                found[path.stem] = parse_shard(read_json(path) or {})
            except (KeyError, TypeError, ValueError):
                continue  # damaged: the shard is written again
        return found

    def keep_shards(self, plan_digests: Collection[str]) -> None:
        """Removes the shards of all other plans: nothing will come of them, and they may be large."""
        for path in (self.path / _SHARDS).glob(f"*{SHARD_SUFFIX}"):
            if path.stem not in plan_digests:
                path.unlink()

    def attachment(self, name: str) -> Path:
        """Returns where to prepare a file that is to appear with the dataset; see `writer.finish`.

        What is prepared and not attached is gone when the next conversion begins.

        Raises:
          RecordsError: The name is none for an attachment.
        """
        if not is_file_name(name) or name == MANIFEST_NAME or name.endswith(SHARD_SUFFIX):
            raise RecordsError(f"{name!r} cannot name an attachment; give a file name such as 'splits.json'")
        return self._make(_ATTACHMENTS) / name

    def set_aside(self, manifest_path: Path) -> None:
        """Moves an earlier dataset's manifest here: the folder must not look whole while shards change."""
        os.replace(manifest_path, self._make(_PREVIOUS) / f"{hash_file(manifest_path)}.json")

    def previous_manifests(self) -> list[Manifest]:
        """Returns the manifests that were set aside and can still be read."""
        found = []
        for path in sorted((self.path / _PREVIOUS).glob("*.json")):
            try:
                found.append(parse_manifest(read_json(path)))
            except RecordsError:
                continue
        return found

    def known_shards(self) -> set[str]:
        """Returns the file names of all shards that an earlier conversion wrote, or one of now began to."""
        listed = {shard.name for manifest in self.previous_manifests() for shard in manifest.shards}
        return listed | {shard.name for shard in self.finished_shards().values()}

    def remove_unfinished(self) -> None:
        """Removes what a killed conversion had not finished. Neither while another conversion runs here, nor
        while there is a commit record: then everything is finished."""
        for part in ("", _CHUNKS, _SHARDS):
            remove_files(self.path / part, UNFINISHED)
        remove_files(self.path / _ATTACHMENTS, "*")
        (self.path / MANIFEST_NAME).unlink(missing_ok=True)

    def clear(self) -> None:
        """Removes everything staged, and the folder unless something else lies in it, such as the lock."""
        self.remove_unfinished()
        for part in (_CHUNKS, _SHARDS, _PREVIOUS):
            remove_files(self.path / part, "*.json")
        remove_files(self.path / _CHUNKS, "*.spool")
        remove_files(self.path / _SHARDS, f"*{SHARD_SUFFIX}")
        self.commit_path.unlink(missing_ok=True)  # after all else: killed on the way here, it is done again
        self._remove_empty()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps a second conversion out of the folder for the length of the block.

        Where nothing is staged at its end, no trace of staging is left.

        Raises:
          RecordsError: Another conversion is at work here.
        """
        with ExitStack() as held:
            try:
                held.enter_context(hold_lock(self.path / _LOCK))
            except BlockingIOError:
                raise RecordsError(
                    f"another conversion is writing to {self.folder}; wait for it, or give another folder"
                ) from None
            try:
                yield
            finally:
                self._remove_lock_of_nothing()

    def _remove_lock_of_nothing(self) -> None:
        lock = self.path / _LOCK
        if not any(path.is_file() and path != lock for path in self.path.rglob("*")):
            with suppress(OSError):  # nothing depends on it, and it must not hide what went wrong before
                lock.unlink(missing_ok=True)
            self._remove_empty()

    def _remove_empty(self) -> None:
        parts = (_CHUNKS, _SHARDS, _ATTACHMENTS, _PREVIOUS)
        for folder in (*(self.path / part for part in parts), self.path):
            with suppress(OSError):  # never there, or something in it is not ours
                folder.rmdir()

    def _make(self, part: str) -> Path:
        folder = self.path / part
        folder.mkdir(parents=True, exist_ok=True)
        return folder
