import pytest

from graphcore.evaluation import chunks
from graphcore.evaluation.chunks import iterate_chunks


@pytest.mark.parametrize(("rows", "columns"), [(0, 5), (1, 5), (7, 3), (8, 4), (5, 1000), (9, 0)])
def test_chunks_cover_every_row_once_in_order(monkeypatch, rows, columns):
    monkeypatch.setattr(chunks, "MOST_CELLS", 12)
    found = list(iterate_chunks(rows, columns))

    assert [row for part in found for row in range(part.start, part.stop)] == list(range(rows))
    assert all((part.stop - part.start) * columns <= max(12, columns) for part in found)
