import dataclasses
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfrecords.errors import RecordsError
from tfrecords.plan import (
    RECORD_OVERHEAD_BYTES,
    Entry,
    ShardPlan,
    is_shard_name,
    order_key,
    plan_shards,
    shard_name,
    stable_hash,
)


def make_entry(key, size_bytes=1000, split="train", **values):
    defaults = {"label": 0, "text": "cat", "filename": key, "format": "jpeg", "height": 1, "width": 2}
    defaults |= {"digest": "d" + key}
    return Entry(key, split, size_bytes=size_bytes, source=f"/in/{key}", **defaults | values)


@pytest.mark.parametrize(
    ("key", "salt", "expected"),
    [
        # From another program: printf '\0cat/1.jpg' | b2sum -l 64
        ("cat/1.jpg", "", 0xD74083C5F742A1B4),
        ("cat/1.jpg", "split", 0x3BF9C46F406780E1),
    ],
)
def test_stable_hash_never_changes(key, salt, expected):
    assert stable_hash(key, salt) == expected


def test_stable_hash_takes_any_text():
    assert stable_hash("caf\udce9.jpg") != stable_hash("café.jpg")


def test_shard_name():
    assert shard_name("train", 0, 4) == "train-00000-of-00004.tfrecord"


@pytest.mark.parametrize("split", ["", "../train", "train-a", "a b"])
def test_a_split_that_cannot_name_a_file_is_refused(split):
    with pytest.raises(RecordsError, match=f"split '{split}' cannot name a file"):
        shard_name(split, 0, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("train-00000-of-00004.tfrecord", True),
        ("train-123456-of-200000.tfrecord", True),
        ("../train-00000-of-00004.tfrecord", False),
        ("train-00000-of-00004.tfrecord.tmp", False),
        ("train-0-of-4.tfrecord", False),
    ],
)
def test_is_shard_name(name, expected):
    assert is_shard_name(name) is expected


def test_golden_order():
    plans = plan_shards([make_entry(key) for key in "abcdefgh"], shard_bytes=1 << 20)
    assert "".join(entry.key for entry in plans[0].entries) == "hgbeadfc"


@given(keys=st.sets(st.text(max_size=5), min_size=1), shuffle=st.randoms(), shard_bytes=st.integers(1, 9000))
def test_the_order_of_the_input_does_not_matter(keys, shuffle, shard_bytes):
    entries = [make_entry(key) for key in sorted(keys)]
    expected = plan_shards(entries, shard_bytes)
    shuffle.shuffle(entries)
    assert plan_shards(entries, shard_bytes) == expected


@given(
    sizes=st.lists(st.integers(0, 5000), min_size=1, max_size=60),
    splits=st.lists(st.sampled_from(["train", "test", "validation", "other"]), min_size=60, max_size=60),
    shard_bytes=st.integers(1, 20_000),
)
def test_laws_of_a_plan(sizes, splits, shard_bytes):
    entries = [make_entry(f"{i}", size, split) for i, (size, split) in enumerate(zip(sizes, splits, strict=False))]
    plans = plan_shards(entries, shard_bytes)
    planned = [entry for plan in plans for entry in plan.entries]
    assert sorted(planned, key=lambda entry: entry.key) == sorted(entries, key=lambda entry: entry.key)
    for split in set(splits[: len(sizes)]):
        shards = [plan for plan in plans if plan.split == split]
        assert [plan.name for plan in shards] == [shard_name(split, i, len(shards)) for i in range(len(shards))]
        keys = [order_key(entry) for plan in shards for entry in plan.entries]
        assert keys == sorted(keys)
        largest = max(entry.size_bytes + RECORD_OVERHEAD_BYTES for plan in shards for entry in plan.entries)
        for plan in shards:
            assert plan.entries
            assert all(entry.split == split for entry in plan.entries)
            assert plan.size_bytes <= shard_bytes + largest


def test_shards_are_of_about_equal_size():
    # 100 samples of 1000 bytes with their overhead, at most 30 a shard: four of 25, not 30, 30, 30, 10.
    entries = [make_entry(str(i), 1000 - RECORD_OVERHEAD_BYTES) for i in range(100)]
    assert [len(plan.entries) for plan in plan_shards(entries, shard_bytes=30_000)] == [25, 25, 25, 25]


def test_a_sample_larger_than_a_shard_has_one_of_its_own_and_no_shard_is_empty():
    plans = plan_shards([make_entry("small", 10), make_entry("huge", 1_000_000)], shard_bytes=1000)
    assert [len(plan.entries) for plan in plans] == [1, 1]
    assert [plan.name for plan in plans] == ["train-00000-of-00002.tfrecord", "train-00001-of-00002.tfrecord"]


def test_splits_come_in_the_order_of_their_use():
    entries = [make_entry(split, split=split) for split in ("other", "test", "another", "validation", "train")]
    plans = plan_shards(entries, shard_bytes=1 << 20)
    assert [plan.split for plan in plans] == ["train", "validation", "test", "another", "other"]


