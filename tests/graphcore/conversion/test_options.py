from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest

from graphcore.config import (
    FractalsConfig,
    ImageFolderConfig,
    ImageListConfig,
    ProceduresConfig,
    ShardsConfig,
    SplitConfig,
    SutureScenesConfig,
    VideoConfig,
)
from graphcore.conversion.options import describe_options, find_relatives, name_fold, records_dir
from graphcore.errors import ConfigError

FOLD = SplitConfig(folds=7, fold=2)

# Where the inputs lie, what they are called, and how samples are drawn (which their files tell).
PLACES = {"name", "records", "dir", "list", "videos", "annotations"}
DRAWN = {"classes", "per_class", "scenes", "scene_secs", "subjects", "cameras", "chapters", "chapter_secs", "fps"} | {
    "drawn_size", "drawn_width", "drawn_height",
}  # fmt: skip


@pytest.mark.parametrize(
    "dataset",
    [
        ImageFolderConfig(kind="image_folder"),
        ImageListConfig(kind="image_list"),
        FractalsConfig(kind="fractals"),
        VideoConfig(kind="video"),
        SutureScenesConfig(kind="suture_scenes"),
        ProceduresConfig(kind="procedures"),
    ],
    ids=lambda one: one.kind,
)
def test_every_option_that_decides_records_is_told(dataset):
    options = describe_options(SimpleNamespace(dataset=dataset, split=SplitConfig(), shards=ShardsConfig()))
    told = {name.partition(".")[2] for name in options if name.startswith("dataset.")}
    assert told - {"name"} == {field.name for field in dataclasses.fields(dataset)} - PLACES - DRAWN
    told = {name.partition(".")[2] for name in options if name.startswith("split.")}
    assert told == {field.name for field in dataclasses.fields(SplitConfig)}


def test_records_go_beside_each_other_by_name():
    assert records_dir(ImageFolderConfig(kind="image_folder", dir="a/photos")) == Path("data/tfrecords/photos")
    assert records_dir(ImageFolderConfig(kind="image_folder", records="x/y")) == Path("x/y")


def test_every_fold_has_a_folder_of_its_own():
    dataset = ImageFolderConfig(kind="image_folder", records="x/y")
    assert records_dir(dataset, FOLD) == Path("x/y/fold-2-of-7")
    assert records_dir(dataset, SplitConfig()) == Path("x/y")
    assert name_fold(SplitConfig()) == ""


def test_folds_of_one_dataset_know_each_other(tmp_path):
    for name in ("fold-1-of-7", "fold-2-of-7", "fold-3-of-5", "other"):
        (tmp_path / name).mkdir()
    fold = tmp_path / "fold-2-of-7"
    assert find_relatives(fold) == [tmp_path, tmp_path / "fold-1-of-7", tmp_path / "fold-3-of-5"]
    assert find_relatives(tmp_path) == [tmp_path / name for name in ("fold-1-of-7", "fold-2-of-7", "fold-3-of-5")]
    assert find_relatives(tmp_path / "missing") == []


@pytest.mark.parametrize(("folder", "records"), [("data", None), (".", None), ("photos", "photos/records")])
def test_records_among_the_pictures_are_refused(tmp_path, monkeypatch, folder, records):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"lies in dataset\.dir=.*\n.*dataset\.records=DIR"):
        records_dir(ImageFolderConfig(kind="image_folder", dir=folder, records=records))
    assert records_dir(ImageFolderConfig(kind="image_folder", dir="data2")) == Path("data/tfrecords/data2")
