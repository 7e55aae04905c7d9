import os

import numpy as np
import pytest

from graphcore.nets.weights import write_checkpoint
from graphcore.nets.weights.table import escape_pattern, is_table


def test_a_v1_file_is_known_by_its_last_bytes(tmp_path, write_v1):
    path = write_v1(tmp_path / "net.ckpt", {"a": np.zeros(3, np.float32)})
    assert is_table(path)
    path.write_bytes(path.read_bytes()[:-1])
    assert not is_table(path)


def test_the_index_of_a_v2_checkpoint_is_none(tmp_path):
    prefix = write_checkpoint(tmp_path / "net.ckpt", {"a": np.zeros(3, np.float32)})
    assert not is_table(tmp_path / f"{prefix.name}.index")
    assert not is_table(tmp_path / f"{prefix.name}.data-00000-of-00001")


@pytest.mark.parametrize("content", [b"", b"short", None], ids=["empty", "short", "absent"])
def test_what_is_too_short_or_not_there_is_none(tmp_path, content):
    path = tmp_path / "file"
    if content is not None:
        path.write_bytes(content)
    assert not is_table(path)


def test_a_folder_or_a_pipe_is_none(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert not is_table(tmp_path)
    assert not is_table(tmp_path / "pipe")


def test_signs_of_patterns_are_escaped():
    assert escape_pattern("a[1]*?") == "a[[]1][*][?]"
