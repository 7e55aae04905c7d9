"""Files out of the page cache and back: what reading costs when the disk has to be asked, and how often it is asked.

Only the named files are put out (posix_fadvise), which needs no rights and leaves the rest of the machine alone. Names,
sizes and places of files stay in the kernel's memory; putting those out too takes root and the whole machine, and
would cost the many small files more than the few large ones.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path


def forget(paths: Iterable[Path]) -> None:
    """Puts files out of the page cache; what was not yet written to the disk (`os.sync`) stays."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def is_cached(path: Path) -> bool:
    """Whether the beginning of a file can be read without asking the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return os.preadv(descriptor, [bytearray(1)], 0, os.RWF_NOWAIT) == 1
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)


def can_forget(folder: Path) -> bool:
    """Whether files here leave the page cache when told to: not on a file system in memory, nor beside Linux."""
    if not hasattr(os, "posix_fadvise") or not hasattr(os, "RWF_NOWAIT"):
        return False
    path = folder / "forgotten"
    path.write_bytes(bytes(1 << 16))
    with open(path, "rb") as file:
        os.fsync(file.fileno())
    forget([path])
    try:
        return not is_cached(path)
    except OSError:  # the file system does not know how to read without waiting
        return False
    finally:
        path.unlink()


def wait_for_discards(folder: Path, calm_secs: float = 7, most_secs: float = 90) -> None:
    """Waits until the disk has discarded what was removed before: until then writing may be ten times slower.

    Source: Documentation/block/stat.rst of the Linux kernel, "discard I/Os".
    """
    os.sync()
    device = folder.stat().st_dev
    counters = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    fields = counters.read_text().split() if counters.exists() else []
    deadline, calm_since, last = time.monotonic() + most_secs, time.monotonic(), ""
    while len(fields) > 11 and time.monotonic() < min(deadline, calm_since + calm_secs):
        found = counters.read_text().split()[11]
        if found != last:
            last, calm_since = found, time.monotonic()
        time.sleep(0.2)


def count_requests(folder: Path) -> int | None:
    """How many reads the disk below a folder has completed, everybody's; None where nobody counts.

    Source: Documentation/block/stat.rst of the Linux kernel, "read I/Os".
    """
    device = folder.stat().st_dev
    counters = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat")
    return int(counters.read_text().split()[0]) if counters.exists() else None
