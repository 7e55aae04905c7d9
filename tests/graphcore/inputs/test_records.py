import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.records import parse_record
from tfrecords.example import Sample, encode_example


def parse(sample, num_labels=None):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(parse_record(tf.constant(encode_example(sample)), num_labels))


def make_sample(label=2, labels=None):
    return Sample("key", b"bytes", "jpeg", 1, 1, label, "", "", labels=labels)


def test_one_label_is_its_number():
    contents, label, key = parse(make_sample(2))
    assert (contents, label, key) == (b"bytes", 2, b"key")
    assert label.dtype == np.int32


@pytest.mark.parametrize(
    ("labels", "expected"), [((2, 0), [1, 0, 1, 0]), ((3,), [0, 0, 0, 1]), ((), [0, 0, 0, 0]), (None, [0, 0, 0, 0])]
)
def test_several_labels_or_none_are_ones_in_a_row(labels, expected):
    _, label, _ = parse(make_sample(-1, labels), num_labels=4)
    assert label.dtype == np.uint8
    np.testing.assert_array_equal(label, expected)
