import os

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf1
from graphcore.nets.weights import locate, locate_checkpoint, write_checkpoint

VALUES = {
    "MobilenetV1/Conv2d_0/weights": np.arange(6, dtype=np.float32).reshape(1, 2, 3) / 7,
    "MobilenetV1/Conv2d_0/BatchNorm/beta": np.array([1e-9, 2.0], np.float32),
    "global_step": np.array(12, np.int64),
}


def assert_same(found, expected):
    assert sorted(found) == sorted(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)
        assert found[name].dtype == value.dtype


@pytest.fixture(name="prefix")
def written_checkpoint(tmp_path):
    return write_checkpoint(tmp_path / "nets" / "model.ckpt-12", VALUES)


@pytest.mark.parametrize("suffix", ["", ".index", ".data-00000-of-00001", ".meta"])
def test_a_prefix_or_any_of_its_files_names_a_checkpoint(prefix, suffix):
    assert locate_checkpoint(f"{prefix}{suffix}").path == prefix


def test_a_folder_stands_for_its_newest_checkpoint_by_step(tmp_path):
    for step in (9, 100, 20):
        write_checkpoint(tmp_path / f"model.ckpt-{step}", VALUES)
    assert locate_checkpoint(str(tmp_path)).path == tmp_path / "model.ckpt-100"


def test_the_folders_state_file_decides(tmp_path):
    for step in (1, 2):
        write_checkpoint(tmp_path / f"model.ckpt-{step}", VALUES)
    tf1.train.update_checkpoint_state(str(tmp_path), "model.ckpt-1")
    assert locate_checkpoint(str(tmp_path)).path == tmp_path / "model.ckpt-1"


def test_a_state_file_that_names_what_is_gone_is_passed_over(tmp_path):
    write_checkpoint(tmp_path / "model.ckpt-2", VALUES)
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-7"\n')
    assert locate_checkpoint(str(tmp_path)).path == tmp_path / "model.ckpt-2"


def test_a_run_stands_for_its_backbone(tmp_path):
    write_checkpoint(tmp_path / "checkpoints" / "backbone.ckpt", VALUES)
    source = locate_checkpoint(str(tmp_path))
    assert source.title == f"the backbone of the run {tmp_path}"
    assert_same(source.read_all(), VALUES)


def test_a_missing_checkpoint_is_told_with_those_nearby(tmp_path, prefix):
    with pytest.raises(CheckpointError, match=r"no such checkpoint or folder\.\nChoices: embedded, .*model\.ckpt-12\."):
        locate_checkpoint(str(prefix.parent / "other.ckpt"))


def test_a_folder_without_checkpoints_is_told_with_the_folders_that_have_some(tmp_path, prefix):
    with pytest.raises(CheckpointError, match=r"holds no checkpoint .*\nChoices: embedded, .*nets\."):
        locate_checkpoint(str(tmp_path))


def test_a_folder_that_cannot_be_read_leaves_the_embedded_choice(tmp_path):
    with pytest.raises(CheckpointError, match=r"Choices: embedded, embedded_fine, imagenet\."):
        locate_checkpoint(str(tmp_path / "no" / "such" / "place"))


def test_a_checkpoint_without_its_data_is_told(prefix):
    os.remove(f"{prefix}.data-00000-of-00001")
    with pytest.raises(CheckpointError, match=r"incomplete: .*its \.data-\* files are not"):
        locate_checkpoint(str(prefix))


def test_an_installation_without_the_embedded_weights_is_told(monkeypatch):
    monkeypatch.setattr(locate, "EMBEDDED_ASSET", "absent.npz")
    with pytest.raises(CheckpointError, match=r"absent\.npz is not in this installation"):
        locate_checkpoint("embedded")


def test_a_folder_stands_for_its_v1_checkpoint(tmp_path, write_v1):
    path = write_v1(tmp_path / "vgg_16.ckpt", {"a": np.zeros(3, np.float32)})
    (tmp_path / "labels.txt").write_text("cat\n")
    assert locate_checkpoint(str(tmp_path)).path == path


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("inception_v3_2016_08_28.tar.gz", "Unpack it"),
        ("frozen.pb", "backbone=graph backbone.checkpoint=.*frozen.pb"),
        ("model.ckpt", "cut short"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_told_with_what_to_do(tmp_path, name, advice):
    (tmp_path / name).write_bytes(b"something")
    with pytest.raises(CheckpointError, match=rf"a file that is no checkpoint\.\n.*{advice}"):
        locate_checkpoint(str(tmp_path / name))


@pytest.mark.parametrize("name", ["saved_model.pb", "checkpoints/backbone.pb"])
def test_a_folder_that_holds_a_graph_is_told_so(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"It holds a graph: backbone=graph backbone\.checkpoint="):
        locate_checkpoint(str(tmp_path))


def test_a_state_file_that_is_no_text_is_passed_over(prefix):
    (prefix.parent / "checkpoint").write_bytes(b"\xfa\xff\x00")
    assert locate_checkpoint(str(prefix.parent)).path == prefix
