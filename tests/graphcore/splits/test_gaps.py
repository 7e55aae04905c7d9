from graphcore.config import SplitConfig
from graphcore.splits.gaps import EARLIER_STAY, explain_gaps, find_gaps
from graphcore.splits.item import SplitItem
from graphcore.splits.unit import Unit

ALL = ("train", "validation", "test")


def explain(labels, missing, config=None, allowed=ALL, place="train", has_known=False):
    units = [Unit(n, allowed, place, {label: 1}, 1, 1) for n, label in enumerate(labels)]
    samples = [SplitItem(str(n), label) for n, label in enumerate(labels)]
    return str(explain_gaps(missing, samples, units, config or SplitConfig(), has_known))


def test_gaps_are_named():
    config = SplitConfig(80, 20, 0)
    assert find_gaps(["a", "b", "a"], ["train", "train", "validation"], config) == {"b": ["validation"]}


def test_each_of_several_classes_is_looked_for():
    config = SplitConfig(80, 0, 20)
    assert find_gaps([("a", "b"), ("b", "c"), ()], ["train", "test", "test"], config) == {"a": ["test"], "c": ["train"]}


def test_scarce_classes_are_told_with_the_numbers():
    message = explain("aaab", {"b": ["test"]})
    assert "each class needs at least 3 distinct samples" in message
    assert "b: 1 distinct samples (1 samples), missing from test" in message
    assert "split.test=0 split.train=90" in message
    assert "split.require_every_class=false" in message
    assert EARLIER_STAY not in message


def test_at_most_thirty_classes_are_named():
    labels = [f"c{n:02}" for n in range(33)]
    message = explain(labels, {label: ["test"] for label in labels})
    assert "c29:" in message
    assert "c30:" not in message
    assert "and 3 more classes" in message


def test_units_that_may_not_go_there_are_counted():
    message = explain("aaaa", {"a": ["validation"]}, allowed=("train", "test"))
    assert message.startswith("Not every class is in train, validation, test:")
    assert "missing from validation; 4 of them may not go there" in message
    assert "split.given=ignore" in message


def test_enough_units_that_others_need_are_called_so():
    assert "other classes need the ones it has" in explain("aaaa", {"a": ["validation"]})


def test_folds_are_told_by_number():
    config = SplitConfig(group_by="subject", folds=5, fold=2)
    message = explain("aa", {"a": ["test"]}, config, ("fold 1", "fold 3"), "fold 3")
    assert "Not every class is in train, validation, test of fold 2 of 5:" in message
    assert "a: 2 subjects (2 samples), missing from test; all in fold 3" in message
    assert "fewer folds" in message


def test_lists_are_a_way_out_of_lists():
    message = explain("aa", {"a": ["test"]}, SplitConfig(group_by="subject", test_groups=["7"]))
    assert "list other groups" in message
    assert "split.given" not in message


def test_an_earlier_conversion_is_told_of_with_the_way_to_divide_anew():
    assert "remove splits.json" in explain("aa", {"a": ["test"]}, has_known=True)
