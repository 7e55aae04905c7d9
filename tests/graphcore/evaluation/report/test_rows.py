import re

import numpy as np

from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.report.rows import make_axis, make_class_row, make_pins, make_wrong_row

NAMES = ("<cut>", "not-<cut>")


def test_wide_blocks_carry_number_and_name_and_narrow_ones_nothing(make_timeline, parse):
    labels = np.array([0] * 99 + [1])
    timeline = make_timeline(labels, labels)

    page = parse(make_class_row("truth", timeline, labels, Span(0, 100), NAMES))

    assert page.texts == ["truth", "1", "<cut>"]
    assert page.count("k0") == page.count("k1") == 1


def test_a_row_is_told_to_whoever_cannot_see_it(make_timeline):
    timeline = make_timeline([0, 1, 1], [0, 0, 0], step=60)

    row = make_class_row("truth", timeline, timeline.labels, Span(0, 180), NAMES)

    assert 'aria-label="truth: 0:00 &lt;cut&gt;, 1:00 not-&lt;cut&gt;"' in row


def test_black_marks_what_is_wrong(make_timeline):
    row = make_wrong_row("wrong", make_timeline([0, 0, 0, 0], [0, 1, 1, 0]), Span(0, 4))

    assert re.findall('left:[^"]*', row) == ["left:25.00%;width:50.00%"]


def test_an_axis_of_hours_shows_hours_from_the_start(parse):
    assert parse(make_axis(Span(0, 10_800))).texts[1:3] == ["0:00:00", "0:30:00"]


def test_an_axis_of_seconds_shows_minutes_and_tenths_where_it_must(parse):
    assert parse(make_axis(Span(0, 24))).texts[:3] == ["time", "0:00", "0:05"]
    assert parse(make_axis(Span(0, 2))).texts[1:3] == ["0:00.0", "0:00.2"]


def test_labels_at_the_ends_stay_inside(parse):
    page = parse(make_axis(Span(0, 600)))

    assert page.count("first") == page.count("last") == 1


def test_pins_stand_where_pictures_are_from(parse):
    assert parse(make_pins([("A", 12.5)])).texts == ["pictures", "A"]
    assert make_pins([]) == ""
