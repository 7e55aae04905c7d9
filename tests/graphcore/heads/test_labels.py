import numpy as np

from graphcore.heads.labels import to_multi_hot


def test_one_label_a_sample_becomes_a_single_one():
    found = to_multi_hot(np.array([2, 0], np.int32), 3)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, [[0, 0, 1], [1, 0, 0]])


def test_several_labels_stay_as_they_are():
    labels = np.array([[1, 1, 0], [0, 0, 0]], np.uint8)
    assert to_multi_hot(labels, 3) is labels


def test_no_samples():
    assert to_multi_hot(np.zeros(0, np.int32), 3).shape == (0, 3)
