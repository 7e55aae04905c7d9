from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.annotations.model import ReadOptions
from graphcore.sources.frames.sample import SamplingOptions
from graphcore.sources.item import UnitRejected
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.video_folder import VideoFolder, VideoFolderOptions, count_asked, open_video_folder


def annotate(folder: Path, videos: dict, secs: float = 4) -> Path:
    """videos: segments (start, end, label) by video id."""
    path = folder / "annotations.json"
    rows = [
        {
            "videoId": key,
            "durationSeconds": secs,
            "annotations": [{"startSeconds": a, "endSeconds": b, "label": label} for a, b, label in segments],
        }
        for key, segments in videos.items()
    ]
    path.write_text(json.dumps(rows))
    return path


def take_all(source: VideoFolder, workers: int = 2):
    chunks, rejected = source.plan_chunks(workers)
    reasons = {one.path: one.reason for one in rejected}
    items = []
    for chunk in chunks:
        for unit in chunk.units():
            try:
                items += [one for one in unit.take() if one.item]
            except UnitRejected as rejection:
                reasons |= {one.rejected.path: one.rejected.reason for one in rejection.taken}
    return items, reasons


def open_folder(
    folder: Path, every_secs: float = 1, size: int | None = None, annotations: Path | None = None,
    sampling: str = "exact", format: str = "jpeg", quality: int = 95, **options,
) -> VideoFolder:  # fmt: skip
    pictures = PictureOptions(size=size, format=format, quality=quality)
    frames = SamplingOptions(every_secs, sampling, size=size)
    return open_video_folder(folder, annotations, VideoFolderOptions(frames, pictures, **options))


def show(source: VideoFolder) -> list[tuple[str, str]]:
    return [(one.item.key, one.item.text) for one in take_all(source)[0]]


def test_frames_are_labelled_by_their_own_time(tmp_path, make_video):
    make_video(tmp_path / "5.mp4", secs=4, fps=5)
    annotate(tmp_path, {5: [(0.9, 2, "suturing")]})
    source = open_folder(tmp_path)
    taken, reasons = take_all(source)
    items = [one.item for one in taken]
    assert [(item.key, item.text) for item in items] == [
        ("5@0.000", "not-suturing"),
        ("5@1.000", "suturing"),
        ("5@2.000", "not-suturing"),
        ("5@3.000", "not-suturing"),
    ]
    assert all(item.identity == item.key and item.video_id == "5" for item in items)
    assert (items[1].time_secs, items[1].format, items[1].height, items[1].width) == (1.0, "jpeg", 48, 64)
    assert reasons == {}
    assert source.name_classes(items) == ("suturing", "not-suturing")


def test_several_labels_make_background_only_where_a_frame_shows_it(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4)
    annotate(tmp_path, {1: [(0, 2, "b"), (2, 4, "a")]})
    source = open_folder(tmp_path)
    assert source.name_classes([one.item for one in take_all(source)[0]]) == ("a", "b")
    annotate(tmp_path, {1: [(0, 1, "b"), (2, 4, "a")]})
    source = open_folder(tmp_path)
    assert source.name_classes([one.item for one in take_all(source)[0]]) == ("a", "b", "background")


def test_missing_unreadable_cut_and_unannotated_videos_are_named_and_the_rest_goes_on(tmp_path, make_video):
    for name in ("1.mp4", "cut.mkv", "headless.mp4", "stray.mp4"):
        make_video(tmp_path / name, secs=8)
    for name, share in (("cut.mkv", 0.8), ("headless.mp4", 0.6)):
        data = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(len(data) * share)])
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.txt").write_text("not a video")
    names = (1, "cut", "headless", "empty", "missing")
    annotate(tmp_path, {name: [(0, 2, "a")] for name in names}, secs=8)
    taken, reasons = take_all(open_folder(tmp_path))
    assert {one.item.video_id for one in taken if one.item} >= {"1"}
    assert sorted(reasons) == ["cut.mkv", "empty.mp4", "headless.mp4", "missing", "stray.mp4"]
    assert reasons["cut.mkv"].startswith("truncated: the pictures end at")
    assert reasons["headless.mp4"] == "unreadable: Invalid data found when processing input"
    assert reasons["empty.mp4"].startswith("unreadable")
    assert reasons["missing"] == "missing: no missing.mp4 or other video of that name"
    assert reasons["stray.mp4"] == "no annotations for this video"


