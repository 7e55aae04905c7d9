import os
import shutil
import warnings

import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.graph.freeze import count_ops, import_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.saved_model import read_saved_model

PICTURES = np.random.default_rng(0).uniform(-1, 1, [2, 4, 4, 3]).astype(np.float32)


class Net(tf.Module):
    """Two variables of one name, so that only the restore says which is which."""

    def __init__(self):
        super().__init__()
        self.first = tf.Variable(np.arange(6, dtype=np.float32).reshape(3, 2), name="kernel")
        self.second = tf.Variable(np.full([2, 2], 5, np.float32), name="kernel")

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 3], tf.float32)])
    def __call__(self, pictures):
        pooled = tf.reduce_mean(pictures, [1, 2], name="pooled")
        return {"scores": tf.matmul(tf.matmul(pooled, self.first), self.second)}


EXPECTED = PICTURES.mean((1, 2)) @ np.arange(6).reshape(3, 2) @ np.full([2, 2], 5)


def write_old(folder, use_resource):
    with tf.Graph().as_default(), tf1.Session() as session, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures = tf1.placeholder(tf.float32, [None, 4, 4, 3], name="pictures")
        kernels = [
            tf1.get_variable(f"net/{name}", initializer=value, use_resource=use_resource)
            for name, value in (
                ("first", np.arange(6, dtype=np.float32).reshape(3, 2)),
                ("second", np.full([2, 2], 5, np.float32)),
            )
        ]
        scores = tf.matmul(tf.matmul(tf.reduce_mean(pictures, [1, 2]), kernels[0]), kernels[1])
        session.run(tf1.global_variables_initializer())
        tf1.saved_model.simple_save(session, str(folder), {"pictures": pictures}, {"scores": scores})


@pytest.fixture(name="models", scope="module")
def saved_models(tmp_path_factory):
    base = tmp_path_factory.mktemp("saved")
    net = Net()
    tf.saved_model.save(net, str(base / "module"), signatures=net.__call__)
    write_old(base / "resources", True)
    write_old(base / "references", False)
    return base


@pytest.mark.parametrize("name", ["module", "resources", "references"])
def test_a_saved_model_becomes_constants_that_compute_the_same(models, name):
    graph_def, signature = read_saved_model(models / name)
    assert signature.name == "serving_default"
    counts = count_ops(graph_def)
    assert not [op for op in counts if op in ("VarHandleOp", "ReadVariableOp", "VariableV2") or "Partitioned" in op]
    program = Program(import_graph(graph_def), {"in": next(iter(signature.inputs.values()))}, signature.outputs)
    np.testing.assert_allclose(program.run({"in": PICTURES}, ["scores"])[0], EXPECTED, rtol=1e-5)
    program.close()


def test_a_folder_without_one_is_told(tmp_path):
    with pytest.raises(InputError, match=r"is no SavedModel: saved_model\.pb: No such file"):
        read_saved_model(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model"])
def test_a_damaged_one_is_told(tmp_path, content):
    (tmp_path / "saved_model.pb").write_bytes(content)
    with pytest.raises(InputError, match=r"saved_model\.pb is damaged"):
        read_saved_model(tmp_path)


def test_one_without_its_variables_is_told(models, tmp_path):
    folder = shutil.copytree(models / "module", tmp_path / "copy")
    (folder / "variables" / "variables.data-00000-of-00001").unlink()
    with pytest.raises(InputError, match=r"The variables of .*copy cannot be read"):
        read_saved_model(folder)


@pytest.mark.parametrize("name", ["saved_model.pb", "variables/variables.index"])
def test_a_link_out_of_the_folder_is_refused(models, tmp_path, name):
    folder = shutil.copytree(models / "module", tmp_path / "copy")
    os.replace(folder / name, tmp_path / "outside")
    os.symlink(tmp_path / "outside", folder / name)
    with pytest.raises(InputError, match=r"is a link that leaves the folder"):
        read_saved_model(folder)


class Thief(tf.Module):
    """Reads a file whenever it is asked for scores."""

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 3], tf.float32)])
    def __call__(self, pictures):
        secret = tf.strings.length(tf.io.read_file("/etc/hostname"))
        return {"scores": tf.reduce_mean(pictures, [1, 2]) + tf.cast(secret, tf.float32)}


def test_one_that_reads_files_is_refused_by_name(tmp_path):
    thief = Thief()
    tf.saved_model.save(thief, str(tmp_path / "thief"), signatures=thief.__call__)
    with pytest.raises(InputError, match=r"thief is refused: .*ReadFile \(touches files\)"):
        read_saved_model(tmp_path / "thief")


class Starter(Net):
    """Has an asset, which TensorFlow's own loader would hand to an initialiser."""

    def __init__(self, path):
        super().__init__()
        initializer = tf.lookup.TextFileInitializer(path, tf.string, 0, tf.int64, 1, delimiter=" ")
        self.table = tf.lookup.StaticHashTable(initializer, -1)


def test_initialisers_and_assets_are_left_alone(tmp_path):
    (tmp_path / "words.txt").write_text("a 1\n")
    starter = Starter(str(tmp_path / "words.txt"))
    tf.saved_model.save(starter, str(tmp_path / "model"), signatures=starter.__call__)
    shutil.rmtree(tmp_path / "model" / "assets")
    graph_def, _ = read_saved_model(tmp_path / "model")
    assert not [op for op in count_ops(graph_def) if "Table" in op]


def test_several_signatures_without_a_usual_name_are_listed(tmp_path):
    net = Net()
    signatures = {"one": net.__call__, "two": net.__call__}
    tf.saved_model.save(net, str(tmp_path / "model"), signatures=signatures)
    with pytest.raises(InputError, match=r"no signature that could be meant\.\nChoices: one, two\."):
        read_saved_model(tmp_path / "model")
