"""A folder of records at a remote address: the few things done to its files, each told in words when it fails."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.storage.files import get_whole
from graphcore.storage.trouble import explaining, is_missing_bucket

# Of one transfer, which holds these in memory. Larger files than two parts go up in parts; by default it would be ten
# of 50 MiB for every shard.
_PART_BYTES, _PARTS = 16 * 2**20, 2
_UPLOAD: dict[str, dict[str, Any]] = {
    "s3": {"chunksize": _PART_BYTES, "max_concurrency": _PARTS},
    "gs": {"chunksize": _PART_BYTES},
}
_DOWNLOAD: dict[str, dict[str, Any]] = {"s3": {"chunksize": _PART_BYTES, "max_concurrency": _PARTS}}


@dataclass(frozen=True)
class RemoteFolder:
    """The files directly in a remote folder.

    Every method raises DatasetError where the store is out of reach, does not know us, or refuses.

    Attributes:
        path: of universal_pathlib.
    """

    path: Any

    def list_sizes(self) -> dict[str, int]:
        """The sizes in bytes of its files by name; none where there is no such folder."""
        fs = self.path.fs
        with explaining(self.path):
            fs.invalidate_cache()
            try:
                entries = fs.ls(self.path.path, detail=True)
            except FileNotFoundError as error:
                if is_missing_bucket(error):
                    raise
                return {}
        files = (entry for entry in entries if entry["type"] == "file")
        return {entry["name"].rpartition("/")[2]: int(entry["size"]) for entry in files}

    def read(self, name: str) -> bytes | None:
        """A small file; None when it is not there."""
        with explaining(self.path / name):
            try:
                return get_whole(self.path / name)
            except FileNotFoundError as error:
                if is_missing_bucket(error):
                    raise
                return None

    def fetch(self, name: str, path: Path) -> None:
        """Copies a file to this machine, over `path`."""
        with explaining(self.path / name):
            self.path.fs.get_file((self.path / name).path, str(path), **_DOWNLOAD.get(self.path.protocol, {}))

    def put(self, path: Path, name: str) -> None:
        """Uploads a file; it has its name when all of it is there."""
        with explaining(self.path / name):
            self.path.fs.put_file(str(path), (self.path / name).path, **_UPLOAD.get(self.path.protocol, {}))

    def write(self, name: str, data: bytes) -> None:
        """Writes a small file."""
        with explaining(self.path / name):
            self.path.fs.pipe_file((self.path / name).path, data)

    def remove(self, name: str) -> None:
        """Removes a file; one that is gone is no error."""
        with explaining(self.path / name):
            try:
                self.path.fs.rm_file((self.path / name).path)
            except FileNotFoundError:
                return
