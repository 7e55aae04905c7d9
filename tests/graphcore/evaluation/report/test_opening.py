import dataclasses

import numpy as np
import pytest

from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.report.content import DatasetFacts
from graphcore.evaluation.report.opening import make_opening

LABELS = [0, 0, 0, 1, 2]
SCORES = [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]]
NAMES = ("<b>", "round", "rare")


def read(content, parse):
    return parse(make_opening(content)).texts


def test_it_opens_with_the_answer(make_content, parse):
    texts = read(make_content(LABELS, SCORES, NAMES), parse)

    assert texts[:2] == ["a run", "60.0\u202f% of the test pictures are named correctly: 3 of 5."]


def test_the_interval_says_what_it_is_over(make_content, parse):
    content = make_content(LABELS, SCORES, NAMES)
    interval = Interval(0.784, 0.906, 8, "videos", "8 videos are few.")
    metrics = dataclasses.replace(content.metrics, intervals={"accuracy": interval})

    assert read(dataclasses.replace(content, metrics=metrics), parse)[2] == (
        "95 % interval 78\u202f% to 91\u202f%, over 8 videos. 8 videos are few. Always saying “<b>” would be right for "
        "60.0\u202f%."
    )


def test_without_groups_pictures_have_an_interval_of_their_own(make_content, parse):
    # Wilson, 3 of 5.
    assert read(make_content(LABELS, SCORES, NAMES), parse)[2].startswith(
        "95 % interval 23\u202f% to 88\u202f%, over 5 pictures."
    )


def test_it_says_what_is_confused_most(make_content, parse):
    assert read(make_content(LABELS, SCORES, NAMES), parse)[3] == (
        "It confuses most: 2 of 3 pictures of “<b>” were called “round”."
    )


def test_single_mistakes_are_no_confusion(make_content, parse):
    texts = read(make_content([0, 1, 2], np.eye(3)[[1, 2, 0]], NAMES), parse)

    assert texts[3].startswith("No two classes stand out")


def test_without_a_mistake_nothing_is_confused(make_content, parse):
    assert len(read(make_content([0, 1], np.eye(2), ("a", "b")), parse)) == 3


def test_an_empty_split_is_said_so(make_content, parse):
    texts = read(make_content(np.zeros(0, int), np.zeros((0, 2)), ("a", "b")), parse)

    assert texts == ["a run", "The test split has no samples."]


def test_of_another_dataset_it_speaks_of_no_split(make_content, parse):
    content = make_content(LABELS, SCORES, NAMES, whole="<ward>")
    assert read(content, parse)[1] == "60.0\u202f% of the pictures of <ward> are named correctly: 3 of 5."
    empty = make_content(np.zeros(0, int), np.zeros((0, 2)), ("a", "b"), whole="<ward>")
    assert read(empty, parse)[1] == "<ward> has no samples."


def test_copies_in_another_dataset_are_told_before_anything_is_believed(make_content, parse):
    dataset = DatasetFacts("d", "video", NAMES, (), leaks=True, whole=True)
    texts = read(dataclasses.replace(make_content(LABELS, SCORES, NAMES), dataset=dataset), parse)
    assert texts[2].startswith("Caution: some of the same pictures or videos were trained on")


def test_of_several_labels_it_opens_with_the_mean_average_precision(make_content, parse):
    labels = np.array([[1, 1, 0], [1, 0, 0], [0, 0, 0]])
    scores = [[0.9, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.2, 0.3]]

    texts = read(make_content(labels, scores, NAMES, thresholds=[0.5, 0.5, 0.25]), parse)

    assert texts[1] == "100.0\u202f% mean average precision on the test split."
    assert "33.3\u202f% of the 3 samples have exactly the right labels" in texts[2]
    assert texts[3] == "It confuses most: “round” was given instead of “<b>” once."


@pytest.fixture
def videos():
    """Of three segments of suturing one is found whole, one is torn and one is missed."""
    return {
        "1": ([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1, 1, 1]),
        "2": ([0, 0, 0, 0, 1, 1, 1, 1], [0, 1, 0, 1, 1, 1, 1, 1]),
        "3": ([0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1]),
    }


def test_segments_that_were_found_are_counted(make_video_content, videos, parse):
    told = read(make_video_content(videos), parse)[-1]

    # Found: 1; in the way: 2 pieces of a quarter each; missed: 2. F1 is 2 / (2 + 2 + 2).
    assert told.startswith(
        "Of 3 segments of “suturing” 1 was found, with at least half of the time shared; 2 more were reported. "
        "F1@50 is 33.3 of 100."
    )


def test_it_says_whether_the_rest_of_the_video_was_needed(make_video_content, videos, parse):
    assert "offline: each moment is judged with the whole video at hand" in read(make_video_content(videos), parse)[-1]
    assert "causally (online)" in read(make_video_content(videos, causal=True), parse)[-1]


def test_post_processing_is_named_where_segments_come_from_it(make_video_content, videos, parse):
    joined = [np.array([0, 0, 0, 0, 1, 1, 1, 1])] * 3

    told = read(make_video_content(videos, segmented=joined), parse)[-1]

    assert told.startswith("Once short stretches are joined or dropped: of 3 segments of “suturing” 3 were found")
    assert "F1@50 is 100.0 of 100." in told


def test_many_classes_are_told_together(make_video_content, parse):
    labels = [0, 0, 1, 1, 2, 2, 3, 3]
    content = make_video_content({"1": (labels, labels), "2": (labels, labels)}, names=("a", "b", "c", "d"))

    assert "Of 8 segments of 4 classes 8 were found" in read(content, parse)[-1]


def test_leakage_is_told_before_anything_is_believed(make_content, parse):
    dataset = DatasetFacts("d", "video", NAMES, (), leaks=True)
    content = make_content(LABELS, SCORES, NAMES)

    assert read(dataclasses.replace(content, dataset=dataset), parse)[2].startswith("Caution: the audit found the same")
    clean = dataclasses.replace(dataset, leaks=False)
    assert "Caution" not in read(dataclasses.replace(content, dataset=clean), parse)[2]
