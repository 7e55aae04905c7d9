from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.item import ChunkRejected
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.video_folder import VideoFolder, open_video_folder


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
        try:
            items += [one for one in chunk.take() if one.item]
        except ChunkRejected as rejection:
            reasons |= {one.rejected.path: one.rejected.reason for one in rejection.taken}
    return items, reasons


def open_folder(folder: Path, every_secs: float = 1, **options) -> VideoFolder:
    return open_video_folder(folder, None, every_secs, PictureOptions(**options))


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

    monkeypatch.setattr("graphcore.sources.video_folder.sample_frames", decode)
    with pytest.raises(DatasetError) as caught:
        open_folder(tmp_path).plan_chunks(2)
    message = str(caught.value)
    assert "has 5 faults" in message
    for part in (
        "video 1, segment 1",
        "video 1, 'a' 1-7 s: ends beyond the video (the file lasts 4.000 s, durationSeconds is 4)",
        "video 2, segment 1",
        "video 2: which file is it, 2.mkv and 2.mp4?",
        "video gone, 'a' 0-5 s: ends beyond the video (durationSeconds is 4)",
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
