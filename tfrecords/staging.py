"""What a killed conversion leaves in `<records>/.staging`, and the next one uses instead of doing it again.

Inputs are ingested in chunks: a chunk's rows are JSON, its encoded pictures lie one after the other in a
spool beside it, and both count only once the whole chunk is on disk. Shards are remembered by their plan's
digest. All of it goes when the conversion finishes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c

from tfrecords.errors import RecordsError
from tfrecords.files import UNFINISHED, is_full_disk, open_atomically, write_bytes
from tfrecords.manifest import Manifest, ShardInfo, parse_manifest, parse_shard

try:
    import fcntl
except ImportError:  # pragma: no cover (Windows has no flock; two conversions at once are then not noticed)
    fcntl = None

STAGING_NAME = ".staging"

_VERSION = 1
_CHUNKS, _SHARDS, _PREVIOUS, _PARTIAL = "chunks", "shards", "previous", "partial"
_LOCK = "lock"
_PIECE_BYTES = 1 << 20


class Chunk:
    """Rows and pictures of one chunk of inputs, while it is being ingested."""

    def __init__(self, spool_name: str, file: BinaryIO):
        self.rows: list[dict[str, Any]] = []
        self.size_bytes = 0
        self.crc = 0
        self._spool_name = spool_name
        self._file = file

    def add(self, row: Mapping[str, Any], payload: bytes | None) -> None:
        """Adds a row of JSON values and, where the input itself cannot serve, its picture.

        A row with a payload is given `spool` (for `Staging.spool_path`), `offset` and `size_bytes`.
        """
        row = dict(row)
        if payload is not None:
            row |= {"spool": self._spool_name, "offset": self.size_bytes, "size_bytes": len(payload)}
            self._file.write(payload)
            self.size_bytes += len(payload)
            self.crc = google_crc32c.extend(self.crc, payload)
        self.rows.append(row)


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
    def partial(self) -> Path:
        """Where unfinished shards lie; made when missing."""
        return self._make(_PARTIAL)

    def load_chunk(self, name: str, fingerprint: str) -> list[dict[str, Any]] | None:
        """Returns the rows of a finished chunk; None when it is to be ingested (again).

        Args:
          name: The chunk's name.
          fingerprint: Stands for everything its rows depend on: the inputs and the options.
        """
        values = _read_json(self.path / _CHUNKS / f"{_file_stem(name)}.json")
        expected = {"version": _VERSION, "name": name, "fingerprint": fingerprint}
        if values is None or any(values.get(key) != value for key, value in expected.items()):
            return None
        spool = self.spool_path(f"{_file_stem(name)}.spool")
        if _measure(spool) != (values.get("spool_bytes"), values.get("spool_crc")):
            return None
        return values.get("rows")

    @contextmanager
    def open_chunk(self, name: str, fingerprint: str) -> Iterator[Chunk]:
        """Opens a chunk to fill; it counts when the block ends without an error, else nothing of it stays.

        Raises:
          RecordsError: The disk is full.
        """
        stem = _file_stem(name)
        record = self._make(_CHUNKS) / f"{stem}.json"
        record.unlink(missing_ok=True)  # first: it must never describe a spool that is being replaced
        spool = self.spool_path(f"{stem}.spool")
        try:
            with open_atomically(spool) as file:
                chunk = Chunk(spool.name, file)
                yield chunk
            values = {"version": _VERSION, "name": name, "fingerprint": fingerprint, "rows": chunk.rows}
            _write_json(record, values | {"spool_bytes": chunk.size_bytes, "spool_crc": chunk.crc})
        except OSError as error:
            if not is_full_disk(error):
                raise
            raise RecordsError(
                f"no space left on the disk of {self.folder} while reading {name}; make room and convert "
                "again, it goes on where it stopped"
            ) from error

    def spool_path(self, spool_name: str) -> Path:
        """Returns the file that a row's `spool` names."""
        return self.path / _CHUNKS / spool_name

    def remember_shard(self, plan_digest: str, info: ShardInfo) -> None:
        """Remembers a shard; done before it gets its name, lest a shard of ours be taken for a stranger's."""
        _write_json(self._make(_SHARDS) / f"{plan_digest}.json", asdict(info))

    def finished_shards(self) -> dict[str, ShardInfo]:
        """Returns the remembered shards by their plan's digest; the files themselves are not checked."""
        found = {}
        for path in sorted((self.path / _SHARDS).glob("*.json")):
            try:
                found[path.stem] = parse_shard(_read_json(path) or {})
            except (KeyError, TypeError, ValueError):
                continue  # damaged: the shard is written again
        return found

    def set_aside(self, manifest_path: Path) -> None:
        """Moves an earlier conversion's manifest here: the folder must not look complete meanwhile."""
        digest = hashlib.sha256(manifest_path.read_bytes()).hexdigest()
        os.replace(manifest_path, self._make(_PREVIOUS) / f"{digest}.json")

    def previous_manifests(self) -> list[Manifest]:
        """Returns the manifests that were set aside and can still be read."""
        found = []
        for path in sorted((self.path / _PREVIOUS).glob("*.json")):
            try:
                found.append(parse_manifest(_read_json(path)))
            except RecordsError:
                continue
        return found

    def known_shards(self) -> set[str]:
        """Returns the file names of all shards that this or an earlier conversion wrote or began to."""
        listed = {shard.name for manifest in self.previous_manifests() for shard in manifest.shards}
        return listed | {shard.name for shard in self.finished_shards().values()}

    def remove_unfinished(self) -> None:
        """Removes files that a killed conversion had not finished. Not while another conversion runs here."""
        for part in (_CHUNKS, _SHARDS):
            _remove_files(self.path / part, UNFINISHED)
        _remove_files(self.path / _PARTIAL, "*")

    def clear(self) -> None:
        """Removes everything staged, and the folder unless something else lies in it."""
        self.remove_unfinished()
        for part in (_CHUNKS, _SHARDS, _PREVIOUS):
            _remove_files(self.path / part, "*.json")
        _remove_files(self.path / _CHUNKS, "*.spool")
        (self.path / _LOCK).unlink(missing_ok=True)
        for folder in (*(self.path / part for part in (_CHUNKS, _SHARDS, _PREVIOUS, _PARTIAL)), self.path):
            try:
                folder.rmdir()
            except OSError:
                continue  # never there, or something in it is not ours

    def clear_if_unused(self) -> None:
        """Removes the staging folder when nothing was staged, only the lock was made."""
        if not any(path.is_file() and path.name != _LOCK for path in self.path.rglob("*")):
            self.clear()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keeps a second conversion out of the folder for the length of the block.

        Raises:
          RecordsError: Another conversion is at work here.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with open(self.path / _LOCK, "ab") as file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # let go by the system when we are killed
                except OSError:
                    raise RecordsError(
                        f"another conversion is writing to {self.folder}; wait for it, or give another folder"
                    ) from None
            yield

    def _make(self, part: str) -> Path:
        folder = self.path / part
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def _file_stem(name: str) -> str:
    """Makes a file name of a chunk's name: readable, and distinct whatever the name holds."""
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)[:40]}-{digest}"


def _measure(path: Path) -> tuple[int, int] | None:
    """Returns a file's size and CRC32C, or None when it is missing."""
    size = crc = 0
    try:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(_PIECE_BYTES):
                size += len(piece)
                crc = google_crc32c.extend(crc, piece)
    except FileNotFoundError:
        return None
    return size, crc


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None  # missing or damaged: whatever it stood for is done again


def _write_json(path: Path, value: Any) -> None:
    write_bytes(path, json.dumps(value).encode())


def _remove_files(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)
