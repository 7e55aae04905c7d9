"""What holds of every division, whatever the data and however it is divided."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError
from graphcore.splits.assign import Assignment, assign_splits
from graphcore.splits.item import SplitItem

GIVEN = {"g0": "train", "g1": "test", "g2": "train", "g3": "validation"}
LABELS = st.one_of(st.sampled_from("abc"), st.lists(st.sampled_from("abc"), max_size=3, unique=True).map(tuple))


@st.composite
def draw_samples(draw, gives: bool = False) -> list[SplitItem]:
    """One sample of each group, then photos and more of the groups that share some pictures.

    A group is given the same split throughout, if any.
    """
    groups = [f"g{number}" for number in range(8)]
    drawn = [(group, f"own {group}") for group in groups]
    for _ in range(draw(st.integers(0, 40))):
        drawn.append((draw(st.sampled_from(["", "", *groups])), str(draw(st.integers(0, 60)))))
    samples = []
    for group, identity in drawn:
        free = draw(st.sampled_from(["", "train", "test"])) if gives and not group else ""
        given = GIVEN.get(group, free) if gives else ""
        samples.append(SplitItem(identity, draw(LABELS), group, given, draw(st.sampled_from([0.5, 1.0, 3.7]))))
    return samples


def config(*shares: float, **options) -> SplitConfig:
    return SplitConfig(*shares, group_by="subject", require_every_class=False, **options)


BY_HASH = [config(), config(34, 33, 33), config(50, 0, 50, given="ignore"), config(100, 0, 0, given="ignore")]
BY_WEIGHT = [config(stratify_by="samples"), config(60, 20, 20, stratify_by="time")]
BY_FOLD = [config(folds=4, fold=2), config(90, 0, 10, folds=3, fold=1), config(folds=4, fold=4, stratify_by="time")]
BY_LIST = [config(test_groups=["g1"]), config(validation_groups=["g0"], test_groups=["g1", "g2"])]
WAYS = [*BY_HASH, *BY_WEIGHT, *BY_FOLD, *BY_LIST]


def suit(samples: Sequence[SplitItem], way: SplitConfig) -> list[SplitItem]:
    """Of the groups that are listed only g1 may share pictures: sharing between lists is an error."""
    if way not in BY_LIST:
        return list(samples)
    return [
        replace(one, identity=f"{one.group} {one.identity}") if one.group in ("g0", "g2") else one for one in samples
    ]


def divide(samples: Sequence[SplitItem], way: SplitConfig, known=None) -> Assignment:
    """Passes over data of which so much is joined that there is too little for the folds."""
    try:
        return assign_splits(samples, way, known)
    except ConfigError:
        assume(not way.folds)
        raise


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=60)
@given(draw_samples(), st.randoms(use_true_random=False))
def test_splits_partition_and_no_group_or_copy_straddles_in_any_order(way, samples, shuffler: random.Random):
    samples = suit(samples, way)
    splits = divide(samples, way).splits
    assert len(splits) == len(samples)
    assert set(splits) <= {name for name, share in way.shares().items() if share > 0}
    for attribute in ("group", "identity"):
        found: dict[str, str] = {}
        for sample, split in zip(samples, splits, strict=True):
            name = getattr(sample, attribute)
            assert not name or found.setdefault(name, split) == split
    order = list(range(len(samples)))
    shuffler.shuffle(order)
    assert divide([samples[at] for at in order], way).splits == [splits[at] for at in order]


@pytest.mark.parametrize("way", WAYS)
@settings(deadline=None, max_examples=60)
@given(draw_samples(gives=True), st.lists(st.floats(0, 1), max_size=3), st.randoms(use_true_random=False))
def test_adding_data_moves_nobody(way, samples, cuts, shuffler: random.Random):
    samples = suit(samples, way)
    sizes = [*sorted(8 + round(cut * (len(samples) - 8)) for cut in cuts), len(samples)]
    known: dict[str, str] = {}
    before: dict[int, str] = {}
    for size in sizes:
        assignment = divide(samples[:size], way, known)
        splits = assignment.splits
        assert all(splits[at] == split for at, split in before.items())
        before, known = dict(enumerate(splits)), assignment.units
        groups: dict[str, str] = {}
        for sample, split in zip(samples, splits, strict=False):
            assert not sample.group or groups.setdefault(sample.group, split) == split
    order = list(range(len(samples)))
    shuffler.shuffle(order)
    again = divide([samples[at] for at in order], way, known)
    assert again.splits == [before[at] for at in order]
    assert again.units == known


@settings(deadline=None, max_examples=60)
@given(draw_samples(gives=True))
def test_what_is_given_is_kept_but_for_what_is_carved_out_of_train(samples):
    splits = assign_splits(samples, config()).splits
    givens = {sample.given for sample in samples}
    for sample, split in zip(samples, splits, strict=True):
        if sample.given:
            assert split == sample.given or (sample.given == "train" and split not in givens)


@pytest.mark.parametrize("stratify_by", ["none", "samples"])
@settings(deadline=None, max_examples=60)
@given(draw_samples(), st.integers(3, 6))
def test_over_all_folds_each_sample_tests_once_and_validates_once(stratify_by, samples, folds):
    ways = [config(folds=folds, fold=fold, stratify_by=stratify_by) for fold in range(1, folds + 1)]
    found = list(zip(*(divide(samples, way).splits for way in ways), strict=True))
    for splits in found:
        assert sorted(splits) == ["test", *["train"] * (folds - 2), "validation"]
