import re

from graphcore.evaluation.report.palette import COLOURS, OUTSIDE_COLOUR, make_class_styles, make_legend


def test_56_classes_look_different():
    looks = re.findall(r"\{(.*)\}", make_class_styles(range(56)))

    assert len(set(looks)) == 56


def test_the_first_eight_classes_differ_without_colour():
    looks = re.findall(r"\{background:(.*)\}", make_class_styles(range(8)))
    patterns = [re.sub("|".join(COLOURS), "", look) for look in looks]

    # The eighth comes back to the first one's colour, with a pattern of its own.
    assert len(set(patterns)) == 8


def test_times_outside_every_segment_are_plain():
    assert f".k3{{background:{OUTSIDE_COLOUR}}}" in make_class_styles([1, 3], outside=3)


def test_a_long_legend_is_cut(parse):
    assert parse(make_legend([""] * 100, range(45))).texts[-1] == "and 5 more"


def test_a_legend_names_number_and_class(parse):
    page = parse(make_legend(["a", "<b>"], [1]))

    assert page.texts == ["2", "<b>"]
    assert page.count("k1") == 1
