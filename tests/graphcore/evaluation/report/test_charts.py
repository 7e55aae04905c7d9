import re

import pytest

from graphcore.evaluation.report.charts import WIDTH, Line, draw_chart


def draw(*lines, **options):
    return draw_chart(lines, "loss over the steps", "step", **options)


def test_it_is_drawn_for_the_width_of_a_phone_and_its_text_is_text(parse):
    svg = draw(Line("train", [(0, 2.0), (10, 1.0)]))

    assert f'width="{WIDTH}"' in svg
    assert WIDTH <= 358
    assert {"train", "step", "0", "10", "1", "2"} <= set(parse(svg).texts)


def test_lines_differ_by_dashes():
    svg = draw(Line("a", [(0, 1), (1, 2)], dashes="6 3"), Line("b", [(0, 1), (1, 3)]))

    assert svg.count('stroke-dasharray="6 3"') == 1


def test_names_beside_the_lines_do_not_cover_each_other():
    svg = draw(Line("a", [(0, 1), (1, 2.00)]), Line("b", [(0, 1), (1, 2.01)]))

    tops = [float(top) for top in re.findall(r'y="([\d.]+)" class="direct"', svg)]
    assert abs(tops[0] - tops[1]) >= 14 - 0.1


def test_few_points_are_marked_and_many_are_thinned():
    assert draw(Line("", [(0, 1), (1, 2)])).count("<circle") == 2
    svg = draw(Line("", [(x, x % 7) for x in range(10_000)]))
    assert "<circle" not in svg
    assert len(re.search('points="([^"]*)"', svg)[1].split()) <= 300


def test_weights_make_dots_larger():
    radii = re.findall(r' r="([\d.]+)"', draw(Line("", [(0, 1), (1, 2)], weights=[0.25, 1])))

    assert radii == ["5.0", "8.0"]


def test_a_mark_is_named(parse):
    assert "kept" in parse(draw(Line("", [(0, 1), (4, 2)]), mark=(2, "kept"))).texts


@pytest.mark.parametrize(("value", "shown"), [(2_000_000, "2M"), (2000, "2,000"), (0.0002, "0.0002")])
def test_figures_on_the_axes_are_short(value, shown, parse):
    assert shown in parse(draw(Line("", [(0, 0), (1, value)]))).texts


def test_a_single_point_is_drawn():
    assert "<circle" in draw(Line("", [(5, 1.0)]))
