from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError
from graphcore.splits.folds import deal_folds, name_folds, name_roles
from graphcore.splits.unit import Unit


def unit(number, folds, place="", labels=None):
    labels = labels or {"a": 1}
    return Unit(number, folds, place, labels, sum(labels.values()), 1)


def config(folds, fold=1, **options):
    return SplitConfig(group_by="subject", folds=folds, fold=fold, **options)


def test_units_are_dealt_in_turn():
    folds = name_folds(3)
    units = [unit(n, folds) for n in range(7)]
    deal_folds(units, folds, config(3))
    assert [one.place for one in units] == [f"fold {n}" for n in (1, 2, 3, 1, 2, 3, 1)]


def test_newcomers_go_where_the_fewest_are():
    folds = name_folds(3)
    units = [unit(0, folds, "fold 2"), unit(1, folds, "fold 2"), unit(2, folds, "fold 1")]
    units += [unit(n, folds) for n in range(3, 6)]
    deal_folds(units, folds, config(3))
    assert [one.place for one in units[3:]] == ["fold 3", "fold 1", "fold 3"]


def test_by_samples_the_folds_are_even_in_every_class():
    folds = name_folds(3)
    units = [unit(n, folds, labels={"ab"[n % 2]: 1 + n // 2 % 3}) for n in range(36)]
    deal_folds(units, folds, config(3, stratify_by="samples"))
    weights = Counter()
    for one in units:
        weights.update({(label, one.place): weight for label, weight in one.labels.items()})
    assert set(weights.values()) == {12}


def test_more_folds_than_groups_name_the_groups():
    folds = name_folds(8)
    with pytest.raises(ConfigError, match=r"split.folds=8 is too many: 7 subjects make at most 7 folds"):
        deal_folds([unit(n, folds) for n in range(7)], folds, config(8))


@pytest.mark.parametrize("stratify_by", ["none", "samples"])
def test_as_many_folds_as_groups_leave_one_group_out(stratify_by):
    folds = name_folds(7)
    units = [unit(n, folds, labels={"a": n + 1}) for n in range(7)]
    deal_folds(units, folds, config(7, stratify_by=stratify_by))
    assert sorted(one.place for one in units) == list(folds)


@pytest.mark.parametrize(("fold", "roles"), [(1, "TttV"), (2, "VTtt"), (4, "ttVT")])
def test_a_fold_tests_and_the_one_before_it_validates(fold, roles):
    found = name_roles(name_folds(4), config(4, fold))
    letters = {"train": "t", "validation": "V", "test": "T"}
    assert "".join(letters[split] for split in found.values()) == roles


def test_without_a_share_nobody_validates():
    found = name_roles(name_folds(3), config(3, 1, train=90, validation=0))
    assert list(found.values()) == ["test", "train", "train"]


@given(st.integers(3, 12), st.integers(0, 30))
def test_folds_differ_by_at_most_one(count, more):
    folds = name_folds(count)
    units = [unit(n, folds) for n in range(count + more)]
    deal_folds(units, folds, config(count))
    sizes = Counter(one.place for one in units).values()
    assert len(sizes) == count
    assert max(sizes) - min(sizes) <= 1
