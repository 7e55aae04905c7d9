import pytest

from graphcore.errors import CheckpointError
from graphcore.nets.weights.averages import has_averages, take_averages

NAMES = {
    "net/weights": "plain",
    "net/weights/ExponentialMovingAverage": "averaged",
    "net/BatchNorm/moving_mean": "statistics",
}


def test_an_average_takes_the_place_of_what_it_is_of_and_the_rest_stays():
    assert take_averages(NAMES, "x.ckpt") == {"net/weights": "averaged", "net/BatchNorm/moving_mean": "statistics"}


def test_an_average_alone_is_taken_too():
    assert take_averages({"a/ExponentialMovingAverage": 1}, "x.ckpt") == {"a": 1}


def test_averages_of_statistics_are_taken_where_they_are_there():
    values = {"moving_mean": 1, "moving_mean/ExponentialMovingAverage": 2}
    assert take_averages(values, "x.ckpt") == {"moving_mean": 2}


def test_no_average_at_all_is_told():
    with pytest.raises(
        CheckpointError,
        match=r"use_ema=true, and x\.ckpt has no moving averages: none of its 1 names.*\n.*use_ema=false",
    ):
        take_averages({"a": 1}, "x.ckpt")


def test_a_checkpoint_is_asked_for_averages_by_its_names():
    assert has_averages(NAMES)
    assert not has_averages(["net/ExponentialMovingAverage/weights"])
