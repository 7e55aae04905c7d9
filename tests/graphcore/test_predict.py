import io
import json

import av
import numpy as np
import pytest
from PIL import Image

from graphcore.config import PredictConfig
from graphcore.errors import InputError
from graphcore.graph.runtime import tf, tf1
from graphcore.predict import predict, run_predict


@pytest.fixture(scope="module")
def graph_path(tmp_path_factory):
    """A frozen graph that calls bright pictures bright: logits are the mean in [0, 1], and one half."""
    folder = tmp_path_factory.mktemp("export")
    with tf.Graph().as_default() as graph:
        contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        with tf1.name_scope("decode"):
            image = tf.io.decode_jpeg(contents, channels=3)
        image = tf.identity(image, name="DecodeJpeg/")
        with tf1.name_scope("prepare"):
            resized = tf1.image.resize_bilinear(image[tf.newaxis], [4, 4]) / 255.0
        prepared = tf1.placeholder_with_default(resized, [None, 4, 4, 3], name="input")
        bright = tf.reduce_mean(prepared, [1, 2, 3])
        tf.nn.softmax(tf.stack([bright, tf.fill(tf.shape(bright), 0.5)], axis=1), name="final_result")
    (folder / "frozen_graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    (folder / "labels.txt").write_text("bright\ndark\n")
    return folder / "frozen_graph.pb"


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.fromarray(np.full((9, 9, 3), 255, np.uint8)).save(folder / "sun.jpg")
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(folder / "night.png")
    (folder / "page.jpg").write_text("<html>not a picture</html>")
    return folder


def test_good_inputs_are_classified_and_bad_ones_named(graph_path, photos):
    predicted = predict(graph_path, [photos, photos / "gone.jpg"])

    found = {row[0].rsplit("/", 1)[1]: row[2] for row in predicted.rows()}
    assert found == {"sun.jpg": "bright", "night.png": "dark"}
    assert [name.rsplit("/", 1)[1] for name, _ in predicted.failures] == ["gone.jpg", "page.jpg"]
    assert "HTML" in predicted.failures[1][1]


def test_scores_are_those_of_the_graph(graph_path, photos):
    predicted = predict(graph_path, [photos / "sun.jpg"])

    exponentials = np.exp([1.0, 0.5])
    np.testing.assert_allclose(predicted.pictures[0].scores, exponentials / exponentials.sum(), atol=1e-5)


def test_the_command_prints_the_best_classes_and_writes_files(graph_path, photos, tmp_path, capsys):
    options = PredictConfig(
        run=str(graph_path), inputs=[str(photos / "sun.jpg"), str(photos / "night.png")],
        csv=str(tmp_path / "new" / "out.csv"), json=str(tmp_path / "out.json"),
    )  # fmt: skip

    run_predict(options)

    printed = capsys.readouterr().out
    assert "0.6225" in printed  # e / (e + sqrt(e))
    assert printed.index("bright") < printed.index("dark")
    assert len((tmp_path / "new" / "out.csv").read_text().splitlines()) == 3
    assert len(json.loads((tmp_path / "out.json").read_text())["pictures"]) == 2


@pytest.mark.parametrize(
    ("name", "problem"), [("photos", "is a folder"), ("photos/page.jpg/x.csv", "lies below the file")]
)
def test_path_that_cannot_be_written_is_refused_before_any_work(name, problem, photos, tmp_path):
    options = PredictConfig(run="no run", inputs=[str(photos)], csv=str(tmp_path / name))
    with pytest.raises(InputError, match=rf"csv=.*{problem}(.|\n)*csv=predictions.csv"):
        run_predict(options)


def test_top_limits_how_many_classes_are_printed(graph_path, photos, capsys):
    run_predict(PredictConfig(run=str(graph_path), inputs=[str(photos / "sun.jpg")], top=1))

    printed = capsys.readouterr().out
    assert "bright" in printed
    assert "dark" not in printed


def test_a_bad_input_is_an_error_after_the_rest_was_dealt_with(graph_path, photos, capsys):
    with pytest.raises(InputError, match=r"1 input was left out:\n  .*page\.jpg: "):
        run_predict(PredictConfig(run=str(graph_path), inputs=[str(photos)]))

    assert "sun.jpg" in capsys.readouterr().out


def test_no_inputs_are_a_mistake(graph_path):
    with pytest.raises(InputError, match="inputs is empty"):
        run_predict(PredictConfig(run=str(graph_path), inputs=[]))


def test_a_zip_bomb_is_refused_by_its_header(graph_path, tmp_path):
    buffer = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(buffer, "PNG")
    (tmp_path / "bomb.png").write_bytes(buffer.getvalue())

    ((_, reason),) = predict(graph_path, [tmp_path / "bomb.png"]).failures

    assert "too large: 40000x40000" in reason


def test_a_video_has_a_row_for_each_time_and_its_segments(graph_path, tmp_path, capsys):
    with av.open(str(tmp_path / "clip.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in (255, 255, 0, 0, 0):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())

    run_predict(PredictConfig(run=str(graph_path), inputs=[str(tmp_path / "clip.mp4")], every_secs=1.0))

    frames, segments = capsys.readouterr().out.split("Segments of videos")
    assert [frames.count(word) for word in ("bright", "dark")] == [2, 3]
    rows = [line.split("│")[2:5] for line in segments.splitlines() if line.startswith("│")]
    # A long path is folded over rows whose other cells are empty.
    assert [[cell.strip() for cell in row] for row in rows if row[0].strip()] == [
        ["0.000", "2.000", "bright"],
        ["2.000", "5.000", "dark"],
    ]
