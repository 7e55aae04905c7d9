from pathlib import Path

import numpy as np
import pytest

from graphcore.inference.outputs import Predicted
from graphcore.inference.tables import format_time, name_videos, share_time, show_predicted
from graphcore.inference.video import VideoPrediction
from graphcore.sources.item import Segment
from graphcore.timelines.scored_segments import ScoredSegment

LABELS = ("cut", "suture", "background")


def make_video(*segments, path="folder/clip.mp4", end_secs=8.0, problem=""):
    scored = tuple(ScoredSegment(Segment("clip", *one), 0.5) for one in segments)
    times = tuple(float(time) for time in range(int(end_secs)))
    scores = np.full((len(times), 3), 1 / 3)
    return VideoPrediction(Path(path), times, scores, scored, end_secs, end_secs, 25.0, problem)


CUTS = make_video((0.0, 2.0, "cut"), (3.0, 5.0, "cut"), (5.0, 6.0, "suture"))


@pytest.mark.parametrize(
    ("secs", "longest_secs", "expected"),
    [
        (0, 59, "00:00.000"),
        (1447.5, 3599, "24:07.500"),
        (59.9996, 100, "01:00.000"),
        (1447.5, 3600, "0:24:07.500"),
        (40_000.25, 40_001, "11:06:40.250"),
    ],
)
def test_times_read_as_on_a_player(secs, longest_secs, expected):
    assert format_time(secs, longest_secs) == expected


def test_labels_share_the_time_and_what_is_outside_has_the_rest():
    assert share_time(CUTS, Predicted(LABELS)) == [("cut", "2", 0.5), ("suture", "1", 0.125), ("background", "", 0.375)]


def test_a_video_without_segments_is_outside_as_a_whole():
    assert share_time(make_video(), Predicted(LABELS)) == [("background", "", 1.0)]


def test_a_video_of_one_segment_has_nothing_outside():
    assert share_time(make_video((0.0, 8.0, "cut")), Predicted(LABELS)) == [("cut", "1", 1.0)]


def test_labels_of_several_share_nothing_and_nothing_is_outside():
    several = Predicted(LABELS, thresholds=(0.5, 0.5, 0.5))

    assert share_time(make_video((0.0, 8.0, "cut"), (0.0, 4.0, "suture")), several) == [
        ("cut", "1", 1.0),
        ("suture", "1", 0.5),
    ]
    assert share_time(make_video(), several) == [("none", "", 1.0)]


def cells(printed):
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in printed.splitlines() if line.startswith("│")]


def test_a_summary_and_the_segments_are_printed_and_fit_the_screen(capsys):
    show_predicted(Predicted(LABELS, videos=(CUTS,)), top=5)

    printed = capsys.readouterr().out
    assert cells(printed) == [
        ["clip.mp4", "00:08.000", "8", "cut", "2", "50.0%"],
        ["", "", "", "suture", "1", "12.5%"],
        ["", "", "", "background", "", "37.5%"],
        ["clip.mp4", "00:00.000", "00:02.000", "2.000", "cut", "0.5000"],
        ["", "00:03.000", "00:05.000", "2.000", "cut", "0.5000"],
        ["", "00:05.000", "00:06.000", "1.000", "suture", "0.5000"],
    ]
    assert max(map(len, printed.splitlines())) <= 80


def test_videos_of_one_name_are_told_apart_by_their_folders():
    videos = [make_video(path=path) for path in ("all/x/clip.mp4", "all/y/z/clip.mp4")]

    assert list(name_videos(Predicted(LABELS, videos=tuple(videos))).values()) == ["x/clip.mp4", "y/z/clip.mp4"]
    assert list(name_videos(Predicted(LABELS, videos=tuple(videos[:1]))).values()) == ["clip.mp4"]


def test_frames_are_printed_when_asked_for(capsys):
    show_predicted(Predicted(LABELS, videos=(CUTS,)), top=5, frames=True)

    printed = capsys.readouterr().out
    assert cells(printed)[:2] == [["folder/clip.mp4", "0.000", "cut", "0.3333"], ["", "1.000", "cut", "0.3333"]]
    assert len(cells(printed)) == 8 + 6


def test_what_was_not_found_and_what_went_wrong_is_told(capsys):
    show_predicted(Predicted(LABELS, videos=(make_video(problem="truncated"),)), top=5)

    told = capsys.readouterr().err
    assert "folder/clip.mp4: no segments found" in told
    assert "warning: folder/clip.mp4: truncated; what is there of it is above" in told


def test_many_videos_without_segments_are_one_line(capsys):
    videos = (make_video(path="a.mp4"), make_video(path="b.mp4"), make_video((0.0, 1.0, "cut"), path="c.mp4"))
    show_predicted(Predicted(LABELS, videos=videos), top=5)

    assert capsys.readouterr().err == "2 of 3 videos: no segments found\n"
