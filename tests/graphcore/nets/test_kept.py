import json
import logging

import numpy as np
import pytest

from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets import kept
from graphcore.nets.factory import get_backbone

BACKBONE = get_backbone("mobilenet_v1", 0.25, 128, "Conv2d_1_pointwise")
VARIABLES = {"net/weights": ("float32", (3, 3, 3, 8)), "net/step": ("int64", ())}


@pytest.fixture(name="program", scope="module")
def doubling_program():
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 2], name="images")
        doubled = tf.multiply(images, 2.0, name="some/where")
    return Program(graph, {"images": images.name}, {"features": doubled.name})


def test_variables_come_back_as_they_were(tmp_path):
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    assert kept.read_variables_of(tmp_path, BACKBONE) == VARIABLES


def test_nothing_is_kept_at_first(tmp_path):
    assert kept.read_variables_of(tmp_path, BACKBONE) is None
    assert kept.read_program_of(tmp_path, BACKBONE, "digest") is None


def test_another_network_has_variables_of_its_own(tmp_path):
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    assert kept.read_variables_of(tmp_path, get_backbone("mobilenet_v1", 0.5, 128, "Conv2d_1_pointwise")) is None
    assert kept.read_variables_of(tmp_path, get_backbone("mobilenet_v1", 0.25, 128)) is None


def test_other_code_does_not_believe_what_this_one_kept_and_replaces_it(tmp_path, monkeypatch):
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    monkeypatch.setattr(kept, "_identify_code", lambda: "another")
    assert kept.read_variables_of(tmp_path, BACKBONE) is None
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    assert len(list((tmp_path / "networks").iterdir())) == 1


def test_program_comes_back_with_its_names(tmp_path, program):
    kept.keep_program(tmp_path, BACKBONE, "digest", program)
    found = kept.read_program_of(tmp_path, BACKBONE, "digest")
    assert found.outputs == {"features": "some/where:0"}
    np.testing.assert_array_equal(found.run({"images": [[1.0, 3.0]]})[0], [[2.0, 6.0]])
    found.close()


def test_program_of_other_weights_is_another(tmp_path, program):
    kept.keep_program(tmp_path, BACKBONE, "digest", program)
    assert kept.read_program_of(tmp_path, BACKBONE, "other") is None


@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: b"", lambda data: data.replace(b"M", b"N")])
def test_damaged_program_does_not_count_and_is_told_in_the_log(tmp_path, program, damage, caplog):
    kept.keep_program(tmp_path, BACKBONE, "digest", program)
    (path,) = (tmp_path / "networks").iterdir()
    path.write_bytes(damage(path.read_bytes()))
    with caplog.at_level(logging.WARNING, "graphcore"):
        assert kept.read_program_of(tmp_path, BACKBONE, "digest") is None
    assert "is damaged and will be made again" in caplog.text


@pytest.mark.parametrize("text", ["", "[]", '{"net/weights": 5}', '{"net/weights": ["float32", ["a"]]}'])
def test_damaged_variables_do_not_count(tmp_path, text):
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    (path,) = (tmp_path / "networks").iterdir()
    path.write_text(text)
    assert kept.read_variables_of(tmp_path, BACKBONE) is None


def test_folder_that_cannot_be_written_to_is_no_mistake(tmp_path, caplog):
    (tmp_path / "networks").write_text("in the way")
    with caplog.at_level(logging.WARNING, "graphcore"):
        kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    assert "cannot be written" in caplog.text
    assert kept.read_variables_of(tmp_path, BACKBONE) is None


def test_program_that_would_touch_files_is_not_run_whatever_its_checksum(tmp_path, caplog):
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.string, [], name="images")
        text = tf.io.read_file(images)
    kept.keep_program(tmp_path, BACKBONE, "digest", Program(graph, {"images": images.name}, {"features": text.name}))
    with caplog.at_level(logging.WARNING, "graphcore"):
        assert kept.read_program_of(tmp_path, BACKBONE, "digest") is None
    assert "it holds ReadFile" in caplog.text


def test_large_program_is_not_kept(tmp_path, program, monkeypatch):
    monkeypatch.setattr(kept, "_LARGEST_BYTES", 10)
    kept.keep_program(tmp_path, BACKBONE, "digest", program)
    assert not (tmp_path / "networks").exists()


def test_program_of_another_network_under_this_ones_name_does_not_count(tmp_path, program, caplog):
    kept.keep_program(tmp_path, BACKBONE, "mine", program)
    (mine,) = (tmp_path / "networks").iterdir()
    kept.keep_program(tmp_path, BACKBONE, "other", program)
    (other,) = set((tmp_path / "networks").iterdir()) - {mine}
    mine.write_bytes(other.read_bytes())
    assert kept.read_program_of(tmp_path, BACKBONE, "mine") is None


@pytest.mark.parametrize("names", [{}, {"inputs": 5, "outputs": {}}, {"inputs": {}, "outputs": {"features": "no:0"}}])
def test_program_with_names_that_lead_nowhere_is_made_again(tmp_path, program, names):
    kept.keep_program(tmp_path, BACKBONE, "digest", program)
    (path,) = (tmp_path / "networks").iterdir()
    head, _, body = path.read_bytes().partition(b"\n")
    path.write_bytes(json.dumps({"checksum": json.loads(head)["checksum"], **names}).encode() + b"\n" + body)
    assert kept.read_program_of(tmp_path, BACKBONE, "digest") is None


def test_damaged_variables_heal(tmp_path):
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    (path,) = (tmp_path / "networks").iterdir()
    path.write_bytes(path.read_bytes().replace(b"float32", b"float16"))
    assert kept.read_variables_of(tmp_path, BACKBONE) is None
    kept.keep_variables(tmp_path, BACKBONE, VARIABLES)
    assert kept.read_variables_of(tmp_path, BACKBONE) == VARIABLES
