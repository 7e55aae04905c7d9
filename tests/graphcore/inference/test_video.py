import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.inference.classifier import Classifier
from graphcore.inference.video import classify_video
from graphcore.sources.item import Segment
from graphcore.timelines.segmenting import Segmenting

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

    assert [one.segment for one in prediction.segments] == [
        Segment("clip", 0, 2, "red"),
        Segment("clip", 2, 5, "green"),
        Segment("clip", 5, 6, "red"),
    ]
    assert [one.score for one in prediction.segments] == pytest.approx(
        [prediction.scores[:2, 0].mean(), prediction.scores[2:5, 1].mean(), prediction.scores[5:, 0].mean()]
    )


def test_a_video_tells_its_length_and_rate(classifier, clip):
    prediction = classify_video(classifier, clip, every_secs=4.0)

    assert (prediction.duration_secs, prediction.end_secs, prediction.fps) == (6.0, 6.0, 2.0)


def test_segments_are_made_as_asked(classifier, clip):
    (only,) = classify_video(classifier, clip, 1.0, segmenting=Segmenting(min_secs=1.5, merge_secs=3.5)).segments

    assert only.segment == Segment("clip", 0, 6, "red")


def test_a_temporal_classifier_sees_the_video_as_a_whole(temporal_graph, clip):
    with Classifier.load(temporal_graph) as temporal:
        one, many = (classify_video(temporal, clip, 0.5, batch_size=size) for size in (1, 5))

    np.testing.assert_allclose(one.scores, many.scores, atol=1e-6)
    # 4 red frames, 6 green and 2 red again: of 5 to 7 most are red, of 9 to 11 most are green.
    assert one.scores.argmax(axis=1)[[4, 5, 6, 8, 9, 10]].tolist() == [0, 0, 0, 1, 1, 1]


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
