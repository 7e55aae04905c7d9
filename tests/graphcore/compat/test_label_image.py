from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from graphcore.compat.foreign_graph import Pixels, open_graph, prepare
from graphcore.compat.label_flags import LABEL_IMAGE
from graphcore.compat.label_image import choose_labels, read_label_lines, run_label_image
from graphcore.compat.parse import parse_flags
from graphcore.errors import ConfigError, InputError
from graphcore.graph.runtime import tf, tf1


def write_graph(path, encoded, height=8, output="final_result"):
    """A graph whose three scores are the means of the channels of its input."""
    with tf.Graph().as_default() as graph:
        if encoded:
            contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
            image = tf.cast(tf.io.decode_jpeg(contents, channels=3), tf.float32)
            images = tf.identity(image[tf.newaxis] / 255.0, name="input")
        else:
            images = tf1.placeholder(tf.float32, [None, height, 6 if height else None, 3], name="input")
        tf.reduce_mean(images, [1, 2], name=output)
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


@pytest.fixture
def files(tmp_path):
    """A picture of one colour, labels, and a graph that takes pixels."""
    Image.new("RGB", (20, 10), (200, 100, 0)).save(tmp_path / "a.png")
    (tmp_path / "labels.txt").write_text("red\ngreen\nblue\n")
    write_graph(tmp_path / "g.pb", encoded=False)
    return tmp_path


def label(files, capsys, *flags, graph="g.pb"):
    """What is printed: label -> score, in order."""
    arguments = [f"--image={files}/a.png", f"--graph={files}/{graph}", f"--labels={files}/labels.txt", *flags]
    run_label_image(parse_flags(arguments, LABEL_IMAGE))
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("Evaluation time (1-image): ")
    assert lines[1].endswith("s")
    found = [line.rstrip(")").split(" (score=") for line in lines[3:]]
    return {name: float(score) for name, score in found}


def test_pixels_are_scaled_by_the_old_defaults_and_classes_come_best_first(files, capsys):
    scores = label(files, capsys)
    assert list(scores) == ["red", "green", "blue"]
    assert scores == {"red": 72 / 128, "green": -28 / 128, "blue": -1.0}


def test_an_explicit_0_is_a_0(files, capsys):
    assert label(files, capsys, "--input_mean=0", "--input_std=100") == {"red": 2.0, "green": 1.0, "blue": 0.0}
    with pytest.raises(ConfigError, match="--input_std=0"):
        label(files, capsys, "--input_std=0")


def test_the_graph_says_the_size_where_nobody_does(files):
    graph = open_graph(files / "g.pb", None, None, wants_pixels=False)
    assert (graph.input_layer, graph.is_encoded, graph.side) == ("input", False, (8, 6))
    write_graph(files / "any.pb", encoded=False, height=None)
    assert open_graph(files / "any.pb", None, None, wants_pixels=False).side is None


def test_a_size_that_does_not_fit_is_told(files, capsys):
    with pytest.raises(InputError, match=r"does not take .*a\.png at input(.|\n)*--input_height"):
        label(files, capsys, "--input_height=99")


def test_graphs_that_take_encoded_pictures_prepare_them_themselves(files, capsys):
    write_graph(files / "e.pb", encoded=True)
    scores = label(files, capsys, graph="e.pb")
    assert scores["red"] == pytest.approx(200 / 255, abs=0.02)
    with pytest.raises(ConfigError, match=r"takes encoded pictures: --input_mean can do nothing"):
        label(files, capsys, "--input_layer=DecodeJpeg/contents", "--input_mean=0", graph="e.pb")


def test_pixels_may_be_asked_for_where_a_graph_takes_both(files, capsys):
    write_graph(files / "e.pb", encoded=True)
    flags = ("--input_mean=0", "--input_std=200", "--input_height=4", "--input_width=4")
    assert label(files, capsys, *flags, graph="e.pb") == {"red": 1.0, "green": 0.5, "blue": 0.0}


def test_nodes_are_found_by_name_or_the_choices_are_listed(files, capsys):
    write_graph(files / "o.pb", encoded=False, output="scores")
    assert label(files, capsys, "--output_layer=scores:0", "--input_layer=input", graph="o.pb")["red"] == 72 / 128
    with pytest.raises(InputError, match=r"none of final_result, softmax(.|\n)*Choices: scores(.|\n)*--output_layer="):
        label(files, capsys, graph="o.pb")
    with pytest.raises(InputError, match=r"--input_layer=Mul, and .*o\.pb has no such node(.|\n)*Choices: input"):
        label(files, capsys, "--input_layer=Mul", "--output_layer=scores", graph="o.pb")


def test_graphs_that_could_do_more_than_compute_are_refused(files, capsys):
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 8, 6, 3], name="input")
        with tf.control_dependencies([tf.io.read_file("/etc/passwd")]):
            tf.reduce_mean(images, [1, 2], name="final_result")
    (files / "bad.pb").write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(InputError, match="ReadFile"):
        label(files, capsys, graph="bad.pb")


def test_labels_that_do_not_fit_are_told(files, capsys):
    (files / "labels.txt").write_text("red\n")
    with pytest.raises(InputError, match="1 names, and the graph gives 3 scores"):
        label(files, capsys)
    with pytest.raises(InputError, match=r"--labels=.*none\.txt cannot be read"):
        read_label_lines(files / "none.txt")


def test_labels_beside_the_graph_are_taken_where_none_are_given(files):
    given = parse_flags([f"--graph={files}/g.pb"], LABEL_IMAGE)
    assert choose_labels(given) == files / "labels.txt"
    given = parse_flags([f"--graph={files}/g.pb", "--labels=mine.txt"], LABEL_IMAGE)
    assert str(choose_labels(given)) == "mine.txt"


def test_preparation_is_bilinear_as_the_scripts_had_it():
    """Corners at (0, 0), no half pixels: the value at x of 2 pixels made 4 is 0, 0.5, 1, 1 of the way."""
    import io

    file = io.BytesIO()
    Image.fromarray(np.array([[[0] * 3, [200] * 3]], np.uint8)).save(file, "PNG")
    made = prepare(file.getvalue(), Pixels(1, 4, 0, 1))
    assert made.shape == (1, 1, 4, 3)
    assert made[0, 0, :, 0].tolist() == [0, 100, 200, 200]


def test_the_table_has_every_flag():
    named = "image graph labels input_height input_width input_mean input_std input_layer output_layer"
    assert {flag.name for flag in LABEL_IMAGE.flags} == set(named.split())
