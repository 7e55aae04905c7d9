import numpy as np
import pytest

from graphcore.nets import memory
from graphcore.nets.factory import get_backbone
from graphcore.nets.weights import locate_checkpoint, write_checkpoint


@pytest.fixture(autouse=True)
def empty():
    memory.forget()
    yield
    memory.forget()


@pytest.fixture(scope="module")
def backbone():
    return get_backbone("mobilenet_v1", 0.25, 128, "Conv2d_1_pointwise")


def test_same_network_and_seed_are_made_once(backbone):
    first = memory.get_frozen(backbone, None, seed=0)
    assert memory.get_frozen(backbone, None, seed=0) is first
    assert memory.get_frozen(backbone, None, seed=1) is not first


def test_weights_are_found_by_their_digest_for_the_same_input_only(backbone):
    frozen = memory.get_frozen(backbone, None, seed=0)
    assert memory.recall_weights(backbone, frozen.digest) is frozen
    assert memory.recall_weights(get_backbone("mobilenet_v1", 0.25, 160, "Conv2d_1_pointwise"), frozen.digest) is None
    assert memory.recall_weights(backbone, "another") is None


def test_checkpoint_that_was_written_anew_is_read_anew(backbone, tmp_path):
    values = dict(memory.get_frozen(backbone, None, seed=0).weights)
    source = locate_checkpoint(str(write_checkpoint(tmp_path / "model.ckpt", values)))
    first = memory.get_frozen(backbone, source, seed=0)
    assert memory.get_frozen(backbone, source, seed=7) is first
    name = "MobilenetV1/Conv2d_0/weights"
    write_checkpoint(tmp_path / "model.ckpt", values | {name: values[name] + 1})
    second = memory.get_frozen(backbone, source, seed=0)
    np.testing.assert_array_equal(second.weights[name], values[name] + 1)


def test_only_the_newest_are_kept(backbone):
    first = memory.get_frozen(backbone, None, seed=0)
    for seed in (1, 2):
        memory.get_frozen(backbone, None, seed=seed)
    assert memory.get_frozen(backbone, None, seed=0) is not first
