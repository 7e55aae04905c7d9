"""What was drawn into a folder, so that drawing can stop at any moment and never touches what others put
there.

A drawing is made of units (a fractal class, a video). The checksums of a unit's files are noted in the ledger
before the files are written, so a file is trusted only when its bytes are the noted ones: a killed drawing is
continued, a damaged file is drawn again, and a file that somebody changed is set aside rather than lost.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from graphcore import atomic, console
from graphcore.errors import DatasetError

LEDGER_FOLDER = ".drawn"
_PARAMETERS = "parameters.json"


@dataclass(frozen=True)
class Ledger:
    """The ledger of one folder; made by `open_ledger`."""

    folder: Path

    def is_finished(self, unit: str) -> bool:
        """Whether all files of a unit are there, byte for byte as drawn."""
        noted = self._read_unit(unit)
        return noted is not None and all(_checksum(self.folder / name) == note for name, note in noted.items())

    def write_unit(self, unit: str, files: Mapping[str, bytes]) -> None:
        """Writes the files of a unit, named relative to the folder; safe to call from several threads."""
        earlier = self._read_unit(unit) or {}
        noted = {name: (len(data), zlib.crc32(data)) for name, data in files.items()}
        for name in files:
            self._set_aside(name, (earlier.get(name), noted[name]))
        atomic.write_json(self._notes(unit), noted)
        for name, data in files.items():
            self._write(self.folder / name, data)

    def clear(self) -> None:
        """Removes what the ledger says was drawn, then its notes, then folders that this left empty."""
        parents: set[Path] = set()
        for notes in sorted(self._home.glob("unit-*.json")):
            for name, note in _read_notes(notes).items():
                path = self.folder / name
                self._set_aside(name, (note,))
                path.unlink(missing_ok=True)
                parents.add(path.parent)
            notes.unlink()
        for parent in sorted(parents - {self.folder}, reverse=True):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()

    @property
    def _home(self) -> Path:
        return self.folder / LEDGER_FOLDER

    def _notes(self, unit: str) -> Path:
        return self._home / f"unit-{unit}.json"

    def _read_unit(self, unit: str) -> dict[str, tuple[int, int]] | None:
        return _read_notes(self._notes(unit)) or None

    def _write(self, path: Path, data: bytes) -> None:
        # No fsync, which would cost more than drawing: after a power cut the checksum does not match, and
        # that is enough.
        temporary = self._home / f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(data)
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def _set_aside(self, name: str, ours: tuple[tuple[int, int] | None, ...]) -> None:
        path = self.folder / name
        found = _checksum(path)
        if found is None or found in ours:
            return
        aside = self._home / "set_aside" / f"{found[1]:08x}-{path.name}"
        aside.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, aside)
        console.warn(f"{path} was changed after it was drawn; what was found there is now {aside}")


def open_ledger(folder: Path, parameters: Mapping[str, Any]) -> Ledger:
    """Opens the ledger of a folder for a drawing with these parameters, made or emptied as needed.

    A folder drawn with other parameters loses what was drawn into it, and nothing else.

    Raises:
        DatasetError: the folder holds files and was not drawn here, or what other people put into it is in
            the way.
    """
    wanted = json.loads(json.dumps(dict(parameters)))
    note = folder / LEDGER_FOLDER / _PARAMETERS
    ledger = Ledger(folder)
    if folder.exists() and not folder.is_dir():
        raise DatasetError(f"{folder} is a file; samples are drawn into a folder.", next_step=_NEXT_STEP)
    found = _read_json(note)
    if found == wanted:
        return ledger
    if note.exists():
        ledger.clear()
    _refuse_strangers(folder)
    atomic.write_json(note, wanted)
    return ledger


_NEXT_STEP = "Name another folder, or one that does not exist yet."


def _refuse_strangers(folder: Path) -> None:
    """Only a folder without visible files is drawn into: anything else would be taken for a sample."""
    strangers = sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) if folder.is_dir() else []
    if strangers:
        raise DatasetError(
            f"{folder} holds files that were not drawn here ({', '.join(strangers[:5])}"
            f"{', ...' if len(strangers) > 5 else ''}); samples are not mixed with them.",
            next_step=_NEXT_STEP,
        )


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _read_notes(path: Path) -> dict[str, tuple[int, int]]:
    """Notes of a unit; names outside the folder, which no drawing writes, are not believed."""
    noted = _read_json(path)
    if not isinstance(noted, dict):
        return {}
    safe = {n: tuple(v) for n, v in noted.items() if isinstance(v, list) and len(v) == 2 and _is_inside(n)}
    return {name: (size, crc) for name, (size, crc) in safe.items()}


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _checksum(path: Path) -> tuple[int, int] | None:
    """Size in bytes and CRC-32 of a file; None when there is none."""
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return len(data), zlib.crc32(data)
