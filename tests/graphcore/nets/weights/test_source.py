import zipfile
from dataclasses import replace

import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.nets.weights import CheckpointSource, digest_weights, locate_checkpoint, write_checkpoint, write_npz

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


def test_shapes_are_known_without_the_values(prefix):
    assert locate_checkpoint(str(prefix)).shapes() == {name: value.shape for name, value in VALUES.items()}


@pytest.mark.parametrize("suffix", [".index", ".data-00000-of-00001"])
def test_a_truncated_checkpoint_is_told(prefix, suffix):
    path = prefix.parent / (prefix.name + suffix)
    path.write_bytes(path.read_bytes()[:-20])
    source = locate_checkpoint(str(prefix))
    with pytest.raises(CheckpointError, match=r"Cannot read the weights of .*model\.ckpt-12"):
        source.read_all()


def test_npz_is_read_as_single_precision(tmp_path):
    source = locate_checkpoint(str(write_npz(tmp_path / "weights.npz", VALUES)))
    found = source.read_all()
    assert {value.dtype for value in found.values()} == {np.dtype("float32"), np.dtype("int64")}
    np.testing.assert_allclose(found["MobilenetV1/Conv2d_0/weights"], VALUES["MobilenetV1/Conv2d_0/weights"], rtol=1e-3)
    assert source.shapes() == {name: value.shape for name, value in VALUES.items()}


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


def test_digests_are_of_content_not_of_place_or_order(tmp_path, prefix):
    elsewhere = write_checkpoint(tmp_path / "elsewhere" / "other.ckpt", dict(reversed(VALUES.items())))
    assert locate_checkpoint(str(prefix)).digest() == locate_checkpoint(str(elsewhere)).digest()


def test_a_v1_checkpoint_is_one_file_and_read_like_any_other(tmp_path, write_v1):
    values = {name: value for name, value in VALUES.items() if value.dtype == np.float32}
    source = locate_checkpoint(str(write_v1(tmp_path / "nets [1]*" / "inception_v3.ckpt", values)))
    assert source.kind == "checkpoint"
    assert_same(source.read_all(), values)
    assert source.shapes() == {name: value.shape for name, value in values.items()}
    assert source.digest() == digest_weights(values)


def test_a_damaged_v1_checkpoint_is_told(tmp_path, write_v1):
    path = write_v1(tmp_path / "vgg_16.ckpt", {"a": np.arange(4000, dtype=np.float32)})
    content = bytearray(path.read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"Cannot read the weights of .*vgg_16\.ckpt"):
        locate_checkpoint(str(path)).read_all()


AVERAGED = {
    "net/weights": np.zeros([2, 2], np.float32),
    "net/weights/ExponentialMovingAverage": np.full([2, 2], 3, np.float32),
    "net/BatchNorm/moving_mean": np.ones(2, np.float32),
}


@pytest.mark.parametrize("write", [write_checkpoint, write_npz])
def test_averages_are_read_in_place_of_the_weights(tmp_path, write):
    name = "net.npz" if write is write_npz else "net.ckpt"
    source = replace(locate_checkpoint(str(write(tmp_path / name, AVERAGED))), use_ema=True)
    assert_same(
        source.read_all(),
        {"net/weights": np.full([2, 2], 3, np.float32), "net/BatchNorm/moving_mean": np.ones(2, np.float32)},
    )
    assert source.shapes() == {"net/weights": (2, 2), "net/BatchNorm/moving_mean": (2,)}


def test_averages_are_asked_for_in_vain(prefix):
    source = replace(locate_checkpoint(str(prefix)), use_ema=True)
    with pytest.raises(CheckpointError, match="has no moving averages"):
        source.shapes()


def test_the_digest_is_of_what_would_be_restored(tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", AVERAGED)))
    averaged = replace(source, use_ema=True)
    without = replace(source, exclude_scopes=("net/BatchNorm/",))
    assert len({source.digest(), averaged.digest(), without.digest()}) == 3
    assert without.digest() == digest_weights({k: v for k, v in AVERAGED.items() if "BatchNorm" not in k})


def test_a_scope_is_not_a_beginning_of_a_name(tmp_path):
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "net.ckpt", AVERAGED)))
    assert replace(source, exclude_scopes=("net/Batch",)).digest() == source.digest()


def test_a_graph_has_no_variables_to_read(tmp_path):
    with pytest.raises(CheckpointError, match=r"net\.pb is a graph, not a checkpoint\.\nChoose backbone=graph"):
        CheckpointSource("graph", tmp_path / "net.pb", "net.pb").read_all()


def test_an_array_that_claims_more_than_any_memory_is_damage(tmp_path):
    header = str({"descr": "<f4", "fortran_order": False, "shape": (10**15,)}).ljust(117) + "\n"
    npy = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    with zipfile.ZipFile(tmp_path / "huge.npz", "w") as archive:
        archive.writestr("weights.npy", npy + bytes(16))
    with pytest.raises(CheckpointError, match=r"Cannot read the weights of .*huge\.npz"):
        locate_checkpoint(str(tmp_path / "huge.npz")).read_all()
