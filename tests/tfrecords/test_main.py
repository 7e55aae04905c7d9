import subprocess
import sys

import pytest

from tfrecords.__main__ import main
from tfrecords.manifest import Manifest, write_manifest


def test_a_good_dataset_is_status_0(dataset, capsys):
    assert main(["verify", str(dataset)]) == 0
    assert "16 samples in 5 shards, 0.0 MiB, all good" in capsys.readouterr().out


def test_samples_of_several_labels_are_called_so(tmp_path, capsys):
    write_manifest(tmp_path, Manifest("pets", "test", ("cat",), {}, (), multi_label=True))
    assert main(["verify", str(tmp_path)]) == 0
    assert "0 multi-label samples in 0 shards" in capsys.readouterr().out


def test_a_damaged_dataset_is_status_1_and_named(dataset, capsys):
    (dataset / "test-00000-of-00002.tfrecord").unlink()
    assert main(["verify", str(dataset)]) == 1
    assert "test-00000-of-00002.tfrecord: missing" in capsys.readouterr().out


def test_a_folder_that_is_none_is_status_2_and_one_line(tmp_path, capsys):
    assert main(["verify", str(tmp_path / "nowhere")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "nowhere is no folder; convert a dataset first" in captured.err


@pytest.mark.parametrize("arguments", [[], ["verify"], ["repair", "x"]])
def test_misuse_is_status_2(arguments, capsys):
    with pytest.raises(SystemExit) as exit_info:
        main(arguments)
    assert exit_info.value.code == 2
    assert "usage: python -m tfrecords" in capsys.readouterr().err


def test_the_command_loads_no_tensorflow(dataset):
    program = "import sys, tfrecords.__main__ as m; m.main(['verify', sys.argv[1]]); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program, dataset], capture_output=True, text=True, check=True)
    assert "'tfrecords.verify'" in done.stdout
    assert "'tensorflow'" not in done.stdout


def test_it_runs_as_a_module(dataset):
    done = subprocess.run([sys.executable, "-m", "tfrecords", "verify", dataset], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
