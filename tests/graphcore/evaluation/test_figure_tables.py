import dataclasses

import numpy as np
import pytest

from graphcore.evaluation.figure_tables import (
    MOST_VIDEOS_ON_SCREEN,
    describe_caution,
    name_figure,
    show_interval,
    show_metrics,
)
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.timeline import Timeline

CLASSES = ("cutting", "suturing with a name that is rather long", "background")


def make_timeline(video, labels, seed):
    scores = np.random.default_rng(seed).dirichlet(np.ones(3), len(labels)) + 0.4 * np.eye(3)[labels]
    scores /= scores.sum(1, keepdims=True)
    return Timeline(video, np.arange(len(labels)) * 2.0, np.asarray(labels), scores, scores.argmax(1), 2.0, group=video)


def make_metrics(videos=4, resamples=20, relax_secs=0.0, segmented=False, causal=True):
    labels = [0, 0, 0, 1, 1, 2, 2, 0]
    timelines = [make_timeline(str(number), labels, number) for number in range(videos)]
    mended = [np.asarray(labels)] * videos if segmented else None
    names = tuple(video.video for video in timelines for _ in labels)
    return compute_metrics(
        "test",
        np.concatenate([video.labels for video in timelines]),
        np.concatenate([video.scores for video in timelines]),
        CLASSES,
        groups=Groups(names, "videos", of_videos={video.video: video.video for video in timelines}),
        resamples=resamples,
        temperature=1.5,
        videos=compute_video_metrics(timelines, CLASSES, causal, relax_secs, mended),
    )


def read_table(printed, title):
    """The rows of a table by their first cell."""
    lines = printed[printed.index(title) :].splitlines()[1:]
    body = lines[: next(n for n, line in enumerate(lines) if line.startswith("└"))]
    cells = [[cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")] for line in body]
    return {row[0]: row[1:] for row in cells if len(row) > 1}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("f1@50", "F1@50"),
        ("segmented_f1@50", "joined F1@50"),
        ("f1_micro", "micro F1"),
        ("map@0.50", "mAP@.5"),
        ("map@tiou", "mAP@.5:.95"),
        ("phase_jaccard", "phase Jaccard"),
        ("top_5_accuracy", "top 5 accuracy"),
        ("expected_calibration_error_calibrated", "calibration error, calibrated"),
    ],
)
def test_figures_have_names_for_people(name, shown):
    assert name_figure(name) == shown


def test_intervals_have_the_decimals_of_their_scale():
    intervals = {"accuracy": Interval(0.512, 0.876, 5, "videos"), "f1@10": Interval(51.2, 87.61, 5, "videos")}
    assert [show_interval(name, intervals) for name in ("accuracy", "f1@10", "loss")] == ["0.51-0.88", "51.2-87.6", ""]


def test_frames_and_videos_are_told_apart(capsys):
    metrics = make_metrics()
    show_metrics(metrics)
    printed = capsys.readouterr().out
    frames = read_table(printed, "test: 32 frames, intervals over 4 videos")
    accuracy = metrics.intervals["accuracy"]
    assert frames["accuracy"] == [f"{metrics.values['accuracy']:.4f}", f"{accuracy.low:.2f}-{accuracy.high:.2f}"]
    assert "edit" not in frames
    videos = read_table(printed, "4 videos, causal (no frame judged by a later one)")
    assert videos["edit"][0] == f"{metrics.values['edit']:.1f}"
    assert videos["video accuracy"][2] == f"{metrics.values['video_accuracy_std']:.4f}"
    assert list(read_table(printed, "Video by video")) == ["video", "0", "1", "2", "3"]


def test_without_intervals_there_is_no_column_for_them(capsys):
    show_metrics(make_metrics(resamples=0))
    assert "interval" not in capsys.readouterr().out


