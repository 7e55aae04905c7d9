import pytest

from graphcore.layers.round_depth import round_depth


@pytest.mark.parametrize(
    ("depth", "rounded"),
    [
        (32, 32),
        (44.8, 48),  # 32 x 1.4
        (41.6, 40),  # 32 x 1.3
        (12, 16),  # halves go up
        (11.2, 16),  # 8 would lose more than a tenth
        (18, 24),  # likewise 16
        (8.4, 8),
        (1, 8),
        (0.1, 8),
    ],
)
def test_depths_are_multiples_of_eight_near_by(depth, rounded):
    assert round_depth(depth) == rounded


def test_another_divisor():
    assert round_depth(11.2, divisor=1) == 11


def test_no_more_than_a_tenth_is_lost():
    for depth in range(1, 400):
        assert round_depth(depth) % 8 == 0
        assert 0.9 * depth <= round_depth(depth) <= max(8, depth + 8)
