"""Single files, wherever they lie: read whole, in pieces, or by a decoder that jumps about in them."""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from graphcore.storage.address import is_remote, to_path
from graphcore.storage.trouble import explaining, is_denied, is_missing_bucket

_PIECE_BYTES = 8 * 2**20

# A video's index may lie at its end and its frames anywhere: blocks are kept, the least used goes. 32 MiB a video.
_MEDIA_BLOCK_BYTES, _MEDIA_BLOCKS = 4 * 2**20, 8

_TIMES = ("LastModified", "updated", "mtime", "modified", "created")


class Stamp(NamedTuple):
    """What tells one state of a file from another without reading it.

    Attributes:
        size_bytes: as the store says.
        mtime_ns: when it was last written; 0 where that is not known.
        mark: of the store's own tag of the contents (S3's ETag), a number in the place of `ctime_ns`: times there
            are whole seconds, and two files of one size may be stored within one. 0 where there is none.
    """

    size_bytes: int
    mtime_ns: int
    mark: int = 0


def describe(path: Path) -> Stamp:
    """The size and time of one file.

    Raises:
        OSError: there is no such file, or it may not be read.
        DatasetError: the store is out of reach, or does not know us.
    """
    if not is_remote(path):
        state = os.stat(path)
        return Stamp(state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    remote: Any = path
    return _ask(path, lambda: read_stamp(remote.fs.info(remote.path)))


def read_stamp(info: Mapping[str, Any]) -> Stamp:
    """Makes a stamp of what fsspec tells of a file, also in a listing."""
    time = next((info[key] for key in _TIMES if info.get(key)), 0)
    if isinstance(time, str):
        time = datetime.fromisoformat(time.replace("Z", "+00:00"))
    if isinstance(time, datetime):
        # By whole microseconds: a float of seconds cannot hold them all, and would differ from machine to machine.
        time_ns = int(time.timestamp()) * 10**9 + time.microsecond * 1000
    else:
        time_ns = round(float(time) * 1e6) * 1000
    tag = str(info.get("ETag") or info.get("etag") or "").strip('"')
    mark = int.from_bytes(blake2b(tag.encode(), digest_size=7).digest(), "big") if tag else 0
    return Stamp(int(info.get("size") or 0), time_ns, mark)


def read_bytes(path: Path) -> bytes:
    """A whole file, by one request.

    Raises:
        OSError: there is no such file, or it may not be read.
        DatasetError: the store is out of reach, or does not know us: the same holds for every other file.
    """
    if not is_remote(path):
        return path.read_bytes()
    return _ask(path, lambda: get_whole(path))


def get_whole(path: Any) -> bytes:
    """A whole remote file, by one request; raises what the store's library raises."""
    # Allowed to make several at once, s3fs first asks how large the file is.
    options = {"max_concurrency": 1} if path.protocol == "s3" else {}
    return path.fs.cat_file(path.path, **options)


def open_binary(path: Path | str) -> BinaryIO:
    """Opens a file for reading and seeking; a remote one is fetched piece by piece, as it is read.

    Raises:
        OSError: there is no such file; a remote one says so when it is read.
    """
    if not is_remote(path):
        return open(path, "rb", buffering=0)  # type: ignore[return-value]
    remote = to_path(path, "path") if isinstance(path, str) else path
    return io.BufferedReader(_Pieces(remote), _PIECE_BYTES)


def open_media(path: Path) -> str | BinaryIO:
    """What `av.open` takes for a video: an absolute path, or for a remote one a file that keeps blocks of it.

    Raises:
        OSError: there is no such remote file.
        DatasetError: the store is out of reach, or does not know us; also while it is read.
    """
    if not is_remote(path):
        return str(path.absolute())
    remote: Any = path
    if remote.protocol == "memory":
        return io.BytesIO(read_bytes(path))  # its files are one object, and a position, for all who open them
    opened = _ask(
        path,
        lambda: remote.fs.open(
            remote.path,
            "rb",
            block_size=_MEDIA_BLOCK_BYTES,
            cache_type="blockcache",
            cache_options={"maxblocks": _MEDIA_BLOCKS},
        ),
    )
    return _Blocks(opened, str(path))  # type: ignore[return-value]


def _ask(path: Path, action: Callable[[], Any]) -> Any:
    """Calls the store; what concerns one file alone stays an OSError, with the file's address."""
    with explaining(path):
        try:
            return action()
        except OSError as error:
            if is_missing_bucket(error) or not (isinstance(error, FileNotFoundError) or is_denied(error)):
                raise
            kind = errno.EACCES if is_denied(error) else errno.ENOENT
            raise OSError(kind, os.strerror(kind), str(path)) from None


class _Pieces(io.RawIOBase):
    """A remote file as a raw one: every read is one request for a range."""

    def __init__(self, path: Path) -> None:
        self._path: Any = path
        self._position = 0
        self._size: int | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position}.get(whence)
        self._position = max(0, offset + (self._measure() if base is None else base))
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self._size is not None and self._position >= self._size:
            return 0
        data = _ask(self._path, lambda: self._request(len(buffer)))
        buffer[: len(data)] = data
        self._position += len(data)
        if len(data) < len(buffer):
            self._size = self._position
        return len(data)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(_PIECE_BYTES) or b"", b""))  # io's own asks for 8 KiB at a time

    def _request(self, count: int) -> bytes:
        fs, start = self._path.fs, self._position
        try:
            return fs.cat_file(self._path.path, start=start, end=start + count)
        except (FileNotFoundError, PermissionError):
            raise
        except OSError:
            if start >= self._measure():
                return b""  # a range that begins at the end is an error to S3, and to no other
            raise

    def _measure(self) -> int:
        if self._size is None:
            self._size = int(self._path.fs.info(self._path.path)["size"])
        return self._size


class _Blocks(io.RawIOBase):
    """An open file of fsspec as a raw one that tells in words when the store fails it."""

    def __init__(self, file: Any, address: str) -> None:
        self._file = file
        self._address = address

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        with explaining(self._address):
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
