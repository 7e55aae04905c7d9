"""The ledger: what it trusts, what it repairs, what it never touches."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.samples.ledger import LEDGER_FOLDER, open_ledger

PARAMETERS = {"samples": "test", "seed": 1}


def test_unit_is_finished_once_written(tmp_path: Path) -> None:
    ledger = open_ledger(tmp_path, PARAMETERS)
    assert not ledger.is_finished("a")
    ledger.write_unit("a", {"a/0.txt": b"zero", "a/1.txt": b"one"})
    assert ledger.is_finished("a")
    assert (tmp_path / "a/1.txt").read_bytes() == b"one"


def test_unit_is_still_finished_when_opened_again(tmp_path: Path) -> None:
    open_ledger(tmp_path, PARAMETERS).write_unit("a", {"0.txt": b"zero"})
    assert open_ledger(tmp_path, dict(PARAMETERS)).is_finished("a")


@pytest.mark.parametrize("damage", ["missing", "truncated", "flipped"])
def test_damaged_file_is_not_trusted(tmp_path: Path, damage: str) -> None:
    ledger = open_ledger(tmp_path, PARAMETERS)
    ledger.write_unit("a", {"0.txt": b"zero"})
    path = tmp_path / "0.txt"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"zer" if damage == "truncated" else b"zerp")
    assert not ledger.is_finished("a")


def test_unit_killed_between_its_files_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = open_ledger(tmp_path, PARAMETERS)
    writes = []

    def killed(self: object, path: Path, data: bytes) -> None:
        if writes:
            raise KeyboardInterrupt
        writes.append(path)
        path.write_bytes(data)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(type(ledger), "_write", killed)
        ledger.write_unit("a", {"0.txt": b"zero", "1.txt": b"one"})
    again = open_ledger(tmp_path, PARAMETERS)
    assert not again.is_finished("a")
    again.write_unit("a", {"0.txt": b"zero", "1.txt": b"one"})
    assert again.is_finished("a")


def test_other_parameters_remove_what_was_drawn(tmp_path: Path) -> None:
    open_ledger(tmp_path, PARAMETERS).write_unit("a", {"a/0.txt": b"zero"})
    ledger = open_ledger(tmp_path, {**PARAMETERS, "seed": 2})
    assert not (tmp_path / "a").exists()
    assert not ledger.is_finished("a")


def test_strangers_file_survives_other_parameters_and_stops_the_drawing(tmp_path: Path) -> None:
    open_ledger(tmp_path, PARAMETERS).write_unit("a", {"a/0.txt": b"zero"})
    (tmp_path / "a/mine.txt").write_bytes(b"mine")
    with pytest.raises(DatasetError, match="not drawn here"):
        open_ledger(tmp_path, {**PARAMETERS, "seed": 2})
    assert (tmp_path / "a/mine.txt").read_bytes() == b"mine"
    assert not (tmp_path / "a/0.txt").exists()


def test_changed_file_is_set_aside_not_lost(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    open_ledger(tmp_path, PARAMETERS).write_unit("a", {"0.txt": b"zero"})
    (tmp_path / "0.txt").write_bytes(b"somebody's work")
    open_ledger(tmp_path, PARAMETERS).write_unit("a", {"0.txt": b"zero"})
    assert (tmp_path / "0.txt").read_bytes() == b"zero"
    kept = [p.read_bytes() for p in (tmp_path / LEDGER_FOLDER / "set_aside").iterdir()]
    assert kept == [b"somebody's work"]
    assert "was changed after it was drawn" in " ".join(capsys.readouterr().err.split())


def test_folder_of_others_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(DatasetError, match=r"holiday\.jpg(.|\n)*another folder"):
        open_ledger(tmp_path, PARAMETERS)
    assert [p.name for p in tmp_path.iterdir()] == ["holiday.jpg"]


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(b"")
    with pytest.raises(DatasetError, match="is a file"):
        open_ledger(tmp_path / "here", PARAMETERS)


def test_notes_that_point_outside_the_folder_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_bytes(b"zero")
    folder = tmp_path / "drawn"
    open_ledger(folder, PARAMETERS).write_unit("a", {"0.txt": b"zero"})
    notes = folder / LEDGER_FOLDER / "unit-a.json"
    notes.write_text(notes.read_text().replace("0.txt", "../outside.txt"))
    (folder / "0.txt").unlink()
    open_ledger(folder, {**PARAMETERS, "seed": 2})
    assert outside.read_bytes() == b"zero"
