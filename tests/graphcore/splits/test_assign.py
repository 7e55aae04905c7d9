from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError, DatasetError
from graphcore.splits.assign import Assignment, assign_splits
from graphcore.splits.gaps import find_gaps
from graphcore.splits.item import SplitItem

LENIENT = SplitConfig(require_every_class=False)


def items(counts: dict[str, int], **fields) -> list[SplitItem]:
    return [
        SplitItem(f"{label}-{number}", label, **fields) for label, count in counts.items() for number in range(count)
    ]


def subjects(count: int, **fields) -> list[SplitItem]:
    return [SplitItem(f"{s}{label}", label, str(s), **fields) for s in range(1, count + 1) for label in "ab"]


def by_group(samples, config, known=None):
    found = {}
    for sample, split in zip(samples, assign_splits(samples, config, known).splits, strict=True):
        assert found.setdefault(sample.group, split) == split
    return found


def test_shares_are_about_as_asked():
    counts = Counter(assign_splits(items({"a": 5000, "b": 5000}), SplitConfig(70, 20, 10)).splits)
    assert [round(counts[split] / 100) for split in ("train", "validation", "test")] == pytest.approx(
        [70, 20, 10], abs=2
    )


def test_a_share_of_zero_gets_nothing():
    assert set(assign_splits(items({"a": 300}), SplitConfig(80, 20, 0)).splits) == {"train", "validation"}
    assert set(assign_splits(items({"a": 3}), SplitConfig(100, 0, 0)).splits) == {"train"}


def test_the_splits_of_the_first_version_are_kept():
    # Each by the first 8 bytes of BLAKE2b of "split\0identity NAME", as a fraction: 80, 10, 10 percent.
    splits = assign_splits([SplitItem(str(number), "a") for number in range(48)], SplitConfig()).splits
    letters = {"train": "r", "validation": "v", "test": "e"}
    assert "".join(letters[split] for split in splits) == "errrrrrrerrrrrrrrrrrrrrerrrrrrrvrrvrrrrrvreeerer"


@pytest.mark.parametrize("count", [3, 4, 7])
def test_every_class_with_enough_samples_is_in_every_split(count):
    samples = items({f"class {number}": count for number in range(50)})
    present = defaultdict(set)
    for sample, split in zip(samples, assign_splits(samples, SplitConfig(98, 1, 1)).splits, strict=True):
        present[sample.label].add(split)
    assert all(found == {"train", "validation", "test"} for found in present.values())


def test_only_as_many_are_moved_as_are_needed():
    splits = assign_splits(items({"a": 1000, "rare": 3}), SplitConfig(98, 1, 1)).splits
    assert splits[:1000] == assign_splits(items({"a": 1000}), SplitConfig(98, 1, 1)).splits


def test_a_sample_keeps_its_split_when_others_come():
    few, many = items({"a": 200, "b": 200}), items({"a": 500, "b": 500})
    before = dict(zip(few, assign_splits(few, SplitConfig()).splits, strict=True))
    after = dict(zip(many, assign_splits(many, SplitConfig()).splits, strict=True))
    assert all(after[sample] == split for sample, split in before.items())


def test_copies_of_one_picture_stay_together_also_across_classes():
    samples = [*items({"a": 30, "b": 30}), SplitItem("a-0", "b"), SplitItem("a-0", "a")]
    splits = assign_splits(samples, SplitConfig()).splits
    assert splits[0] == splits[-1] == splits[-2]


def test_groups_that_share_a_picture_stay_together():
    samples = [SplitItem(f"{group}{n}", "a", group) for group in "uvwxyz" for n in range(2)] + [
        SplitItem("u0", "a", "v")
    ]
    found = by_group(samples, LENIENT)
    assert found["u"] == found["v"]


def test_few_videos_with_both_classes_each_reach_every_split():
    samples = [SplitItem(f"{v}@{t}", "in" if t % 2 else "out", str(v)) for v in range(4) for t in range(8)]
    splits = assign_splits(samples, SplitConfig(group_by="video")).splits
    assert set(splits) == {"train", "validation", "test"}


def test_two_moves_at_once_are_found_where_one_is_not_enough():
    # Only one division gives both splits both classes, whatever the hash says first.
    groups = {"1": "a", "2": "b", "3": "a", "4": "b", "5": "ab"}
    for salt in range(20):
        samples = [
            SplitItem(f"{g}{label}{salt}", label, g + str(salt)) for g, labels in groups.items() for label in labels
        ]
        splits = assign_splits(samples, SplitConfig(40, 30, 30, group_by="video")).splits
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
        assert assign_splits([SplitItem(str(number), "a")], LENIENT).splits == ["train"]


def test_no_samples_are_no_splits():
    assert assign_splits([], SplitConfig()) == Assignment([], {})
    assert assign_splits([], SplitConfig(folds=3, fold=1), {"group:1": "fold 1"}).units == {"group:1": "fold 1"}


def test_train_and_test_folders_are_kept_and_validation_is_carved_out():
    samples = items({"a": 500}, given="train") + [SplitItem(f"t{n}", "a", given="test") for n in range(300)]
    splits = assign_splits(samples, SplitConfig()).splits
    assert set(splits[500:]) == {"test"}
    counts = Counter(splits[:500])
    assert counts["train"] + counts["validation"] == 500
    assert counts["validation"] == pytest.approx(500 / 9, abs=20)


def test_a_rare_class_is_carved_out_too():
    samples = [*items({"rare": 2}, given="train"), SplitItem("t", "rare", given="test")]
    splits = assign_splits(samples, SplitConfig(98, 1, 1)).splits
    assert sorted(splits) == ["test", "train", "validation"]


