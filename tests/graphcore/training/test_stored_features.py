import numpy as np
import pytest

from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.training.stored_features import store_features

FEATURES = np.arange(12, dtype=np.float32).reshape(6, 2)


def gather(labels, rows, views=1, **options):
    found = FeatureSet(FEATURES, labels, tuple(map(str, labels)), views)
    with tf.Graph().as_default(), tf1.Session() as session:
        stored = store_features("train", found)
        given = stored.gather(tf.constant(rows), **options)
        assert tf1.global_variables() == []
        session.run(stored.initializers, stored.feeds(found))
        return session.run(given)


@pytest.mark.parametrize("rows", [[4, 0], [[4, 0], [1, 1]]])
def test_rows_of_any_shape_are_gathered(rows):
    features, labels = gather(np.int32([0, 1, 2, 0, 1, 2]), rows)
    np.testing.assert_array_equal(features, FEATURES[rows])
    np.testing.assert_array_equal(labels, np.array([0, 1, 2, 0, 1, 2])[rows])


def test_views_share_the_labels_of_their_sample():
    features, labels = gather(np.int32([7, 8, 9]), [2, 5, 3], views=2)
    np.testing.assert_array_equal(features, FEATURES[[2, 5, 3]])
    assert labels.tolist() == [9, 9, 7]


def test_several_labels_a_sample_come_as_numbers_to_learn_from():
    several = np.uint8([[1, 0], [1, 1], [0, 0], [0, 1], [0, 0], [1, 0]])
    _, labels = gather(several, [1, 3], multi_label=True)
    assert labels.dtype == np.float32
    assert labels.tolist() == [[1, 1], [0, 1]]