def test_all_faults_come_in_one_error_before_anything_is_decoded(tmp_path, make_video, monkeypatch):
    make_video(tmp_path / "1.mp4", secs=4)
    make_video(tmp_path / "2.mp4", secs=4)
    make_video(tmp_path / "2.mkv", secs=4)
    annotate(tmp_path, {1: [(3, 2, "a"), (1, 7, "a")], 2: [(1, 1, "a")], "gone": [(0, 5, "a")]})

    def decode(*args, **kwargs):
        raise AssertionError("decoded")

    monkeypatch.setattr("graphcore.sources.video_frames.sample_frames", decode)
    with pytest.raises(DatasetError) as caught:
        open_folder(tmp_path).plan_chunks(2)
    message = str(caught.value)
    assert "has 6 faults" in message
    for part in (
        "video 1, segment 1",
        "video 1, 'a' 1-7 s: ends beyond the video (the file lasts 4.000 s, annotated as 4 s)",
        "video 2, segment 1",
        "video 2: which file is it, 2.mkv and 2.mp4?",
        "gone: missing: no gone.mp4",
        "video gone, 'a' 0-5 s: ends beyond the video (annotated as 4 s)",
    ):
        assert part in message


def test_a_segment_beyond_the_file_is_a_fault_whatever_the_annotations_declare(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4)
    annotate(tmp_path, {1: [(6, 8, "a")]}, secs=10)
    with pytest.raises(DatasetError, match="ends beyond the video"):
        open_folder(tmp_path).plan_chunks(1)


def test_a_container_that_measures_itself_is_truncated_rather_than_wrongly_annotated(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=8)
    make_video(tmp_path / "2.ts", secs=4)
    annotate(tmp_path, {1: [(0, 2, "a")], 2: [(6, 8, "a")]}, secs=8)
    _, rejected = open_folder(tmp_path).plan_chunks(2)
    assert [one.path for one in rejected] == ["2.ts"]
    assert rejected[0].reason.startswith("truncated: it lasts 4.")


def test_no_usable_video_is_an_error_that_says_why(tmp_path):
    (tmp_path / "1.mp4").write_bytes(b"x" * 99)
    annotate(tmp_path, {1: [(0, 2, "a")], 2: [(0, 2, "a")]})
    with pytest.raises(DatasetError, match=r"no usable video of the 2 in (?s:.*)2: missing(?s:.*)1\.mp4: unreadable"):
        open_folder(tmp_path).plan_chunks(2)


def test_endings_are_compared_without_case(tmp_path, make_video):
    make_video(tmp_path / "a.mp4").rename(tmp_path / "1.MP4")
    annotate(tmp_path, {1: [(0, 2, "a")]})
    assert [one.item.filename for one in take_all(open_folder(tmp_path))[0]] == ["1.MP4"] * 4


