from __future__ import annotations

import pytest

from graphcore.config import (
    DatasetConfig,
    FractalsConfig,
    ImageFolderConfig,
    ProceduresConfig,
    SutureScenesConfig,
    VideoConfig,
)
from graphcore.errors import ConfigError
from graphcore.sources.choose import locate_videos, name_dataset, open_source


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


@pytest.mark.parametrize(
    "dataset",
    [
        SutureScenesConfig(kind="suture_scenes", scenes=3, scene_secs=8.0),
        ProceduresConfig(kind="procedures", subjects=3, cameras=1, chapters=1, chapter_secs=8.0),
    ],
)
def test_samples_are_located_where_they_will_be_drawn(dataset, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    videos, annotations = locate_videos(dataset)
    assert not videos.exists()
    opened = open_source(dataset)
    assert (opened.folder, opened.annotations) == (videos, annotations)


def test_given_videos_are_located_where_they_lie():
    videos, annotations = locate_videos(VideoConfig(kind="video", videos="films"))
    assert (str(videos), str(annotations)) == ("films", "films/annotations.json")
    with pytest.raises(ConfigError, match=r"Nothing is given for dataset\.videos"):
        locate_videos(VideoConfig(kind="video"))