def test_a_picture_that_was_given_to_train_and_to_test_stays_in_both():
    samples = [SplitItem("1", "a", given="test"), SplitItem("1", "a", given="train"), *items({"a": 9}, given="train")]
    config = SplitConfig(90, 0, 10)
    assert assign_splits(samples, config).splits[:2] == ["test", "train"]


def test_given_splits_can_be_ignored():
    samples = items({"a": 300}, given="test")
    assert (
        assign_splits(samples, SplitConfig(given="ignore")).splits
        == assign_splits(items({"a": 300}), SplitConfig()).splits
    )


def test_listed_subjects_validate_and_test_and_the_rest_trains():
    config = SplitConfig(group_by="subject", validation_groups=["6"], test_groups=["7"])
    expected = dict.fromkeys("12345", "train") | {"6": "validation", "7": "test"}
    assert by_group(subjects(7), config) == expected


def test_with_a_list_of_testers_alone_the_rest_is_divided():
    config = SplitConfig(group_by="subject", test_groups=["7", "3"])
    found = by_group(subjects(60), config)
    assert {group for group, split in found.items() if split == "test"} == {"7", "3"}
    assert Counter(found.values())["validation"] == pytest.approx(58 / 9, abs=6)


def test_a_subject_that_shares_pictures_with_a_listed_one_goes_along():
    config = SplitConfig(group_by="subject", validation_groups=["1"], test_groups=["2"])
    samples = [*subjects(5), SplitItem("2a", "a", "4")]
    assert by_group(samples, config)["4"] == "test"


def test_listed_subjects_that_share_pictures_through_a_third_are_refused():
    config = SplitConfig(group_by="subject", validation_groups=["1"], test_groups=["2"])
    samples = [*subjects(5), SplitItem("2a", "a", "4"), SplitItem("1a", "a", "4")]
    with pytest.raises(DatasetError, match=r"1 \(validation\), 2 \(test\)"):
        assign_splits(samples, config)


def test_lists_come_before_what_the_inputs_give():
    config = SplitConfig(group_by="subject", validation_groups=["6"], test_groups=["7"])
    assert by_group(subjects(7, given="validation"), config)["7"] == "test"


def test_leave_one_subject_out_tests_each_subject_once():
    testers = []
    for fold in range(1, 8):
        found = by_group(subjects(7), SplitConfig(group_by="subject", folds=7, fold=fold))
        assert Counter(found.values()) == {"train": 5, "validation": 1, "test": 1}
        testers += [group for group, split in found.items() if split == "test"]
    assert sorted(testers) == list("1234567")


def test_folds_remember_folds_whichever_was_converted():
    config = SplitConfig(group_by="subject", folds=4, fold=1, require_every_class=False)
    units = assign_splits(subjects(9), config).units
    assert set(units.values()) == {"fold 1", "fold 2", "fold 3", "fold 4"}
    other = SplitConfig(group_by="subject", folds=4, fold=3, require_every_class=False)
    more = assign_splits(subjects(12), other, units).units
    assert {unit: more[unit] for unit in units} == units
    assert sorted(Counter(more.values()).values()) == [3, 3, 3, 3]


def test_more_folds_than_subjects_are_refused():
    with pytest.raises(ConfigError, match="7 subjects make at most 7 folds"):
        assign_splits(subjects(7), SplitConfig(group_by="subject", folds=8, fold=1))


def test_stratified_by_time_the_seconds_count():
    # Three subjects have all of class b's time, in few samples.
    samples = [SplitItem(f"{s}a{n}", "a", str(s)) for s in range(10) for n in range(10)]
    samples += [SplitItem(f"{s}b", "b", str(s), weight=100.0) for s in range(3)]
    config = SplitConfig(34, 33, 33, group_by="subject", stratify_by="time")
    found = by_group(samples, config)
    assert {found[group] for group in "012"} == {"train", "validation", "test"}


def test_a_newcomer_that_shares_with_two_splits_moves_neither():
    known = {"group:a": "train", "group:b": "test"}
    samples = [SplitItem(f"{g}{n}", label, g) for g in "abcdef" for n, label in enumerate("xy")]
    found = by_group([*samples, SplitItem("a0", "x", "n"), SplitItem("b0", "x", "n")], LENIENT, known)
    assert (found["a"], found["b"], found["n"]) == ("train", "test", "train")


def test_a_gap_that_only_an_earlier_sample_could_close_stays_and_says_so():
    known = assign_splits(items({"a": 3}), SplitConfig(98, 1, 1)).units
    known = dict.fromkeys(known, "train")
    samples = items({"a": 3})
    assert assign_splits(samples, LENIENT, known).splits == ["train"] * 3
    with pytest.raises(DatasetError, match=r"3 of them may not go there(?s:.*)remove splits.json"):
        assign_splits(samples, SplitConfig(), known)


def test_a_gap_is_closed_by_the_newcomers():
    known = dict.fromkeys(assign_splits(items({"a": 50}), LENIENT).units, "train")
    splits = assign_splits(items({"a": 52}), SplitConfig(98, 1, 1), known).splits
    assert set(splits[:50]) == {"train"}
    assert sorted(splits[50:]) == ["test", "validation"]


def test_what_was_carved_out_stays_out_when_validation_is_given_later():
    train = items({"a": 60}, given="train")
    first = assign_splits(train, SplitConfig())
    both = assign_splits([*train, SplitItem("v", "a", given="validation")], LENIENT, first.units)
    assert both.splits[:60] == first.splits
    assert "validation" in first.splits
