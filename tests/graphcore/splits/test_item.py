from graphcore.config import SplitConfig
from graphcore.splits.item import list_labels, name_groups


def test_one_name_or_several_are_all_names():
    assert list_labels("cat") == ("cat",)
    assert list_labels(("cat", "dog")) == ("cat", "dog")
    assert list_labels(()) == ()


def test_what_stays_together_has_a_name_that_fits_the_count():
    assert name_groups(SplitConfig(group_by="subject"), 7) == "subjects"
    assert name_groups(SplitConfig(group_by="video"), 1) == "video"
    assert name_groups(SplitConfig(), 1) == "distinct sample"
