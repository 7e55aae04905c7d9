import os

import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.training.summaries import Picture, SummaryWriters, make_histogram


def read_events(folder):
    return [event for path in sorted(folder.glob("events*")) for event in tf1.train.summary_iterator(str(path))]


@pytest.fixture
def written(tmp_path):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="known")
    with SummaryWriters(tmp_path) as writers:
        writers.write_graph(graph)
        writers.write_scalars("train", 5, {"accuracy": 0.5, "loss": 2.0})
        writers.write_scalars("validation", 5, {"accuracy": 0.25})
        writers.write_histogram("train", 5, "head/weights", np.array([[1.0, -1.0], [0.5, 0.0]]))
    return tmp_path / "summaries"


@pytest.mark.filterwarnings("ignore")
def test_scalars_are_read_back_by_split(written):
    scalars = {
        (split, value.tag): (event.step, value.simple_value)
        for split in ("train", "validation")
        for event in read_events(written / split)
        for value in event.summary.value
        if value.HasField("simple_value")
    }
    assert scalars == {
        ("train", "accuracy"): (5, 0.5),
        ("train", "loss"): (5, 2.0),
        ("validation", "accuracy"): (5, 0.25),
    }


@pytest.mark.filterwarnings("ignore")
def test_graph_is_read_back(written):
    (encoded,) = [event.graph_def for event in read_events(written / "train") if event.graph_def]
    assert [node.name for node in tf1.GraphDef.FromString(encoded).node] == ["known"]


def test_histogram_counts_every_value():
    histogram = make_histogram(np.array([1.0, -1.0, 0.5, 0.0]))
    assert (histogram.min, histogram.max, histogram.num, histogram.sum) == (-1, 1, 4, 0.5)
    assert histogram.sum_squares == pytest.approx(2.25)
    assert sum(histogram.bucket) == 4
    assert len(histogram.bucket) == len(histogram.bucket_limit)


@pytest.mark.parametrize("overflown", [np.inf, -np.inf, np.nan])
def test_histogram_leaves_out_what_is_not_finite(overflown):
    histogram = make_histogram(np.array([1.0, overflown, 3.0]))
    assert (histogram.min, histogram.max, histogram.num) == (1, 3, 2)
    assert make_histogram(np.array([overflown])).num == 0


@pytest.mark.filterwarnings("ignore")
def test_pictures_and_arrays_are_read_back(tmp_path):
    with SummaryWriters(tmp_path) as writers:
        writers.write_image("validation", 5, "pictures/x", Picture(b"encoded", 7, 3), "what it is")
        arrays = {"class/a": np.array([[1.0, 2.0]]), "class/b": np.array([[3.0, 4.0]])}
        writers.write_tensors("validation", 5, arrays, "pr_curves", b"message")
        assert writers.folder("validation") == tmp_path / "summaries" / "validation"
    events = read_events(tmp_path / "summaries" / "validation")
    picture, array, other = [value for event in events for value in event.summary.value]
    assert (picture.tag, picture.image.encoded_image_string) == ("pictures/x", b"encoded")
    assert (picture.image.width, picture.image.height) == (7, 3)
    assert picture.metadata.summary_description == "what it is"
    assert tf1.make_ndarray(array.tensor).tolist() == [[1.0, 2.0]]
    assert (other.tag, tf1.make_ndarray(other.tensor).tolist()) == ("class/b", [[3.0, 4.0]])
    assert (array.metadata.plugin_data.plugin_name, array.metadata.plugin_data.content) == ("pr_curves", b"message")


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"Permission denied: '.*/summaries/test-watched'"):
        SummaryWriters(tmp_path, ("test-watched",))


def test_a_graph_that_has_grown_is_described_anew(tmp_path):
    described = []
    with tf.Graph().as_default() as graph:
        for number in range(2):
            tf.constant(number, name=f"constant_{number}")
            with SummaryWriters(tmp_path / str(number)) as writers:
                writers.write_graph(graph)
            (event,) = [each for each in read_events(tmp_path / str(number) / "summaries" / "train") if each.graph_def]
            described.append(tf1.GraphDef.FromString(event.graph_def))
    assert [len(each.node) for each in described] == [1, 2]