def test_nothing_to_plan():
    assert plan_shards([], shard_bytes=1) == []


def test_a_key_used_twice_is_refused_even_across_splits():
    entries = [make_entry("b"), make_entry("b", split="test"), make_entry("a")]
    with pytest.raises(RecordsError, match="1 sample keys are used more than once, such as 'b'"):
        plan_shards(entries, shard_bytes=1000)


def test_a_shard_of_no_size_is_refused():
    with pytest.raises(RecordsError, match="a shard of 0 bytes holds nothing"):
        plan_shards([make_entry("a")], shard_bytes=0)


def test_an_entry_without_digest_is_refused():
    with pytest.raises(RecordsError, match=r"b: no digest; give its entry the SHA-256 of the encoded picture"):
        plan_shards([make_entry("a"), make_entry("b", digest="")], shard_bytes=4000)


def test_what_follows_the_source_by_position_is_its_offset():
    entry = Entry("k", "train", 0, "cat", "k.jpg", "jpeg", 1, 2, 1000, "/in/spool", 6, digest="d")
    assert (entry.offset, entry.digest) == (6, "d")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"source": "/moved/a"}, True),
        ({"offset": 77}, True),
        ({"label": 1}, False),
        ({"text": "dog"}, False),
        ({"filename": "b"}, False),
        ({"time_secs": 1.0}, False),
        ({"video_id": "5"}, False),
        ({"group": "s1"}, False),
        ({"labels": ()}, False),
        ({"subject": "s1"}, False),
        ({"digest": "other"}, False),
    ],
)
def test_a_plans_digest_covers_what_decides_the_bytes_and_not_where_they_lie(change, same):
    entry = make_entry("a")
    before = ShardPlan("train-00000-of-00001.tfrecord", "train", (entry,))
    after = dataclasses.replace(before, entries=(entry._replace(**change),))
    assert (before.digest == after.digest) is same


def test_the_digest_of_a_plan_is_that_of_before_there_were_several_labels_and_subjects():
    entries = (make_entry("a"), make_entry("b", time_secs=1.5, video_id="5", group="g"))
    plan = ShardPlan("train-00000-of-00001.tfrecord", "train", entries)
    assert plan.digest == "11be2cbfd91323fbc0b8fee5c773fdc6265304cbe45d61fb6d5e331e1fcbb442"


def test_labels_and_subjects_that_look_alike_have_digests_of_their_own():
    changes = [{"labels": (1, 2)}, {"labels": (12,)}, {"labels": (1,), "subject": "2"}, {"subject": "12"}]
    entries = [make_entry("a", **change) for change in changes]
    assert len({ShardPlan("train-00000-of-00001.tfrecord", "train", (one,)).digest for one in entries}) == 4


def test_planning_takes_little_beside_the_entries():
    entries = [make_entry(str(i), split=("train", "test")[i % 2]) for i in range(5000)]
    tracemalloc.start()
    try:
        plan_shards(entries, shard_bytes=1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5000 * 150  # bytes


class Lazy(Sequence):
    """Entries that are made when they are asked for."""

    def __init__(self, count):
        self.count = count

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if not 0 <= index < self.count:
            raise IndexError
        return make_entry(f"{index:064}", split=("train", "test")[index % 2])


def test_entries_that_are_made_when_asked_for_are_planned_alike():
    assert plan_shards(Lazy(100), shard_bytes=20_000) == plan_shards(iter(Lazy(100)), shard_bytes=20_000)


def test_entries_that_are_made_when_asked_for_never_exist_all_at_once():
    tracemalloc.start()
    try:
        plans = plan_shards(Lazy(5000), shard_bytes=1 << 20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert sum(len(plan.entries) for plan in plans) == 5000
    assert peak < 5000 * 150  # bytes; an entry is six times that


def test_a_list_that_changes_later_changes_no_plan():
    entries = [make_entry(key) for key in "abc"]
    plans = plan_shards(entries, shard_bytes=1 << 20)
    entries.clear()
    assert sorted(entry.key for entry in plans[0].entries) == ["a", "b", "c"]


def test_keys_of_one_hash_are_in_order_of_key(monkeypatch):
    monkeypatch.setattr("tfrecords.plan.stable_hash", lambda key: 7 if key in "abc" else 3)
    (plan,) = plan_shards([make_entry(key) for key in "cxab"], shard_bytes=1 << 20)
    assert "".join(entry.key for entry in plan.entries) == "xabc"


def test_an_entry_has_no_room_for_more():
    with pytest.raises((AttributeError, TypeError)):
        make_entry("a").color = "red"  # pyright: ignore[reportAttributeAccessIssue]


def test_a_plans_digest_covers_name_and_order():
    first, second = make_entry("a"), make_entry("b")
    plans = [
        ShardPlan("train-00000-of-00001.tfrecord", "train", (first, second)),
        ShardPlan("train-00000-of-00001.tfrecord", "train", (second, first)),
        ShardPlan("train-00000-of-00002.tfrecord", "train", (first, second)),
    ]
    assert len({plan.digest for plan in plans}) == 3
