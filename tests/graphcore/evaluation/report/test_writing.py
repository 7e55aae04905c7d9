import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from graphcore.evaluation.curves import Curve
from graphcore.evaluation.report import DatasetFacts, Fact, SplitFacts, write_report
from graphcore.evaluation.report.writing import make_report

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&\x00\udcff"
TITLES = [
    *["What it confuses most", "Key figures", "Video by video", "Every class", "Confusion matrix"],
    *["Can its scores be believed?", "How training went", "Surest mistakes", "Spot check", "The data"],
    "How to repeat it",
]


@pytest.fixture
def full(make_video_content, draw_picture):
    """Every part there is, of hostile names."""
    names = (HOSTILE, f"not-{HOSTILE}")
    videos = {"2": ([0, 1], [0, 1]), HOSTILE: ([0, 0, 1, 1], [0, 1, 1, 1])}
    return make_video_content(
        videos,
        names,
        segmented=[np.array([0, 1]), np.array([0, 0, 1, 1])],
        title=HOSTILE,
        curves=[Curve(HOSTILE, HOSTILE, (1, 2), (2.0, 1.0))],
        best_step=2,
        facts=[Fact(HOSTILE, HOSTILE)],
        read_picture=draw_picture,
        dataset=DatasetFacts(HOSTILE, HOSTILE, names, (SplitFacts(HOSTILE, 6),), HOSTILE, audit=(HOSTILE,)),
        command=HOSTILE,
        versions={HOSTILE: HOSTILE},
    )


def headings(page):
    return [text for text in page.texts[page.texts.index(TITLES[-1]) + 1 :] if text in TITLES]


def test_the_answer_comes_first_and_all_parts_follow_in_order(full, parse):
    page = parse(make_report(full))

    assert page.tags.index("h1") < page.tags.index("p") < page.tags.index("nav") < page.tags.index("table")
    assert headings(page) == TITLES


def test_nothing_that_is_named_becomes_markup(full, parse):
    page = parse(make_report(full))

    assert page.open == []
    assert "script" not in page.tags
    assert all(image["src"].startswith("data:image/jpeg;base64,") and "onerror" not in image for image in page.images)


def test_nothing_is_loaded_from_elsewhere(full, parse):
    text = make_report(full)

    assert "http" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert not {"link", "script", "iframe", "object", "base", "form"} & set(parse(text).tags)


def test_it_is_written_as_utf_8(full, tmp_path):
    write_report(tmp_path / "report.html", full)

    assert '<meta charset="utf-8">' in (tmp_path / "report.html").read_text("utf-8")


def test_the_same_content_gives_the_same_page(full):
    assert make_report(full) == make_report(full)


def test_pictures_are_few(make_video_content, draw_picture, parse):
    labels, called = [0] * 300, [int(n % 30 < 3) for n in range(300)]
    content = make_video_content({str(n): (labels, called) for n in range(4)}, read_picture=draw_picture)

    assert 20 < len(parse(make_report(content)).images) <= 60


def test_pictures_that_could_not_be_read_are_told_in_a_note(make_content, parse):
    def fail(key):
        raise OSError

    page = parse(make_report(make_content([0, 1], np.eye(2)[[1, 1]], ("a", "b"), read_picture=fail)))

    assert not page.images
    assert page.texts[-1] == "2 pictures could not be read and are left out."


def test_parts_that_are_not_known_are_left_out(make_content, parse):
    page = parse(make_report(make_content([0, 1], np.eye(2)[[1, 1]], ("a", "b"))))

    assert [text for text in page.texts if text in TITLES] == [
        title
        for _ in ("contents", "headings")
        for title in TITLES
        if title not in ("Video by video", "How training went", "The data", "How to repeat it")
    ]


def test_an_empty_split_is_a_page_too(make_content, parse):
    content = make_content(np.zeros(0, int), np.zeros((0, 2)), ("a", "b"), command="train x")

    page = parse(make_report(content))

    assert "The test split has no samples." in page.texts
    assert page.texts[-2:] == ["The same command gives the same run:", "train x"]


def test_of_several_labels_there_is_no_matrix(make_content, parse):
    labels = np.array([[1, 1], [1, 0], [0, 0]])
    scores = [[0.9, 0.8], [0.2, 0.7], [0.1, 0.2]]

    page = parse(make_report(make_content(labels, scores, ("a", "b"))))

    assert "Confusion matrix" not in page.texts
    assert {"What is given instead", "Every label"} <= set(page.texts)


def test_a_large_page_can_still_be_mailed(make_video_content, draw_picture):
    random = np.random.default_rng(0)
    videos = {f"v{n}": (random.integers(0, 7, 600), random.integers(0, 7, 600)) for n in range(40)}
    content = make_video_content(videos, tuple("abcdefg"), read_picture=lambda key: draw_picture(key, (1280, 720)))

    assert len(make_report(dataclasses.replace(content, title="large"))) < 3_000_000


def test_neither_tensorflow_nor_matplotlib_is_needed():
    code = "import sys, graphcore.evaluation.report\nprint({'tensorflow', 'matplotlib'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
