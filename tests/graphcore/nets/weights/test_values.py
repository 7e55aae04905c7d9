import numpy as np
import pytest

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.weights import digest_weights, read_variables, write_checkpoint, write_npz

VALUES = {
    "MobilenetV1/Conv2d_0/weights": np.arange(6, dtype=np.float32).reshape(1, 2, 3) / 7,
    "MobilenetV1/Conv2d_0/BatchNorm/beta": np.array([1e-9, 2.0], np.float32),
    "global_step": np.array(12, np.int64),
}


@pytest.fixture(name="prefix")
def written_checkpoint(tmp_path):
    return write_checkpoint(tmp_path / "nets" / "model.ckpt-12", VALUES)


def test_tensorflow_reads_what_is_written(prefix):
    found = tf.train.list_variables(str(prefix))
    assert found == [(name, list(VALUES[name].shape)) for name in sorted(VALUES)]


def test_npz_keeps_vectors_and_integers_and_halves_the_rest(tmp_path):
    path = write_npz(tmp_path / "weights.npz", VALUES)
    with np.load(path) as arrays:
        assert arrays["MobilenetV1/Conv2d_0/weights"].dtype == np.float16
        assert arrays["MobilenetV1/Conv2d_0/BatchNorm/beta"].dtype == np.float32
        assert arrays["global_step"].dtype == np.int64


def test_equal_weights_make_equal_files(tmp_path):
    one, other = (write_npz(tmp_path / f"{name}.npz", VALUES).read_bytes() for name in ("one", "other"))
    assert one == other


def test_values_too_large_for_half_precision_are_told(tmp_path):
    with pytest.raises(CheckpointError, match=r"net/weights has values up to 1e\+06, too large for float16"):
        write_npz(tmp_path / "weights.npz", {"net/weights": np.full([1, 1], 1e6, np.float32)})


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
