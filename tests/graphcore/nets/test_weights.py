import os

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets import weights
from graphcore.nets.weights import (
    digest_weights,
    locate_checkpoint,
    read_variables,
    write_checkpoint,
    write_npz,
)

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


def test_what_is_written_is_read_back(prefix):
    assert_same(locate_checkpoint(str(prefix)).read_all(), VALUES)


def test_tensorflow_reads_what_is_written(prefix):
    found = tf.train.list_variables(str(prefix))
    assert found == [(name, list(VALUES[name].shape)) for name in sorted(VALUES)]


def test_shapes_are_known_without_the_values(prefix):
    assert locate_checkpoint(str(prefix)).shapes() == {name: value.shape for name, value in VALUES.items()}


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
    with pytest.raises(CheckpointError, match=r"Choices: embedded, embedded_fine\."):
        locate_checkpoint(str(tmp_path / "no" / "such" / "place"))


def test_a_checkpoint_without_its_data_is_told(prefix):
    os.remove(f"{prefix}.data-00000-of-00001")
    with pytest.raises(CheckpointError, match=r"incomplete: .*its \.data-\* files are not"):
        locate_checkpoint(str(prefix))


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_truncated_checkpoint_is_told(prefix, suffix):
    path = prefix.parent / (prefix.name + suffix)
    path.write_bytes(path.read_bytes()[:-20])
    source = locate_checkpoint(str(prefix))
    with pytest.raises(CheckpointError, match=r"Cannot read the weights of .*model\.ckpt-12"):
        source.read_all()


def test_npz_keeps_vectors_and_integers_and_halves_the_rest(tmp_path):
    path = write_npz(tmp_path / "weights.npz", VALUES)
    with np.load(path) as arrays:
        assert arrays["MobilenetV1/Conv2d_0/weights"].dtype == np.float16
        assert arrays["MobilenetV1/Conv2d_0/BatchNorm/beta"].dtype == np.float32
        assert arrays["global_step"].dtype == np.int64


def test_npz_is_read_as_single_precision(tmp_path):
    source = locate_checkpoint(str(write_npz(tmp_path / "weights.npz", VALUES)))
    found = source.read_all()
    assert {value.dtype for value in found.values()} == {np.dtype("float32"), np.dtype("int64")}
    np.testing.assert_allclose(found["MobilenetV1/Conv2d_0/weights"], VALUES["MobilenetV1/Conv2d_0/weights"], rtol=1e-3)
    assert source.shapes() == {name: value.shape for name, value in VALUES.items()}


def test_equal_weights_make_equal_files(tmp_path):
    one, other = (write_npz(tmp_path / f"{name}.npz", VALUES).read_bytes() for name in ("one", "other"))
    assert one == other


def test_values_too_large_for_half_precision_are_told(tmp_path):
    with pytest.raises(CheckpointError, match=r"net/weights has values up to 1e\+06, too large for float16"):
        write_npz(tmp_path / "weights.npz", {"net/weights": np.full([1, 1], 1e6, np.float32)})


@pytest.mark.parametrize("content", [b"not a zip", b"PK\x03\x04 cut short"])
def test_a_damaged_npz_is_told(tmp_path, content):
    path = tmp_path / "weights.npz"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match="Cannot read the weights"):
        locate_checkpoint(str(path)).read_all()


def test_a_single_array_is_no_checkpoint(tmp_path):
    path = tmp_path / "weights.npz"
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(CheckpointError, match="Cannot read the weights"):
        locate_checkpoint(str(path)).read_all()


def test_an_npz_cannot_smuggle_in_a_pickle(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, weights=np.array([{"code": 1}], dtype=object))
    with pytest.raises(CheckpointError, match="Cannot read the weights"):
        locate_checkpoint(str(path)).read_all()


def test_an_installation_without_the_embedded_weights_is_told(monkeypatch):
    monkeypatch.setattr(weights, "EMBEDDED_ASSET", "absent.npz")
    with pytest.raises(CheckpointError, match=r"absent\.npz is not in this installation"):
        locate_checkpoint("embedded")


def test_digests_are_of_content_not_of_place_or_order(tmp_path, prefix):
    elsewhere = write_checkpoint(tmp_path / "elsewhere" / "other.ckpt", dict(reversed(VALUES.items())))
    assert locate_checkpoint(str(prefix)).digest() == locate_checkpoint(str(elsewhere)).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"a": np.zeros([2, 1], np.float32)},
        {"a": np.zeros([1, 2], np.float64)},
        {"b": np.zeros([1, 2], np.float32)},
        {"a": np.full([1, 2], 1e-6, np.float32)},
    ],
    ids=["shape", "type", "name", "value"],
)
def test_any_change_of_content_changes_the_digest(change):
    assert digest_weights(change) != digest_weights({"a": np.zeros([1, 2], np.float32)})


def test_variables_are_read_by_slims_names():
    with tf.Graph().as_default(), tf1.Session() as session:
        with tf1.variable_scope("head"):
            tf1.get_variable("weights", initializer=[1.0, 2.0])
        session.run(tf1.global_variables_initializer())
        assert read_variables(session, tf1.global_variables())["head/weights"].tolist() == [1.0, 2.0]
