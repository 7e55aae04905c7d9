import dataclasses

import numpy as np
import pytest

from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.report.figures import make_figures_section, show_figure
from graphcore.evaluation.videos.figures import compute_video_metrics

PERCENT = "\u202f%"


def parts(content, parse):
    return parse(make_figures_section(content.metrics, content.predictions).to_html())


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [("accuracy", 0.876, "87.6\u202f%"), ("f1@10", 42.86, "42.9"), ("loss", 0.3712, "0.371"), ("new one", 2, "2.000")],
)
def test_figures_are_shown_in_their_units(name, value, shown):
    assert show_figure(name, value) == shown


def test_each_figure_says_what_it_is(make_content, parse):
    texts = parts(make_content([0, 1], np.eye(2), ("a", "b")), parse).texts

    row = texts.index("accuracy")
    assert texts[row : row + 3] == ["accuracy", "The share of samples that are named correctly.", "100.0" + PERCENT]


def test_intervals_stand_beside_their_figures(make_content, parse):
    content = make_content([0, 1], np.eye(2), ("a", "b"))
    interval = Interval(0.784, 0.906, 8, "subjects")
    content = dataclasses.replace(
        content, metrics=dataclasses.replace(content.metrics, intervals={"accuracy": interval})
    )

    page = parts(content, parse)

    assert "78.4\u202f% – 90.6\u202f%" in page.texts
    assert any("The intervals are over 8 subjects." in text for text in page.texts)


def test_empty_columns_are_marked_to_be_hidden(make_content, parse):
    page = parts(make_content([0, 1], np.eye(2), ("a", "b")), parse)

    assert ("table", "explained no-std no-interval no-joined") in page.styles


def test_figures_of_videos_stand_apart_with_what_post_processing_made_of_them(make_video_content, parse):
    videos = {"1": ([0, 0, 1, 1], [0, 1, 1, 1]), "2": ([0, 0, 1, 1], [0, 0, 1, 1])}
    page = parts(make_video_content(videos, segmented=[np.array([0, 0, 1, 1])] * 2), parse)

    texts = page.after("Segments, and videos as a whole")
    row = texts.index("accuracy, mean of the videos")
    # 75 % and 100 %: their mean, and the standard deviation of a sample.
    assert texts[row + 2 : row + 4] == ["87.5" + PERCENT, "17.7" + PERCENT]
    assert texts[row + 4] == "100.0" + PERCENT  # of two videos there is no interval
    assert not any(
        text.startswith("accuracy, mean") for text in page.texts[: page.texts.index("Segments, and videos as a whole")]
    )


def test_relaxed_figures_stand_below_the_strict_ones_with_how_far(make_timeline, make_video_content, parse):
    videos = {"1": ([0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1, 1, 1])}
    content = make_video_content(videos)
    relaxed = compute_video_metrics(content.timelines, content.metrics.class_names, False, relax_secs=2.0)
    values = content.metrics.values | relaxed.values
    content = dataclasses.replace(content, metrics=dataclasses.replace(content.metrics, values=values, videos=relaxed))

    texts = parts(content, parse).after("Segments, and videos as a whole")

    row = texts.index("accuracy, mean of the videos, relaxed by 2 s")
    assert texts.index("accuracy, mean of the videos") < row < texts.index("phase Jaccard")
    assert "either side" in texts[row + 1]
    assert texts[row + 2] == "100.0" + PERCENT


def test_samples_of_videos_are_called_frames(make_content, make_video_content, parse):
    videos = {"1": ([0, 0, 1, 1], [0, 1, 1, 1]), "2": ([0, 0, 1, 1], [0, 0, 1, 1])}
    assert "The share of frames that are named correctly." in parts(make_video_content(videos), parse).texts


def test_of_another_dataset_all_is_counted(make_content, parse):
    content = make_content([0, 1], np.eye(2), ("a", "b"))
    page = parse(make_figures_section(content.metrics, content.predictions, "ward").to_html())
    assert any(text.startswith("Of every picture of ward: 2.") for text in page.texts)


def test_the_others_are_folded_up(make_content, parse):
    page = parts(make_content([0, 1], np.eye(2), ("a", "b")), parse)

    assert "details" in page.tags
    assert "Brier score" in page.texts[next(n for n, text in enumerate(page.texts) if "more figures" in text) :]


def test_why_there_are_no_intervals_is_said(make_content, parse):
    content = make_content([0, 1], np.eye(2), ("a", "b"))
    metrics = dataclasses.replace(content.metrics, no_intervals="There is only one video.")

    page = parts(dataclasses.replace(content, metrics=metrics), parse)

    assert any("There is only one video." in text for text in page.texts)
