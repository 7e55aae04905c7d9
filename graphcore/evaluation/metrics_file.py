"""metrics.json: the flat file of a run's figures, to which every stage adds its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from graphcore.atomic import write_json
from graphcore.errors import RunError

Figure = int | float

# Figures that are on their way to a file, by its absolute path.
_collected: dict[Path, dict[str, Figure]] = {}


def read_metrics(path: Path) -> dict[str, Figure]:
    """Reads the figures, those on their way included; none when there is no file yet.

    Raises:
        RunError: the file is not a flat object of numbers.
    """
    on_their_way = _collected.get(path.absolute())
    if on_their_way is not None:
        return dict(on_their_way)
    try:
        values = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise _not_metrics(path, f"it is not JSON ({error})") from error
    if not isinstance(values, dict):
        raise _not_metrics(path, "it is not an object")
    bad = [name for name, value in values.items() if isinstance(value, bool) or not isinstance(value, (int, float))]
    if bad:
        raise _not_metrics(path, f"{bad[0]!r} is not a number")
    return values


def update_metrics(path: Path, figures: Mapping[str, Figure], replace: str | None = None) -> dict[str, Figure]:
    """Adds figures to the file, sorted by name, and returns all.

    Args:
        path: RUN/metrics.json.
        figures: by flat name, such as "test/accuracy".
        replace: the split whose old figures go first, so that none outlives the classes it was about.

    Raises:
        RunError: see `read_metrics`.
    """
    kept = {
        name: value
        for name, value in read_metrics(path).items()
        if replace is None or not name.startswith(f"{replace}/")
    }
    merged = dict(sorted({**kept, **figures}.items()))
    if path.absolute() in _collected:
        _collected[path.absolute()] = merged
    else:
        write_json(path, merged)
    return merged


@contextlib.contextmanager
def collecting(path: Path) -> Iterator[None]:
    """While the block runs, what is added to a file is collected; it is written once the block has ended well.

    A training adds its figures in three stages that follow each other closely, and each writing waits for the disk. One
    that failed on the way has no new figures: by them a sweep knows what has been done.

    Raises:
        RunError: see `read_metrics`.
    """
    before = read_metrics(path)
    _collected[path.absolute()] = before
    try:
        yield
    finally:
        merged = _collected.pop(path.absolute())
    if merged is not before:
        write_json(path, merged)


def _not_metrics(path: Path, reason: str) -> RunError:
    return RunError(f"{path} is not a metrics.json: {reason}.", next_step="Move it away and run the command again.")
