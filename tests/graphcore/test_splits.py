from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError, DatasetError
from graphcore.splits import SplitItem, assign_splits, find_gaps

LENIENT = SplitConfig(require_every_class=False)


def items(counts: dict[str, int]) -> list[SplitItem]:
    return [SplitItem(f"{label}-{number}", label) for label, count in counts.items() for number in range(count)]


def test_shares_are_about_as_asked():
    counts = Counter(assign_splits(items({"a": 5000, "b": 5000}), SplitConfig(70, 20, 10)))
    assert [round(counts[split] / 100) for split in ("train", "validation", "test")] == pytest.approx(
        [70, 20, 10], abs=2
    )


def test_a_share_of_zero_gets_nothing():
    assert set(assign_splits(items({"a": 300}), SplitConfig(80, 20, 0))) == {"train", "validation"}
    assert set(assign_splits(items({"a": 3}), SplitConfig(100, 0, 0))) == {"train"}


@pytest.mark.parametrize("count", [3, 4, 7])
def test_every_class_with_enough_samples_is_in_every_split(count):
    samples = items({f"class {number}": count for number in range(50)})
    splits = assign_splits(samples, SplitConfig(98, 1, 1))
    present = defaultdict(set)
    for sample, split in zip(samples, splits, strict=True):
        present[sample.label].add(split)
    assert all(found == {"train", "validation", "test"} for found in present.values())


def test_only_as_many_are_moved_as_are_needed():
    samples = items({"a": 1000, "rare": 3})
    splits = assign_splits(samples, SplitConfig(98, 1, 1))
    alone = assign_splits(items({"a": 1000}), SplitConfig(98, 1, 1))
    assert splits[:1000] == alone


def test_a_sample_keeps_its_split_when_others_come():
    few, many = items({"a": 200, "b": 200}), items({"a": 500, "b": 500})
    before = dict(zip(few, assign_splits(few, SplitConfig()), strict=True))
    after = dict(zip(many, assign_splits(many, SplitConfig()), strict=True))
    assert all(after[sample] == split for sample, split in before.items())


def test_copies_of_one_picture_stay_together_also_across_classes():
    samples = [*items({"a": 30, "b": 30}), SplitItem("a-0", "b"), SplitItem("a-0", "a")]
    splits = assign_splits(samples, SplitConfig())
    assert splits[0] == splits[-1] == splits[-2]


def test_groups_that_share_a_picture_stay_together():
    samples = [SplitItem(f"{group}{n}", "a", group) for group in "uvwxyz" for n in range(2)] + [
        SplitItem("u0", "a", "v")
    ]
    by_group = dict(zip([s.group for s in samples], assign_splits(samples, LENIENT), strict=True))
    assert by_group["u"] == by_group["v"]


def test_few_videos_with_both_classes_each_reach_every_split():
    samples = [SplitItem(f"{v}@{t}", "in" if t % 2 else "out", str(v)) for v in range(4) for t in range(8)]
    splits = assign_splits(samples, SplitConfig(group_by="video"))
    assert set(splits) == {"train", "validation", "test"}


def test_two_moves_at_once_are_found_where_one_is_not_enough():
    # Only one division gives both splits both classes, whatever the hash says first.
    groups = {"1": "a", "2": "b", "3": "a", "4": "b", "5": "ab"}
    for salt in range(20):
        samples = [
            SplitItem(f"{g}{label}{salt}", label, g + str(salt)) for g, labels in groups.items() for label in labels
        ]
        splits = assign_splits(samples, SplitConfig(40, 30, 30, group_by="video"))
        assert not find_gaps([sample.label for sample in samples], splits, SplitConfig(40, 30, 30))


def test_too_few_samples_is_an_error_with_the_numbers_and_the_next_step():
    with pytest.raises(DatasetError) as caught:
        assign_splits(items({"many": 50, "few": 2, "one": 1}), SplitConfig())
    message = str(caught.value)
    assert "each class needs at least 3 distinct samples" in message
    assert "few: 2 distinct samples (2 samples), missing from" in message
    assert "one: 1 distinct samples" in message
    assert "many:" not in message
    assert "split.require_every_class=false" in message


def test_too_few_groups_counts_groups():
    samples = [SplitItem(f"{v}@{t}", "a", v) for v in "12" for t in range(50)]
    with pytest.raises(DatasetError, match=r"a: 2 videos \(100 samples\), missing from"):
        assign_splits(samples, SplitConfig(group_by="video"))


def test_without_the_requirement_training_comes_first():
    for number in range(30):
        assert assign_splits([SplitItem(str(number), "a")], LENIENT) == ["train"]


def test_gaps_are_named():
    config = SplitConfig(80, 20, 0)
    assert find_gaps(["a", "b", "a"], ["train", "train", "validation"], config) == {"b": ["validation"]}


@pytest.mark.parametrize("shares", [(80, 10, 20), (120, -10, -10), (float("nan"), 50, 50)])
def test_shares_that_make_no_whole_are_refused(shares):
    config = SplitConfig()
    config.train, config.validation, config.test = shares
    with pytest.raises(ConfigError, match=r"split.train="):
        assign_splits([], config)


def test_no_samples_are_no_splits():
    assert assign_splits([], SplitConfig()) == []


SAMPLES = st.lists(
    st.builds(
        SplitItem,
        st.integers(0, 40).map(str),
        st.sampled_from("abc"),
        st.sampled_from(["", "", "g", "h", "i"]),
    ),
    max_size=60,
)
SHARES = st.sampled_from([(80, 10, 10), (34, 33, 33), (50, 0, 50), (100, 0, 0)])


@settings(deadline=None, max_examples=60)
@given(SAMPLES, SHARES, st.randoms())
def test_splits_partition_and_groups_and_copies_never_straddle(samples, shares, shuffler: random.Random):
    config = SplitConfig(*shares, require_every_class=False)
    splits = assign_splits(samples, config)
    assert len(splits) == len(samples)
    assert set(splits) <= {name for name, share in config.shares().items() if share > 0}
    for attribute in ("group", "identity"):
        seen: dict[str, set[str]] = {}
        for sample, split in zip(samples, splits, strict=True):
            if attribute == "group" or all(other.group for other in samples if other.identity == sample.identity):
                seen.setdefault(getattr(sample, attribute), set()).add(split)
        assert all(len(found) == 1 for name, found in seen.items() if name)
    order = list(range(len(samples)))
    shuffler.shuffle(order)
    assert assign_splits([samples[at] for at in order], config) == [splits[at] for at in order]
