from __future__ import annotations

import pytest

from graphcore.config import DatasetConfig, FractalsConfig, ImageFolderConfig, SutureScenesConfig, VideoConfig
from graphcore.errors import ConfigError
from graphcore.sources.choose import name_dataset, open_source


def test_folders_that_must_be_given_are_asked_for():
    with pytest.raises(ConfigError, match=r"dataset\.dir.*\n.*folder per class"):
        open_source(ImageFolderConfig(kind="image_folder"))
    with pytest.raises(ConfigError, match=r"dataset\.videos"):
        open_source(VideoConfig(kind="video"))
    with pytest.raises(ConfigError, match=r"dataset\.videos is not"):
        open_source(SutureScenesConfig(kind="suture_scenes", annotations="a.json"))


def test_unknown_kind_lists_the_choices():
    with pytest.raises(ConfigError, match="Choices: image_folder, image_list, video"):
        open_source(DatasetConfig(kind="audio"))


def test_a_name_is_as_given_or_the_folders(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert name_dataset(ImageFolderConfig(kind="image_folder", name="mine", dir="photos")) == "mine"
    assert name_dataset(ImageFolderConfig(kind="image_folder", dir="photos/")) == "photos"
    assert name_dataset(ImageFolderConfig(kind="image_folder", dir=".")) == tmp_path.name
    assert name_dataset(VideoConfig(kind="video", videos="a/b")) == "b"
    assert name_dataset(FractalsConfig(kind="fractals")) == "fractals"


def test_fractals_are_drawn_where_no_folder_is_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = open_source(FractalsConfig(kind="fractals", classes=2, per_class=3, drawn_size=32))
    assert len(source.inputs) == 6
    assert all(file.path.is_file() for file in source.inputs.values())
