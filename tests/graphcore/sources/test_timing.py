from __future__ import annotations

from pathlib import Path

from graphcore.sources.annotations.model import AnnotatedVideo
from graphcore.sources.frames.probe import VideoInfo
from graphcore.sources.item import InputFile, Rejected, Segment
from graphcore.sources.matching import Mark
from graphcore.sources.recordings import Recording
from graphcore.sources.timing import mark_recordings


def recording(*names: str, **names_of) -> Recording:
    return Recording("r", tuple(InputFile(name, Path(name), 1, 2) for name in names), **names_of)


def info(duration_secs: float | None, is_measured: bool = False, frame_secs: float = 0.04) -> VideoInfo:
    return VideoInfo(64, 48, duration_secs, is_measured, frame_secs)


def entry(*spans: tuple[float, float, str], video: str = "v", **rest) -> AnnotatedVideo:
    return AnnotatedVideo(video, tuple(Segment(video, *span) for span in spans), **rest)


def mark(one: Recording, marks: list[Mark], infos: dict, overlap: str = "error", check_rates: bool = True):
    return mark_recordings([one], {"r": marks}, infos, overlap, check_rates)


def spans(marked) -> list[tuple[float, float, str]]:
    return [(one.start_secs, one.end_secs, one.label) for one in marked[0].segments]


CHAPTERS = recording("1.mp4", "2.mp4", "3.mp4")
INFOS = {"1.mp4": info(480.04), "2.mp4": info(480.04), "3.mp4": info(12.5)}


def test_times_of_the_recording_run_over_its_chapters():
    marked, rejected, faults = mark(CHAPTERS, [Mark(entry((470.0, 490.0, "a")))], INFOS)
    assert (rejected, faults) == ([], [])
    assert marked[0].offsets_secs == (0.0, 480.04, 960.08)
    assert spans(marked) == [(470.0, 490.0, "a")]
    assert marked[0].segments[0].video == "r"


def test_times_of_a_chapter_are_moved_to_where_it_begins():
    marks = [Mark(entry((1.0, 2.0, "b")), file_index=1), Mark(entry((0.0, 5.0, "a")))]
    marked, _, faults = mark(CHAPTERS, marks, INFOS)
    assert faults == []
    assert spans(marked) == [(0.0, 5.0, "a"), (481.04, 482.04, "b")]


def test_what_is_rounded_up_at_the_end_of_a_chapter_takes_nothing_from_the_next():
    marks = [Mark(entry((470.0, 480.4, "a"), (480.2, 480.5, "c")), 0), Mark(entry((0.0, 5.0, "b")), 1)]
    marked, _, faults = mark(CHAPTERS, marks, INFOS)
    assert faults == []
    assert spans(marked) == [(470.0, 480.04, "a"), (480.04, 485.04, "b")]


def test_the_last_chapter_may_be_marked_a_little_beyond_its_end():
    marked, _, faults = mark(CHAPTERS, [Mark(entry((10.0, 12.9, "a")), 2)], INFOS)
    assert faults == []
    assert spans(marked) == [(970.08, 972.98, "a")]


def test_marks_in_chapters_that_cannot_be_placed_do_not_overlap():
    infos = {**INFOS, "2.mp4": "unreadable"}
    marks = [Mark(entry((1.0, 9.0, "a")), 0), Mark(entry((1.0, 9.0, "b")), 1), Mark(entry((0.0, 9.0, "c")), 2)]
    marked, rejected, faults = mark(CHAPTERS, marks, infos)
    assert (marked, len(rejected), faults) == ([], 3, [])
    _, _, faults = mark(CHAPTERS, [Mark(entry((1.0, 9.0, "a"), (2.0, 3.0, "b")), 1)], infos)
    assert len(faults) == 1
    assert "overlaps" in faults[0]


def test_a_segment_beyond_its_chapter_or_recording_is_a_fault():
    _, _, faults = mark(CHAPTERS, [Mark(entry((475.0, 482.0, "a")), 0), Mark(entry((490.0, 973.5, "b")))], INFOS)
    assert faults == [
        "video 1.mp4, 'a' 475-482 s: ends beyond the video (the file lasts 480.040 s)",
        "video r, 'b' 490-973.5 s: ends beyond the video (the recording lasts 972.580 s)",
    ]


def test_minutes_that_a_spreadsheet_took_for_hours_are_suspected():
    _, _, faults = mark(CHAPTERS, [Mark(entry((3600.0, 7200.0, "a")))], INFOS)
    assert faults[0].endswith("write 0:12:30, or format them as text")


