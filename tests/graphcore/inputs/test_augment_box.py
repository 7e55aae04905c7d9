import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.augment_box import get_area_box, get_random_box
from graphcore.inputs.draws import DRAWS


@pytest.fixture(scope="module")
def cut():
    """A function of a step's options, the picture's height and width, and draws: top, left, height and width of
    the box.
    """
    graphs = {}

    def call(make, options, height, width, **draws):
        key = (make, options)
        if key not in graphs:
            with tf.Graph().as_default() as graph:
                sides, numbers = tf1.placeholder(tf.int32, [2]), tf1.placeholder(tf.float32, [DRAWS])
                rows, columns = tf.meshgrid(tf.range(sides[0]), tf.range(sides[1]), indexing="ij")
                box = make(*options)(tf.stack([rows, columns, columns], -1), numbers)
                fetches = tf.concat([box[0, 0, :2], tf.shape(box)[:2]], 0)
            graphs[key] = tf1.Session(graph=graph).make_callable(fetches, [sides, numbers])
        values = np.zeros(DRAWS, np.float32)
        for name, place in {"top": 0, "left": 1, "scale": 2, "area": 5, "aspect": 6}.items():
            values[place] = draws.get(name, 0.0)
        return graphs[key]([height, width], values).tolist()

    return call


def test_margin_and_scale_shrink_each_side(cut):
    # 100 / 1.25 / 1.6 = 50 of the height, half of the width.
    assert cut(get_random_box, (25, 60), 100, 80, scale=1.0) == [0, 0, 50, 40]


def test_square_box_goes_by_the_shorter_side(cut):
    assert cut(get_random_box, (25, 0, True), 100, 80, top=0.5) == [18, 0, 64, 64]


@pytest.mark.parametrize(
    ("aspect", "area", "expected"),
    [
        (0.5, 0.0, [50, 50]),  # a quarter, square
        (0.5, 1.0, [100, 100]),
        (0.0, 0.0, [71, 35]),  # 1 : 2: 35.36 x 70.71
        (0.0, 1.0, [100, 50]),  # the largest of that shape
        (1.0, 0.0, [35, 71]),
    ],
)
def test_area_and_aspect_are_those_drawn(cut, aspect, area, expected):
    assert cut(get_area_box, (0.25, 2.0), 100, 100, aspect=aspect, area=area)[2:] == expected


def test_shape_is_against_the_pictures_own(cut):
    assert cut(get_area_box, (0.25, 2.0), 50, 200, aspect=0.5)[2:] == [25, 100]
    # Twice as wide for its height as the picture: a quarter of it is 25 / sqrt(2) x 100 * sqrt(2).
    assert cut(get_area_box, (0.25, 2.0), 50, 200, aspect=1.0)[2:] == [18, 141]


def test_shape_is_against_a_square_where_prediction_cuts_one(cut):
    # A quarter of 80 x 100 pixels.
    assert cut(get_area_box, (0.25, 2.0, True), 80, 100, aspect=0.5)[2:] == [45, 45]


def test_long_picture_keeps_the_least_area_and_gives_way_in_shape(cut):
    # Half of 50 x 800 pixels is 20 000; no box of that area is higher than 50.
    assert cut(get_area_box, (0.5, 1.25, True), 50, 800, aspect=0.5)[2:] == [50, 400]


@settings(max_examples=200)
@given(
    sides=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    draws=st.tuples(*[st.floats(0, 0.9999)] * 4),
    options=st.sampled_from([(0.05, 1.333), (0.35, 1.333), (1.0, 1.0), (0.5, 4.0), (0.35, 1.333, True)]),
)
def test_box_lies_inside_and_has_its_least_area(cut, sides, draws, options):
    names = ("top", "left", "area", "aspect")
    top, left, height, width = cut(get_area_box, options, *sides, **dict(zip(names, draws, strict=True)))
    assert min(height, width) >= 1
    assert min(top, left) >= 0
    assert top + height <= sides[0]
    assert left + width <= sides[1]
    # Each side is rounded by half a pixel at most.
    assert (height + 0.51) * (width + 0.51) >= options[0] * sides[0] * sides[1]
