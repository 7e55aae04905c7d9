import pytest

from graphcore.errors import InputError
from graphcore.graph.runtime import tf, tf1
from graphcore.inference.graph_file import is_sigmoid, read_classifier


def write_graph(path, ends):
    """A graph with the classic inputs and these ends: name -> (width, whether a sigmoid)."""
    with tf.Graph().as_default() as graph:
        tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        pixels = tf1.placeholder(tf.uint8, [None, None, 3], name="DecodeJpeg")
        prepared = tf.ensure_shape(tf.cast(pixels, tf.float32)[tf.newaxis], [None, None, None, 3])
        means = tf.reduce_mean(tf1.placeholder_with_default(prepared, [None, None, None, 3], name="input"), [1, 2])
        for name, (width, sigmoid) in ends.items():
            sums = tf.tile(means[:, :1], [1, width])
            tf.identity((tf.nn.sigmoid if sigmoid else tf.nn.softmax)(sums), name=name)
    path.write_bytes(graph.as_graph_def().SerializeToString())
    path.with_name("labels.txt").write_text("red\ngreen\nblue\n")
    return path


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({"answers": (3, False)}, "answers"),
        ({"answers": (3, False), "other": (7, False)}, "answers"),
        ({"answers": (7, False)}, "answers"),
        ({"answers": (3, False), "final_result": (3, False)}, "final_result"),
    ],
    ids=["the only end", "as many as labels", "other labels", "the classic name"],
)
def test_scores_are_found_whatever_their_name(tmp_path, ends, expected):
    program, labels = read_classifier(write_graph(tmp_path / "a.pb", ends))
    assert program.find_output("scores").op.name == expected
    assert labels == ("red", "green", "blue")


def test_two_ends_alike_are_refused_by_name(tmp_path):
    path = write_graph(tmp_path / "a.pb", {"one": (3, False), "two": (3, False)})
    with pytest.raises(InputError, match=r"none of its 2 ends is known.*\nChoices: one:0, two:0"):
        read_classifier(path)


def test_a_graph_without_the_classic_inputs_is_refused(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.nn.softmax(tf1.placeholder(tf.float32, [None, 3], name="else"))
    (tmp_path / "a.pb").write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(InputError, match="not a classifier that graphcore exported"):
        read_classifier(tmp_path / "a.pb")


@pytest.mark.parametrize("sigmoid", [True, False])
def test_sigmoids_are_told_from_a_softmax(tmp_path, sigmoid):
    program, _ = read_classifier(write_graph(tmp_path / "a.pb", {"answers": (3, sigmoid)}))
    assert is_sigmoid(program.find_output("scores")) is sigmoid


def test_a_temporal_graph_has_features_that_can_be_fed(temporal_graph, frozen_graph):
    program, _ = read_classifier(temporal_graph)
    assert (program.inputs["features"], program.outputs["features"]) == ("features:0", "features:0")
    assert "features" not in read_classifier(frozen_graph)[0].inputs
