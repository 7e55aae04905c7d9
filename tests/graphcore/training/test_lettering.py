import pytest

from graphcore.training.lettering import can_write, fit, get_font, plan_names


def test_names_the_font_cannot_write_are_numbered():
    assert plan_names(["hat", "Größe  L", "帽子", "шапка"]) == ("hat", "Größe L", "class 2", "шапка")


def test_nothing_cannot_be_written():
    assert not can_write("")


def test_a_text_that_fits_stays():
    assert fit("hat", get_font(14), 100) == "hat"


@pytest.mark.parametrize("width", [40, 60, 90])
def test_a_text_too_wide_loses_its_middle(width):
    font = get_font(14)
    shown = fit("a very long name of a class 12", font, width)
    assert font.getlength(shown) <= width
    assert shown.startswith("a")
    assert shown.endswith("2")
    assert "…" in shown
