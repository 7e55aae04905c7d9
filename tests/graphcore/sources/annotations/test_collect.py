from __future__ import annotations

import pytest

from graphcore.sources.annotations.collect import Collector, Heading, to_file_name, to_name, to_text
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault
from graphcore.sources.item import Segment


def test_segments_of_one_heading_become_one_entry_in_the_order_of_the_file():
    collector = Collector("via")
    for video, start in (("b.mp4", 4), ("a.mp4", 1), ("b.mp4", 2)):
        collector.add(Heading(video, subject="s"), "x", start, start + 1, "row")
    collector.declare(Heading("a.mp4", subject="s"), 10.0, 25.0)
    collector.declare(Heading("a.mp4", subject="s"), 99.0, 99.0)
    assert collector.finish() == Annotations(
        "via",
        (
            AnnotatedVideo("b.mp4", (Segment("b.mp4", 4, 5, "x", "s"), Segment("b.mp4", 2, 3, "x", "s")), subject="s"),
            AnnotatedVideo("a.mp4", (Segment("a.mp4", 1, 2, "x", "s"),), 10.0, subject="s", fps=25.0),
        ),
    )


@pytest.mark.parametrize(
    ("heading", "begins"),
    [
        (Heading("v"), "video v, 'x': ends"),
        (Heading(recording="r", subject="s"), "recording r, subject s, 'x': ends"),
        (Heading(), "a video without a name, 'x': ends"),
        (Heading("video v"), "video video v, 'x': ends"),
    ],
)
def test_faults_name_whose_they_are(heading, begins):
    collector = Collector("via")
    collector.add(heading, "x", 2, 1, "row 3")
    (fault,) = collector.finish().faults
    assert fault.text.startswith(begins)
    assert fault.text.endswith("(row 3, 2-1 s)")
    assert fault.label == "x"


def test_frames_become_times_that_hold_them_and_nothing_else():
    collector = Collector("cvat")
    collector.add_frames(Heading("v"), "x", (2, 4), 25.0, "")
    collector.add_frames(Heading("v"), "x", (2, 2), 30.0, "")
    first, second = collector.finish().videos[0].segments
    assert (first.start_secs, first.end_secs) == (0.08, 0.2)
    assert second.start_secs <= 2 / 30 < second.end_secs <= 3 / 30


def test_one_fault_asks_for_the_rate_of_all_videos():
    collector = Collector("cvat")
    for video in ("a", "b", "a"):
        collector.add_frames(Heading(video), "x", (1, 2), None, "")
    (fault,) = collector.finish().faults
    assert fault.text.startswith("video a and 1 more: ")
    assert "dataset.annotation_fps" in fault.text


def test_frames_in_the_wrong_order_and_unknown_tiers_are_faults():
    collector = Collector("cvat")
    collector.add_frames(Heading("v"), "x", (9, 2), 25.0, "track 1")
    collector.check_tiers(["tag", "tga"], ["tag", "track"])
    collector.note("all wrong")
    assert collector.finish().faults == (
        Fault("dataset.tiers names 'tga', which is not there. Choices: tag, track."),
        Fault("all wrong"),
        Fault("video v, 'x': ends before it starts (track 1, frames 9-2)", "x"),
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((None, ""), ("  ", ""), (" a b ", "a b"), (7, "7"), (7.0, "7"), (7.25, "7.25"), (-0.0, "0")),
        *((True, None), (float("nan"), None), ([], None), ("a\nb", None), ("a\0", None), ("\ud800", None)),
    ],
)
def test_what_cells_hold_becomes_text(value, text):
    assert to_text(value) == text


def test_a_number_too_long_to_spell_is_no_text():
    assert to_text(10**5000) is None


@pytest.mark.parametrize(("value", "name"), [("a", "a"), ("", ""), ("..", None), ("a/b", None), ("a\\b", None)])
def test_names_lead_nowhere(value, name):
    assert to_name(value) == name


@pytest.mark.parametrize(
    ("value", "name"),
    [
        *(("5.mp4", "5.mp4"), (5.0, "5"), ("", ""), (None, ""), ("C:\\films\\5.mp4", "5.mp4"), ("./a/5.mp4", "5.mp4")),
        *(("file:///C:/my%20films/5.mp4", "5.mp4"), ("https://h/5%20a.mp4?token=x", "5 a.mp4")),
        *(("a/..", None), ("a/", None), ("\ud800", None), ({}, None)),
    ],
)
def test_paths_are_cut_to_the_file(value, name):
    assert to_file_name(value) == name
