import re

import numpy as np
import pytest

from graphcore.evaluation.report.drawing import Drawing
from graphcore.evaluation.report.pictures import Album

NAMES = ("suturing", "not-suturing")


@pytest.fixture
def timeline(make_timeline):
    return make_timeline([1, 1, 1, 1, 0, 0, 0, 0], [1, 0, 0, 1, 0, 0, 0, 1], "9", step=0.5)


def test_rows_stand_in_order(timeline, parse):
    joined = np.array([1, 1, 1, 1, 0, 0, 0, 0])

    page = parse(Drawing(timeline, joined, (), NAMES).make(Album(None), 6))

    titles = [text for text in page.texts if text in ("truth", "called", "joined", "wrong", "confidence", "time")]
    assert titles == ["truth", "called", "joined", "wrong", "confidence", "time"]
    assert page.texts[:3] == ["Video", "9", "62.5\u202f% right, 0:04 long, 8 frames"]


def test_without_post_processing_there_is_no_row_of_it(timeline, parse):
    assert "joined" not in parse(Drawing(timeline, None, (), NAMES).make(Album(None), 6)).texts


def test_disagreements_are_shown_with_moment_and_words(timeline, parse, draw_picture):
    keys = [f"k{n}" for n in range(8)]

    made = Drawing(timeline, None, keys, NAMES).make(Album(draw_picture), 6)

    page = parse(made)
    assert [image["alt"] for image in page.images] == [
        "video 9 at 0:00.5: is not-suturing, called suturing",
        "video 9 at 0:03.5: is suturing, called not-suturing",
    ]
    first = page.texts.index("A", page.texts.index("time"))
    assert page.texts[first : first + 4] == [
        *["A", "0:00.5, wrong for 1.0\u202fs", "called suturing, 80\u202f%", "is not-suturing"]
    ]
    # The letter stands over the middle of what is wrong: 0.5 s to 1.5 s of 4 s.
    assert re.search(r'<b style="left:25.00%">A</b>', made)


def test_pictures_that_cannot_be_read_leave_no_letter(timeline, parse):
    def fail(key):
        raise OSError

    page = parse(Drawing(timeline, None, ["k"] * 8, NAMES).make(Album(fail), 6))

    assert not page.images
    assert "pictures" not in page.texts


def test_classes_of_any_row_are_in_the_legend(make_timeline):
    timeline = make_timeline([0, 0], [1, 1], num_classes=3)

    assert Drawing(timeline, np.array([2, -1]), (), ("a", "b", "c")).list_labels() == [0, 1, 2]


def test_a_video_of_one_frame_is_drawn(make_timeline, parse):
    page = parse(Drawing(make_timeline([0], [0], step=0.0), None, (), NAMES).make(Album(None), 6))

    assert "100.0\u202f% right, 0:01 long, 1 frame" in page.texts
