from __future__ import annotations

import hashlib
import json
import tracemalloc
from types import SimpleNamespace

import pytest

from graphcore.config import ImageFolderConfig, ShardsConfig, SplitConfig, VideoConfig
from graphcore.conversion.division import (
    SPLITS_NAME,
    check_grouping,
    count_labels,
    divide,
    find_group,
    read_units,
    write_units,
)
from graphcore.errors import ConfigError
from graphcore.sources.item import Item
from graphcore.sources.item_table import ItemTable


def make_item(key: str, text: str = "a", **rest) -> Item:
    return Item(key, key, text, f"{key}.jpg", "jpeg", 1, 1, 10, "0" * 64, source="x", **rest)


def frame(video: str, secs: float, text: str = "a") -> Item:
    key = f"{video}@{secs:.3f}"
    return Item(
        key, key, text, f"{video}.mp4", "jpeg", 1, 1, 10, "0" * 64,
        source="x", video_id=video, recording=video, time_secs=secs,
    )  # fmt: skip


def configure(dataset=None, **split) -> SimpleNamespace:
    dataset = dataset or VideoConfig(kind="video", every_secs=2.0)
    return SimpleNamespace(
        dataset=dataset, split=SplitConfig(**{"require_every_class": False, **split}), shards=ShardsConfig()
    )


def where(division) -> dict[str, str]:
    return {entry.key: plan.split for plan in division.plans for entry in plan.entries}


@pytest.mark.parametrize(
    ("group_by", "group"), [("file", ""), ("video", "dir/x"), ("recording", "rec"), ("subject", "anna")]
)
def test_groups_of_a_chapter(group_by, group):
    item = Item("k", "k", "a", "dir/x.mp4", "jpeg", 1, 1, 1, "0", video_id="rec", recording="rec", subject="anna")
    assert find_group(item, group_by) == group


def test_all_cameras_of_a_recording_are_one_group():
    """The same seconds from another angle are no stranger's."""
    for camera in ("left", "right"):
        item = make_item("k", video_id=f"7-am-{camera}", recording="7-am", camera=camera)
        assert find_group(item, "recording") == "7-am"


def test_a_lists_groups_are_not_divided_by_another_grouping():
    with pytest.raises(ConfigError, match=r"in the group patient 7, which split\.group_by=subject would divide"):
        find_group(make_item("p", group="patient 7", subject="anna"), "subject")


def test_the_video_of_a_single_file_is_its_recording():
    assert find_group(frame("5", 1.0), "video") == find_group(frame("5", 1.0), "recording") == "5"


def test_what_a_list_keeps_together_stays_together():
    assert find_group(make_item("p", group="patient 7"), "file") == "patient 7"


def test_a_subject_that_nobody_names_is_an_error():
    with pytest.raises(ConfigError, match=r"no subject for picture cat/1.*\n.*Choices: file\.\n.*dataset\.list"):
        find_group(make_item("cat/1"), "subject")
    with pytest.raises(ConfigError, match=r"no subject for video 5.*\n.*video, recording\.\n.*dataset\.recordings="):
        find_group(frame("5", 0.0), "subject")


def test_pictures_have_neither_videos_nor_seconds():
    pictures = ImageFolderConfig(kind="image_folder")
    with pytest.raises(ConfigError, match="group_by=video needs videos"):
        check_grouping(pictures, SplitConfig(group_by="video"))
    with pytest.raises(ConfigError, match="stratify_by=time needs videos"):
        check_grouping(pictures, SplitConfig(stratify_by="time"))
    check_grouping(pictures, SplitConfig(group_by="subject"))


def test_units_come_back_for_the_same_options_only(tmp_path):
    write_units(tmp_path / SPLITS_NAME, SplitConfig(group_by="video"), {"group:1": "train"})
    assert read_units(tmp_path, SplitConfig(group_by="video")) == {"group:1": "train"}
    assert read_units(tmp_path, SplitConfig(group_by="subject")) == {}
    assert read_units(tmp_path / "missing", SplitConfig()) == {}


