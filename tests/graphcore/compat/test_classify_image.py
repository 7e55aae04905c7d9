from __future__ import annotations

import pytest
from PIL import Image

from graphcore.compat.classify_image import GRAPH, NAMES, NUMBERS, name_best, read_node_names, run_classify_image
from graphcore.compat.label_flags import CLASSIFY_IMAGE
from graphcore.compat.parse import parse_flags
from graphcore.errors import InputError

PROTO = """
entry {
  target_class: 1
  target_class_string: "n01440764"
}
entry {
  target_class: 2
  target_class_string: "n01443537"
}
"""


@pytest.fixture
def model_dir(tmp_path):
    (tmp_path / NUMBERS).write_text(PROTO)
    (tmp_path / NAMES).write_text("n01440764\ttench, Tinca tinca\nn01443537\tgoldfish\nn00000000\tothers\n")
    return tmp_path


def test_numbers_lead_to_human_names(model_dir):
    assert read_node_names(model_dir) == {1: "tench, Tinca tinca", 2: "goldfish"}


def test_missing_files_say_which_archive_has_them(tmp_path):
    with pytest.raises(InputError, match=r"pbtxt cannot be read(.|\n)*inception-2015-12-05\.tgz"):
        read_node_names(tmp_path)


def test_the_best_come_first_and_the_nameless_have_no_name():
    assert name_best([0.5, 0.1, 0.4], {1: "tench", 2: "goldfish"}, 2) == [("", 0.5), ("goldfish", 0.4)]


def test_the_network_is_run_on_the_picture(model_dir, capsys):
    from graphcore.graph.runtime import tf, tf1

    with tf.Graph().as_default() as graph:
        contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        pixels = tf.cast(tf.io.decode_jpeg(contents, channels=3), tf.float32)
        tf.reshape(tf.reduce_mean(pixels, [0, 1]) / 255.0, [1, 3], name="softmax")
    (model_dir / GRAPH).write_bytes(graph.as_graph_def().SerializeToString())
    Image.new("RGB", (20, 10), (0, 51, 204)).save(model_dir / "cropped_panda.jpg", quality=100)
    run_classify_image(parse_flags([f"--model_dir={model_dir}", "--num_top_predictions=2"], CLASSIFY_IMAGE))
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("goldfish (score = 0.")
    assert second.startswith("tench, Tinca tinca (score = 0.")


def test_the_table_has_every_flag():
    assert {flag.name for flag in CLASSIFY_IMAGE.flags} == {"model_dir", "image_file", "num_top_predictions"}
