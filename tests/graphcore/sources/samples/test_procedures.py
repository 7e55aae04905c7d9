"""Recordings of procedures: files, chapters and a spreadsheet that fit each other."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.sources.samples import pool, procedures
from graphcore.sources.samples.procedure_script import PROCEDURES
from graphcore.sources.samples.procedures import Sample, draw_procedures, draw_recording, list_turns
from graphcore.sources.samples.scene_script import action_at

SMALL = Sample(subjects=2, cameras=2, chapters=2, chapter_secs=4.0, width=48, height=32, fps=2)


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool.os, "cpu_count", lambda: 1)


def read_frames(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]


def test_every_chapter_of_every_camera_is_a_file_of_the_asked_length(tmp_path: Path) -> None:
    folder, _ = draw_procedures(tmp_path, SMALL)
    names = sorted(path.name for path in folder.glob("*.mp4"))
    assert names == [
        f"subject{subject}_camera{camera}_chapter{chapter}.mp4"
        for subject in (1, 2) for camera in (1, 2) for chapter in (1, 2)
    ]  # fmt: skip
    for name in names:
        frames = read_frames(folder / name)
        assert [frame.shape for frame in frames] == [(32, 48)] * 8


def test_one_spreadsheet_serves_all_cameras_and_runs_over_the_chapters(tmp_path: Path) -> None:
    _, spreadsheet = draw_procedures(tmp_path, SMALL)
    rows = list(csv.DictReader(spreadsheet.read_text().splitlines()))
    assert list(rows[0]) == ["Subject", "Procedure", "Start", "End"]
    assert {row["Subject"] for row in rows} == {"1", "2"}
    ends = [60 * int(row["End"].split(":")[0]) + float(row["End"].split(":")[1]) for row in rows]
    assert max(ends) > SMALL.chapter_secs
    assert max(ends) <= SMALL.duration_secs


@pytest.mark.parametrize("seed", range(5))
def test_procedures_follow_each_other_and_show_what_they_are_called(seed: int) -> None:
    sample = replace(SMALL, seed=seed, chapters=4, chapter_secs=20.0)
    for subject in (1, 2):
        turns = [turn for owner, turn in list_turns(sample) if owner == subject]
        assert {turn.name for turn in turns} == set(PROCEDURES)
        assert all(0 < turn.start < turn.end < sample.duration_secs for turn in turns)
        assert all(before.end < after.start for before, after in pairwise(turns))
        script = procedures._plan(subject, sample)[0].script
        for turn in turns:
            assert action_at(script, (turn.start + turn.end) / 2).kind in PROCEDURES[turn.name]


def test_cameras_see_the_same_moments_from_different_sides() -> None:
    one, two, three = (np.concatenate([decode(data) for data in draw_recording(1, c, SMALL)]) for c in (1, 2, 3))
    assert not np.array_equal(one, two)
    assert not np.array_equal(one, three)


def decode(data: bytes) -> np.ndarray:
    with av.open(io.BytesIO(data)) as container:
        return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)])


def test_the_same_sample_is_the_same_bytes_and_another_seed_is_another() -> None:
    assert draw_recording(1, 1, SMALL) == draw_recording(1, 1, SMALL)
    assert draw_recording(1, 1, SMALL) != draw_recording(1, 1, replace(SMALL, seed=1))
    assert draw_recording(1, 1, SMALL) != draw_recording(2, 1, SMALL)


def test_drawing_again_draws_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_procedures(tmp_path, SMALL)
    monkeypatch.setattr(procedures, "draw_recording", lambda *_: pytest.fail("drawn again"))
    draw_procedures(tmp_path, SMALL)


def test_odd_sides_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"dataset\.drawn_height=33 is odd.*\n.*34"):
        draw_procedures(tmp_path, replace(SMALL, height=33))
