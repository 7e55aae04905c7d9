"""What was made of a file, kept in this process for as long as the file is the same: the jobs of a sweep share it."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

# A file written within one tick of the system's clock may change again and show the same times: 4 ms on Linux, and 2 s
# on FAT, where files that are replaced, as all of ours are, still get another number.
_SETTLED_NS = 50_000_000


class Stamp(NamedTuple):
    """By what a file is known to be the same without being read."""

    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    inode: int

    def is_settled(self) -> bool:
        """Whether the file was last written long enough ago for its times to tell a next change."""
        return time.time_ns() - max(self.mtime_ns, self.ctime_ns) > _SETTLED_NS


def take_stamp(path: Path) -> Stamp | None:
    """The stamp of a file; None where there is none to look at."""
    try:
        stat = os.stat(path)
    except (OSError, ValueError):  # the latter of names that no file can have
        return None
    return Stamp(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino)


class FileMemory(Generic[Value]):
    """The values of a few files, the latest used. They are handed out again and again: nobody may change them."""

    def __init__(self, most: int, most_bytes: int | None = None):
        """Takes how many values to keep, and the size from which a file's is not kept."""
        self._most, self._most_bytes = most, most_bytes
        self._kept: OrderedDict[str, tuple[Stamp, Value]] = OrderedDict()
        self._lock = threading.Lock()  # held to look, never to read

    def recall(self, path: Path, read: Callable[[], Value]) -> Value:
        """Returns what `read` made of the file the last time; calls it where the file is another by now."""
        name, stamp = os.path.abspath(path), take_stamp(path)
        with self._lock:
            kept = self._kept.pop(name, None)
            if kept is not None and kept[0] == stamp:
                self._kept[name] = kept
                return kept[1]
        value = read()
        if stamp is not None and stamp == take_stamp(path) and self._keeps(stamp):
            with self._lock:
                self._kept[name] = (stamp, value)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return value

    def _keeps(self, stamp: Stamp) -> bool:
        return stamp.is_settled() and (self._most_bytes is None or stamp.size_bytes <= self._most_bytes)
