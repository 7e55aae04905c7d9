import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.samples.label_sets import give_labels, join_labels, split_labels


def test_labels_are_given_from_their_own_threshold_on():
    found = give_labels(np.array([[0.5, 0.5], [0.2, 0.8]], np.float32), [0.5, 0.6])

    assert found.tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize(
    ("names", "cell"),
    [
        ((), ""),
        (("red",), "red"),
        (("red", "round"), "red;round"),
        (("a;b", "c\\"), r"a\;b;c\\"),
    ],
)
def test_names_stand_in_one_cell(names, cell):
    assert join_labels(names) == cell
    assert split_labels(cell) == names


@given(st.lists(st.text(alphabet=st.sampled_from("ab;\\ \n,"), min_size=1)))
def test_what_is_joined_is_split_again(names):
    assert split_labels(join_labels(names)) == tuple(names)
