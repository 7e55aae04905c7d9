import pytest

from graphcore.config import SplitConfig
from graphcore.errors import DatasetError
from graphcore.splits.given import allow_given, check_earlier
from graphcore.splits.parties import GROUP, Party

ALL = ("train", "validation", "test")


def allow(*givens, splits=ALL):
    return allow_given(givens, splits, SplitConfig())


def test_without_given_splits_everything_is_open():
    assert allow("", "") == [ALL, ALL]


def test_all_three_given_are_kept():
    assert allow("train", "validation", "test") == [("train",), ("validation",), ("test",)]


def test_validation_is_carved_out_of_train():
    assert allow("train", "test") == [("train", "validation"), ("test",)]


def test_test_is_carved_out_of_train():
    assert allow("train", "validation") == [("train", "test"), ("validation",)]


def test_train_alone_is_divided_in_three():
    assert allow("train") == [ALL]


def test_a_split_without_a_share_is_not_carved():
    assert allow("train", splits=("train", "test")) == [("train", "test")]


def test_who_was_given_nothing_is_divided_as_always():
    assert allow("train", "test", "") == [("train", "validation"), ("test",), ALL]


def test_a_given_split_without_a_share_is_an_error_with_both_ways_out():
    with pytest.raises(DatasetError) as caught:
        allow("train", "test", "test", splits=("train", "validation"))
    message = str(caught.value)
    assert "split.test=0, and the inputs give test to 2 distinct samples" in message
    assert "split.train=80 split.test=20" in message
    assert "split.given=ignore" in message


def test_a_group_that_is_given_another_split_than_it_had_is_an_error():
    with pytest.raises(DatasetError, match=r"(?s)1 groups .*7: was test, is given train.*splits.json"):
        check_earlier([Party(GROUP, "7", "train")], [("train", "validation")], {"group:7": "test"})


@pytest.mark.parametrize(
    ("party", "known"),
    [
        (Party(GROUP, "7", "train"), {"group:7": "validation"}),  # it may go there
        (Party(GROUP, "7", "train"), {"given test group:7": "test"}),  # all of it was moved to train, and is meant
        (Party(GROUP, "7"), {"group:7": "test"}),
        (Party(GROUP, "7", "train"), {}),
    ],
)
def test_other_groups_may_go_where_they_are_given(party, known):
    check_earlier([party], [("train", "validation")], known)
