import io
import json
import shutil

import av
import numpy as np
import pytest
from PIL import Image

from graphcore.config import PredictConfig, SegmentsConfig
from graphcore.errors import ConfigError, InputError
from graphcore.graph.runtime import tf, tf1
from graphcore.predict import predict, run_predict
from graphcore.training.run import Run


@pytest.fixture(scope="module")
def graph_path(tmp_path_factory):
    """A frozen graph that calls bright pictures bright: logits are the mean in [0, 1], and one half."""
    return write_graph(tmp_path_factory.mktemp("export"))


def write_graph(folder, scope="trained_head"):
    with tf.Graph().as_default() as graph:
        contents = tf1.placeholder(tf.string, [], name="DecodeJpeg/contents")
        with tf1.name_scope("decode"):
            image = tf.io.decode_jpeg(contents, channels=3)
        image = tf.identity(image, name="DecodeJpeg/")
        with tf1.name_scope("prepare"):
            resized = tf1.image.resize_bilinear(image[tf.newaxis], [4, 4]) / 255.0
        prepared = tf1.placeholder_with_default(resized, [None, 4, 4, 3], name="input")
        bright = tf.reduce_mean(prepared, [1, 2, 3], name="features")
        with tf1.name_scope(scope):
            logits = tf.stack([bright, tf.fill(tf.shape(bright), 0.5)], axis=1)
        tf.nn.softmax(logits, name="final_result")
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


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A frame a second: two bright ones, three dark ones."""
    return write_clip(tmp_path_factory.mktemp("clips") / "clip.mp4")


def write_clip(path, levels=(255, 255, 0, 0, 0)):
    path.parent.mkdir(exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in levels:
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), level, np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def cells(printed):
    """The rows of tables; a long path is folded over rows whose other cells are empty."""
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if line.startswith("│")]
    return [row[1:] for row in rows if any(row[1:])]


def test_a_video_has_a_summary_and_its_segments(graph_path, clip, capsys):
    run_predict(PredictConfig(run=str(graph_path), inputs=[str(clip)], every_secs=1.0))

    summary, segments = capsys.readouterr().out.split("Segments of videos")
    assert cells(summary) == [["00:05.000", "5", "bright", "1", "40.0%"], ["", "", "dark", "1", "60.0%"]]
    score = 1 / (1 + np.exp(-0.5))  # of logits 1 and 0.5, and of 0 and 0.5
    assert cells(segments) == [
        ["00:00.000", "00:02.000", "2.000", "bright", f"{score:.4f}"],
        ["00:02.000", "00:05.000", "3.000", "dark", f"{score:.4f}"],
    ]


def test_every_frame_is_printed_when_asked_for(graph_path, clip, capsys):
    run_predict(PredictConfig(run=str(graph_path), inputs=[str(clip)], every_secs=1.0, frames=True))

    frames = cells(capsys.readouterr().out)[:5]
    assert [row[:2] for row in frames] == [[f"{n}.000", "bright" if n < 2 else "dark"] for n in range(5)]


def test_segments_are_made_as_asked(graph_path, clip):
    (video,) = predict(graph_path, [clip], 1.0, segments=SegmentsConfig(min_secs=2.5)).videos

    assert [(one.segment.start_secs, one.segment.label) for one in video.segments] == [(0.0, "dark")]


def test_segments_are_written_as_annotations_and_never_over_others(graph_path, clip, tmp_path, capsys):
    path = tmp_path / "new" / "round.json"
    options = PredictConfig(run=str(graph_path), inputs=[str(clip)], every_secs=1.0, annotations=str(path))

    run_predict(options)

    assert json.loads(path.read_text()) == [
        {
            "annotations": [
                {"startSeconds": 0.0, "endSeconds": 2.0, "label": "bright"},
                {"startSeconds": 2.0, "endSeconds": 5.0, "label": "dark"},
            ],
            "durationSeconds": 5.0,
            "videoId": "clip",
        }
    ]
    told = capsys.readouterr().err
    assert f"MARKS: the marks you have, {path} as it was corrected" in told
    assert "dataset.every_secs=1 dataset.videos=VIDEOS dataset.annotations=MARKS" in told
    with pytest.raises(InputError, match="not overwritten"):
        run_predict(options)


def test_annotations_that_could_not_be_told_apart_are_refused_before_any_work(clip, tmp_path):
    other = write_clip(tmp_path / "other" / "clip.mp4", (0,))
    options = PredictConfig(run="no run", inputs=[str(clip), str(other)], annotations=str(tmp_path / "new.json"))

    with pytest.raises(InputError, match="have the same name"):
        run_predict(options)


def test_two_results_in_one_file_are_refused(clip, tmp_path):
    options = PredictConfig(
        run="no run", inputs=[str(clip)], json=str(tmp_path / "a.json"), annotations=f"{tmp_path}/./a.json"
    )

    with pytest.raises(InputError, match=r"Two of csv, json and annotations name one file"):
        run_predict(options)


def test_the_ending_of_annotations_says_their_format(graph_path, clip, tmp_path):
    path = tmp_path / "new.eaf"
    run_predict(PredictConfig(run=str(graph_path), inputs=[str(clip)], every_secs=1.0, annotations=str(path)))
    assert "<ANNOTATION_DOCUMENT" in path.read_text()


def test_an_ending_that_contradicts_the_format_is_refused_before_any_work(clip, tmp_path):
    options = PredictConfig(
        run="no run", inputs=[str(clip)], annotations=str(tmp_path / "new.eaf"), annotation_format="via"
    )
    with pytest.raises(ConfigError, match=r"new\.eaf is to be via"):
        run_predict(options)


def test_a_format_without_annotations_is_a_mistake(clip):
    with pytest.raises(ConfigError, match=r"annotation_format=elan writes nothing by itself(.|\n)*annotations=PATH"):
        run_predict(PredictConfig(run="no run", inputs=[str(clip)], annotation_format="elan"))


def test_options_for_videos_that_do_nothing_are_told(graph_path, photos, capsys):
    run_predict(
        PredictConfig(
            run=str(graph_path),
            inputs=[str(photos / "sun.jpg")],
            frames=True,
            segments=SegmentsConfig(min_secs=2),
        )
    )

    assert "warning: segments.min_secs, frames does nothing: inputs has no video" in capsys.readouterr().err


def test_a_graph_alone_knows_no_temperature(graph_path, photos):
    with pytest.raises(ConfigError, match=r"a graph alone does not know it(.|\n)*run=RUN"):
        predict(graph_path, [photos], calibrate=True)


@pytest.fixture
def run_folder(graph_path, tmp_path):
    """A run whose export is the graph above."""

    def make(**fields):
        folder = tmp_path / "run"
        run = Run(
            folder, ("bright", "dark"), "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path,
            dataset_options={"dataset.every_secs": 1.0}, **fields,
        )  # fmt: skip
        shutil.copytree(graph_path.parent, run.export_dir)
        run.write()
        return folder

    return make


def test_a_run_without_a_temperature_says_so(run_folder, photos):
    with pytest.raises(ConfigError, match=r"this run has none(.|\n)*larger split.validation"):
        predict(run_folder(), [photos], calibrate=True)


def test_scores_are_calibrated_when_asked_for(run_folder, photos):
    folder = run_folder(temperature=2.0)

    plain, calibrated = (predict(folder, [photos / "sun.jpg"], calibrate=asked).pictures[0] for asked in (False, True))

    np.testing.assert_allclose(plain.scores[0], 1 / (1 + np.exp(-0.5)), atol=1e-6)
    np.testing.assert_allclose(calibrated.scores[0], 1 / (1 + np.exp(-0.25)), atol=1e-6)


def test_segments_are_made_as_the_run_chose_unless_asked_otherwise(run_folder, clip):
    folder = run_folder(segmenting={"enter": None, "leave": None, "min_secs": 2.5, "merge_secs": 0.0})

    chosen = predict(folder, [clip]).videos[0].segments
    asked = predict(folder, [clip], segments=SegmentsConfig(min_secs=0.0)).videos[0].segments

    assert [one.segment.label for one in chosen] == ["dark"]
    assert [one.segment.label for one in asked] == ["bright", "dark"]


def test_a_temporal_classifier_takes_pictures_with_a_warning(photos, tmp_path, capsys):
    write_graph(tmp_path, scope="temporal_head")

    predicted = predict(tmp_path / "frozen_graph.pb", [photos / "sun.jpg", photos / "night.png"])

    assert [predicted.name(picture.scores) for picture in predicted.pictures] == ["bright", "dark"]
    assert capsys.readouterr().err.count("a picture is a video of one frame") == 1
