import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.sampling import build_copies, plan_class_rates, plan_sample_rates


def test_class_rates_give_each_class_with_samples_the_same_share():
    # 12 places for two classes: 6 for each.
    np.testing.assert_allclose(plan_class_rates(np.array([8, 0, 4]), 12), [0.75, 0, 1.5])


def test_sample_rates_add_up_to_the_samples():
    rates, classes = plan_sample_rates(np.array([0, 0, 0, 2]))
    np.testing.assert_allclose(rates, [2 / 3, 2 / 3, 2 / 3, 2])
    np.testing.assert_array_equal(classes, [0, 0, 0, 2])


def test_sample_of_several_labels_goes_by_the_rarest_and_one_of_none_stays():
    labels = np.array([[1, 0], [1, 0], [1, 1], [0, 0]], np.uint8)
    rates, classes = plan_sample_rates(labels)
    # 4 samples and 2 classes: 2 / 3 for those of the first alone, 2 / 1 for that of the second, 1 for none; their
    # sum is 13 / 3, scaled to 4.
    np.testing.assert_allclose(rates, np.array([2 / 3, 2 / 3, 2, 1]) * 12 / 13)
    np.testing.assert_array_equal(classes, [0, 0, 1, 2])


@pytest.mark.parametrize(
    ("label", "owed", "copies", "left"),
    [
        (np.int32(0), [0.5, 0.1, 0.2], 0, [0.9, 0.1, 0.2]),
        (np.int32(0), [0.7, 0.1, 0.2], 1, [0.1, 0.1, 0.2]),
        (np.int32(1), [0.5, 0.7, 0.2], 3, [0.5, 0.2, 0.2]),
        (np.array([1, 1], np.uint8), [0.5, 0.7, 0.2], 3, [0.5, 0.2, 0.2]),
        (np.array([0, 0], np.uint8), [0.5, 0.7, 0.2], 1, [0.5, 0.7, 0.2]),
    ],
)
def test_copies_are_what_is_owed_in_whole_ones(label, owed, copies, left):
    with tf.Graph().as_default(), tf1.Session() as session:
        after, found = session.run(build_copies(tf.constant(label), tf.constant(owed), np.array([0.4, 2.5])))
    assert found == copies
    np.testing.assert_allclose(after, left, atol=1e-6)
