"""Whether records still are those of their inputs: a look at sizes and times, and at contents only where
those differ."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from graphcore import storage
from graphcore.sources.file_table import FileTable
from graphcore.sources.item import UNREADABLE, InputFile
from tfrecords.manifest import InputInfo, Manifest

# A reason for which the same records are made again: nothing of what decides them has changed.
LOST = "is missing or has another size"

_READ_BYTES = 2**20


def hash_file(path: Path) -> str:
    """SHA-256 of a file as hex, read in pieces."""
    digest = hashlib.sha256()
    with storage.open_binary(path) as file:
        while data := file.read(_READ_BYTES):
            digest.update(data)
    return digest.hexdigest()


def explain_staleness(
    manifest: Manifest, folder: Path, inputs: Mapping[str, InputFile], options: Mapping[str, Any]
) -> tuple[str, Manifest]:
    """Says why records must be made again; "" when they need not.

    Args:
        manifest: of the records in `folder`.
        folder: where the records are.
        inputs: the inputs as they are now.
        options: everything else that decides the records.

    Returns:
        The reason, and the manifest with the inputs' present times: a file that was copied or touched but
        not changed is hashed once, not each time.
    """
    for name in sorted({*options, *manifest.options}):
        if options.get(name) != manifest.options.get(name):
            return f"{name} was {manifest.options.get(name)} and is {options.get(name)}", manifest
    for shard in manifest.shards:
        path = folder / shard.name
        if not path.is_file() or path.stat().st_size != shard.size_bytes:
            return f"{shard.name} {LOST}", manifest
    names = sorted(inputs)
    if names != sorted(manifest.inputs):
        new = [name for name in names if name not in manifest.inputs]
        difference = new + [name for name in manifest.inputs if name not in inputs]
        name = min(difference)
        what = "new" if name in inputs else "no longer an input"
        return f"{name} is {what} ({len(difference)} such inputs)", manifest
    if _are_as_noted(names, inputs, manifest.inputs):
        return "", manifest
    current = {name: _refresh(info, inputs[name]) for name, info in manifest.inputs.items()}
    changed = sorted(name for name, info in current.items() if info is None)
    if changed:
        unread = manifest.inputs[changed[0]].sha256 == UNREADABLE
        what = "could not be read the last time" if unread else "has changed"
        return f"{changed[0]} {what} ({len(changed)} such inputs)", manifest
    return "", replace(manifest, inputs=current)


def _are_as_noted(names: Sequence[str], inputs: Mapping[str, InputFile], noted: Mapping[str, InputInfo]) -> bool:
    """Whether all inputs have the sizes and times they had, which is so for nearly every job of a sweep."""
    if isinstance(inputs, FileTable):
        stamps = inputs.iterate_stamps()
    else:
        files = (inputs[name] for name in names)
        stamps = ((file.size_bytes, file.mtime_ns, file.ctime_ns) for file in files)
    return all(
        stamp == (info.size_bytes, info.mtime_ns, info.ctime_ns) and info.sha256 != UNREADABLE
        for info, stamp in zip(map(noted.__getitem__, names), stamps, strict=True)
    )


def _refresh(info: InputInfo, file: InputFile) -> InputInfo | None:
    """The same input with its present time; None when it is another."""
    if info.sha256 == UNREADABLE:
        return None
    current = file.describe(info.sha256)
    if current == info:
        return info
    if file.size_bytes != info.size_bytes or not info.sha256:
        return None
    try:
        return current if hash_file(file.path) == info.sha256 else None
    except OSError:
        return None
