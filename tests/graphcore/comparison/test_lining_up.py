import dataclasses

import numpy as np
import pytest

from graphcore.comparison.lining_up import line_up, order_classes
from graphcore.errors import RunError


def rename(run, keys):
    return dataclasses.replace(run, keys=tuple(keys))


def test_shared_samples_are_lined_up_in_the_order_of_the_first(make_run):
    one = rename(make_run([0, 1, 2], [0, 0, 0]), ["x", "y", "z"])
    other = rename(make_run([2, 1, 1, 0], [2, 1, 0, 1]), ["z", "w", "y", "x"])
    gathered = line_up(["a", "b"], [one, other], "test")
    assert [run.keys for run in gathered.predictions] == [("x", "y", "z")] * 2
    assert gathered.predictions[1].labels.tolist() == [0, 1, 2]
    assert gathered.predictions[1].scores.argmax(axis=1).tolist() == [1, 0, 2]
    assert gathered.left_out == (0, 1)


def test_classes_are_mapped_by_name(make_run):
    one = make_run([0, 1, 2], [0, 1, 2], class_names=("cut", "sew", "not"))
    other = make_run([1, 2, 0], [1, 2, 1], class_names=("not", "cut", "sew"))
    found = line_up(["a", "b"], [one, other], "test").predictions[1]
    assert found.class_names == ("cut", "sew", "not")
    assert found.labels.tolist() == [0, 1, 2]
    assert found.scores.argmax(axis=1).tolist() == [0, 1, 0]


def test_labels_given_move_with_their_classes(make_label_run):
    run = make_label_run([[1, 0, 0], [0, 1, 1]], [[0.9, 0.1, 0.6], [0.2, 0.8, 0.1]])
    found = order_classes(run, ("not", "cut", "sew"))
    assert found.labels.tolist() == [[0, 1, 0], [1, 0, 1]]
    assert found.given is not None
    assert found.given.tolist() == [[True, True, False], [False, False, True]]
    assert found.scores.tolist() == [[0.6, 0.9, 0.1], [0.1, 0.2, 0.8]]


def test_runs_without_a_common_sample_are_refused(make_run):
    one, other = (rename(make_run([0], [0]), [key]) for key in ("x.jpg", "y.jpg"))
    with pytest.raises(RunError, match=r"a, b share no sample of the test split: a has .* 'x.jpg', b such as 'y.jpg'"):
        line_up(["a", "b"], [one, other], "test")


def test_a_split_without_samples_is_refused(make_run):
    with pytest.raises(RunError, match=r"The validation split of b has no samples.\nCompare another: split="):
        line_up(["a", "b"], [make_run([0], [0]), make_run([], np.zeros(0, np.int64))], "validation")


def test_other_classes_are_refused(make_run):
    one, other = make_run([0], [0]), make_run([0], [0], class_names=("cut", "sew", "tie"))
    with pytest.raises(RunError, match=r"b has other classes than a: one of them lacks not, tie.\nCompare runs of the"):
        line_up(["a", "b"], [one, other], "test")


def test_of_many_other_classes_some_are_named(make_run):
    one, other = (make_run([0], [0], class_names=[f"{letter}{n}" for n in range(4)]) for letter in "cd")
    with pytest.raises(RunError, match=r"one of them lacks c0, c1, c2, c3, d0 and 3 more"):
        line_up(["a", "b"], [one, other], "test")


def test_several_labels_and_one_are_refused(make_run, make_label_run):
    with pytest.raises(RunError, match=r"a has one label a sample and b several: no figure is common to them"):
        line_up(["a", "b"], [make_run([0], [0]), make_label_run([[1, 0, 0]], [[1, 0, 0]])], "test")


def test_another_truth_is_refused(make_run):
    with pytest.raises(RunError, match=r"1 samples have other labels in b than in a; '/1' is not there and sew here"):
        line_up(["a", "b"], [make_run([0, 1], [0, 0]), make_run([0, 2], [0, 0])], "test")


def test_another_truth_of_several_labels_is_refused(make_label_run):
    one, other = (make_label_run([labels], [[1, 0, 0]]) for labels in ([1, 1, 0], [0, 0, 0]))
    with pytest.raises(RunError, match=r"'/0' is nothing there and cut;sew here"):
        line_up(["a", "b"], [one, other], "test")