def test_size_format_and_workers(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", width=128, height=64)
    annotate(tmp_path, {1: [(0, 2, "a")]})
    source = open_folder(tmp_path, size=32, format="png")
    first, again = take_all(source, workers=1)[0], take_all(source, workers=4)[0]
    assert first == again
    assert first[0].payload.startswith(b"\x89PNG")
    assert (first[0].item.format, first[0].item.height, first[0].item.width) == ("png", 32, 64)


def test_fingerprints_know_segments_options_and_the_file(tmp_path, make_video):
    def fingerprints(**options):
        return [chunk.fingerprint for chunk in open_folder(tmp_path, **options).plan_chunks(2)[0]]

    make_video(tmp_path / "1.mp4")
    make_video(tmp_path / "2.mp4")
    annotate(tmp_path, {1: [(0, 2, "a")], 2: [(0, 2, "a")]})
    before = fingerprints()
    assert fingerprints() == before
    annotate(tmp_path, {1: [(0, 2, "a")], 2: [(0, 3, "a")]})
    after = fingerprints()
    assert (after[0] == before[0], after[1] == before[1]) == (True, False)
    assert fingerprints(quality=50)[0] != before[0]
    assert fingerprints(every_secs=2)[0] != before[0]


def test_missing_folder_and_missing_annotations_are_errors(tmp_path):
    with pytest.raises(DatasetError, match=r"dataset.videos=.*nowhere does not exist"):
        open_folder(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match=r"dataset.annotations=.*annotations.json cannot be read: No such file"):
        open_folder(tmp_path)


def write_csv(folder: Path, *rows: str) -> Path:
    path = folder / "marks.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_chapters_are_one_recording_with_one_clock(tmp_path, make_video):
    for chapter in (1, 2, 3):
        make_video(tmp_path / f"7_top_{chapter}.mp4", secs=3, fps=5)
    marks = write_csv(tmp_path, "subject,start,end,label", "7,0:02,0:07.5,suturing")
    source = open_folder(tmp_path, 2, annotations=marks, recordings="{subject}_{camera}_{chapter}")
    taken, reasons = take_all(source)
    assert reasons == {}
    assert [(one.item.key, one.item.filename, one.item.text) for one in taken] == [
        ("7-top@0.000", "7_top_1.mp4", "not-suturing"),
        ("7-top@2.000", "7_top_1.mp4", "suturing"),
        ("7-top@4.000", "7_top_2.mp4", "suturing"),
        ("7-top@6.000", "7_top_3.mp4", "suturing"),
        ("7-top@8.000", "7_top_3.mp4", "not-suturing"),
    ]
    item = taken[2].item
    assert (item.video_id, item.recording, item.subject, item.camera, item.time_secs) == (
        "7-top",
        "7",
        "7",
        "top",
        4,
    )


def test_one_row_serves_all_cameras_of_a_subject(tmp_path, make_video):
    for name in ("1_left", "1_right", "2_left"):
        make_video(tmp_path / f"{name}.mp4", secs=2, fps=5)
    marks = write_csv(tmp_path, "subject,start,end,label", "1,1,2,cut", "2,0,1,cut")
    source = open_folder(tmp_path, 1, annotations=marks, recordings="{subject}_{camera}")
    assert show(source) == [
        ("1-left@0.000", "not-cut"),
        ("1-left@1.000", "cut"),
        ("1-right@0.000", "not-cut"),
        ("1-right@1.000", "cut"),
        ("2-left@0.000", "cut"),
        ("2-left@1.000", "not-cut"),
    ]


def test_labels_are_chosen_and_renamed_and_frames_near_a_change_left_out(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4, fps=5)
    annotate(tmp_path, {1: [(0, 2, "stitch"), (2, 4, "idle")]})
    source = open_folder(tmp_path, labels={"stitch": "suturing", "idle": None}, margin_secs=0.5)
    assert show(source) == [("1@0.000", "suturing"), ("1@1.000", "suturing"), ("1@3.000", "not-suturing")]
    assert source.name_classes([]) == ("suturing", "not-suturing")


def test_overlaps_are_an_error_or_resolved(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4, fps=5)
    annotate(tmp_path, {1: [(0, 3, "a"), (2, 4, "b")]})
    with pytest.raises(DatasetError, match="which is it"):
        open_folder(tmp_path).plan_chunks(1)
    assert [label for _, label in show(open_folder(tmp_path, overlap="first"))] == ["a", "a", "a", "b"]
    assert [label for _, label in show(open_folder(tmp_path, overlap="last"))] == ["a", "a", "b", "b"]


def test_keyframes_are_labelled_by_their_own_time(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4, fps=5)
    annotate(tmp_path, {1: [(0, 2, "a")]})
    keys = [key for key, _ in show(open_folder(tmp_path, sampling="keyframe"))]
    assert keys[0] == "1@0.000"
    assert len(keys) <= 4


def test_a_declared_frame_rate_must_be_the_files(tmp_path, make_video):
    make_video(tmp_path / "1.mp4", secs=4, fps=5)
    folder = tmp_path / "marks"
    (folder / "groundTruth").mkdir(parents=True)
    (folder / "mapping.txt").write_text("0 a\n1 background\n")
    (folder / "groundTruth" / "1.txt").write_text("a\n" * 10 + "background\n" * 10)
    source = open_folder(tmp_path, annotations=folder)
    assert [label for _, label in show(source)] == ["a", "a", "not-a", "not-a"]
    source = open_folder(tmp_path, annotations=folder, reading=ReadOptions(fps=10.0))
    assert [label for _, label in show(source)] == ["a", "not-a", "not-a", "not-a"]


def test_a_change_of_any_annotation_file_is_a_change(tmp_path, make_video):
    make_video(tmp_path / "1.mp4")
    folder = tmp_path / "marks"
    folder.mkdir()
    (folder / "a.txt").write_text("x")
    assert sorted(open_folder(tmp_path, annotations=folder).inputs) == ["1.mp4", "marks/a.txt"]


@pytest.mark.parametrize(
    ("offset", "duration", "every", "count"),
    [(0, 15, 0.5, 30), (0, 15.04, 0.5, 31), (480.04, 480.04, 4, 120), (0, 0.2, 4, 1), (10, 2, 4, 1), (12, 8, 4, 2)],
)
def test_asked_times_are_counted_on_the_recordings_clock(offset, duration, every, count):
    assert count_asked(offset, duration, every) == count


@pytest.mark.shared
def test_real_videos():
    folder = Path(__file__).parents[3] / "../shared/data/actions"
    if not folder.is_dir():
        pytest.skip("no ../shared")
    source = open_folder(folder, every_secs=4)
    taken, reasons = take_all(source)
    assert reasons == {}
    assert [one.item.text for one in taken if one.item.video_id == "1"] == [
        "not-flipping pancake", "not-flipping pancake", "flipping pancake", "not-flipping pancake",
    ]  # fmt: skip


def test_most_frames_without_a_keyframe_are_told(tmp_path, make_video):
    make_video(tmp_path / "5.mp4", secs=4, fps=5)  # one keyframe
    annotations = annotate(tmp_path, {5: [(0, 1, "a")]})
    items, _ = take_all(open_folder(tmp_path, annotations=annotations, sampling="keyframe"))
    assert len(items) == 1
    chunks, _ = open_folder(tmp_path, annotations=annotations, sampling="keyframe").plan_chunks(1)
    told = [one.rejected for chunk in chunks for unit in chunk.units() for one in unit.take() if one.rejected]
    assert [one.path for one in told] == ["5.mp4"]
    assert told[0].reason.startswith("3 of 4 frames: no keyframe is near enough")


def test_an_option_that_the_format_has_no_use_for_is_refused(tmp_path, make_video):
    make_video(tmp_path / "5.mp4", secs=1)
    source = open_folder(tmp_path, annotations=annotate(tmp_path, {5: [(0, 1, "a")]}), reading=ReadOptions(fps=25.0))
    with pytest.raises(ConfigError, match=r"annotation_fps=25\.0 does nothing .* graphcore"):
        source.plan_chunks(1)


def test_recordings_that_nothing_fits_are_told_as_such(tmp_path, make_video):
    make_video(tmp_path / "1_top.mp4", secs=1)
    annotations = write_csv(tmp_path, "subject,start,end,label", "1,0,1,a")
    source = open_folder(tmp_path, annotations=annotations, recordings="GH{recording}")
    with pytest.raises(DatasetError, match=r"does not fit dataset\.recordings=(.|\n)*\nSay in dataset\.recordings"):
        source.plan_chunks(1)
