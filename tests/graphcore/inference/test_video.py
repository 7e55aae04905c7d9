import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.inference.classifier import Classifier
from graphcore.inference.video import classify_video, find_outside, find_segments, plan_segments
from graphcore.sources.item import Segment

RED, GREEN = (255, 0, 0), (0, 255, 0)


@pytest.fixture(scope="module")
def classifier(frozen_graph):
    with Classifier.load(frozen_graph) as classifier:
        yield classifier


@pytest.fixture
def clip(tools, tmp_path):
    """Two frames a second for 6 s: red, from 2 s green, from 5 s red again."""
    tools.write_video(tmp_path / "clip.mp4", [RED] * 4 + [GREEN] * 6 + [RED] * 2)
    return tmp_path / "clip.mp4"


def test_a_frame_is_classified_at_every_asked_time(classifier, clip):
    prediction = classify_video(classifier, clip, every_secs=1.0)

    assert prediction.times_secs == (0, 1, 2, 3, 4, 5)
    assert [classifier.labels[best] for best in prediction.scores.argmax(axis=1)] == [
        "red", "red", "green", "green", "green", "red",
    ]  # fmt: skip
    assert prediction.problem == ""


def test_segments_last_until_the_next_begins_and_the_last_until_the_end(classifier, clip):
    prediction = classify_video(classifier, clip, every_secs=1.0)

    assert prediction.segments == (
        Segment("clip", 0, 2, "red"),
        Segment("clip", 2, 5, "green"),
        Segment("clip", 5, 6, "red"),
    )


def test_the_batch_size_changes_nothing(classifier, clip):
    one, many = (classify_video(classifier, clip, 0.5, batch_size=size) for size in (1, 5))

    assert len(one.times_secs) == 12
    np.testing.assert_allclose(one.scores, many.scores, atol=1e-6)


def test_what_is_no_video_is_named(classifier, tmp_path):
    (tmp_path / "no.mp4").write_bytes(b"nothing of the kind" * 100)

    with pytest.raises(InputError, match=r"no\.mp4: unreadable"):
        classify_video(classifier, tmp_path / "no.mp4", 1.0)


def test_of_a_video_that_is_cut_off_the_beginning_is_classified(classifier, tools, tmp_path):
    # Matroska tells its length at the beginning, so what is missing is noticed.
    tools.write_video(tmp_path / "long.mkv", [RED, GREEN] * 40)
    data = (tmp_path / "long.mkv").read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) // 2])

    prediction = classify_video(classifier, tmp_path / "cut.mkv", 1.0)

    assert prediction.times_secs
    assert prediction.problem


def test_frames_of_the_outside_label_make_no_segment():
    labels = ["not-knot", "knot", "knot", "not-knot", "knot"]

    assert find_segments("v", [0, 4, 8, 12, 16], labels, 18, outside="not-knot") == [
        Segment("v", 4, 12, "knot"),
        Segment("v", 16, 18, "knot"),
    ]


def test_no_frames_make_no_segments():
    assert find_segments("v", [], [], 0) == []


@pytest.mark.parametrize(
    ("labels", "outside"),
    [
        (("not-suturing", "suturing"), "not-suturing"),
        (("background", "cut", "suture"), "background"),
        (("cat", "dog"), None),
        (("not-cat", "dog"), None),
    ],
)
def test_the_outside_label_is_the_one_conversion_makes(labels, outside):
    assert find_outside(labels) == outside


def test_each_label_of_several_has_segments_of_its_own():
    scores = np.array([[0.9, 0.1], [0.9, 0.6], [0.1, 0.6], [0.9, 0.1]], np.float32)

    assert plan_segments("v", [0, 1, 2, 3], scores, 4, ("hand", "needle"), thresholds=[0.5, 0.5]) == [
        Segment("v", 0, 2, "hand"),
        Segment("v", 1, 3, "needle"),
        Segment("v", 3, 4, "hand"),
    ]


def test_thresholds_decide_where_a_label_is_given():
    scores = np.array([[0.6, 0.1], [0.8, 0.1]], np.float32)

    assert plan_segments("v", [0, 1], scores, 2, ("hand", "background"), [0.7, 0.1]) == [Segment("v", 1, 2, "hand")]
