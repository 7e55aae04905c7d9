import io

import numpy as np
import pytest
from PIL import Image

from graphcore.evaluation.curves import Curve
from graphcore.evaluation.plots import LONGEST_NAME, draw_confusion, draw_curves, read_png_width, shorten


def pixels(png):
    with Image.open(io.BytesIO(png)) as picture:
        return np.asarray(picture.convert("L"))


@pytest.mark.parametrize("count", [1, 2, 12, 13, 61])
def test_a_confusion_matrix_of_any_size_is_drawn(count):
    shades = pixels(draw_confusion(np.eye(count, dtype=int) * 9, [f"class {index}" for index in range(count)]))

    assert shades.min() < 60  # the diagonal is dark
    assert shades.max() == 255


def test_an_empty_row_is_drawn_without_dividing_by_zero():
    draw_confusion(np.array([[0, 0], [1, 2]]), ["a", "b"])


def test_class_names_are_not_mathematics():
    draw_confusion(np.eye(2, dtype=int), [r"$\notacommand", "$x$"])


def test_glyphs_that_the_font_lacks_do_not_warn():
    draw_confusion(np.eye(2, dtype=int), ["外科", "縫合"])


def test_the_same_figures_give_the_same_bytes():
    confusion = np.array([[3, 1], [0, 4]])

    assert draw_confusion(confusion, ["a", "b"]) == draw_confusion(confusion, ["a", "b"])


def test_curves_have_a_panel_for_each_name():
    loss = [Curve(split, "loss", (1, 2), (2.0, 1.0)) for split in ("train", "validation")]
    one, two = draw_curves(loss), draw_curves([*loss, Curve("train", "accuracy", (1,), (0.5,))], best_step=2)

    assert pixels(two).shape[0] > 1.5 * pixels(one).shape[0]


def test_splits_differ_without_colour():
    points = ((1, 2, 3), (2.0, 1.0, 0.5))

    train, validation = (pixels(draw_curves([Curve(split, "loss", *points)])) for split in ("train", "validation"))

    # Dashes leave gaps, so a dashed line has fewer dark pixels; the titles differ little.
    area = np.s_[40:-60, 80:-40]
    assert (train[area] < 200).sum() < 0.9 * (validation[area] < 200).sum()


def test_width_is_read_from_the_header():
    png = draw_confusion(np.eye(2, dtype=int), ["a", "b"])

    assert read_png_width(png) == pixels(png).shape[1]


def test_long_names_keep_both_ends():
    name = "needle passing through the dermal layer, left side"

    short = shorten(name)

    assert len(short) == LONGEST_NAME
    assert short.startswith("needle passin")
    assert short.endswith(" left side")
    assert shorten("short") == "short"


def test_a_curve_that_repeats_another_is_drawn_once():
    train, validation = (Curve(split, "learning_rate", (1, 2), (0.1, 0.05)) for split in ("train", "validation"))

    assert draw_curves([train, validation]) == draw_curves([train])
