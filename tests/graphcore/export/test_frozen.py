import subprocess
import sys

import numpy as np
from PIL import Image

from graphcore.export.classifier_graph import DECODED, SCORES, build_classifier_graph
from graphcore.export.frozen import write_frozen_graph
from graphcore.graph.runtime import tf1

# Somebody else's program: TensorFlow, the file and the names of its nodes.
STRANGER = """
import sys
import tensorflow as tf
graph_def = tf.compat.v1.GraphDef()
graph_def.ParseFromString(open(sys.argv[1], "rb").read())
with tf.Graph().as_default(), tf.compat.v1.Session() as session:
    tf.import_graph_def(graph_def, name="")
    contents = open(sys.argv[2], "rb").read()
    print(*session.run("final_result:0", {"DecodeJpeg/contents:0": contents})[0])
assert not any(name.split(".")[0] in ("graphcore", "tf_slim") for name in sys.modules)
"""


def test_tensorflow_alone_gives_the_same_scores(run, tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (60, 80, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "picture.png")
    classifier = build_classifier_graph(run)
    write_frozen_graph(classifier, tmp_path / "frozen_graph.pb")
    with tf1.Session(graph=classifier.graph) as session:
        expected = session.run(SCORES, {DECODED: pixels})[0]

    arguments = [
        sys.executable,
        "-c",
        STRANGER,
        str(tmp_path / "frozen_graph.pb"),
        str(tmp_path / "picture.png"),
    ]
    printed = subprocess.run(arguments, capture_output=True, text=True, cwd=tmp_path, check=True).stdout

    np.testing.assert_allclose([float(score) for score in printed.split()], expected, atol=1e-5)


def test_the_same_run_gives_the_same_bytes(run, tmp_path):
    for name in ("a.pb", "b.pb"):
        write_frozen_graph(build_classifier_graph(run), tmp_path / name)

    assert (tmp_path / "a.pb").read_bytes() == (tmp_path / "b.pb").read_bytes()
