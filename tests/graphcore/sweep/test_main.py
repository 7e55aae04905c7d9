import pytest

from graphcore.config import SweepConfig
from graphcore.errors import RunError
from graphcore.sweep import summarise_sweep
from graphcore.sweep.__main__ import run_sweep


def test_command_writes_table_csv_and_picture(folder, capsys):
    run_sweep(SweepConfig(dir=str(folder)))
    assert (folder / "sweep.csv").is_file()
    assert (folder / "sweep.png").is_file()
    assert "0.850±0.071" in capsys.readouterr().out


def test_folder_above_a_sweep_lists_the_sweeps_in_it(folder):
    with pytest.raises(RunError, match=r"dir=.* holds no jobs of a sweep.\nChoices: .*multirun\."):
        summarise_sweep(folder.parent)


def test_missing_folder(tmp_path):
    with pytest.raises(RunError, match=r"holds no jobs of a sweep"):
        summarise_sweep(tmp_path / "nowhere")
