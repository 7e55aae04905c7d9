import shutil
from pathlib import Path

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf
from graphcore.nets.factory import get_backbone
from graphcore.training import checkpoints

VALUES = {"head/weights": np.eye(3, dtype=np.float32), "step": np.array(7, np.int64)}


def test_what_was_written_is_read(tmp_path):
    checkpoints.write_checkpoint(tmp_path / "a.ckpt", VALUES)
    found = checkpoints.read_checkpoint(tmp_path / "a.ckpt")
    assert found.keys() == VALUES.keys()
    np.testing.assert_array_equal(found["head/weights"], VALUES["head/weights"])
    assert found["step"] == 7


def test_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match=r"no checkpoint .*nothing\.ckpt"):
        checkpoints.read_checkpoint(tmp_path / "nothing.ckpt")


def test_folder_that_cannot_be_written_is_an_error_with_a_next_step(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CheckpointError, match=r"(?s)could not be written.*Make room"):
        checkpoints.write_checkpoint(tmp_path / "file" / "a.ckpt", VALUES)


def test_of_tensorflows_errors_the_systems_reason_is_told(tmp_path, monkeypatch):
    def fail(*_):
        message = "Graph execution error:\n\nrun/m.data; No space left on device\n\t [[{{save}}]]"
        raise tf.errors.ResourceExhaustedError(None, None, message)

    monkeypatch.setattr(checkpoints.weights, "write_checkpoint", fail)
    with pytest.raises(CheckpointError, match=r"m could not be written: No space left on device\nMake room"):
        checkpoints.write_checkpoint(tmp_path / "m", {})


def test_only_the_newest_states_are_kept(tmp_path):
    for step in (5, 10, 100):
        checkpoints.write_state(tmp_path, step, {"step": np.array(step)})
    assert checkpoints.saved_steps(tmp_path) == [10, 100]
    assert not list(checkpoints.checkpoints_dir(tmp_path).glob("model.ckpt-5.*"))


def test_newest_state_is_read(tmp_path):
    for step in (9, 10):
        checkpoints.write_state(tmp_path, step, {"step": np.array(step)})
    assert checkpoints.read_newest_state(tmp_path)["step"] == 10


def test_damaged_state_is_passed_over_for_the_one_before(tmp_path):
    for step in (9, 10):
        checkpoints.write_state(tmp_path, step, {"step": np.array(step)})
    Path(f"{checkpoints.model_prefix(tmp_path, 10)}.index").write_bytes(b"")
    assert checkpoints.read_newest_state(tmp_path)["step"] == 9


def test_folder_without_states_has_none(tmp_path):
    assert checkpoints.read_newest_state(tmp_path) is None


def test_jobs_of_one_process_share_the_files_of_one_backbone(tmp_path):
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    values = {"MobilenetV1/x": np.ones(3, np.float32)}
    for name in "abc":
        checkpoints.write_backbone(tmp_path / name, backbone, values, "one" if name != "c" else "another")
    data = [Path(f"{checkpoints.backbone_prefix(tmp_path / name)}.data-00000-of-00001") for name in "abc"]
    assert data[0].samefile(data[1])
    assert not data[0].samefile(data[2])
    np.testing.assert_array_equal(
        checkpoints.read_checkpoint(checkpoints.backbone_prefix(tmp_path / "b"))["MobilenetV1/x"], [1, 1, 1]
    )


def test_files_that_were_changed_or_removed_are_written_anew(tmp_path):
    backbone = get_backbone("mobilenet_v1", 0.25, 128)
    values = {"MobilenetV1/x": np.ones(3, np.float32)}
    checkpoints.write_backbone(tmp_path / "a", backbone, values, "gone")
    shutil.rmtree(tmp_path / "a")
    checkpoints.write_backbone(tmp_path / "b", backbone, values, "gone")
    Path(f"{checkpoints.backbone_prefix(tmp_path / 'b')}.index").write_bytes(b"damaged")
    checkpoints.write_backbone(tmp_path / "c", backbone, values, "gone")
    found = checkpoints.read_checkpoint(checkpoints.backbone_prefix(tmp_path / "c"))
    np.testing.assert_array_equal(found["MobilenetV1/x"], [1, 1, 1])