@pytest.mark.parametrize("units", [{}, {'group:ü\n"': "train", "group:a": "test"}, {"id:0f": "fold 1"}])
def test_the_memory_is_laid_out_as_json_in_order_of_units(tmp_path, units):
    write_units(tmp_path / SPLITS_NAME, SplitConfig(), units)
    found = (tmp_path / SPLITS_NAME).read_text("utf-8")
    values = {"options": json.loads(found)["options"], "units": dict(sorted(units.items()))}
    assert found == json.dumps(values, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("text", ["", "[]", '{"options": 1}', '{"options": {}, "units": 3}'])
def test_a_damaged_memory_is_no_memory(tmp_path, text):
    (tmp_path / SPLITS_NAME).write_text(text)
    assert read_units(tmp_path, SplitConfig()) == {}


def test_folds_share_what_they_remember(tmp_path):
    one, two = SplitConfig(folds=3, fold=1), SplitConfig(folds=3, fold=2)
    for name in ("fold-1-of-3", "fold-2-of-3"):
        (tmp_path / name).mkdir()
    write_units(tmp_path / "fold-1-of-3" / SPLITS_NAME, one, {"group:a": "fold 1", "group:b": "fold 2"})
    assert read_units(tmp_path / "fold-2-of-3", two) == {"group:a": "fold 1", "group:b": "fold 2"}


def test_data_that_is_added_moves_nobody(tmp_path):
    few = [frame(str(video), secs, "ab"[video % 2]) for video in range(8) for secs in (0.0, 2.0)]
    more = few + [frame(str(video), 0.0, "ab"[video % 2]) for video in range(8, 40)]
    config = configure(group_by="video", train=60, validation=20, test=20, stratify_by="time")
    first = divide(few, ("a", "b"), config, tmp_path)
    write_units(tmp_path / SPLITS_NAME, config.split, first.units)
    second = divide(more, ("a", "b"), config, tmp_path)
    assert {key: where(second)[key] for key in where(first)} == where(first)
    assert set(where(second).values()) == {"train", "validation", "test"}


def test_the_division_that_is_remembered_is_json_of_readable_groups(tmp_path):
    division = divide(
        [frame("5", 0.0), frame("6", 0.0), frame("7", 0.0)], ("a",), configure(group_by="video"), tmp_path
    )
    write_units(tmp_path / SPLITS_NAME, SplitConfig(group_by="video"), division.units)
    assert sorted(json.loads((tmp_path / SPLITS_NAME).read_text())["units"]) == ["group:5", "group:6", "group:7"]


def test_samples_of_several_labels_count_for_each(tmp_path):
    items = [
        make_item("1", "a", labels=("a", "b")), make_item("2", "b", labels=("b",)), make_item("3", "", labels=())
    ]  # fmt: skip
    config = configure(ImageFolderConfig(kind="image_folder"), train=100, validation=0, test=0)
    division = divide(items, ("a", "b"), config, tmp_path)
    assert division.counts == {"train": {"a": 1, "b": 2}}
    entries = {entry.key: (entry.label, entry.labels) for plan in division.plans for entry in plan.entries}
    assert entries == {"1": (0, (0, 1)), "2": (1, (1,)), "3": (-1, ())}


def test_every_class_is_counted_in_every_split_of_a_share_and_where_there_are_samples():
    found, splits = ["a", "b", "a", ("a", "b")], ["train", "train", "train", "test"]
    config = SplitConfig(train=80, validation=20, test=0)
    assert count_labels(found, splits, ("a", "b", "c"), config) == {
        "train": {"a": 2, "b": 1, "c": 0},
        "validation": {"a": 0, "b": 0, "c": 0},
        "test": {"a": 1, "b": 1, "c": 0},
    }


def test_dividing_holds_no_second_copy_of_the_items(tmp_path):
    """Nor a name or an object for each: as such, parties alone were 200 bytes a photo, and the peak of a conversion."""
    count = 4000
    items = ItemTable()
    for number in range(count):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        items.append(Item(f"a/{number}", digest, "a", f"a/{number}", "jpeg", 1, 1, 1000, digest, f"/in/a/{number}"))
    config = configure(ImageFolderConfig(kind="image_folder"))
    # At first something is imported and remembered, and threads that other tests left may count: the least is taken.
    rounds = [_measure_division(items, config, tmp_path) for _ in range(4)]
    kept, peak, written = map(min, zip(*rounds, strict=True))
    assert sum(len(plan.entries) for plan in divide(items, ("a",), config, tmp_path).plans) == count
    assert kept < count * 140  # the units that are remembered, and indices
    assert peak < count * 250  # 376 with the parties' names, 218 with a pair for each sample when shards are planned
    assert written < count * 40  # 75 with all of it sorted in pairs


def _measure_division(items, config, folder):
    """Bytes that a division keeps, that it holds at most, and that writing its units takes besides."""
    tracemalloc.start()
    try:
        division = divide(items, ("a",), config, folder)
        kept, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        write_units(folder / f"written_{SPLITS_NAME}", config.split, division.units)
        return kept, peak, tracemalloc.get_traced_memory()[1] - kept
    finally:
        tracemalloc.stop()


def test_frames_weigh_the_seconds_they_stand_for(tmp_path):
    from graphcore.conversion.division import _measure_seconds

    items = [frame("1", 0.0), frame("2", 0.0), frame("1", 2.0), frame("1", 30.0)]
    assert _measure_seconds(items, VideoConfig(kind="video", every_secs=2.0)) == [2.0, 2.0, 4.0, 2.0]


def test_a_given_split_is_taken(tmp_path):
    items = [make_item(str(n), "a", split=("train", "validation", "test")[n % 3]) for n in range(6)]
    config = configure(ImageFolderConfig(kind="image_folder"))
    assert where(divide(items, ("a",), config, tmp_path)) == {item.key: item.split for item in items}
