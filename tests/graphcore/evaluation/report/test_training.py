from graphcore.evaluation.curves import Curve
from graphcore.evaluation.report.training import make_training_section

LOSS = [Curve("train", "loss", (1, 2), (2.0, 1.0)), Curve("validation", "loss", (1, 2), (2.1, 1.4))]


def make(curves, best_step=None):
    section = make_training_section(curves, best_step)
    return None if section is None else section.to_html()


def test_without_curves_there_is_no_section():
    assert make([]) is None


def test_each_name_has_a_chart_in_the_order_of_what_is_looked_at_first(parse):
    page = parse(make([Curve("train", "grip", (1, 2), (1, 2)), *LOSS, Curve("train", "accuracy", (1, 2), (0.5, 1))]))

    assert [text for text in page.texts if text in ("accuracy", "loss", "grip")] == ["accuracy", "loss", "grip"]


def test_several_lines_are_named(parse):
    assert {"train", "validation"} <= set(parse(make(LOSS)).texts)


def test_a_line_that_repeats_another_is_drawn_once():
    rates = [Curve(split, "learning_rate", (1, 2), (0.1, 0.05)) for split in ("train", "validation")]

    assert make(rates).count("<polyline") == 1


def test_the_step_that_was_kept_is_told(parse):
    page = parse(make(LOSS, 2))

    assert "kept" in page.texts
    assert any("step 2, whose weights were kept" in text for text in page.texts)


def test_what_is_no_number_is_left_out():
    assert make([Curve("train", "loss", (1, 2, 3), (float("nan"), float("inf"), 1.0))]) is None
    assert "nan" not in make([Curve("train", "loss", (1, 2, 3), (float("nan"), 2.0, 1.0))]).lower().replace("nance", "")


def test_what_was_measured_once_is_no_curve():
    assert make([Curve("test", "accuracy", (7,), (0.5,))]) is None
