import re

import numpy as np

from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.report.confidence import draw_confidence, plan_stretches


def points(svg, kind):
    found = re.search(rf'points="([^"]*)" class="{kind}"', svg)
    return [tuple(map(float, pair.split(","))) for pair in found[1].split()] if found else []


def test_a_few_frames_are_drawn_one_by_one():
    svg = draw_confidence(np.array([0.0, 5.0, 10.0]), np.array([1.0, 0.5, 0.75]), Span(0, 10))

    assert points(svg, "line") == [(0, 0), (500, 50), (1000, 25)]
    assert points(svg, "range") == []


def test_many_frames_keep_their_lowest_and_highest():
    values = np.full(10_800, 0.9)
    values[5000] = 0.1

    svg = draw_confidence(np.arange(10_800.0), values, Span(0, 10_800))

    assert len(points(svg, "line")) + len(points(svg, "range")) <= 600
    assert max(top for _, top in points(svg, "range")) == 90


def test_a_single_frame_is_a_line():
    assert points(draw_confidence(np.array([3.0]), np.array([0.5]), Span(3, 4)), "line") == [(0, 50), (1000, 50)]


def test_stretches_cover_every_frame_once():
    stretches = plan_stretches(1001, most=200)

    assert len(stretches) == 200
    assert np.array_equal(np.concatenate(stretches), np.arange(1001))
