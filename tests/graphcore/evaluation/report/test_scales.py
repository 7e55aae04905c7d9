import numpy as np
import pytest

from graphcore.evaluation.report.scales import Scale, find_range, plan_envelope, plan_ticks, round_out, spread


def test_a_figure_is_found_in_pixels():
    assert Scale(0, 10, 100, 0).locate(2.5) == 75
    assert Scale(1, 1, 0, 10).locate(1) == 5


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.31, 0.52, [0.35, 0.4, 0.45, 0.5]),
        (100, 2000, [500, 1000, 1500, 2000]),
        (0, 0.0008, [0, 0.0002, 0.0004, 0.0006, 0.0008]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round(low, high, ticks):
    assert plan_ticks(low, high) == pytest.approx(ticks)


def test_a_range_reaches_to_round_figures():
    assert round_out(0.31, 0.52) == pytest.approx((0.3, 0.55))


def test_equal_figures_have_room_around_them():
    assert find_range([2, 2]) == (1, 3)
    assert find_range([0]) == (-0.5, 0.5)


def test_very_many_points_keep_their_extremes():
    values = np.zeros(100_000)
    values[777] = 9

    rows = plan_envelope(values)

    assert len(rows) <= 300
    assert 777 in rows


def test_labels_are_moved_apart_and_stay_in_the_middle():
    assert spread([10, 12, 50], 14) == pytest.approx([6, 20, 46])
    assert spread([], 14) == []
