"""The cache folder: what was fetched once and need not be fetched again. It can be removed at any time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphcore import console
from graphcore.errors import ConfigError

CACHE_VARIABLE = "GRAPHCORE_CACHE"
OFFLINE_VARIABLE = "GRAPHCORE_OFFLINE"

_NO = ("", "0", "false", "no", "off")


def cache_dir() -> Path:
    """$GRAPHCORE_CACHE, or graphcore in $XDG_CACHE_HOME, or ~/.cache/graphcore; it is not made here."""
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    shared = os.environ.get("XDG_CACHE_HOME")
    # The specification says that a relative path is to be ignored.
    base = Path(shared) if shared and os.path.isabs(shared) else Path("~/.cache").expanduser()
    return base / "graphcore"


def is_offline() -> bool:
    """Whether $GRAPHCORE_OFFLINE forbids to contact anybody: set, and not to 0, false, no or off."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in _NO


@contextmanager
def locked(path: Path, doing: str) -> Iterator[None]:
    """Keeps other processes out of the block while one is in it; the lock goes with its process, whatever ends that.

    Args:
        path: a file for the lock; it is made, and stays.
        doing: what those that wait are told that they wait for.

    Raises:
        ConfigError: its folder cannot be written to.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = open(path, "ab")  # noqa: SIM115 - closed below
    except OSError as error:
        raise ConfigError(
            f"The cache folder {path.parent} cannot be written to: {error.strerror}.",
            next_step=f"Set {CACHE_VARIABLE} to a folder of your own.",
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            console.say(f"Waiting for another process: {doing}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
