"""Folders of suture scenes: annotations that fit their videos, drawn once, continued, repaired."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import av
import pytest

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.samples import pool, suture_scenes
from graphcore.sources.samples.suture_scenes import draw_suture_scenes, draw_video

SMALL = {"scenes": 2, "scene_secs": 3.1, "width": 48, "height": 32, "fps": 2, "seed": 0}


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool.os, "cpu_count", lambda: 1)


def test_annotations_fit_the_videos(tmp_path: Path) -> None:
    videos, annotations = draw_suture_scenes(tmp_path / "scenes", **SMALL)
    entries = json.loads(annotations.read_text())
    assert [entry["videoId"] for entry in entries] == [1, 2]
    for entry in entries:
        with av.open(str(videos / f"{entry['videoId']}.mp4")) as container:
            stream = container.streams.video[0]
            assert (stream.width, stream.height) == (48, 32)
            assert stream.frames == 6
            assert entry["durationSeconds"] == 3.0
        assert sorted(entry) == ["annotations", "durationSeconds", "videoId"]
        for segment in entry["annotations"]:
            assert segment["label"] == "suturing"
            assert 0 <= segment["startSeconds"] < segment["endSeconds"] <= 3.0


def test_drawing_again_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_suture_scenes(tmp_path, **SMALL)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    monkeypatch.setattr(suture_scenes, "draw_video", lambda *_: pytest.fail("drawn again"))
    draw_suture_scenes(tmp_path, **SMALL)
    assert before == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}


def test_killed_drawing_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def counted(number: int, *rest: object) -> bytes:
        if len(drawn) == 1 and not survived:
            raise KeyboardInterrupt
        drawn.append(number)
        return draw_video(number, *rest)  # type: ignore[arg-type]

    survived = False
    monkeypatch.setattr(suture_scenes, "draw_video", counted)
    with pytest.raises(KeyboardInterrupt):
        draw_suture_scenes(tmp_path, **SMALL)
    assert not (tmp_path / "annotations.json").exists()
    survived = True
    draw_suture_scenes(tmp_path, **SMALL)
    assert drawn == [1, 2]
    assert (tmp_path / "annotations.json").exists()


def test_truncated_video_is_drawn_again(tmp_path: Path) -> None:
    draw_suture_scenes(tmp_path, **SMALL)
    whole = (tmp_path / "2.mp4").read_bytes()
    (tmp_path / "2.mp4").write_bytes(whole[:100])
    draw_suture_scenes(tmp_path, **SMALL)
    assert (tmp_path / "2.mp4").read_bytes() == whole


def test_other_parameters_draw_the_folder_anew(tmp_path: Path) -> None:
    draw_suture_scenes(tmp_path, **SMALL)
    draw_suture_scenes(tmp_path, **{**SMALL, "scenes": 1, "seed": 1})
    assert sorted(p.name for p in tmp_path.glob("*")) == [".drawn", "1.mp4", "annotations.json"]
    assert [entry["videoId"] for entry in json.loads((tmp_path / "annotations.json").read_text())] == [1]


def test_drawing_in_processes_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_suture_scenes(tmp_path / "one", **SMALL)
    monkeypatch.setattr(pool.os, "cpu_count", lambda: 2)
    draw_suture_scenes(tmp_path / "two", **SMALL)
    for name in ("1.mp4", "2.mp4", "annotations.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_workers_do_not_outlive_a_killed_drawing(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from graphcore.sources.samples import pool, suture_scenes as s\n"
        "if __name__ == '__main__':\n pool.os.cpu_count = lambda: 2\n"
        f" s.draw_suture_scenes(Path({str(tmp_path)!r}), 4, 600, 64, 48, 10, 0)\n"
    )
    script = tmp_path.with_suffix(".py")
    script.write_text(code)
    # The workers inherit the pipe, so it ends only when the last of them has left.
    drawing = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    try:
        time.sleep(2)
        assert drawing.poll() is None
    finally:
        drawing.kill()
    drawing.communicate(timeout=60)
    assert not list(tmp_path.glob("*.mp4"))


def test_folder_of_own_videos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "5.mp4").write_bytes(b"")
    with pytest.raises(DatasetError, match=r"5\.mp4"):
        draw_suture_scenes(tmp_path, **SMALL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scenes": 0}, r"dataset\.scenes=0 is not between 1"),
        ({"scene_secs": 0.5}, r"dataset\.scene_secs=0\.5"),
        ({"fps": 0}, r"dataset\.fps=0"),
        ({"width": 8}, r"dataset\.drawn_width=8"),
        ({"height": 33}, r"dataset\.drawn_height=33 is odd(.|\n)*Use 34"),
        ({"seed": -4}, r"dataset\.seed=-4"),
    ],
)
def test_number_out_of_range_is_named(tmp_path: Path, change: dict[str, float], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        draw_suture_scenes(tmp_path / "never", **{**SMALL, **change})  # type: ignore[arg-type]
    assert not (tmp_path / "never").exists()
