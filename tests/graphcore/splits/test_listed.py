import pytest

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError, DatasetError
from graphcore.splits.listed import allow_listed, check_refused, list_rest, read_lists
from graphcore.splits.parties import GROUP, IDENTITY, Party

ALL = ("train", "validation", "test")


def lists(validation=None, test=None):
    return SplitConfig(group_by="subject", validation_groups=validation, test_groups=test)


def test_listed_groups_have_their_split():
    assert read_lists(lists(["6"], ["7", "8"])) == {"6": "validation", "7": "test", "8": "test"}


def test_groups_listed_for_a_split_without_a_share_are_refused():
    with pytest.raises(ConfigError, match=r"split.test=0 and split.test_groups=\[7\]"):
        read_lists(SplitConfig(90, 10, 0, "subject", test_groups=["7"]))


@pytest.mark.parametrize(
    ("config", "rest"),
    [
        (lists(["6"], ["7"]), ("train",)),
        (lists(None, ["7"]), ("train", "validation")),
        (lists(["6"], None), ("train", "test")),
    ],
)
def test_the_rest_goes_to_the_splits_without_a_list(config, rest):
    assert list_rest(config, ALL) == rest


def test_only_groups_of_that_very_name_are_bound():
    parties = [Party(GROUP, "7"), Party(GROUP, "07"), Party(IDENTITY, "7")]
    assert allow_listed(parties, {"7": "test"}, ALL, lists(test=["7"])) == [("test",), ALL, ALL]


def test_an_unknown_group_is_named_with_the_choices():
    parties = [Party(GROUP, f"{n:03}") for n in range(50)]
    with pytest.raises(ConfigError) as caught:
        allow_listed(parties, {"7": "test", "8": "validation", "009": "test"}, ALL, lists())
    message = str(caught.value)
    assert "split.test_groups and split.validation_groups name 7, 8, and there is no such subject" in message
    assert "039, and 10 more" in message
    assert "040" not in message


def test_groups_of_different_lists_that_share_pictures_are_named():
    parties = [Party(GROUP, name) for name in ("6", "7", "8")]
    with pytest.raises(DatasetError, match=r"6 \(validation\), 7 \(test\)"):
        check_refused([(2, 1)], parties, [0, 1, 0], {"6": "validation", "7": "test"})


def test_other_refusals_are_no_concern_of_the_lists():
    check_refused([(0, 1)], [Party(GROUP, "6"), Party(GROUP, "7")], [0, 1], {"6": "validation"})


def test_groups_of_both_lists_that_do_not_exist_are_named_with_both():
    config = SplitConfig(group_by="subject", validation_groups=["8"], test_groups=["9"])
    with pytest.raises(ConfigError, match=r"^split\.validation_groups and split\.test_groups name 8, 9, and there"):
        allow_listed([], read_lists(config), ("train", "validation", "test"), config)
