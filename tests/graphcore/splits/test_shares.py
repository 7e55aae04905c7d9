import pytest

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError
from graphcore.splits.shares import check_shares, split_by_threshold

SHARES = {"train": 80.0, "validation": 10.0, "test": 10.0}


@pytest.mark.parametrize(
    ("percent", "split"), [(0, "train"), (79.9, "train"), (80.1, "validation"), (90.1, "test"), (99.99, "test")]
)
def test_a_hash_falls_into_the_split_that_its_percent_reaches(percent, split):
    assert split_by_threshold(int(percent / 100 * 2**64), SHARES, tuple(SHARES)) == split


@pytest.mark.parametrize(("percent", "split"), [(88.8, "train"), (88.9, "validation"), (99.99, "validation")])
def test_where_not_all_splits_are_allowed_the_others_keep_their_proportion(percent, split):
    # 80 and 10 of 90 are 88.89 and 11.11 percent.
    assert split_by_threshold(int(percent / 100 * 2**64), SHARES, ("train", "validation")) == split


def test_the_largest_hash_has_a_split_although_thirds_do_not_sum_to_a_whole():
    thirds = {"train": 33.3, "validation": 33.3, "test": 33.399999}
    assert split_by_threshold(2**64 - 1, thirds, tuple(thirds)) == "test"


def test_splits_without_a_share_are_left_out():
    assert check_shares(SplitConfig(80, 0, 20)) == {"train": 80, "test": 20}


@pytest.mark.parametrize("shares", [(80, 10, 20), (120, -10, -10), (float("nan"), 50, 50)])
def test_shares_that_make_no_whole_are_refused(shares):
    config = SplitConfig()
    config.train, config.validation, config.test = shares
    with pytest.raises(ConfigError, match=r"split.train="):
        check_shares(config)
