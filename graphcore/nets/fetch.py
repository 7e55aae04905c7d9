"""From an archive of the catalogue to a checkpoint on this machine: fetched, checked, unpacked, checked at each use.

In the cache folder, `archives/` holds what is being fetched or was put there by hand, `checkpoints/NAME/` what was
unpacked, and `checksums/NAME.json` the SHA-256 of archives for which no published one is known.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphcore import atomic, console
from graphcore.errors import CheckpointError
from graphcore.nets.catalogue import Archive
from graphcore.nets.weights.averages import has_averages
from graphcore.nets.weights.source import CheckpointSource
from graphcore.storage.cache import cache_dir, locked
from graphcore.storage.download import RemoteFile, digest_file, download
from graphcore.storage.unpack import unpack

MIRROR_VARIABLE = "GRAPHCORE_MIRROR"

_NOTE = "files.json"
# Generous: floating-point weights hardly shrink when compressed.
_MOST_TIMES_LARGER = 20
_LEAST_LIMIT_BYTES = 64 * 2**20


def fetch_checkpoint(archive: Archive) -> CheckpointSource:
    """Finds the checkpoint of an archive in the cache, or fetches it there first.

    $GRAPHCORE_MIRROR names an address below which the archives lie by their file names, in place of the official ones.
    MobileNets were released with moving averages of their weights beside them; these are taken where they are there
    (Source: tensorflow/models, nets/mobilenet/mobilenet_example.ipynb, which restores them for their accuracy).

    Raises:
        CheckpointError: it cannot be had, or is not what it was.
    """
    folder = cache_dir() / "checkpoints" / archive.stem
    if not folder.is_dir():
        with locked(cache_dir() / "archives" / f"{archive.file_name}.lock", f"it fetches {archive.file_name}"):
            if not folder.is_dir():  # the other one may have been here
                _fetch(archive, folder)
    _check_files(folder)
    source = CheckpointSource("checkpoint", folder / archive.checkpoint, f"the released {archive.stem}")
    return replace(source, use_ema=has_averages(source.shapes()))


def _fetch(archive: Archive, folder: Path) -> None:
    path = cache_dir() / "archives" / archive.file_name
    record = cache_dir() / "checksums" / f"{archive.stem}.json"
    expected = archive.sha256 or _read_note(record).get("sha256")
    download(RemoteFile(_plan_url(archive), archive.size_bytes, expected), path)
    found = digest_file(path)
    limit = max(path.stat().st_size * _MOST_TIMES_LARGER, _LEAST_LIMIT_BYTES)
    try:
        unpack(path, folder, limit, lambda name: _is_part(name, archive), lambda made: _finish(made, archive, path))
    except OSError as error:
        raise CheckpointError(f"{path} cannot be unpacked: {error.strerror or error}.") from error
    if expected is None:
        atomic.write_json(record, {"url": archive.url, "size_bytes": path.stat().st_size, "sha256": found})
        console.say(f"No published checksum of {archive.file_name} is known; from now on it must be {found}")
    path.unlink()


def _plan_url(archive: Archive) -> str:
    mirror = os.environ.get(MIRROR_VARIABLE)
    return f"{mirror.rstrip('/')}/{archive.file_name}" if mirror else archive.url


def _is_part(name: str, archive: Archive) -> bool:
    return name == archive.checkpoint or name.startswith(f"{archive.checkpoint}.")


def _finish(folder: Path, archive: Archive, path: Path) -> None:
    """Notes what was unpacked; refuses an archive without the checkpoint, or with one that cannot be read."""
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    if not files:
        raise CheckpointError(
            f"The archive {path} holds no {archive.checkpoint}.",
            next_step=f"Remove it, and fetch {archive.url} again.",
        )
    # Before its checksum is recorded: one of something else would refuse the right archive ever after.
    CheckpointSource("checkpoint", folder / archive.checkpoint, f"the archive {path}").shapes()
    atomic.write_json(folder / _NOTE, {str(file.relative_to(folder)): digest_file(file) for file in files})


def _check_files(folder: Path) -> None:
    noted = _read_note(folder / _NOTE) or {_NOTE: None}
    for name, expected in noted.items():
        file = folder / name
        if not file.is_file() or digest_file(file) != expected:
            raise CheckpointError(
                f"{file} is not what was unpacked there.",
                next_step=f"Remove the folder {folder}; the next run fetches it again.",
            )


def _read_note(path: Path) -> Mapping[str, Any]:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
