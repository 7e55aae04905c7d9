import numpy as np
import pytest

from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.report.confusion import (
    make_confusions_section,
    make_given_section,
    make_matrix,
    make_matrix_section,
)


def judge(labels, called, count):
    names = [f"class {n}" for n in range(count)]
    return compute_metrics("test", np.array(labels), np.eye(count)[called], names)


def test_the_commonest_mistakes_come_first(parse):
    page = parse(make_confusions_section(judge([0, 0, 0, 1], [1, 1, 0, 0], 2)).to_html())

    assert page.after("of the class") == [
        *["class 0", "class 1", "2", "66.7\u202f%"],
        *["class 1", "class 0", "1", "100.0\u202f%"],
    ]


def test_no_mistake_is_said_so():
    assert "there is not one mistake" in make_confusions_section(judge([0, 1], [0, 1], 2)).to_html()


@pytest.mark.parametrize(
    ("scores", "message"),
    [([[0.9, 0.1]], "there is not one mistake"), ([[0.1, 0.1]], "No sample misses one label and wrongly has another")],
)
def test_labels_that_are_given_instead_of_none_are_told_in_words(scores, message):
    metrics = compute_metrics("test", np.array([[1, 0]]), np.array(scores), ("a", "b"))

    assert message in make_given_section(metrics).to_html()


def test_every_pair_has_its_number_and_right_ones_are_framed(parse):
    page = parse(make_matrix(np.array([[3, 1, 0], [0, 0, 0], [1200, 0, 5]]), ["a", "<b>", "c"]))

    assert page.texts == ["true ↓  called →", "a", "<b>", "c", "a", "3", "1", "<b>", "0", "c", "1,200", "5"]
    assert page.count("own") == 3


def test_darker_cells_have_white_numbers():
    made = make_matrix(np.array([[99, 1], [0, 0]]), ["a", "b"])

    assert 'color:#fff">99<' in made
    assert 'style="background:rgb(230,236,244)">1<' in made  # a tenth of the way, the root of a hundredth


def test_many_classes_stand_closer():
    assert 'class="confusion dense"' in make_matrix(np.eye(16, dtype=int), [str(n) for n in range(16)])


def test_of_very_many_classes_the_commonest_mistakes_are_listed(parse):
    page = parse(make_matrix_section(judge(list(range(61)), [1, 0, *range(2, 61)], 61)).to_html())

    assert page.tags.count("table") == 1
    assert page.tags.count("tr") == 3
    assert make_matrix_section(judge(list(range(61)), list(range(61)), 61)) is None
