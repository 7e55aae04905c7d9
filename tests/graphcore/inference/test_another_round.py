from __future__ import annotations

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from graphcore.config import ImageFolderConfig, ProceduresConfig, SutureScenesConfig, VideoConfig
from graphcore.inference.another_round import advise_another_round


def make_run(folder, dataset, *overrides):
    (folder / ".hydra").mkdir()
    OmegaConf.save({"dataset": OmegaConf.structured(dataset)}, folder / "config.yaml")
    if overrides:
        OmegaConf.save(list(overrides), folder / ".hydra" / "overrides.yaml")
    return folder


def advise(run, *videos):
    return advise_another_round(run, Path("out/new.eaf"), [Path(video) for video in videos or ("clips/a.mp4",)], 2.0)


def test_the_runs_own_command_is_given_both_old_and_new(tmp_path):
    dataset = VideoConfig(kind="video", videos="films", annotations="films/marks.xlsx", every_secs=0.5)
    run = make_run(
        tmp_path, dataset, "+experiment=suturing", "dataset.videos=films", "dataset.annotations=films/marks.xlsx",
        "+dataset.annotation_format=spreadsheet", "dataset.every_secs=0.5", "head=[a b]",
    )  # fmt: skip
    assert advise(run).splitlines() == [
        "Correct it. To train on it too, put all marks into one folder, and all videos into one:",
        "  MARKS: films/marks.xlsx, out/new.eaf as it was corrected",
        "  VIDEOS: films, clips/a.mp4",
        "then: train +experiment=suturing dataset.every_secs=0.5 'head=[a b]' dataset.videos=VIDEOS "
        "dataset.annotations=MARKS",
    ]


def test_many_videos_are_not_all_named(tmp_path):
    run = make_run(tmp_path, VideoConfig(kind="video", videos="films"))
    assert "  VIDEOS: films, a.mp4, b.mp4, c.mp4 ...\n" in advise(run, *(f"{name}.mp4" for name in "abcd"))


def test_marks_lie_beside_the_videos_where_none_were_named(tmp_path):
    run = make_run(tmp_path, VideoConfig(kind="video", videos="films", every_secs=0.5))
    told = advise(run)
    assert "MARKS: films/annotations.json, out/new.eaf" in told
    assert "train dataset=video split.group_by=video dataset.every_secs=0.5 dataset.videos=VIDEOS" in told


def test_samples_lie_where_they_were_drawn(tmp_path):
    run = make_run(tmp_path, SutureScenesConfig(kind="suture_scenes", scenes=8), "dataset=suture_scenes")
    assert "  VIDEOS: data/samples/suture_scenes-8x24s-" in advise(run)


def test_samples_in_chapters_need_the_pattern_of_their_names(tmp_path):
    run = make_run(tmp_path, ProceduresConfig(kind="procedures"), "dataset=procedures")
    told = advise(run)
    assert "/procedures.csv, out/new.eaf" in told
    assert "train dataset=procedures 'dataset.recordings=subject{subject}_" in told


def test_what_must_be_said_of_new_files_is_told(tmp_path):
    dataset = VideoConfig(kind="video", videos="films", tiers=["phase"], recordings={"day": ["a.mp4", "b.mp4"]})
    told = advise(make_run(tmp_path, dataset))
    assert "with dataset.tiers naming the tiers of the new marks as well" in told
    assert "with dataset.recordings fitting the names of the new videos as well" in told


@pytest.mark.parametrize("dataset", [ImageFolderConfig(kind="image_folder", dir="photos"), VideoConfig(kind="video")])
def test_of_a_run_on_something_else_the_step_alone_is_known(tmp_path, dataset):
    told = advise(make_run(tmp_path, dataset, "dataset.dir=photos"))
    assert "MARKS: the marks you have, out/new.eaf" in told
    assert told.endswith(
        "then: train dataset=video split.group_by=video dataset.every_secs=2 dataset.videos=VIDEOS "
        "dataset.annotations=MARKS"
    )


@pytest.mark.parametrize("text", [None, "{", "[1]", "dataset: 5", "dataset: {kind: video, every_secs: soon}"])
def test_a_graph_or_a_broken_run_is_no_obstacle(tmp_path, text):
    if text is not None:
        (tmp_path / "config.yaml").write_text(text)
    assert "the marks you have" in advise(tmp_path)
