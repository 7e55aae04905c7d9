import shutil

import numpy as np
import pytest

from graphcore.errors import InputError, RunError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.inference.classifier import Classifier, top_classes
from graphcore.inference.traits import Traits

RED, MIXED, BLUE = (255, 0, 0), (100, 150, 20), (0, 0, 255)


@pytest.fixture(scope="module")
def classifier(frozen_graph):
    with Classifier.load(frozen_graph) as classifier:
        yield classifier


def test_labels_come_from_the_file_beside_the_graph(classifier):
    assert classifier.labels == ("red", "green", "blue")


def test_pixels_bytes_and_paths_are_taken_alike(classifier, tools, tmp_path):
    path = tmp_path / "mixed.png"
    path.write_bytes(tools.encode(tools.plain(MIXED)))

    scores = classifier.predict([tools.plain(RED), tools.encode(tools.plain(BLUE)), path, str(path)])

    expected = [tools.expected_scores(color) for color in (RED, BLUE, MIXED, MIXED)]
    # A PNG becomes a JPEG on its way, as it does at conversion.
    np.testing.assert_allclose(scores, expected, atol=0.02)
    np.testing.assert_allclose(scores[0], expected[0], atol=1e-6)


def test_a_small_batch_size_changes_nothing(classifier, tools):
    colors = [(10 * index, 100, 0) for index in range(7)]
    pictures = [tools.plain(color, height=8 + index) for index, color in enumerate(colors)]

    scores = classifier.predict(pictures, batch_size=3)

    np.testing.assert_allclose(scores, [tools.expected_scores(color) for color in colors], atol=1e-6)


def test_no_pictures_give_no_scores(classifier):
    assert classifier.predict([]).shape == (0, 3)


def test_a_generator_is_taken(classifier, tools):
    assert classifier.predict(tools.plain(RED) for _ in range(2)).shape == (2, 3)


def test_bytes_that_are_no_picture_are_an_error(classifier):
    with pytest.raises(InputError, match=r"The picture: not a picture"):
        classifier.predict([b"<html>no</html>"])


def test_a_missing_file_is_named(classifier, tmp_path):
    with pytest.raises(InputError, match=r"gone\.jpg cannot be read: No such file"):
        classifier.predict([tmp_path / "gone.jpg"])


def test_pixels_of_another_type_are_an_error(classifier):
    with pytest.raises(InputError, match=r"float32 \[2, 2, 3\].*\nGive pixels as uint8"):
        classifier.predict([np.zeros((2, 2, 3), np.float32)])


def test_predict_each_goes_on_after_a_bad_picture(classifier, tools):
    outcomes = list(classifier.predict_each([tools.plain(RED), b"", tools.plain(BLUE)], batch_size=2))

    assert [type(outcome) for outcome in outcomes] == [np.ndarray, InputError, np.ndarray]
    np.testing.assert_allclose(outcomes[2], tools.expected_scores(BLUE), atol=1e-6)


def test_a_batch_of_bad_pictures_only_is_survived(classifier):
    assert all(isinstance(outcome, InputError) for outcome in classifier.predict_each([b"", b"x"], batch_size=2))


def test_missing_labels_are_an_error(frozen_graph, tmp_path):
    shutil.copy(frozen_graph, tmp_path)

    with pytest.raises(InputError, match=r"labels\.txt cannot be read.*\nPut labels\.txt beside"):
        Classifier.load(tmp_path / frozen_graph.name)


def test_labels_of_another_graph_are_an_error(frozen_graph, tmp_path):
    shutil.copy(frozen_graph, tmp_path)
    (tmp_path / "labels.txt").write_text("one\ntwo\n")

    with pytest.raises(InputError, match="gives 3 scores, but there are 2 labels"):
        Classifier.load(tmp_path / frozen_graph.name)


def test_another_graph_is_an_error_that_says_what_is_missing(tmp_path):
    with tf.Graph().as_default() as graph:
        tf1.placeholder(tf.float32, [1], name="else")
    (tmp_path / "other.pb").write_bytes(graph.as_graph_def().SerializeToString())

    with pytest.raises(InputError, match=r"not a classifier that graphcore exported"):
        Classifier.load(tmp_path / "other.pb")


