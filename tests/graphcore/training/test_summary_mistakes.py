import numpy as np
import pytest

from graphcore.training.sample_pictures import SamplePictures
from graphcore.training.summary_mistakes import (
    Mistake,
    Mistakes,
    describe_mistake,
    describe_wrong_label,
    find_mistakes,
    find_wrong_labels,
)

NAMES = ("grey", "red")


def test_the_surest_mistakes_come_first():
    labels = np.array([0, 0, 1, 1])
    scores = np.array([[0.4, 0.6], [0.9, 0.1], [0.8, 0.2], [0.7, 0.3]])
    assert find_mistakes(labels, scores, 2) == [Mistake(2, 1, 0, 0.8), Mistake(3, 1, 0, 0.7)]
    assert len(find_mistakes(labels, scores, 9)) == 3


def test_of_several_labels_the_worst_is_the_mistake():
    labels = np.array([[1, 0], [1, 1], [0, 0]], np.uint8)
    scores = np.array([[0.9, 0.7], [0.1, 0.4], [0.3, 0.4]])
    assert find_wrong_labels(labels, scores, 9) == [Mistake(1, 0, 0, 0.1), Mistake(0, 1, 1, 0.7)]


def test_lines_say_what_it_is_and_what_it_was_called():
    lines = describe_mistake(Mistake(0, 1, 0, 0.87), np.array([1]), NAMES)
    assert [text for text, _ in lines] == ["is red", "87% grey"]


@pytest.mark.parametrize(
    ("row", "mistake", "expected"),
    [
        ([1, 1], Mistake(0, 1, 1, 0.03), ["is grey, red", "only 3% red"]),
        ([0, 0], Mistake(0, 1, 1, 0.97), ["is none", "97% red"]),
    ],
)
def test_lines_say_which_label_is_wrong(row, mistake, expected):
    lines = describe_wrong_label(mistake, np.array([row], np.uint8), NAMES)
    assert [text for text, _ in lines] == expected


@pytest.mark.parametrize("labels", [np.array([0, 1]), np.array([[1, 0], [0, 1]], np.uint8)])
def test_mistakes_are_drawn_at_the_best_evaluations_alone(make_moment, shown_records, labels):
    observer = Mistakes(NAMES, SamplePictures(shown_records), 16)
    for step, best in ((5, True), (10, False)):
        moment = make_moment(step, labels, [[0.1, 0.9], [0.8, 0.2]], best=best)
        observer.evaluated(moment)
    observer.evaluated(make_moment(15))
    assert list(moment.writers.images) == [("validation", 5, "pictures/mistakes")]
    assert moment.writers.images["validation", 5, "pictures/mistakes"].width == 8 + 2 * (160 + 8)


def test_without_mistakes_or_pictures_nothing_is_drawn(make_moment, shown_records):
    observer = Mistakes(NAMES, SamplePictures(shown_records), 16)
    moment = make_moment(5, [0], [[0.9, 0.1]])
    observer.evaluated(moment)
    observer.evaluated(make_moment(6, [1], [[0.9, 0.1]], keys=("nowhere",)))
    assert moment.writers.images == {}