def test_relaxed_figures_and_segments_have_columns(capsys):
    metrics = make_metrics(relax_secs=2.0, segmented=True, causal=False)
    show_metrics(metrics)
    printed = capsys.readouterr().out
    videos = read_table(printed, "4 videos, offline (frames judged by later ones too)")
    assert videos["figure"][-2:] == ["relaxed 2 s", "joined"]
    assert videos["video accuracy"][-2:] == [f"{metrics.values['video_accuracy_relaxed']:.4f}", "1.0000"]
    assert videos["F1@50"][-2:] == ["", "100.0"]


def test_segments_whose_lengths_are_known_afterwards_are_not_called_causal(capsys):
    show_metrics(make_metrics(segmented=True))
    assert "4 videos, causal (joined is offline: lengths are known later)" in capsys.readouterr().out


def test_everything_fits_on_80_columns(capsys):
    show_metrics(make_metrics(relax_secs=10.0, segmented=True))
    printed = capsys.readouterr().out
    assert max(map(len, printed.splitlines())) <= 80
    assert "phase precision" in read_table(printed, "4 videos, causal")  # and no row is broken


def test_what_joined_means_is_said_where_there_is_such_a_column(capsys):
    show_metrics(make_metrics(segmented=True))
    assert "joined: once short stretches are joined or dropped" in capsys.readouterr().err
    show_metrics(make_metrics())
    assert "joined" not in capsys.readouterr().err


def test_of_a_class_without_samples_nothing_is_said(capsys):
    scores = np.array([[0.9, 0.05, 0.05], [0.2, 0.7, 0.1]])
    show_metrics(compute_metrics("test", np.array([0, 0]), scores, CLASSES))
    classes = read_table(capsys.readouterr().out, "Classes")
    assert classes["class"][-1] == "samples"
    # One sample of the first was called the second.
    assert next(cells for name, cells in classes.items() if name.startswith("sut")) == ["0.0000", *["-"] * 4, "0"]
    assert classes["background"] == [*["-"] * 5, "0"]


def test_samples_of_videos_are_called_frames(capsys):
    show_metrics(make_metrics())
    assert read_table(capsys.readouterr().out, "Classes")["class"][-1] == "frames"


def test_many_videos_are_left_to_the_report(capsys):
    show_metrics(make_metrics(videos=MOST_VIDEOS_ON_SCREEN + 1))
    assert "Video by video" not in capsys.readouterr().out


def test_why_intervals_are_missing_or_doubtful_is_said(capsys):
    show_metrics(dataclasses.replace(make_metrics(), intervals={}, no_intervals="There is only one video."))
    show_metrics(dataclasses.replace(make_metrics(), intervals={"loss": Interval(0, 1, 2, "videos", "2 are few.")}))
    said = capsys.readouterr().err
    assert "warning: There is only one video." in said
    assert "warning: 2 are few." in said


def test_what_holds_of_all_intervals_is_said_once_and_figures_without_spread_are_named():
    few = "2 videos are few."
    intervals = {
        "accuracy": Interval(0.5, 0.8, 2, "videos", few),
        "f1@50": Interval(100, 100, 2, "videos", few),
        "loss": Interval(0, 1, 2, "videos", few),
        "edit": Interval(100, 100, 2, "videos", few),
    }
    metrics = dataclasses.replace(make_metrics(), intervals=intervals)
    assert describe_caution(metrics) == f"{few} All videos are alike in F1@50, edit, which says little of others."


def test_of_many_figures_without_spread_some_are_named():
    names = ("accuracy", "roc_auc", "edit", "f1@10", "f1@25")
    metrics = dataclasses.replace(make_metrics(), intervals={name: Interval(1, 1, 2, "videos") for name in names})
    assert describe_caution(metrics) == (
        "All videos are alike in accuracy, ROC AUC, edit and 2 more, which says little of others."
    )


def test_a_split_without_samples_has_no_tables(capsys):
    show_metrics(compute_metrics("test", np.zeros(0, np.int64), np.zeros((0, 3)), CLASSES))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "The test split has no samples" in printed.err


def test_the_title_can_be_another(capsys):
    show_metrics(make_metrics(), title="All of other")
    assert capsys.readouterr().out.startswith("All of other: 32 frames")