def test_a_folder_that_is_no_run_is_an_error(tmp_path):
    with pytest.raises(RunError, match="is not a run"):
        Classifier.load(tmp_path)


def test_top_classes_are_ordered_and_the_first_of_equals_wins():
    scores = np.array([0.1, 0.4, 0.1, 0.4])

    assert top_classes(scores, ["a", "b", "c", "d"], 3) == [("b", 0.4), ("d", 0.4), ("a", 0.1)]


def test_top_classes_are_no_more_than_there_are():
    assert len(top_classes(np.array([0.3, 0.7]), ["a", "b"], 5)) == 2


def test_a_softmax_gives_one_label_and_needs_no_thresholds(classifier):
    assert not classifier.multi_label
    assert classifier.thresholds is None


def make_multi_label(thresholds=None):
    """Three sigmoids of the mean of each channel."""
    with tf.Graph().as_default() as graph:
        tf1.placeholder(tf.string, [], name="contents")
        pixels = tf1.placeholder(tf.uint8, [None, None, 3], name="decoded")
        prepared = tf.ensure_shape(tf.cast(pixels, tf.float32)[tf.newaxis] / 255, [None, None, None, 3])
        given = tf1.placeholder_with_default(prepared, [None, None, None, 3], name="input")
        tf.nn.sigmoid(tf.reduce_mean(given, [1, 2]), name="answers")
    inputs = {"contents": "contents", "decoded": "decoded", "input": "input"}
    program = Program(graph, inputs, {"input": "input", "scores": "answers"})
    return Classifier(program, ("red", "green", "blue"), Traits(thresholds=thresholds))


def test_a_multi_label_classifier_has_the_thresholds_it_is_given(tools):
    with make_multi_label((0.1, 0.2, 0.6)) as classifier:
        assert classifier.multi_label
        assert classifier.thresholds == (0.1, 0.2, 0.6)
        scores = classifier.predict([tools.plain(RED)])
    np.testing.assert_allclose(scores, [[1 / (1 + np.exp(-1)), 0.5, 0.5]], rtol=1e-6)


def test_a_multi_label_graph_without_its_run_gives_labels_from_a_half():
    with make_multi_label() as classifier:
        assert classifier.thresholds == (0.5, 0.5, 0.5)


def test_frames_of_a_video_are_classified_as_pictures_are(classifier, tools):
    assert not classifier.temporal
    frames = [tools.plain(RED), tools.plain(MIXED), tools.plain(BLUE)]

    np.testing.assert_allclose(classifier.predict_video(iter(frames), batch_size=2), classifier.predict(frames))
    assert classifier.predict_video([]).shape == (0, 3)


@pytest.fixture(scope="module")
def temporal(temporal_graph):
    with Classifier.load(temporal_graph) as classifier:
        yield classifier


def test_a_temporal_classifier_judges_a_video_as_a_whole_whatever_the_batch(temporal, tools):
    assert temporal.temporal
    colors = [RED, MIXED, BLUE, RED, MIXED]
    means = np.cumsum(colors, axis=0) / np.arange(1, 6)[:, np.newaxis]

    for batch_size in (1, 2, 5):
        scores = temporal.predict_video([tools.plain(color) for color in colors], batch_size)
        np.testing.assert_allclose(scores, [tools.expected_scores(mean) for mean in means], atol=1e-6)
    assert temporal.predict_video([]).shape == (0, 3)


def test_a_picture_is_a_video_of_one_frame_to_a_temporal_classifier(temporal, tools):
    scores = temporal.predict([tools.plain(RED), tools.plain(BLUE)])

    np.testing.assert_allclose(scores, [tools.expected_scores(color) for color in (RED, BLUE)], atol=1e-6)


def test_a_frame_that_cannot_be_read_is_an_error(temporal, tools):
    with pytest.raises(InputError, match="not a picture"):
        temporal.predict_video([tools.plain(RED), b"<html>no</html>"])


def test_frames_are_taken_a_batch_at_a_time(temporal, tools):
    taken = []

    def frames():
        for number in range(6):
            taken.append(number)
            yield tools.plain(RED)

    batches = temporal._preparer.prepare(frames(), 2)
    next(batches)

    assert len(taken) == 2
