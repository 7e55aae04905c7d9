import io

import numpy as np
import pytest
from PIL import Image

from graphcore.training.summary_confusion import ConfusionMatrix, choose_classes, count_confusion, draw_confusion


def test_samples_are_counted_by_true_and_called_class():
    labels = np.array([0, 0, 1, 2])
    scores = np.array([[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.1, 0.9, 0.0], [0.5, 0.3, 0.2]])
    assert count_confusion(labels, scores).tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 0]]


def test_few_classes_are_all_shown():
    assert choose_classes(np.eye(3, dtype=int)).tolist() == [0, 1, 2]


def test_of_many_classes_those_in_most_mistakes_are_shown():
    counts = np.diag([9, 9, 9, 9])
    counts[1, 3] = 4
    counts[3, 0] = 1
    assert choose_classes(counts, most=2).tolist() == [1, 3]


@pytest.mark.parametrize("classes", [2, 30, 80])
def test_the_picture_is_no_larger_than_thirty_classes_need(classes):
    picture = draw_confusion(np.eye(classes, dtype=int), [f"class {number}" for number in range(classes)])
    assert Image.open(io.BytesIO(picture.encoded)).size == (picture.width, picture.height)
    assert 350 <= picture.width < 1000


def test_right_calls_are_dark_and_what_never_happened_is_light():
    picture = draw_confusion(np.array([[5, 0], [0, 5]]), ["a", "b"])
    pixels = np.asarray(Image.open(io.BytesIO(picture.encoded)).convert("L"))
    cells = pixels[-128:, -picture.width + 40 :]
    # The upper left cell has the colour of a full row, the upper right that of an empty one.
    assert cells[4:8, 4:8].mean() < 80
    assert cells[4:8, 70:74].mean() > 230


def test_one_is_written_at_every_evaluation(make_moment):
    observer = ConfusionMatrix(("a", "b"))
    for step in (5, 10):
        moment = make_moment(step, [0, 1], [[0.9, 0.1], [0.8, 0.2]], best=False)
        observer.evaluated(moment)
    assert list(moment.writers.images) == [("validation", step, "pictures/confusion") for step in (5, 10)]


def test_a_matrix_drawn_after_another_of_the_same_names_has_nothing_of_it():
    counts = np.array([[5, 0], [0, 5]])
    first = draw_confusion(counts, ["a", "b"])
    draw_confusion(np.array([[0, 5], [5, 0]]), ["a", "b"])
    assert draw_confusion(counts, ["a", "b"]) == first


def test_matrices_that_differ_are_drawn_each(make_moment):
    observer = ConfusionMatrix(("a", "b"))
    for step, label in ((5, 0), (10, 1), (15, 1)):
        moment = make_moment(step, [label], [[0.9, 0.1]])
        observer.evaluated(moment)
    drawn = list(moment.writers.images.values())
    assert drawn[0] != drawn[1] == drawn[2]


@pytest.mark.parametrize("labels", [np.zeros(0, np.int32), np.array([[1, 1]], np.uint8)])
def test_nothing_and_several_labels_have_no_matrix(make_moment, labels):
    moment = make_moment(5, labels, np.zeros((len(labels), 2)))
    ConfusionMatrix(("a", "b")).evaluated(moment)
    ConfusionMatrix(("a", "b")).evaluated(make_moment(6))
    assert moment.writers.images == {}
