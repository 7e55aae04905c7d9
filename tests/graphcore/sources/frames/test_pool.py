from __future__ import annotations

import pytest

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.pool import DecoderPool
from graphcore.sources.frames.runs import Part


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_results_come_in_the_order_of_the_parts(two_runs, threads, read_number, read_runs, make_part):
    runs = read_runs(two_runs) * 6
    parts = [make_part(run, [number]) for number, run in enumerate(runs)]
    with DecoderPool(two_runs, None, threads) as pool:
        found = [read_number(frame.image) for future in pool.start(parts) for frame in future.result()]
    assert found == [number + 20 * (number % 2) for number in range(12)]


def test_long_runs_keep_their_place_among_short_ones(two_runs, read_number, read_runs, make_part):
    first, second = read_runs(two_runs)
    parts = [
        make_part(first, [1]),
        make_part(second[:6], [1], is_last=False),
        Part(tuple(second[6:12]), frozenset(), is_first=False, is_last=False),
        make_part(second[12:], [5], is_first=False),
        make_part(first, [2]),
    ]
    with DecoderPool(two_runs, None, 2) as pool:
        found = [read_number(frame.image) for future in pool.start(parts) for frame in future.result()]
    assert found == [1, 21, 37, 2]


def test_only_a_few_parts_are_decoded_ahead(two_runs, read_runs, make_part):
    run = read_runs(two_runs)[0]
    taken = []

    def parts():
        for number in range(20):
            taken.append(number)
            yield make_part(run, [0])

    with DecoderPool(two_runs, None, 2) as pool:
        next(pool.start(parts()))
        assert len(taken) == 5


def test_a_file_that_vanished_meanwhile_cannot_be_read(two_runs, read_runs, make_part):
    run = read_runs(two_runs)[0]
    two_runs.unlink()
    with DecoderPool(two_runs, None, 1) as pool, pytest.raises(VideoError, match="cannot be read: No such file"):
        next(pool.start([make_part(run, [0])])).result()