def test_what_is_declared_bounds_segments_too():
    _, _, faults = mark(recording("v.mp4"), [Mark(entry((0.0, 9.0, "a"), duration_secs=8.0))], {"v.mp4": info(10.0)})
    assert faults == ["video v.mp4, 'a' 0-9 s: ends beyond the video (the file lasts 10.000 s, annotated as 8 s)"
                      .replace("video v.mp4", "video r")]  # fmt: skip


def test_one_bad_chapter_leaves_the_whole_recording_out_with_the_reason():
    marked, rejected, _ = mark(CHAPTERS, [Mark(entry())], {**INFOS, "2.mp4": "unreadable: moov atom not found"})
    assert marked == []
    assert rejected == [
        Rejected("1.mp4", "chapter 2.mp4 of the same recording cannot be used"),
        Rejected("2.mp4", "unreadable: moov atom not found"),
        Rejected("3.mp4", "chapter 2.mp4 of the same recording cannot be used"),
    ]


def test_a_chapter_of_unknown_length_is_bad_unless_it_is_the_last():
    _, rejected, _ = mark(CHAPTERS, [Mark(entry())], {**INFOS, "1.mp4": info(None)})
    assert rejected[0] == Rejected("1.mp4", "its length is unknown, and with it the times of later chapters")
    marked, rejected, _ = mark(CHAPTERS, [Mark(entry((0, 5, "a")))], {**INFOS, "3.mp4": info(None)})
    assert rejected == []
    assert marked[0].offsets_secs[2] == 960.08


def test_a_measured_video_shorter_than_declared_is_cut():
    _, rejected, _ = mark(recording("v.ts"), [Mark(entry(duration_secs=20.0))], {"v.ts": info(10.0, is_measured=True)})
    assert rejected == [Rejected("v.ts", "truncated: it lasts 10.000 s of 20.000 s")]


def test_a_frame_rate_that_is_not_the_files_is_a_fault_unless_it_is_asked_for():
    marks = [Mark(entry((0, 1, "a"), fps=30.0))]
    _, _, faults = mark(recording("v.mp4"), marks, {"v.mp4": info(10.0)})
    assert faults == [
        "video v.mp4: the annotations count 30 frames a second, the file has 25; "
        "dataset.annotation_fps=25 would count by the file"
    ]
    assert mark(recording("v.mp4"), marks, {"v.mp4": info(10.0)}, check_rates=False)[2] == []
    ntsc = {"v.mp4": info(10.0, frame_secs=1001 / 30000)}
    assert mark(recording("v.mp4"), marks, ntsc)[2] == []


def test_overlaps_are_found_across_entries_and_resolved_as_asked():
    marks = [Mark(entry((0.0, 4.0, "a"))), Mark(entry((3.0, 5.0, "b")))]
    _, _, faults = mark(recording("v.mp4"), marks, {"v.mp4": info(10.0)})
    assert len(faults) == 1
    marked, _, faults = mark(recording("v.mp4"), marks, {"v.mp4": info(10.0)}, overlap="last")
    assert faults == []
    assert spans(marked) == [(0.0, 3.0, "a"), (3.0, 5.0, "b")]


def test_subjects_and_splits_must_agree():
    marks = [Mark(entry(subject="anna", split="train")), Mark(entry(subject="ben", split="test"))]
    _, _, faults = mark(recording("v.mp4"), marks, {"v.mp4": info(10.0)})
    assert faults == ["video r: which subject is it, anna or ben?", "video r: which split is it, test or train?"]
    marked, _, _ = mark(recording("v.mp4", subject="anna"), [Mark(entry(split="test"))], {"v.mp4": info(10.0)})
    assert (marked[0].subject, marked[0].split) == ("anna", "test")


def test_labels_of_frames_that_fill_half_of_the_file_are_a_fault():
    one, infos = recording("v.mp4"), {"v.mp4": info(8.0, frame_secs=0.2)}
    marks = [Mark(entry((0.0, 4.0, "a"), duration_secs=4.0, fps=5.0))]
    assert mark(one, marks, infos)[2] == [
        "video v.mp4: annotated as 4 s at 5 frames a second, the file lasts 8.000 s; dataset.annotation_fps=2.5 would "
        "fill it, dataset.annotation_fps=5 takes it as it is"
    ]
    assert mark(one, marks, infos, check_rates=False)[2] == []
    assert mark(one, [Mark(entry((0.0, 4.0, "a"), duration_secs=7.2, fps=5.0))], infos)[2] == []
    assert mark(one, [Mark(entry((0.0, 4.0, "a"), duration_secs=4.0))], infos)[2] == []
