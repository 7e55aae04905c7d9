"""Folders of fractals: drawn once, continued, repaired, drawn anew."""

from __future__ import annotations

from pathlib import Path

import pytest
import simplejpeg

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.samples import fractals
from graphcore.sources.samples.fractals import draw_class, draw_fractals


def _files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.glob("class_*/*")}


def test_draws_a_folder_per_class(tmp_path: Path) -> None:
    folder = draw_fractals(tmp_path / "fractals", classes=2, per_class=3, size=32, seed=0)
    files = _files(folder)
    assert sorted(files) == [f"class_{c:04d}/{n:04d}.jpg" for c in range(2) for n in range(3)]
    assert simplejpeg.decode_jpeg(files["class_0001/0002.jpg"]).shape == (32, 32, 3)
    assert sorted(p.name for p in folder.iterdir() if p.name[0] != ".") == ["class_0000", "class_0001"]


def test_drawing_again_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw_fractals(tmp_path, 2, 2, 32, 0)
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    monkeypatch.setattr(fractals, "draw_class", lambda *_: pytest.fail("drawn again"))
    draw_fractals(tmp_path, 2, 2, 32, 0)
    assert before == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}


def test_seed_decides_every_byte(tmp_path: Path) -> None:
    one, same, other = (
        _files(draw_fractals(tmp_path / name, 2, 2, 32, s)) for name, s in [("a", 0), ("b", 0), ("c", 1)]
    )
    assert one == same
    assert one != other


def test_more_classes_leave_the_first_as_they_were() -> None:
    # A class depends on the seed and its own number alone.
    assert draw_class(3, 2, 32, seed=0) == draw_class(3, 2, 32, seed=0)
    assert draw_class(3, 2, 32, seed=0) != draw_class(4, 2, 32, seed=0)


def test_killed_drawing_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    draw = fractals.draw_class

    def killed(index: int, *rest: int) -> list[bytes]:
        if index == 1:
            raise KeyboardInterrupt
        return draw(index, *rest)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(fractals, "draw_class", killed)
        draw_fractals(tmp_path / "killed", 3, 2, 32, 0)
    whole = _files(draw_fractals(tmp_path / "whole", 3, 2, 32, 0))
    assert _files(draw_fractals(tmp_path / "killed", 3, 2, 32, 0)) == whole


def test_truncated_picture_is_drawn_again(tmp_path: Path) -> None:
    before = _files(draw_fractals(tmp_path, 2, 2, 32, 0))
    victim = tmp_path / "class_0001/0000.jpg"
    victim.write_bytes(victim.read_bytes()[:50])
    assert _files(draw_fractals(tmp_path, 2, 2, 32, 0)) == before


def test_other_parameters_draw_the_folder_anew(tmp_path: Path) -> None:
    draw_fractals(tmp_path, 3, 2, 32, 0)
    files = _files(draw_fractals(tmp_path, 1, 1, 48, 0))
    assert list(files) == ["class_0000/0000.jpg"]
    assert not (tmp_path / "class_0002").exists()
    assert simplejpeg.decode_jpeg(files["class_0000/0000.jpg"]).shape == (48, 48, 3)


def test_folder_of_photos_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    with pytest.raises(DatasetError, match="cats"):
        draw_fractals(tmp_path, 2, 2, 32, 0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 0}, r"dataset\.classes=0 is not between 1"),
        ({"per_class": -1}, r"dataset\.per_class=-1"),
        ({"size": 4}, r"dataset\.drawn_size=4"),
        ({"seed": -1}, r"dataset\.seed=-1"),
    ],
)
def test_number_out_of_range_is_named(tmp_path: Path, change: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        draw_fractals(tmp_path, **{"classes": 1, "per_class": 1, "size": 32, "seed": 0, **change})
