import numpy as np
import pytest

from graphcore.evaluation.report.blocks import Block, Span, plan_blocks, plan_ticks


def plan(labels, most=250, step=1.0):
    times = step * np.arange(len(labels))
    return plan_blocks(np.array(labels), times, times + step, Span(0, len(labels) * step), most)


def test_frames_of_one_class_are_one_block():
    assert plan([0, 0, 1, 1, 1, 1, 0, 0]) == [Block(0, 0, 25), Block(1, 25, 50), Block(0, 75, 25)]


def test_a_block_lasts_to_the_next_frame_where_frames_are_missing():
    times = np.array([10.0, 11.0, 18.0])

    assert plan_blocks(np.array([0, 0, 1]), times, np.array([11.0, 18.0, 20.0]), Span(10, 20)) == [
        *[Block(0, 0, 80), Block(1, 80, 20)]
    ]


def test_frames_below_zero_are_left_white():
    assert plan([-1, 0, 0, -1]) == [Block(0, 25, 50)]


def test_what_flickers_is_drawn_as_what_it_mostly_is():
    # 4 cells of 6 frames: mostly 1, mostly 1, mostly 0, nothing but 2.
    labels = [1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 2, 2, 2, 2, 2, 2]

    blocks = plan(labels, most=4)

    assert [block.label for block in blocks] == [1, 0, 0, 2] or [block.label for block in blocks] == [1, 0, 2]
    assert sum(block.width for block in blocks) == pytest.approx(100)


def test_blocks_are_few_however_many_frames_there_are():
    labels = np.random.default_rng(0).integers(-1, 5, 10_800)

    assert len(plan(labels)) <= 250


def test_an_empty_cell_shows_the_one_before_it():
    times = np.array([0.0, 1, 2, 3, 40, 41, 42, 43])
    blocks = plan_blocks(np.array([0, 1, 0, 1, 0, 1, 0, 1]), times, times + 1, Span(0, 44), most=4)

    assert blocks == [Block(0, 0, 100)]


@pytest.mark.parametrize(
    ("start", "end", "ticks"),
    [
        (0, 24, [0, 5, 10, 15, 20]),
        (0, 10_800, [0, 1800, 3600, 5400, 7200, 9000, 10_800]),
        (95, 125, [95, 100, 105, 110, 115, 120, 125]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round_moments(start, end, ticks):
    assert plan_ticks(Span(start, end)) == ticks
