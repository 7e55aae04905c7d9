"""A large array a few rows at a time: figures of a million scores need little memory beyond the scores."""

from __future__ import annotations

from collections.abc import Iterator

# Cells looked at at once: 32 MiB of float64.
MOST_CELLS = 1 << 22


def iterate_chunks(rows: int, columns: int) -> Iterator[slice]:
    """Slices that cover `rows` rows in order, each of at most four million cells but at least one row."""
    size = max(1, MOST_CELLS // max(1, columns))
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))
